"""Whether the caller speaks, by the energy of their audio: for when no model is there to tell."""

import asyncio
import audioop

SAMPLE_WIDTH = 2

LEAST_RMS = 150
"""Of PCM16, -47 dB of full scale: nothing below is taken for a voice."""

ABOVE_FLOOR = 3.0
"""A voice is so many times as loud as what there is between its words."""

FIRST_FLOOR = 200.0
RISE = 1.01
"""By which the floor rises with each piece of audio, until a quieter one brings it down again."""

VOICE_MS = 60
"""What is shorter is a click."""

PAUSE_MS = 700
"""Between the words of somebody who goes on speaking."""

SPOKEN_MS = 200
"""Of voice, at the least, in something that was said."""

STALE_S = 1.0
"""A line that sends nothing carries no voice."""


class CallerVoice:
    """Follows a caller's audio, mono PCM16, piece by piece."""

    def __init__(self, sample_rate: int) -> None:
        self._bytes_per_ms = SAMPLE_WIDTH * sample_rate / 1000
        self._floor = FIRST_FLOOR
        self.begin()

    def begin(self) -> None:
        """What was said before does not count any more; how loud the line is stays known."""
        self._position_ms = 0.0
        self._run_ms = 0.0
        self._voice_ms = 0.0
        self._latest_ms: float | None = None
        self._heard_at = 0.0

    def hear(self, pcm: bytes) -> None:
        """More audio."""
        ms = len(pcm) / self._bytes_per_ms
        level = audioop.rms(pcm, SAMPLE_WIDTH)
        self._position_ms += ms
        self._heard_at = asyncio.get_running_loop().time()
        if level > max(LEAST_RMS, ABOVE_FLOOR * self._floor):
            self._run_ms += ms
        else:
            self._run_ms = 0.0
        if self._run_ms >= VOICE_MS:
            self._voice_ms += ms
            self._latest_ms = self._position_ms
        self._floor = min(self._floor * RISE, max(level, 1))

    @property
    def is_speaking(self) -> bool:
        """Whether something was said just now."""
        if self._latest_ms is None:
            return False
        if asyncio.get_running_loop().time() - self._heard_at > STALE_S:
            return False
        return self._position_ms - self._latest_ms < PAUSE_MS

    @property
    def has_spoken(self) -> bool:
        """Whether something was said since the beginning."""
        return self._voice_ms >= SPOKEN_MS
