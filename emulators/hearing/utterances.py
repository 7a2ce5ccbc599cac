"""Hearing with an engine that hears anything, one utterance at a time, off the event loop."""

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import soxr

from emulators.hearing import Hints

RATE = 16000
Recognize = Callable[[npt.NDArray[np.float32], Hints], str]
"""Hears (samples from -1 to 1 at `RATE`, hints)."""

_WORD = re.compile(r"[^\W_]+(?:['’.:/-][^\W_]+)*")


class UtteranceHearing:
    """Implements `emulators.hearing.Hearing`.

    Args:
        load: Loads the engine, in the thread that it then works in.
    """

    def __init__(self, load: Callable[[], Recognize]) -> None:
        self._load = load
        self._recognize: Recognize | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hearing")

    async def transcribe(self, pcm: bytes, *, sample_rate: int, hints: Hints) -> str:
        """See `emulators.hearing.Hearing.transcribe`."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._hear, pcm, sample_rate, hints)

    async def warm_up(self, hints: Hints) -> None:
        """See `emulators.hearing.Hearing.warm_up`."""
        await self.transcribe(bytes(2 * RATE), sample_rate=RATE, hints=hints)

    async def close(self) -> None:
        """See `emulators.hearing.Hearing.close`."""
        await asyncio.to_thread(self._thread.shutdown)

    def _hear(self, pcm: bytes, sample_rate: int, hints: Hints) -> str:
        if self._recognize is None:
            self._recognize = self._load()
        samples = np.frombuffer(pcm[: len(pcm) - len(pcm) % 2], dtype=np.int16)
        if not len(samples):
            return ""
        wave = (samples / 32768).astype(np.float32)
        if sample_rate != RATE:
            wave = soxr.resample(wave, sample_rate, RATE)
        return words_only(self._recognize(wave, hints))


def words_only(text: str) -> str:
    """Lower-case words without punctuation, and none of what engines note in brackets."""
    spoken = re.sub(r"\[[^\]]*\]|\([^)]*\)", " ", text)
    return " ".join(_WORD.findall(spoken.lower().replace("’", "'")))
