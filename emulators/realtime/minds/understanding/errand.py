"""What the agent itself wants of the person on the line, where its instructions say so."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from emulators.realtime.minds.understanding.words import name_words, plain

_DEED = re.compile(
    r"^(to )?(get|ask|book|order|make|find|reserve|schedule|buy|have|know|cancel|check|rent)\b"
)
_DECLINES = re.compile(
    r"\b(we|i) (do not|don't|can not|cannot|can't|are not able to) (do|have|offer|make|take|help)\b"
    r"|\b(we are|we're) (closed|fully booked|sold out|full|not interested)\b|\bsold out\b"
    r"|\bnothing (free|left|available)\b|\b(do not|don't|stop) call(ing)?\b|\bwrong number\b"
    r"|\bnot interested\b|\bno time\b"
)
_WHO = re.compile(
    r"\bwho (is|are|am i|'s)\b|\bwho's\b|\bwhat is (this|it) about\b|\bwhy (are|do|did) you call"
    r"|\b(robot|machine|real person)\b|\bwhat (would|do|can) (you like|you want|you need|i do)\b"
)


@dataclass(frozen=True, slots=True)
class Errand:
    """A request to whoever is on the line.

    Attributes:
        request: What is wanted, such as ``get a quote for an oil change``.
        facts: What else is known, by name; what stood inside of an object stands beside it.
    """

    request: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def opening(self) -> str:
        """Said first: for whom the call is, and what is wanted."""
        name = self.facts.get("name")
        whom = f" calling for {name}" if name else ""
        wish = self.request.strip().rstrip(".")
        wish = f"{wish[:1].lower()}{wish[1:]}"
        if _DEED.search(wish.lower()):
            wanted = f"I would like to {wish.removeprefix('to ')}"
        else:
            wanted = f"It is about {wish}"
        return f"Hello, this is an automated assistant{whom}. {wanted}."

    def reply(self, text: str) -> str:
        """The answer to what they want to know of the matter; empty when they ask nothing."""
        said = plain(text)
        if _WHO.search(said):
            return self.opening.replace("Hello, this", "This", 1)
        if not re.match(r"(and |so |ok )*(what|which|whose|who|how|under)\b", said):
            return ""
        words = set(said.split())
        for key, value in self.facts.items():
            if isinstance(value, str | int | float) and set(name_words(key)) <= words:
                return f"The {' '.join(name_words(key))} is {value}."
        return ""


def is_declined(text: str) -> bool:
    """Whether they can't or do not want to help."""
    return bool(_DECLINES.search(plain(text)))


def read_errand(instructions: str) -> Errand | None:
    """The errand that instructions give as a line of JSON with a ``request``."""
    for line in instructions.splitlines():
        if not line.startswith("{"):
            continue
        try:
            known = json.loads(line)
        except ValueError:
            continue
        if isinstance(known, dict) and isinstance(known.get("request"), str):
            inner = [value for value in known.values() if isinstance(value, Mapping)]
            facts: dict[str, Any] = {}
            for part in (known, *inner):
                for key, value in part.items():
                    if not isinstance(value, Mapping):
                        facts.setdefault(key, value)
            return Errand(facts.pop("request"), facts)
    return None
