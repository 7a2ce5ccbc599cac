"""What instructions have the agent say to certain questions, word for word."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from emulators.realtime.minds.understanding.words import FILLERS, plain, stem

_LINE = re.compile(r'^\s*-\s*("[^\n]*?"):\s*say "([^"]+)"(.*)$')
_QUOTED = re.compile(r"\"([^\"]+)\"")
_ENDS = re.compile(r"\bend the call\b")


@dataclass(frozen=True, slots=True)
class StandingAnswer:
    """What is said to sentences like some.

    Attributes:
        asked: Stems of each sentence that it answers.
        words: The answer.
        ends: Whether the call is over with it.
    """

    asked: tuple[frozenset[str], ...]
    words: str
    ends: bool

    def fits(self, text: str) -> bool:
        """Whether it answers a sentence: all words of one of its own are in it."""
        said = _stems(text)
        return any(sentence <= said for sentence in self.asked)


def read_standing_answers(instructions: str) -> tuple[StandingAnswer, ...]:
    """The answers that instructions give, a line for each, in their order.

    ``- "when are you open", "what are your hours": say "From nine to six."``; one that goes on
    ``and end the call`` does.
    """
    found = (_LINE.match(line) for line in _joined(instructions).splitlines())
    return tuple(
        StandingAnswer(
            tuple(filter(None, map(_stems, _QUOTED.findall(match[1])))),
            match[2].strip(),
            bool(_ENDS.search(match[3])),
        )
        for match in found
        if match
    )


def answer_to(text: str, answers: Sequence[StandingAnswer]) -> StandingAnswer | None:
    """The first answer that fits a sentence."""
    return next((answer for answer in answers if answer.fits(text)), None)


def _joined(instructions: str) -> str:
    """Lines that were only broken because they are long, in one."""
    return re.sub(r"\n[ \t]+(?=\S)", " ", instructions)


def _stems(text: str) -> frozenset[str]:
    # Little words tell such questions apart: who called, and why.
    return frozenset(stem(word) for word in plain(text).split() if word not in FILLERS)
