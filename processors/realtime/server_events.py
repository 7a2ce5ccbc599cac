"""What the server sends, as small typed values: what Switchboard acts on, and nothing else.

The events: https://platform.openai.com/docs/api-reference/realtime-server-events
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from processors.realtime.errors import ApiError
from processors.realtime.remote_events import RemoteEvent

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
    """The caller's turn ended.

    ``audio_end_ms`` includes the silence that ended it; None where the server does not say.
    """

    item_id: str
    audio_end_ms: int | None


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
    usage: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """A function call as the model made it; ``arguments`` is JSON, hopefully."""

    item_id: str
    call_id: str
    name: str
    arguments: str
    is_complete: bool

    @classmethod
    def read(cls, item: Wire) -> "FunctionCall | None":
        """From an item of the wire; None when it is another item."""
        if item.get("type") != "function_call":
            return None
        return cls(
            item_id=str(item["id"]),
            call_id=str(item["call_id"]),
            name=str(item["name"]),
            arguments=item.get("arguments") or "",
            is_complete=item.get("status", "completed") == "completed",
        )


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
        calls = (FunctionCall.read(item) for item in self.output)
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
    | RemoteEvent
    | AudioDelta
    | AudioDone
    | AgentTextDelta
    | ResponseDone
    | Refused
    | Lost
)
