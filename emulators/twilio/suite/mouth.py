"""The caller's voice on the line: his pace, his hesitations and the noise around him, by a seed."""

import random
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from emulators.twilio.ear import trimmed
from emulators.twilio.frames import FRAME_S, encode
from emulators.twilio.suite.persona import Persona
from emulators.twilio.voices import speech_of

NOISE_S = 10.0
"""After so long the noise repeats."""

_FULL_SCALE = 32768
_PINK_HERTZ = 100.0
"""Below, the noise is no louder: a telephone does not carry it."""


@dataclass(frozen=True, slots=True)
class LineFormat:
    """What goes into a mouthpiece.

    Attributes:
        sample_rate: In Hz.
        is_ulaw: Whether samples are μ-law; otherwise PCM16.
    """

    sample_rate: int
    is_ulaw: bool

    @property
    def frame_bytes(self) -> int:
        """Of 20 ms."""
        return round(self.sample_rate * FRAME_S) * (1 if self.is_ulaw else 2)

    @property
    def silence(self) -> bytes:
        """One sample of it, in bytes."""
        return b"\xff" if self.is_ulaw else b"\0"

    def written(self, pcm: npt.NDArray[np.int16]) -> bytes:
        """Samples as the line takes them."""
        return encode(pcm.tobytes()) if self.is_ulaw else pcm.tobytes()


TELEPHONE = LineFormat(8_000, is_ulaw=True)
BROWSER = LineFormat(24_000, is_ulaw=False)


class Voice(Protocol):
    """What a caller speaks with; sound is in the format of the line."""

    @property
    def room(self) -> bytes:
        """What the line carries while nothing is said, over and over."""
        ...

    async def say(self, text: str) -> bytes:
        """A line. Raises ``ValueError`` for one that can't be said."""
        ...


class Mouth:
    """Implements `Voice` for a persona, by speech synthesis.

    Args:
        persona: Who speaks.
        format: Of the line.
        seed: Noise and hesitations are the same for the same seed and line.
    """

    def __init__(self, persona: Persona, format: LineFormat, seed: str) -> None:
        self._persona = persona
        self._format = format
        self._seed = seed
        self._speech = speech_of(persona.voice)
        self._noise = self._noise_around()

    @property
    def room(self) -> bytes:
        """What the line carries while nothing is said, as long as one period of the noise."""
        if self._noise is None:
            return self._format.silence * self._format.frame_bytes
        return self._format.written(self._noise)

    async def say(self, text: str) -> bytes:
        """A line, in the line's format, without silence around it.

        Raises:
            ValueError: The voice says nothing for it.
        """
        chance = random.Random(f"{self._seed} {text}")
        rate, persona = self._format.sample_rate, self._persona
        parts: list[bytes] = []
        for words in await self._spoken(text, rate):
            if parts and chance.random() < persona.hesitations:
                parts.append(bytes(2 * round(rate * persona.hesitation_s)))
            parts.append(words)
        pcm = trimmed(b"".join(parts))
        if not pcm:
            raise ValueError(f"the voice {persona.voice!r} says nothing for {text!r}")
        return self._format.written(self._in_noise(np.frombuffer(pcm, np.int16)))

    async def _spoken(self, text: str, rate: int) -> list[bytes]:
        """The words a few at a time; a line sounds the same each time, which espeak-ng's do not."""
        persona = self._persona
        key = (persona.voice, persona.pace, rate, text)
        if key not in _spoken:
            chunks = self._speech.speak(
                text, voice=persona.voice, sample_rate=rate, speed=persona.pace
            )
            _spoken[key] = [chunk.pcm async for chunk in chunks]
        return _spoken[key]

    def _in_noise(self, pcm: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
        if self._noise is None:
            return pcm
        around = np.resize(self._noise, len(pcm)).astype(np.int32)
        mixed: npt.NDArray[np.int16] = np.clip(pcm + around, -_FULL_SCALE, _FULL_SCALE - 1).astype(
            np.int16
        )
        return mixed

    def _noise_around(self) -> npt.NDArray[np.int16] | None:
        """Pink noise, as traffic and voices in the distance are, of the level that is wanted."""
        level = self._persona.noise_dbfs
        if level is None:
            return None
        rate = self._format.sample_rate
        count = round(NOISE_S * rate)
        generator = np.random.default_rng(list(f"{self._seed} noise".encode()))
        spectrum = np.fft.rfft(generator.normal(0, 1, count))
        hertz = np.fft.rfftfreq(count, 1 / rate)
        wave = np.fft.irfft(spectrum / np.sqrt(np.maximum(hertz, _PINK_HERTZ)), count)
        wave *= _FULL_SCALE * 10 ** (level / 20) / np.sqrt(np.mean(wave**2))
        limit = _FULL_SCALE - 1
        noise: npt.NDArray[np.int16] = np.clip(wave, -limit, limit).astype(np.int16)
        return noise


_spoken: dict[tuple[str, float, int, str], list[bytes]] = {}
"""Every line so far, in all calls of this process."""
