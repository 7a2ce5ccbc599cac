"""What the server sends, as small typed values.

`read` is tolerant: it knows the events that Switchboard acts on and takes from each only what is
needed. Anything else, or one of them in a shape that makes no sense, is None, never an error.
The events: https://platform.openai.com/docs/api-reference/realtime-server-events
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from loguru import logger

from processors.realtime.errors import ApiError

Wire = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SessionCreated:
    """A session is open; ``expires_at`` is its end in Unix time, where the server says so."""

    expires_at: int | None


@dataclass(frozen=True, slots=True)
class SessionUpdated:
    """A ``session.update`` was carried out."""


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The caller speaks; ``audio_start_ms`` counts from the session's first audio."""

    item_id: str
    audio_start_ms: int


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """The caller's turn ended."""

    item_id: str


@dataclass(frozen=True, slots=True)
class Committed:
    """The caller's turn became an item."""

    item_id: str


@dataclass(frozen=True, slots=True)
class ItemAdded:
    """An item stands in the conversation, behind ``previous_item_id``."""

    item: Wire
    previous_item_id: str | None

    @property
    def item_id(self) -> str:
        """The item's id."""
        return str(self.item["id"])


@dataclass(frozen=True, slots=True)
class ItemDeleted:
    """An item is gone."""

    item_id: str


@dataclass(frozen=True, slots=True)
class CallerTextDelta:
    """More of the transcript of what the caller said."""

    item_id: str
    delta: str


@dataclass(frozen=True, slots=True)
class CallerText:
    """The transcript of what the caller said; None when there will be none."""

    item_id: str
    text: str | None


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """A function call as the model made it; ``arguments`` is JSON, hopefully."""

    item_id: str
    call_id: str
    name: str
    arguments: str
    is_complete: bool


@dataclass(frozen=True, slots=True)
class ResponseCreated:
    """A response began, because we asked or because the caller's turn ended."""

    response_id: str
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CallBegun:
    """The model begins a function call, whose arguments are not known yet."""

    response_id: str
    name: str


@dataclass(frozen=True, slots=True)
class CallMade:
    """The model has made a function call."""

    response_id: str
    call: FunctionCall


@dataclass(frozen=True, slots=True)
class AudioDelta:
    """More of the agent's audio, base64 in the session's format."""

    response_id: str
    item_id: str
    content_index: int
    payload: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AudioDone:
    """All of one part's audio has been sent."""

    response_id: str
    item_id: str
    content_index: int


@dataclass(frozen=True, slots=True)
class AgentTextDelta:
    """More of what the agent says, or writes in a response without audio."""

    response_id: str
    item_id: str
    content_index: int
    delta: str


@dataclass(frozen=True, slots=True)
class ResponseDone:
    """A response ended: ``completed``, ``cancelled``, ``failed`` or ``incomplete``.

    Attributes:
        output: Its items as on the wire.
        error: Why it failed.
        usage: Token counts as on the wire.
    """

    response_id: str
    status: str
    output: tuple[Wire, ...] = ()
    error: ApiError | None = None
    usage: Wire = field(default_factory=dict)

    @property
    def calls(self) -> list[FunctionCall]:
        """The function calls among its items."""
        calls = (_function_call(item) for item in self.output)
        return [call for call in calls if call]

    @property
    def text(self) -> str:
        """What its messages say, spoken or written."""
        parts = [
            part.get("transcript") or part.get("text") or ""
            for item in self.output
            if item.get("type") == "message"
            for part in item.get("content") or ()
        ]
        return "".join(parts)


@dataclass(frozen=True, slots=True)
class Refused:
    """An ``error`` event."""

    error: ApiError


@dataclass(frozen=True, slots=True)
class Lost:
    """Not from the wire: the session is over, and why."""

    reason: str
    is_permanent: bool


