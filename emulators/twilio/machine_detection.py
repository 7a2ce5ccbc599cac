"""Answering machine detection: what picked up, by the length of its greeting.

https://www.twilio.com/docs/voice/answering-machine-detection: a person says a few words and waits;
a machine talks on. ``DetectMessageEnd`` also waits for the end of a machine's greeting.
"""

import asyncio
from dataclasses import dataclass
from typing import Literal

import numpy as np

from emulators.twilio.ear import Ear
from emulators.twilio.frames import SAMPLE_RATE, SILENT_FRAME, decode, samples
from emulators.twilio.leg import Leg

AnsweredBy = Literal[
    "human",
    "machine_start",
    "machine_end_beep",
    "machine_end_silence",
    "machine_end_other",
    "unknown",
]

_BEEP_FRAMES = 8
_TONE_SHARE = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionOptions:
    """Twilio's tuning parameters and their defaults; times in milliseconds, ``timeout_s`` not.

    Attributes:
        mode: ``Enable`` or ``DetectMessageEnd``.
        timeout_s: After this the answer is ``unknown`` (``machine_end_other`` for a machine).
        speech_threshold_ms: Speech that lasts longer is a machine's.
        speech_end_threshold_ms: Silence that ends a greeting.
        silence_timeout_ms: Silence from the start after which the answer is ``unknown``.
    """

    mode: Literal["Enable", "DetectMessageEnd"] = "Enable"
    timeout_s: int = 30
    speech_threshold_ms: int = 2400
    speech_end_threshold_ms: int = 1200
    silence_timeout_ms: int = 5000


@dataclass(frozen=True, slots=True)
class Detection:
    """What was found, and after how many milliseconds."""

    answered_by: AnsweredBy
    duration_ms: int


class MachineDetector:
    """Listens to a callee frame by frame; `result` is there once it has made up its mind."""

    def __init__(self, options: DetectionOptions) -> None:
        self._options = options
        self._ear = Ear(breath_s=options.speech_end_threshold_ms / 1000)
        self._is_machine = False
        self._tone_frames = 0
        self.result: Detection | None = None

    def hear(self, frame: bytes) -> None:
        """Takes the next 20 ms of the callee."""
        if self.result:
            return
        self._ear.hear(frame)
        self._tone_frames = self._tone_frames + 1 if _is_tone(frame) else 0
        answer = self._judge()
        if answer:
            self.result = Detection(answer, self._ear.position * 1000 // SAMPLE_RATE)

    def give_up(self) -> Detection:
        """The result when the call ends before there is one."""
        return self.result or Detection("unknown", self._ear.position * 1000 // SAMPLE_RATE)

    def _judge(self) -> AnsweredBy | None:
        options, ear = self._options, self._ear
        late = ear.position >= samples(options.timeout_s)
        ended = bool(ear.spans) and ear.quiet >= samples(options.speech_end_threshold_ms / 1000)
        if self._is_machine:
            if self._tone_frames >= _BEEP_FRAMES:
                return "machine_end_beep"
            if ended:
                return "machine_end_silence"
            return "machine_end_other" if late else None
        if not ear.spans:
            silent = ear.position >= samples(options.silence_timeout_ms / 1000)
            return "unknown" if silent or late else None
        spoken = ear.spans[-1].end - ear.spans[0].start
        if spoken > samples(options.speech_threshold_ms / 1000):
            self._is_machine = True
            return "machine_start" if options.mode == "Enable" else None
        if ended:
            return "human"
        return "unknown" if late else None


async def detect(leg: Leg, options: DetectionOptions) -> Detection:
    """Listens to whoever answered until it is known what it is.

    Cancelled when the call ends, it raises ``CancelledError`` as usual: then nothing was found.
    """
    detector = MachineDetector(options)
    untap = leg.tap(detector.hear)
    try:
        await leg.phone.until(lambda: detector.result is not None, timeout_s=None)
    except asyncio.CancelledError:
        detector.give_up()
        raise
    finally:
        untap()
    return detector.give_up()


def _is_tone(frame: bytes) -> bool:
    """Whether nearly all energy is at one frequency."""
    if frame == SILENT_FRAME:
        return False
    spectrum = np.abs(np.fft.rfft(np.frombuffer(decode(frame), np.int16) * np.hanning(len(frame))))
    power = spectrum**2
    peak = int(power.argmax())
    near = power[max(0, peak - 2) : peak + 3].sum()
    return bool(near > _TONE_SHARE * power.sum() and spectrum[peak] > len(frame) * 100)
