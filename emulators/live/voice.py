"""The model's side of a full-duplex line: speech or silence, as much as has been heard."""

from collections import deque
from dataclasses import dataclass

from emulators.realtime.formats import AudioFormat
from emulators.speech import Speech

FRAME_MS = 200
"""Transcripts come in fragments of this length, and audio with them."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What goes out for one stretch of time: PCM16, and the words that begin in it."""

    pcm: bytes
    words: str


class Voice:
    """Speech waits here until its time has come; time passes as the caller's audio arrives."""

    def __init__(self, speech: Speech, voice: str, audio_format: AudioFormat) -> None:
        self._speech = speech
        self._voice = voice
        self._rate = audio_format.sample_rate
        self._waiting: deque[tuple[bytes, str]] = deque()

    @property
    def is_speaking(self) -> bool:
        """Whether there is speech that was not sent."""
        return bool(self._waiting)

    async def say(self, text: str) -> None:
        """Queues a line after what is there."""
        async for chunk in self._speech.speak(text, voice=self._voice, sample_rate=self._rate):
            self._waiting.append((chunk.pcm, chunk.text))

    def stop(self) -> None:
        """The caller talks over it: the rest is not said."""
        self._waiting.clear()

    def frame(self) -> Frame:
        """The next `FRAME_MS`."""
        size = self._rate * 2 * FRAME_MS // 1000
        pcm, words = bytearray(), []
        while self._waiting and len(pcm) < size:
            audio, text = self._waiting.popleft()
            if text.strip():
                words.append(text.strip())
            room = size - len(pcm)
            pcm += audio[:room]
            if len(audio) > room:
                self._waiting.appendleft((audio[room:], ""))
        pcm += bytes(size - len(pcm))
        return Frame(bytes(pcm), " ".join(words))
