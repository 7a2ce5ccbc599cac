"""When the other side speaks, by the energy of what is heard."""

import array
import audioop
from dataclasses import dataclass

from emulators.twilio.frames import FRAME_SAMPLES, SAMPLE_WIDTH, SILENT_FRAME, decode, samples

LOUD = 184
"""RMS from which a frame counts as speech: −45 dB of full scale."""

BREATH_S = 0.3
"""Silence up to this long is part of one stretch of speech."""


@dataclass(slots=True)
class Span:
    """One stretch of speech: samples ``start`` to ``end`` (exclusive) since the line opened."""

    start: int
    end: int


class Ear:
    """Follows a line frame by frame.

    Attributes:
        position: Samples heard so far.
        spans: The stretches of speech so far, in order; the last one may still grow.
    """

    def __init__(self, *, breath_s: float = BREATH_S) -> None:
        self.position = 0
        self.spans: list[Span] = []
        self._breath = samples(breath_s)

    def hear(self, frame: bytes) -> None:
        """Takes the next 20 ms of μ-law."""
        start = self.position
        self.position += FRAME_SAMPLES
        if frame == SILENT_FRAME:
            return
        pcm = decode(frame)
        if audioop.rms(pcm, SAMPLE_WIDTH) < LOUD:
            return
        if self.spans and start - self.spans[-1].end <= self._breath:
            self.spans[-1].end = self.position
        else:
            self.spans.append(Span(start + _onset(pcm), self.position))

    @property
    def quiet(self) -> int:
        """Samples since speech was last heard; since the start if it never was."""
        return self.position - (self.spans[-1].end if self.spans else 0)

    def spoke_after(self, position: int) -> bool:
        """Whether a stretch of speech began at ``position`` or later."""
        return bool(self.spans) and self.spans[-1].start >= position


def trimmed(pcm: bytes, *, floor: int = 100) -> bytes:
    """PCM16 without the silence around it, so that its ends are the speech's."""
    values = array.array("h", pcm)
    loud = [index for index, value in enumerate(values) if abs(value) > floor]
    return values[loud[0] : loud[-1] + 1].tobytes() if loud else b""


def _onset(pcm: bytes) -> int:
    values = array.array("h", pcm)
    return next((index for index, value in enumerate(values) if abs(value) >= LOUD), 0)