ServerEvent = (
    SessionCreated
    | SessionUpdated
    | SpeechStarted
    | SpeechStopped
    | Committed
    | ItemAdded
    | ItemDeleted
    | CallerTextDelta
    | CallerText
    | ResponseCreated
    | CallBegun
    | CallMade
    | AudioDelta
    | AudioDone
    | AgentTextDelta
    | ResponseDone
    | Refused
    | Lost
)


def read(event: Wire) -> ServerEvent | None:
    """The typed value of a wire event; None for what is not needed or makes no sense."""
    reader = _READERS.get(event.get("type", ""))
    if reader is None:
        return None
    try:
        return reader(event)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        logger.warning("skipped a malformed {}: {!r}", event.get("type"), error)
        return None


def _session_created(event: Wire) -> SessionCreated:
    expires_at = event["session"].get("expires_at")
    return SessionCreated(int(expires_at) if expires_at else None)


def _item_added(event: Wire) -> ItemAdded:
    item = event["item"]
    if not isinstance(item["id"], str):
        raise TypeError("an item id that is no string")
    return ItemAdded(item, event.get("previous_item_id"))


def _function_call(item: Wire) -> FunctionCall | None:
    if item.get("type") != "function_call":
        return None
    return FunctionCall(
        item_id=str(item["id"]),
        call_id=str(item["call_id"]),
        name=str(item["name"]),
        arguments=item.get("arguments") or "",
        is_complete=item.get("status", "completed") == "completed",
    )


def _output_item_added(event: Wire) -> CallBegun | None:
    item = event["item"]
    if item.get("type") != "function_call":
        return None
    return CallBegun(event["response_id"], str(item.get("name", "")))


def _output_item_done(event: Wire) -> CallMade | None:
    call = _function_call(event["item"])
    return CallMade(event["response_id"], call) if call else None


def _agent_text_delta(event: Wire) -> AgentTextDelta:
    return AgentTextDelta(
        event["response_id"], event["item_id"], int(event["content_index"]), str(event["delta"])
    )


def _response_created(event: Wire) -> ResponseCreated:
    response = event["response"]
    return ResponseCreated(str(response["id"]), response.get("metadata") or {})


def _response_done(event: Wire) -> ResponseDone:
    response = event["response"]
    status = str(response.get("status", "completed"))
    details = response.get("status_details") or {}
    return ResponseDone(
        response_id=str(response["id"]),
        status=status,
        output=tuple(response.get("output") or ()),
        error=ApiError.read(details.get("error")) if status == "failed" else None,
        usage=response.get("usage") or {},
    )


_READERS: dict[str, Callable[[Wire], ServerEvent | None]] = {
    "session.created": _session_created,
    "session.updated": lambda event: SessionUpdated(),
    "input_audio_buffer.speech_started": lambda event: SpeechStarted(
        event["item_id"], int(event["audio_start_ms"])
    ),
    "input_audio_buffer.speech_stopped": lambda event: SpeechStopped(event["item_id"]),
    "input_audio_buffer.committed": lambda event: Committed(event["item_id"]),
    "conversation.item.added": _item_added,
    "conversation.item.deleted": lambda event: ItemDeleted(event["item_id"]),
    "conversation.item.input_audio_transcription.delta": lambda event: CallerTextDelta(
        event["item_id"], str(event["delta"])
    ),
    "conversation.item.input_audio_transcription.completed": lambda event: CallerText(
        event["item_id"], str(event["transcript"])
    ),
    "conversation.item.input_audio_transcription.failed": lambda event: CallerText(
        event["item_id"], None
    ),
    "response.created": _response_created,
    "response.output_item.added": _output_item_added,
    "response.output_item.done": _output_item_done,
    "response.output_audio.delta": lambda event: AudioDelta(
        event["response_id"], event["item_id"], int(event["content_index"]), event["delta"]
    ),
    "response.output_audio.done": lambda event: AudioDone(
        event["response_id"], event["item_id"], int(event["content_index"])
    ),
    "response.output_audio_transcript.delta": _agent_text_delta,
    "response.output_text.delta": _agent_text_delta,
    "response.done": _response_done,
    "error": lambda event: Refused(ApiError.read(event.get("error"))),
}
