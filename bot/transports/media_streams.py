"""The wire protocol of Twilio Media Streams, bidirectional: strict reading, plain writing.

Rules: https://www.twilio.com/docs/voice/media-streams/websocket-messages. The carrier sends
``connected``, ``start``, then ``media``, ``dtmf`` and ``mark`` until ``stop``; we send ``media``,
``mark`` and ``clear``. Audio is μ-law, 8 kHz, mono, in base64.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

SAMPLE_RATE = 8000
SAMPLE_WIDTH = 2
"""Bytes of a sample of PCM16, which the pipeline has; on the wire it is one of μ-law."""

MAX_MESSAGE_BYTES = 64 * 1024
"""A message of 20 ms is about 400 bytes; the largest legal one is a ``start`` with parameters."""

# Close codes of RFC 6455, section 7.4.1.
PROTOCOL_ERROR = 1002
UNSUPPORTED_DATA = 1003
INVALID_DATA = 1007
POLICY_VIOLATION = 1008
TOO_BIG = 1009
TRY_AGAIN_LATER = 1013

KEYS = frozenset("0123456789*#ABCD")


class StreamError(Exception):
    """The peer broke the protocol; ``code`` closes the socket and ``str()`` is the reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True, slots=True)
class Start:
    """The stream begins: which stream, which call, and the parameters that the TwiML gave."""

    stream_sid: str
    call_sid: str
    account_sid: str
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Media:
    """The caller's audio, μ-law; ``sent_ms`` is when it began, in ms since the stream's start."""

    audio: bytes
    sent_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """Audio up to the mark of this name was played, or dropped by a ``clear``."""

    name: str


@dataclass(frozen=True, slots=True)
class Digit:
    """The caller pressed a key: 0–9, ``*``, ``#`` or A–D."""

    key: str


@dataclass(frozen=True, slots=True)
class Stop:
    """The stream ended: the call is over, or its TwiML goes on elsewhere."""


Message = Start | Media | Mark | Digit | Stop


class StreamReader:
    """Parses one socket's messages and checks their order."""

    def __init__(self) -> None:
        self._connected = False
        self._start: Start | None = None

    def read(self, data: str | bytes) -> Message | None:
        """The message in ``data``; ``None`` for ``connected``, which says nothing more.

        Raises:
            StreamError: ``data`` is no message of the protocol, or comes out of order.
        """
        if isinstance(data, bytes):
            raise StreamError(UNSUPPORTED_DATA, "a binary message")
        if len(data) > MAX_MESSAGE_BYTES:
            raise StreamError(TOO_BIG, f"a message of more than {MAX_MESSAGE_BYTES} characters")
        try:
            fields = orjson.loads(data)
        except orjson.JSONDecodeError:
            raise StreamError(INVALID_DATA, "a message that is not JSON") from None
        if not isinstance(fields, dict):
            raise StreamError(INVALID_DATA, "a message that is not a JSON object")
        match fields.get("event"):
            case "connected":
                self._read_connected()
                return None
            case "start":
                return self._read_start(fields)
            case "media" | "mark" | "dtmf" | "stop" as event:
                return self._read_running(event, fields)
            case event:
                raise StreamError(PROTOCOL_ERROR, f"an unknown event {_short(event)}")

    def _read_connected(self) -> None:
        if self._connected:
            raise StreamError(PROTOCOL_ERROR, "a second connected")
        self._connected = True

    def _read_start(self, fields: dict[str, Any]) -> Start:
        if not self._connected:
            raise StreamError(PROTOCOL_ERROR, "a start before connected")
        if self._start:
            raise StreamError(PROTOCOL_ERROR, "a second start")
        start = _object(fields, "start")
        parameters = start.get("customParameters") or {}
        if not isinstance(parameters, dict) or not all(
            isinstance(value, str) for value in parameters.values()
        ):
            raise StreamError(INVALID_DATA, "a start with customParameters that are not strings")
        audio = start.get("mediaFormat")
        if audio is not None and audio != {
            "encoding": "audio/x-mulaw",
            "sampleRate": SAMPLE_RATE,
            "channels": 1,
        }:
            raise StreamError(UNSUPPORTED_DATA, "a mediaFormat other than mono μ-law at 8000 Hz")
        self._start = Start(
            stream_sid=_text(start, "streamSid"),
            call_sid=_text(start, "callSid"),
            account_sid=_text(start, "accountSid"),
            parameters=parameters,
        )
        return self._start

    def _read_running(self, event: str, fields: dict[str, Any]) -> Message:
        if self._start is None:
            raise StreamError(PROTOCOL_ERROR, f"a {event} before start")
        if fields.get("streamSid", self._start.stream_sid) != self._start.stream_sid:
            raise StreamError(PROTOCOL_ERROR, f"a {event} of another stream")
        match event:
            case "media":
                media = _object(fields, "media")
                return Media(_audio(media), _milliseconds(media.get("timestamp")))
            case "mark":
                return Mark(_text(_object(fields, "mark"), "name"))
            case "dtmf":
                key = _text(_object(fields, "dtmf"), "digit")
                if key not in KEYS:
                    raise StreamError(INVALID_DATA, f"a digit {_short(key)}")
                return Digit(key)
            case _:
                return Stop()


class StreamWriter:
    """Writes the messages for one stream."""

    def __init__(self, stream_sid: str) -> None:
        self._stream_sid = stream_sid
        # Audio is the hot path: everything around the payload is made once.
        frame = self._dump(event="media", media={"payload": "|"})
        self._before_payload, self._after_payload = frame.rsplit("|", 1)

    def media(self, audio: bytes) -> str:
        """Asks the carrier to play ``audio`` (μ-law) after what it holds already."""
        payload = binascii.b2a_base64(audio, newline=False).decode("ascii")
        return self._before_payload + payload + self._after_payload

    def mark(self, name: str) -> str:
        """Asks for the mark back once everything before it has been played."""
        return self._dump(event="mark", mark={"name": name})

    def clear(self) -> str:
        """Asks the carrier to drop what it has not played; it sends the marks in there back."""
        return self._dump(event="clear")

    def _dump(self, **fields: Any) -> str:
        return orjson.dumps({"streamSid": self._stream_sid, **fields}).decode()


def _object(fields: dict[str, Any], name: str) -> dict[str, Any]:
    value = fields.get(name)
    if not isinstance(value, dict):
        raise StreamError(INVALID_DATA, f"a {name} without its object")
    return value


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value or len(value) > 500 or not value.isprintable():
        raise StreamError(INVALID_DATA, f"no usable {name}")
    return value


def _audio(media: dict[str, Any]) -> bytes:
    payload = media.get("payload")
    try:
        if isinstance(payload, str):
            return base64.b64decode(payload, validate=True)
    except (binascii.Error, ValueError):
        pass
    raise StreamError(INVALID_DATA, "a payload that is not base64")


def _milliseconds(value: object) -> int | None:
    """A time stamp, which is a string of digits; None for anything else: audio goes without."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 12:
        return int(value)
    return None


def _short(value: object) -> str:
    return repr(value)[:40]
