"""Small real stand-ins for the voice box and the ear, so that tests run in milliseconds."""

import math
from collections.abc import AsyncIterator, Iterable

import numpy as np

from emulators.hearing import Hints
from emulators.speech import SpeechChunk

WORD_MS = 120


class ToneSpeech:
    """Says each word as 120 ms of a tone."""

    async def speak(
        self, text: str, *, voice: str, sample_rate: int, speed: float = 1.0
    ) -> AsyncIterator[SpeechChunk]:
        pitch = 200 + 20 * (sum(map(ord, voice)) % 10)
        samples = int(sample_rate * WORD_MS / 1000 / speed)
        wave = np.sin(np.arange(samples) * 2 * math.pi * pitch / sample_rate) * 8000
        for word in text.split():
            yield SpeechChunk(wave.astype(np.int16).tobytes(), word)


class ScriptedHearing:
    """Scripted transcription: gives the next line, if the speech is about as long as it takes.

    A line takes 150 to 1000 ms a word, silence included; anything else raises, so that a test
    cannot pass when the endpointing cut the wrong piece.
    """

    def __init__(self, lines: Iterable[str], *, check: bool = True) -> None:
        self._lines = iter(lines)
        self._check = check
        self.hints: list[Hints] = []
        self.heard_ms: list[float] = []

    async def transcribe(self, pcm: bytes, *, sample_rate: int, hints: Hints) -> str:
        line = next(self._lines)
        duration_ms = len(pcm) / 2 / sample_rate * 1000
        self.hints.append(hints)
        self.heard_ms.append(duration_ms)
        words = len(line.split())
        if self._check and not 150 * words <= duration_ms <= 1000 + 1000 * words:
            raise AssertionError(f"{duration_ms:.0f} ms of speech cannot be {line!r}")
        return line

    async def close(self) -> None:
        pass
