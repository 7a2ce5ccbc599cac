"""What a page sends from its microphone, as the stand-in for the service hears it."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tests.bot.service import until

WINDOW_S = 0.3


class HeardSound:
    """The last 0.3 s; a page's sound is mono PCM16 of any rate."""

    def __init__(self) -> None:
        self.rate = 0
        self._samples: NDArray[np.int16] = np.zeros(0, np.int16)

    def hear(self, samples: NDArray[np.int16], rate: int) -> None:
        kept = self._samples if rate == self.rate else samples[:0]
        self.rate = rate
        self._samples = np.concatenate([kept, samples])[-int(rate * WINDOW_S) :]

    @property
    def is_full(self) -> bool:
        return self.rate > 0 and len(self._samples) == int(self.rate * WINDOW_S)

    @property
    def level(self) -> float:
        """Root mean square, of 32768."""
        return float(np.sqrt(np.mean(self._samples.astype(float) ** 2))) if self.is_full else 0

    @property
    def pitch(self) -> float:
        """The loudest frequency, in Hz to some 3 Hz; 0 in silence."""
        if self.level < SILENT:
            return 0
        spectrum = np.abs(np.fft.rfft(self._samples * np.hanning(len(self._samples))))
        return float(np.argmax(spectrum) / WINDOW_S)


SILENT = 40


async def hears(sound: HeardSound, what: Callable[[HeardSound], bool]) -> None:
    """Waits until a whole window of what the page sends is like that."""
    await until(lambda: sound.is_full and what(sound), timeout_s=60)


async def hears_tone(sound: HeardSound, hertz: float) -> None:
    await hears(sound, lambda heard: abs(heard.pitch - hertz) < 10)


async def hears_nothing(sound: HeardSound) -> None:
    await hears(sound, lambda heard: heard.level < SILENT)
