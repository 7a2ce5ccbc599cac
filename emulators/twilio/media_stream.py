"""The Media Streams protocol, bidirectional, from the carrier's side; no sockets here.

Rules: https://www.twilio.com/docs/voice/media-streams/websocket-messages. Messages that break
them are warnings 31950 and 31951 (https://www.twilio.com/docs/api/errors/31951: not JSON, unknown
type, a missing or an extra field, another stream's SID) and have no effect. Twilio reports each
warning once per stream; here every message that caused one is listed.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from emulators.twilio.frames import FRAME_SAMPLES, SAMPLE_RATE
from emulators.twilio.notes import Code, Note
from emulators.twilio.playback import Playback
from emulators.twilio.sids import new_sid

_FIELDS = {"media": "media", "mark": "mark", "clear": None}
"""Events that an application may send, and the object that each carries."""

_INNER = {"media": "payload", "mark": "name"}

# A sound file's header would be heard as noise: the documentation forbids it.
_FILE_HEADERS = (b"RIFF", b"OggS", b"fLaC", b"ID3", b".snd")


@dataclass(frozen=True, slots=True)
class Received:
    """A valid message of the application.

    Attributes:
        position: When it came: samples that the caller had heard by then.
        event: ``media``, ``mark`` or ``clear``.
        name: Of a mark.
        samples: How much audio a media message held.
    """

    position: int
    event: str
    name: str = ""
    samples: int = 0


@dataclass(frozen=True, slots=True)
class Echo:
    """A mark that was sent back when the caller had heard ``position`` samples."""

    name: str
    position: int


class _InvalidError(Exception):
    """A message that the application must not send."""


class MediaStream:
    """One stream of one call.

    Attributes:
        sid: ``MZ…``.
        sent: How many media messages have gone to the application.
        received: The application's valid messages, in order.
        echoes: The marks that were sent back, in order.
        notes: Warnings, one for each message that broke the rules.
    """

    def __init__(
        self,
        *,
        call_sid: str,
        account_sid: str,
        parameters: Mapping[str, str],
        playback: Playback,
        send: Callable[[str], None],
    ) -> None:
        self.sid = new_sid("MZ")
        self.sent = 0
        self.received: list[Received] = []
        self.echoes: list[Echo] = []
        self.notes: list[Note] = []
        self._call = {"accountSid": account_sid, "callSid": call_sid}
        self._parameters = dict(parameters)
        self._playback = playback
        self._send = send
        self._sequence = 0
        self._closed = False

    def open(self) -> None:
        """Sends ``connected`` and ``start``."""
        self._dump({"event": "connected", "protocol": "Call", "version": "1.0.0"})
        start = {
            **self._call,
            "streamSid": self.sid,
            "tracks": ["inbound"],
            "mediaFormat": {
                "encoding": "audio/x-mulaw",
                "sampleRate": SAMPLE_RATE,
                "channels": 1,
            },
            "customParameters": self._parameters,
        }
        self._dump({"event": "start", "sequenceNumber": self._next(), "start": start})

    def hear(self, audio: bytes) -> None:
        """Sends the caller's next 20 ms, μ-law."""
        self.sent += 1
        timestamp = (self.sent - 1) * FRAME_SAMPLES * 1000 // SAMPLE_RATE
        payload = binascii.b2a_base64(audio, newline=False).decode("ascii")
        # 50 a second and call: written out, which is far cheaper than a general encoder.
        self._send(
            f'{{"event":"media","sequenceNumber":"{self._next()}","media":{{"track":"inbound",'
            f'"chunk":"{self.sent}","timestamp":"{timestamp}","payload":"{payload}"}},'
            f'"streamSid":"{self.sid}"}}'
        )

    def press(self, key: str) -> None:
        """Sends a key that the caller pressed."""
        dtmf = {"track": "inbound_track", "digit": key}
        self._dump({"event": "dtmf", "sequenceNumber": self._next(), "dtmf": dtmf})

    def stop(self) -> None:
        """Sends ``stop``, the last message of a stream."""
        self._dump({"event": "stop", "sequenceNumber": self._next(), "stop": self._call})

    def close(self) -> None:
        """Sends nothing any more: the socket is gone. Drops the audio that was not played yet."""
        self._closed = True
        self._playback.clear()

    def receive(self, data: str | bytes) -> None:
        """Takes a message of the application; one that breaks the rules becomes a note."""
        if isinstance(data, bytes):
            self._note(Code.STREAM_BINARY, "a binary message; Media Streams are text")
            return
        try:
            self._take(data)
        except _InvalidError as invalid:
            self._note(Code.STREAM_MESSAGE, f"{invalid}: {data[:120]}")

    def _take(self, data: str) -> None:
        message = _message(data)
        if message["streamSid"] != self.sid:
            raise _InvalidError(f"wrong streamSid {message['streamSid']!r}, it is {self.sid}")
        position = len(self._playback.heard)
        match message["event"]:
            case "media":
                audio = _audio(message["media"]["payload"])
                self.received.append(Received(position, "media", samples=len(audio)))
                self._playback.add(audio)
            case "mark":
                name = message["mark"]["name"]
                self.received.append(Received(position, "mark", name=name))
                self._playback.mark(lambda: self._echo(name))
            case _:
                self.received.append(Received(position, "clear"))
                self._playback.clear()

    def _echo(self, name: str) -> None:
        if self._closed:
            return
        self.echoes.append(Echo(name, len(self._playback.heard)))
        self._dump({"event": "mark", "sequenceNumber": self._next(), "mark": {"name": name}})

    def _next(self) -> str:
        self._sequence += 1
        return str(self._sequence)

    def _dump(self, message: dict[str, Any]) -> None:
        if message["event"] != "connected":
            message["streamSid"] = self.sid
        self._send(orjson.dumps(message).decode())

    def _note(self, code: Code, message: str) -> None:
        self.notes.append(Note(int(code), message, warning=True))


def _message(data: str) -> dict[str, Any]:
    try:
        message = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise _InvalidError(f"not JSON ({error})") from None
    if not isinstance(message, dict):
        raise _InvalidError("not a JSON object")
    event = message.get("event")
    if not isinstance(event, str) or event not in _FIELDS:
        raise _InvalidError(f"unknown event {event!r}; it is media, mark or clear")
    body = _FIELDS[event]
    _check_fields(message, {"event", "streamSid"} | ({body} if body else set()), event)
    if body:
        inner = message[body]
        if not isinstance(inner, dict):
            raise _InvalidError(f"{body} is not an object")
        _check_fields(inner, {_INNER[event]}, body)
        if not isinstance(inner[_INNER[event]], str):
            raise _InvalidError(f"{body}.{_INNER[event]} is not a string")
    return message


def _check_fields(message: dict[str, Any], expected: set[str], where: str) -> None:
    if missing := expected - message.keys():
        raise _InvalidError(f"{where} without {min(missing)}")
    if extra := message.keys() - expected:
        raise _InvalidError(f"{where} with an extra field {min(extra)}")


def _audio(payload: str) -> bytes:
    try:
        audio = base64.b64decode(payload, validate=True)
    except (binascii.Error, ValueError):
        raise _InvalidError("a payload that is not base64") from None
    if not audio:
        raise _InvalidError("an empty payload")
    if audio.startswith(_FILE_HEADERS):
        raise _InvalidError("a payload with a file header; it is raw audio")
    return audio
