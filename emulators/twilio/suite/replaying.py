"""Says the caller's side of a recorded call again, turn by turn."""

from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from emulators.twilio.ear import Ear
from emulators.twilio.frames import FRAME_SAMPLES, SAMPLE_RATE, encode
from emulators.twilio.suite.mouth import LineFormat
from emulators.twilio.suite.scenario import Recorded, Scenario
from emulators.twilio.suite.steps import Step

TURN_BREAK_S = 1.5
"""A shorter pause of the caller's is within one of his turns."""

MARGIN_S = 0.1
"""Kept around a turn: speech begins and ends softly."""


class RecordedMouth:
    """What `Mouth` is, for a caller who was recorded.

    Args:
        recorded: The recording and where he speaks in it.
        format: Of the line.

    Raises:
        ValueError: The file can't be read, or is shorter than its turns.
    """

    def __init__(self, recorded: Recorded, format: LineFormat) -> None:
        self._format = format
        self._lines = {
            line: _slice(recorded, turn, format.sample_rate)
            for line, turn in zip(lines_of(recorded), recorded.turns, strict=True)
        }

    @property
    def room(self) -> bytes:
        """Silence: what was recorded between his turns is of another conversation."""
        return self._format.silence * self._format.frame_bytes

    async def say(self, text: str) -> bytes:
        """A turn, by the name that `lines_of` gives it."""
        return self._format.written(self._lines[text])


def lines_of(recorded: Recorded) -> list[str]:
    """A name for each turn of a recording."""
    return [f"(recorded, {start:.1f} to {end:.1f} s)" for start, end in recorded.turns]


def with_lines(scenario: Scenario) -> Scenario:
    """The scenario with its recorded turns as lines."""
    if scenario.recorded is None:
        return scenario
    steps = tuple(Step(say=line) for line in lines_of(scenario.recorded))
    # Past validation: recorded turns and lines exclude each other where people write them.
    return scenario.model_copy(update={"lines": steps})


def turns_in(path: Path) -> list[tuple[float, float]]:
    """Where the caller speaks in a recording, from and to in seconds, with a margin."""
    ear = Ear(breath_s=TURN_BREAK_S)
    ulaw = encode(_caller(path, SAMPLE_RATE).tobytes())
    for start in range(0, len(ulaw) - FRAME_SAMPLES + 1, FRAME_SAMPLES):
        ear.hear(ulaw[start : start + FRAME_SAMPLES])
    length = len(ulaw) / SAMPLE_RATE
    return [
        (
            round(max(0.0, span.start / SAMPLE_RATE - MARGIN_S), 2),
            round(min(length, span.end / SAMPLE_RATE + MARGIN_S), 2),
        )
        for span in ear.spans
    ]


def _slice(recorded: Recorded, turn: Sequence[float], rate: int) -> npt.NDArray[np.int16]:
    samples = _caller(Path(recorded.audio), rate)
    start, end = (round(seconds * rate) for seconds in turn)
    if not 0 <= start < end <= len(samples):
        raise ValueError(
            f"{recorded.audio} is {len(samples) / rate:.1f} s long and has no turn "
            f"from {turn[0]} to {turn[1]} s"
        )
    return samples[start:end]


def _caller(path: Path, rate: int) -> npt.NDArray[np.int16]:
    """The left channel of a sound file, at a rate."""
    resampler = av.AudioResampler(format="s16p", layout="stereo", rate=rate)
    parts = []
    try:
        with av.open(str(path)) as container:
            for frame in container.decode(audio=0):
                parts += [each.to_ndarray()[0] for each in resampler.resample(frame)]
            parts += [each.to_ndarray()[0] for each in resampler.resample(None)]
    except (av.FFmpegError, OSError) as error:
        raise ValueError(f"{path} is no sound file that can be read: {error}") from error
    if not parts:
        raise ValueError(f"{path} holds no sound")
    return np.concatenate(parts).astype(np.int16)
