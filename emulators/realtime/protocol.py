"""Client events: parsing, and the rules that every one of them must meet.

Types come from the ``openai`` package; ranges and lengths from its documentation and from what
the service has been seen to answer (see ``docs/emulators.md``). A parsed event stays a plain
dictionary: the wire format is the data model.
"""

import re
from typing import Any

import orjson
from openai.types import realtime as wire
from pydantic import BaseModel

from emulators.realtime import errors
from emulators.realtime.errors import RealtimeError, invalid_value
from emulators.realtime.schema import check, check_length, check_range, missing, unsupported

VOICES = (
    "alloy",
    "ash",
    "ballad",
    "coral",
    "echo",
    "sage",
    "shimmer",
    "verse",
    "marin",
    "cedar",
)
"""The built-in voices."""

CLIENT_EVENTS: dict[str, type[BaseModel]] = {
    "session.update": wire.SessionUpdateEvent,
    "input_audio_buffer.append": wire.InputAudioBufferAppendEvent,
    "input_audio_buffer.commit": wire.InputAudioBufferCommitEvent,
    "input_audio_buffer.clear": wire.InputAudioBufferClearEvent,
    "conversation.item.create": wire.ConversationItemCreateEvent,
    "conversation.item.truncate": wire.ConversationItemTruncateEvent,
    "conversation.item.delete": wire.ConversationItemDeleteEvent,
    "conversation.item.retrieve": wire.ConversationItemRetrieveEvent,
    "response.create": wire.ResponseCreateEvent,
    "response.cancel": wire.ResponseCancelEvent,
}
"""What a client may send over a WebSocket (``output_audio_buffer.clear`` is for WebRTC only)."""

APPEND_LIMIT = 15 * 1024 * 1024
"""Most audio of one append event, in bytes."""

_TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_ID_LENGTH = 32
_PARTS = {"user": ("input_text", "input_audio", "input_image"), "system": ("input_text",)}


def parse(message: str | bytes) -> dict[str, Any]:
    """One frame to a client event that meets every rule.

    Raises:
        RealtimeError: With the code and the parameter that the service names.
    """
    if isinstance(message, bytes):
        raise errors.binary_frame()
    try:
        event = orjson.loads(message)
    except orjson.JSONDecodeError:
        raise errors.invalid_json() from None
    if not isinstance(event, dict):
        raise errors.invalid_json()
    return event


def validate(event: dict[str, Any]) -> None:
    """Checks a parsed event; raises :class:`RealtimeError` at the first fault."""
    if "type" not in event:
        raise missing("type")
    kind = event["type"]
    if not isinstance(kind, str) or kind not in CLIENT_EVENTS:
        raise unsupported(kind, CLIENT_EVENTS, "type")
    match kind:
        case "response.create" if isinstance(event.get("response"), dict):
            _validate_response(event)
        case "session.update":
            if isinstance(session := event.get("session"), dict) and "type" not in session:
                raise missing("session.type")
            check(event, CLIENT_EVENTS[kind], "")
            _validate_session(event["session"])
        case _:
            check(event, CLIENT_EVENTS[kind], "")
            if kind == "conversation.item.create":
                _validate_item(event["item"], "item")
    if isinstance(event.get("event_id"), str):
        check_length(event["event_id"], 512, "event_id")


def _validate_session(session: dict[str, Any]) -> None:
    if session["type"] != "realtime":
        raise invalid_value(
            "Passing a transcription session update event to a realtime session is not allowed.",
            "session.type",
        )
    audio = session.get("audio") or {}
    source, output = audio.get("input") or {}, audio.get("output") or {}
    _validate_format(source.get("format"), "session.audio.input.format")
    _validate_turn_detection(source.get("turn_detection"))
    _validate_output(output, "session.audio.output")
    _validate_shared(session, "session")


def _validate_turn_detection(turns: dict[str, Any] | None) -> None:
    path = "session.audio.input.turn_detection"
    for name, low, high in (
        ("threshold", 0.0, 1.0),
        ("prefix_padding_ms", 0, 60_000),
        ("silence_duration_ms", 0, 60_000),
        ("idle_timeout_ms", 5_000, 30_000),
    ):
        if turns and turns.get(name) is not None:
            check_range(turns[name], low, high, f"{path}.{name}")


def _validate_format(value: dict[str, Any] | None, path: str) -> None:
    if value is None:
        return
    if value.get("type") is None:
        raise missing(f"{path}.type")
    if value["type"] == "audio/pcm" and value.get("rate") is None:
        raise missing(f"{path}.rate")


