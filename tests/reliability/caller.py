"""The caller of a row: takes its steps and notes when, in samples since the call was connected."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from emulators.twilio.ear import Span
from emulators.twilio.frames import SAMPLE_RATE, encode, samples
from emulators.twilio.telephone import Telephone
from tests.reliability.hearing import Vocabulary
from tests.reliability.steps import Hears, HearsSound, Says, Step, Strikes, Waits
from tests.reliability.voice import ToneWords, WordEar
from tests.reliability.words import in_common, words_of

SETTLED_S = 0.2
"""Silence after the last word of a line, before the caller goes on."""

ENOUGH_S = 2.0
"""Silence after which a line is over of which a word is missing."""

LINGER_S = 1.0
"""How long the caller stays for what comes unasked."""

NOISE = encode((np.random.default_rng(1).normal(0, 24, SAMPLE_RATE)).astype(np.int16).tobytes())
"""A second of the noise in the caller's room, at −63 dB of full scale."""


@dataclass(slots=True)
class Listening:
    """One `Hears`: when the caller began to wait, and the last sound of what was waited for.

    Attributes:
        words: How many words had been heard before.
        after_own: Whether the caller had just spoken, so that an answer is due.
    """

    step: Hears
    since: int
    words: int
    after_own: bool
    until: int = 0
    is_heard: bool = False


@dataclass
class RowCaller:
    """A `Party`, as the carrier's telephones are held by.

    Args:
        steps: What to do.
        voice: Of the agent, to understand it.
        vocabulary: The caller's own words.
        strike: Lets the row's faults strike.
        patience_s: How long to wait for a line.

    Attributes:
        listened: Its `Hears`, in order.
        said: Its lines and when they were said.
        struck_at: When the faults struck.
    """

    steps: Sequence[Step]
    voice: ToneWords
    vocabulary: Vocabulary
    strike: Callable[[], None]
    patience_s: float
    listened: list[Listening] = field(default_factory=list)
    said: list[tuple[str, Span]] = field(default_factory=list)
    struck_at: int | None = None
    ear: WordEar = field(init=False)
    _phone: Telephone | None = None
    _lines: dict[str, bytes] = field(default_factory=dict)

    @property
    def position(self) -> int:
        """Samples since the call was connected."""
        return self._phone.position if self._phone else 0

    async def prepare(self) -> None:
        """Learns its lines."""
        self.ear = WordEar(self.voice)
        for step in self.steps:
            if isinstance(step, Says):
                self._lines[step.line] = await self.vocabulary.learn(step.line)

    async def talk(self, phone: Telephone) -> None:
        """Takes the steps; hangs up when one of them has waited in vain."""
        self._phone = phone
        # On a busy machine the line is some frames old by now.
        self.ear.position = phone.position
        phone.ear, phone.room = self.ear, NOISE
        for step in self.steps:
            match step:
                case Hears():
                    if not await self._hear(phone, step):
                        return
                case Says(line, strike_after_s):
                    await self._say(phone, line, strike_after_s)
                case Strikes():
                    self._strike(phone)
                case Waits(until_s):
                    await phone.pause(until_s - phone.position / SAMPLE_RATE)
                case HearsSound():
                    await self._hear_sound(phone)
        await phone.pause(LINGER_S)

    async def _hear(self, phone: Telephone, step: Hears) -> bool:
        last = self.listened[-1].until if self.listened else 0
        own = self.said[-1][1].end if self.said else 0
        listening = Listening(step, max(last, own), len(self.ear.words), own > last)
        if self.listened and not self.listened[-1].is_heard:
            listening.words = self.listened[-1].words
        self.listened.append(listening)
        line = words_of(step.line)

        def heard() -> bool:
            words = self.ear.words[listening.words :]
            if step.until:
                return step.until in words
            if not words:
                return False
            if in_common(words, line) == len(line):
                return self.ear.quiet >= samples(SETTLED_S)
            return words[-1] == line[-1] and self.ear.quiet >= samples(ENOUGH_S)

        listening.is_heard = await phone.until(heard, timeout_s=self.patience_s)
        listening.until = phone.position - (0 if step.until else self.ear.quiet)
        return listening.is_heard

    async def _hear_sound(self, phone: Telephone) -> None:
        since, already = self.said[-1][1].end, self._sounded()
        listening = Listening(Hears(""), since, len(self.ear.words), after_own=True)
        self.listened.append(listening)
        listening.is_heard = await phone.until(
            lambda: self._sounded() >= already + SAMPLE_RATE, timeout_s=self.patience_s
        )
        listening.until = phone.position

    async def _say(self, phone: Telephone, line: str, strike_after_s: float | None) -> None:
        audio = self._lines[line]
        cut = len(audio) if strike_after_s is None else samples(strike_after_s)
        span = await phone.say(audio[:cut])
        if strike_after_s is not None:
            self._strike(phone)
            span.end = (await phone.say(audio[cut:])).end
        self.said.append((line, span))

    def _strike(self, phone: Telephone) -> None:
        self.struck_at = phone.position
        self.strike()

    def _sounded(self) -> int:
        return sum(span.end - span.start for span in self.ear.spans)
