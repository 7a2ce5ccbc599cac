"""The input audio buffer: what the caller said since the last commit, and where speech is in it.

Positions are milliseconds "from the start of all audio written to the buffer during the
session", as in the vendor's events.
"""

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from emulators.realtime import errors
from emulators.realtime.conversation import ItemAudio
from emulators.realtime.formats import PCM, AudioFormat
from emulators.realtime.ids import new_id
from emulators.realtime.protocol import APPEND_LIMIT
from emulators.realtime.vad import WINDOW_MS, SpeechDetector, VoiceActivity

MIN_COMMIT_MS = 100
_KEPT_MS = 30_000
"""With turn detection, audio before speech that is kept: the longest idle timeout."""
_STRIDE_MS = 1_000
"""A long append is judged in strides, so that speech is reported where it is."""


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """``audio_start_ms`` includes the prefix padding."""

    audio_start_ms: int
    item_id: str


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """``audio_end_ms`` includes the silence; the audio is what is to be committed."""

    audio_end_ms: int
    item_id: str
    audio: ItemAudio


class InputAudio:
    """One session's buffer."""

    def __init__(self, activity: VoiceActivity) -> None:
        self._activity = activity
        self._format = PCM
        self._turns: dict[str, Any] | None = None
        self._detector: SpeechDetector | None = None
        self._detector_start_ms = 0.0
        self._data = bytearray()
        self._unjudged = bytearray()
        self._written_ms = 0.0
        self._speech: SpeechStarted | None = None

    @property
    def written_ms(self) -> int:
        """All audio written during the session."""
        return int(self._written_ms)

    @property
    def speaking(self) -> bool:
        """Speech has started and not stopped."""
        return self._speech is not None

    def configure(self, audio_format: AudioFormat, turns: dict[str, Any] | None) -> None:
        """Takes over a session's settings.

        A change of the format or of how speech is detected forgets speech in progress.
        """
        same = audio_format == self._format and _detection(turns) == _detection(self._turns)
        if audio_format != self._format:
            self._data.clear()
        self._format, self._turns = audio_format, turns
        if not same:
            self._speech = None
            self._restart_detector()

    async def append(self, encoded: str) -> AsyncIterator[SpeechStarted | SpeechStopped]:
        """Writes base64 audio; yields where speech starts and stops in it.

        Raises:
            RealtimeError: When it is not base64, too much, or not whole samples.
        """
        for stride in self._strides(_decode(encoded, self._format)):
            self._data += stride
            self._written_ms += self._format.duration_ms(len(stride))
            if self._detector is None or self._turns is None:
                continue
            self._unjudged += self._format.decode(stride)
            if len(self._unjudged) < self._format.sample_rate * 2 * WINDOW_MS // 1000:
                continue  # not a window yet: spare the hop to another thread
            judged = bytes(self._unjudged)
            self._unjudged.clear()
            for edge in await self._activity.feed(self._detector, judged):
                at_ms = self._detector_start_ms + edge.at_ms
                if edge.kind == "started":
                    yield self._start(at_ms)
                elif started := self._speech:
                    yield self._stop(started, int(at_ms))
            if self._speech is None:
                self._forget_before(self._written_ms - _KEPT_MS)

    def commit(self) -> tuple[str, ItemAudio]:
        """Takes everything in the buffer, for the item id that belongs to it.

        Raises:
            RealtimeError: With less than 100 ms in the buffer.
        """
        held_ms = self._format.duration_ms(len(self._data))
        if held_ms < MIN_COMMIT_MS:
            raise errors.commit_empty(held_ms)
        item_id = self._speech.item_id if self._speech else new_id("item")
        if self._speech:  # speech goes on: what follows is another item
            self._speech = SpeechStarted(self.written_ms, new_id("item"))
        return item_id, self._take(self._written_ms - held_ms, self._written_ms)

    def take_silence(self, start_ms: int) -> ItemAudio:
        """Takes the audio since ``start_ms``, in which nobody spoke."""
        return self._take(start_ms, self._written_ms)

    def clear(self) -> None:
        """Drops everything in the buffer, and speech in progress."""
        self._data.clear()
        self._speech = None
        self._restart_detector()

    def _strides(self, data: bytes) -> list[bytes]:
        size = _STRIDE_MS * self._format.bytes_per_ms
        return [data[start : start + size] for start in range(0, len(data), size)]

    def _restart_detector(self) -> None:
        self._unjudged.clear()
        self._detector_start_ms = self._written_ms
        self._detector = (
            self._activity.detector(self._format.sample_rate, self._turns) if self._turns else None
        )

    def _start(self, at_ms: float) -> SpeechStarted:
        padding = (self._turns or {}).get("prefix_padding_ms", 300)
        held_from_ms = self._written_ms - self._format.duration_ms(len(self._data))
        start_ms = max(at_ms - padding, held_from_ms)
        self._speech = SpeechStarted(int(start_ms), new_id("item"))
        return self._speech

    def _stop(self, started: SpeechStarted, end_ms: int) -> SpeechStopped:
        self._speech = None
        audio = self._take(started.audio_start_ms, end_ms)
        return SpeechStopped(end_ms, started.item_id, audio)

    def _take(self, start_ms: float, end_ms: float) -> ItemAudio:
        """Cuts a stretch out; what is before it is gone, what is after it stays."""
        self._forget_before(start_ms)
        held_from_ms = self._written_ms - self._format.duration_ms(len(self._data))
        size = self._bytes(end_ms - held_from_ms)
        taken = ItemAudio(self._format, bytearray(self._data[:size]))
        del self._data[:size]
        return taken

    def _forget_before(self, position_ms: float) -> None:
        held_from_ms = self._written_ms - self._format.duration_ms(len(self._data))
        del self._data[: self._bytes(position_ms - held_from_ms)]

    def _bytes(self, duration_ms: float) -> int:
        return (
            max(0, int(duration_ms * self._format.bytes_per_ms))
            // self._format.sample_bytes
            * (self._format.sample_bytes)
        )


def _detection(turns: dict[str, Any] | None) -> dict[str, Any] | None:
    """The part of a ``turn_detection`` that says what speech is."""
    if turns is None:
        return None
    names = ("type", "threshold", "silence_duration_ms", "eagerness")
    return {name: turns.get(name) for name in names}


def _decode(encoded: str, audio_format: AudioFormat) -> bytes:
    try:
        data = b64decode(encoded, validate=True)
    except (Base64Error, ValueError):
        raise errors.invalid_value(
            "Invalid 'audio'. Expected base64-encoded audio bytes.", "audio"
        ) from None
    if len(data) > APPEND_LIMIT:
        raise errors.RealtimeError(
            f"Invalid 'audio': {len(data)} bytes are more than the {APPEND_LIMIT} bytes that one "
            "event may hold.",
            code="string_above_max_length",
            param="audio",
        )
    if len(data) % audio_format.sample_bytes:
        raise errors.invalid_value(
            f"Invalid 'audio': {len(data)} bytes are not whole samples of "
            f"{audio_format.sample_bytes} bytes.",
            "audio",
        )
    return data
