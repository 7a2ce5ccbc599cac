"""Reads the server's events, tolerantly.

`read` knows the events that Switchboard acts on and takes from each only what is needed. Anything
else, or one of them in a shape that makes no sense, is None, never an error.
"""

from collections.abc import Callable

from loguru import logger

from processors.realtime.errors import ApiError
from processors.realtime.remote_events import (
    RemoteApproval,
    RemoteCall,
    RemoteCallBegun,
    RemoteCallEnded,
    RemoteCallFailed,
    RemoteCallMade,
    RemoteTools,
    RemoteToolsFailed,
)
from processors.realtime.server_events import (
    AgentTextDelta,
    AudioDelta,
    AudioDone,
    CallBegun,
    CallerText,
    CallerTextDelta,
    CallMade,
    Committed,
    FunctionCall,
    ItemAdded,
    ItemDeleted,
    Refused,
    ResponseCreated,
    ResponseDone,
    ServerEvent,
    SessionCreated,
    SessionUpdated,
    SpeechStarted,
    SpeechStopped,
    Wire,
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


def _whole_number(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _session_created(event: Wire) -> SessionCreated:
    expires_at = event["session"].get("expires_at")
    return SessionCreated(int(expires_at) if expires_at else None)


def _item_added(event: Wire) -> ItemAdded:
    item = event["item"]
    if not isinstance(item["id"], str):
        raise TypeError("an item id that is no string")
    return ItemAdded(item, event.get("previous_item_id"))


def _item_done(event: Wire) -> ServerEvent | None:
    """Only items of remote tools are read when they are done: what they say is known by then."""
    item = event["item"]
    match item.get("type"):
        case "mcp_call":
            return RemoteCallEnded(RemoteCall.read(item))
        case "mcp_approval_request":
            return RemoteApproval(RemoteCall.read(item))
        case "mcp_list_tools" if item.get("tools"):
            names = tuple(str(tool["name"]) for tool in item["tools"])
            return RemoteTools(str(item["server_label"]), names)
    return None


def _output_item_added(event: Wire) -> ServerEvent | None:
    item = event["item"]
    match item.get("type"):
        case "function_call":
            return CallBegun(event["response_id"], str(item.get("name", "")))
        case "mcp_call":
            return RemoteCallBegun(event["response_id"], RemoteCall.read(item))
    return None


def _output_item_done(event: Wire) -> ServerEvent | None:
    call = FunctionCall.read(event["item"])
    return CallMade(event["response_id"], call) if call else _item_done(event)


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
    "input_audio_buffer.speech_stopped": lambda event: SpeechStopped(
        event["item_id"], _whole_number(event.get("audio_end_ms"))
    ),
    "input_audio_buffer.committed": lambda event: Committed(event["item_id"]),
    "conversation.item.added": _item_added,
    "conversation.item.done": _item_done,
    "conversation.item.deleted": lambda event: ItemDeleted(event["item_id"]),
    "conversation.item.input_audio_transcription.delta": lambda event: CallerTextDelta(
        event["item_id"], str(event["delta"])
    ),
    "conversation.item.input_audio_transcription.completed": lambda event: CallerText(
        event["item_id"], str(event["transcript"]), event.get("usage") or {}
    ),
    "conversation.item.input_audio_transcription.failed": lambda event: CallerText(
        event["item_id"], None
    ),
    "response.created": _response_created,
    "response.output_item.added": _output_item_added,
    "response.output_item.done": _output_item_done,
    "response.mcp_call_arguments.done": lambda event: RemoteCallMade(
        event["item_id"], str(event["arguments"])
    ),
    "response.mcp_call.failed": lambda event: RemoteCallFailed(event["item_id"]),
    "mcp_list_tools.failed": lambda event: RemoteToolsFailed(event["item_id"]),
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
