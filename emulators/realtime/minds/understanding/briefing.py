"""The note with which a colleague hands a caller over."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_HANDED = re.compile(
    r"(?P<who>[\w-]+) (?:has |have )?(?:just |now )?"
    r"(?:transferred|handed|passed|given|sent)(?: over)? the caller(?: over| back)?\b",
    re.IGNORECASE,
)
_REASON = re.compile(r"^reason:\s*(.+)$", re.IGNORECASE | re.MULTILINE)
_KNOWN = re.compile(r"^(?:what is known|context|known):\s*(.+)$", re.IGNORECASE | re.MULTILINE)
_SAID = re.compile(r"[\"“]([^\"”]+)[\"”]")

NOTHING_ELSE = "The caller needs nothing else here."
"""The reason with which this mind hands a caller back who is done."""


@dataclass(frozen=True, slots=True)
class Briefing:
    """Who handed the caller over, why, and what is known."""

    who: str
    reason: str
    context: str

    @property
    def is_done(self) -> bool:
        """The caller comes back without a request."""
        return bool(re.search(r"nothing (else|more|further)|\bdone\b", self.reason, re.IGNORECASE))

    @property
    def quotes(self) -> list[str]:
        """What the caller said, where the note quotes it."""
        return _SAID.findall(self.context)


def read_briefing(text: str) -> Briefing | None:
    """A system message as a briefing; nothing if it is something else."""
    handed = _HANDED.search(text)
    if not handed:
        return None
    reason, known = _REASON.search(text), _KNOWN.search(text)
    return Briefing(
        handed["who"],
        reason[1].strip() if reason else "",
        known[1].strip() if known else "",
    )


def write_context(quotes: Iterable[str], facts: Iterable[str]) -> str:
    """The context of a transfer: the caller's own words and what is known by name."""
    said = " ".join(f'"{quote}"' for quote in quotes)
    known = "; ".join(facts)
    parts = (f"The caller said: {said}." if said else "", f"Known: {known}." if known else "")
    return " ".join(part for part in parts if part)
