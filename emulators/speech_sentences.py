"""Speech from an engine that renders whole sentences, off the event loop."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import soxr

from emulators.speech import SpeechChunk

Render = Callable[[str, str, float], tuple[npt.NDArray[np.float32], int]]
"""Renders (sentence, the engine's voice, speed) as samples from -1 to 1 and their rate in Hz."""

_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+(?=\S)")


class SentenceSpeech:
    """Implements `emulators.speech.Speech`; a chunk is a sentence.

    Args:
        render: The engine. Called in one thread, one sentence at a time.
        voices: The names that can be asked for, and the engine's own.
    """

    def __init__(self, render: Render, voices: Mapping[str, str]) -> None:
        self._render = render
        self._voices = voices
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="speech")

    async def speak(
        self, text: str, *, voice: str, sample_rate: int, speed: float = 1.0
    ) -> AsyncIterator[SpeechChunk]:
        """See `emulators.speech.Speech.speak`."""
        if voice not in self._voices:
            raise ValueError(
                f"unknown voice {voice!r}; known are {', '.join(sorted(self._voices))}"
            )
        if not 0.25 <= speed <= 1.5:
            raise ValueError(f"speed is 0.25 to 1.5, not {speed}")
        loop = asyncio.get_running_loop()
        for sentence in sentences(text):
            pcm = await loop.run_in_executor(
                self._thread, self._pcm, sentence, self._voices[voice], sample_rate, speed
            )
            yield SpeechChunk(pcm, sentence)

    def _pcm(self, sentence: str, voice: str, sample_rate: int, speed: float) -> bytes:
        if not any(letter.isalnum() for letter in sentence):
            return b""
        samples, rate = self._render(sentence, voice, speed)
        if rate != sample_rate:
            samples = soxr.resample(samples, rate, sample_rate)
        return (np.clip(samples, -1, 1) * 32767).astype(np.int16).tobytes()


def sentences(text: str) -> list[str]:
    """A text cut behind its sentences; joined they are the text."""
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    cuts = [0, *ends, len(text)]
    return [text[a:b] for a, b in pairwise(cuts) if a < b]