def _validate_output(output: dict[str, Any], path: str) -> None:
    _validate_format(output.get("format"), f"{path}.format")
    if output.get("speed") is not None:
        check_range(output["speed"], 0.25, 1.5, f"{path}.speed")
    voice = output.get("voice")
    if isinstance(voice, dict):
        raise invalid_value(f"Voice '{voice['id']}' not found.", f"{path}.voice")
    if voice is not None and voice not in VOICES:
        raise unsupported(voice, VOICES, f"{path}.voice")


def _validate_shared(settings: dict[str, Any], path: str) -> None:
    """Rules of the settings that a session and a response have in common."""
    modalities = settings.get("output_modalities")
    if modalities is not None and modalities not in (["text"], ["audio"]):
        raise invalid_value(
            f"Invalid modalities: {modalities}. Supported combinations are: ['text'] and "
            "['audio'].",
            f"{path}.output_modalities",
        )
    limit = settings.get("max_output_tokens")
    if isinstance(limit, int):
        check_range(limit, 1, 4096, f"{path}.max_output_tokens")
    names: set[str] = set()
    for index, tool in enumerate(settings.get("tools") or ()):
        where = f"{path}.tools[{index}]"
        if tool.get("type") is None:
            raise missing(f"{where}.type")
        if tool["type"] == "mcp":
            if not any(tool.get(key) for key in ("server_url", "connector_id", "tunnel_id")):
                raise missing(f"{where}.server_url")
            continue
        if tool.get("name") is None:
            raise missing(f"{where}.name")
        if not _TOOL_NAME.fullmatch(tool["name"]):
            raise invalid_value(
                f"Invalid '{where}.name': string does not match pattern. Expected a string that "
                "matches the pattern '^[a-zA-Z0-9_-]+$' of at most 64 characters.",
                f"{where}.name",
            )
        if tool["name"] in names:
            raise invalid_value(
                f"Duplicate tool name '{tool['name']}'. Tool names must be unique.", where
            )
        names.add(tool["name"])
    choice = settings.get("tool_choice")
    forced = choice["name"] if isinstance(choice, dict) and choice["type"] == "function" else None
    if forced is not None and names and forced not in names:
        raise invalid_value(
            f"Tool choice '{forced}' not found in 'tools' parameter.", f"{path}.tool_choice"
        )


def _validate_item(item: dict[str, Any], path: str) -> None:
    for name in ("id", "call_id"):
        if isinstance(item.get(name), str):
            check_length(item[name], _ID_LENGTH, f"{path}.{name}")
    if item["type"] != "message":
        return
    for index, part in enumerate(item["content"]):
        where = f"{path}.content[{index}]"
        allowed = _PARTS.get(item["role"], ("output_text",))
        if part.get("type") is None:
            raise missing(f"{where}.type")
        if part["type"] not in allowed:
            raise unsupported(part["type"], allowed, f"{where}.type")
        field = {"input_audio": "audio", "input_image": "image_url"}.get(part["type"], "text")
        if part.get(field) is None:
            raise missing(f"{where}.{field}")


def _validate_response(event: dict[str, Any]) -> None:
    response: dict[str, Any] = event["response"]
    entries = response.get("input")
    items = entries if isinstance(entries, list) else []
    references = [_is_reference(item) for item in items]
    # References are only in the request's type for TypedDict users; check them apart.
    rest = [item for item, reference in zip(items, references, strict=True) if not reference]
    kept = {"input": rest} if isinstance(entries, list) else {}
    check({**event, "response": {**response, **kept}}, CLIENT_EVENTS["response.create"], "")
    for index, item in enumerate(items):
        path = f"response.input[{index}]"
        if references[index]:
            check(item, wire.response_item_reference.ResponseItemReference, path)
        else:
            _validate_item(item, path)
    if response.get("conversation") not in (None, "auto", "none"):
        raise unsupported(response["conversation"], ("auto", "none"), "response.conversation")
    _validate_output((response.get("audio") or {}).get("output") or {}, "response.audio.output")
    _validate_shared(response, "response")
    _validate_metadata(response.get("metadata") or {})


def _is_reference(item: Any) -> bool:
    return isinstance(item, dict) and item.get("type") == "item_reference"


def _validate_metadata(metadata: dict[str, str]) -> None:
    if len(metadata) > 16:
        raise RealtimeError(
            f"Invalid 'response.metadata': too many properties. Expected an object with at most "
            f"16 properties, but got an object with {len(metadata)} properties instead.",
            code="object_above_max_properties",
            param="response.metadata",
        )
    for key, value in metadata.items():
        check_length(key, 64, "response.metadata")
        check_length(value, 512, f"response.metadata.{key}")
