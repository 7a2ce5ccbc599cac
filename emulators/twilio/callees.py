"""Who answers a number that is dialled, and how."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from emulators.speech import Speech
from emulators.twilio.caller import Manners, Say, ScriptedCaller
from emulators.twilio.calls import CallStatus
from emulators.twilio.frames import SAMPLE_RATE, encode, samples
from emulators.twilio.party import Party
from emulators.twilio.telephone import Telephone
from emulators.twilio.voices import speech_of, spoken

VOICEMAIL = "Hello. You have reached the Smith family. We cannot come to the telephone right now."
AFTER_THE_TONE = "Please leave a message after the tone, and we will call you back."
_BEEP_HERTZ = 1000
_BEEP_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Callee:
    """What happens when a number is dialled.

    Attributes:
        outcome: ``in-progress`` when somebody answers, otherwise how the attempt ends.
        ring_s: Seconds of ringing before that.
        party: Makes whoever answers.
    """

    outcome: CallStatus = CallStatus.IN_PROGRESS
    ring_s: float = 1.0
    party: Callable[[], Party] = lambda: greeter()


class AnsweringMachine:
    """A `Party` that plays a greeting, beeps, and records until the line is silent.

    Args:
        voice: Of the greeting.
        speech: Says it; by default the engine that has the voice.
        silence_s: Silence that ends the recording.
        pause_s: Silence before each sentence of the greeting.

    Attributes:
        message_from: Sample from which on it has recorded; ``None`` before the beep.
    """

    def __init__(
        self,
        *,
        voice: str = "caller",
        speech: Speech | None = None,
        silence_s: float = 5.0,
        pause_s: float = 0.4,
    ) -> None:
        self.message_from: int | None = None
        self._pause_s = pause_s
        self._silence = samples(silence_s)
        self._voice = voice
        self._speech = speech or speech_of(voice)
        self._greeting: list[bytes] = []

    async def prepare(self) -> None:
        """Synthesises the greeting."""
        for line in (VOICEMAIL, AFTER_THE_TONE):
            self._greeting.append(await spoken(self._speech, line, self._voice))

    async def talk(self, phone: Telephone) -> None:
        """Greets, beeps, records for at most a minute, and hangs up when it is silent."""
        for line in self._greeting:
            await phone.pause(self._pause_s)
            await phone.say(line)
        await phone.pause(0.5)
        await phone.say(_beep())
        start = self.message_from = phone.position
        await phone.until(
            lambda: min(phone.ear.quiet, phone.position - start) >= self._silence, timeout_s=60
        )


class _HangsUp:
    """A `Party` that picks up and puts the telephone down again without a word."""

    async def prepare(self) -> None:
        """Nothing to prepare."""

    async def talk(self, phone: Telephone) -> None:
        """Puts it down."""
        await phone.pause(0.2)


class Silent:
    """A `Party` that picks up, says nothing and stays."""

    async def prepare(self) -> None:
        """Nothing to prepare."""

    async def talk(self, phone: Telephone) -> None:
        """Stays until the other side ends the call."""
        await asyncio.get_running_loop().create_future()


def greeter(*steps: Say | str, voice: str = "caller") -> ScriptedCaller:
    """A person who answers with "Hello?" and then says each line after the agent's turn."""
    manners = Manners(listens_first=False)
    return ScriptedCaller(["Hello?", *steps], voice=voice, manners=manners)


BY_ENDING: Mapping[str, Callee] = {
    "0010": Callee(outcome=CallStatus.BUSY),
    "0011": Callee(outcome=CallStatus.NO_ANSWER),
    "0012": Callee(outcome=CallStatus.FAILED, ring_s=0),
    "0013": Callee(party=AnsweringMachine),
    "0014": Callee(party=_HangsUp),
    "0015": Callee(party=Silent),
    "0016": Callee(ring_s=6.0),
}
"""Callees by the last four digits of the number; every other number is answered by a person."""


class Directory:
    """Finds the callee of a number.

    Args:
        person: Who answers a number that has no rule.
        rules: Callees by number, or by its ending; they come before `BY_ENDING`.
    """

    def __init__(
        self, person: Callee | None = None, rules: Mapping[str, Callee] | None = None
    ) -> None:
        self._person = person or Callee()
        self._rules = {**BY_ENDING, **(rules or {})}

    def expect(self, number: str, callee: Callee) -> None:
        """Has ``callee`` answer the next calls to a number."""
        self._rules[number] = callee

    def look_up(self, number: str) -> Callee:
        """The callee of a number: the rule with the longest ending that fits, or a person."""
        endings = [ending for ending in self._rules if number.endswith(ending)]
        return self._rules[max(endings, key=len)] if endings else self._person


def _beep() -> bytes:
    time = np.arange(samples(_BEEP_S)) / SAMPLE_RATE
    wave = 8000 * np.sin(2 * np.pi * _BEEP_HERTZ * time)
    return encode(wave.astype(np.int16).tobytes())
