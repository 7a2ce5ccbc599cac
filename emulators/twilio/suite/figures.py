"""Figures of a call: how soon it was answered, how long it took."""

from dataclasses import dataclass
from statistics import median

from emulators.twilio.frames import SAMPLE_RATE
from emulators.twilio.report import exchanges
from emulators.twilio.suite.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Figures:
    """All in seconds.

    Attributes:
        duration: Of the call, from when it was connected.
        answers: From the end of each of the caller's turns to the first sound after it.
    """

    duration: float
    answers: tuple[float, ...]

    @property
    def median_answer(self) -> float | None:
        """The middle one."""
        return median(self.answers) if self.answers else None

    @property
    def longest_answer(self) -> float | None:
        """The worst one."""
        return max(self.answers, default=None)


def figures(evidence: Evidence) -> Figures:
    """Of a call that is over. Where the agent was speaking already, or never did, is left out."""
    _, turns = exchanges(evidence.turns, evidence.spans)
    answers = tuple(
        (each.reply.start - each.turn.end) / SAMPLE_RATE
        for each in turns
        if each.reply and each.reply.start >= each.turn.end
    )
    return Figures(evidence.length / SAMPLE_RATE, answers)
