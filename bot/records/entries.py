"""What waits in the spool: events as they were published, and the gaps where some were dropped."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from processors.events.event import Event

GAP = "missed"
"""Type of the entry that stands for events that were dropped; nothing else is called this."""

PARTIAL = ("user.transcript", "agent.transcript", "operator.transcript")
"""Their text comes again, whole, in the final one: the steps before are shown, not stored."""

DISPOSABLE = frozenset(
    {
        *("user.speech", "agent.resumed", "interruption", "session.state", "quality"),
        *("turn.latency", "tool.progress"),
    }
)
"""Of use while a call runs; the first to go when the spool is full."""

ESSENTIAL = frozenset({"call.started", "call.ended", "call.status", "consent", GAP})
"""That a call was, how it ended and what was agreed to: the last to go."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event on its way to the database.

    Attributes:
        position: Rises with every entry of an instance, also over its restarts.
        fields: The event as JSON has it.
    """

    position: int
    fields: dict[str, Any]

    @property
    def type(self) -> str:
        """The event's type."""
        return str(self.fields.get("type", ""))

    @property
    def call_id(self) -> str:
        """The call that it is about."""
        return str(self.fields.get("call_id", ""))

    @property
    def grade(self) -> int:
        """What may be dropped before what: 0 goes first."""
        if self.type in ESSENTIAL:
            return 2
        return 0 if self.type in DISPOSABLE else 1

    def line(self) -> bytes:
        """One line of a spool file."""
        return orjson.dumps({"position": self.position, **self.fields}) + b"\n"

    @staticmethod
    def parse(line: bytes) -> "Entry":
        """Reads what `line` wrote.

        Raises:
            ValueError: It is something else, such as the half of a line.
        """
        fields = orjson.loads(line)
        if isinstance(fields, dict) and isinstance(position := fields.pop("position", None), int):
            return Entry(position, fields)
        raise ValueError("not an entry of the spool")

    @staticmethod
    def of(position: int, event: Event) -> "Entry":
        """An event in a form that every database takes."""
        return Entry(position, cleaned(event.model_dump(mode="json")))


def is_stored(event: Event) -> bool:
    """Whether an event belongs into the records: all but the steps of a transcript do."""
    return getattr(event, "type", "") not in PARTIAL or bool(getattr(event, "final", True))


def cleaned(value: Any) -> Any:
    """``value`` without what a database or UTF-8 can't hold: NUL, surrogates, huge integers."""
    if isinstance(value, str):
        if value.isascii() and "\0" not in value:
            return value
        return value.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {cleaned(str(key)): cleaned(each) for key, each in value.items()}
    if isinstance(value, list):
        return [cleaned(each) for each in value]
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return str(value)
    return value


def gaps(dropped: Iterable[Entry]) -> list[Entry]:
    """What stands in the place of dropped entries: one for each call, at its last position."""
    counts: Counter[str] = Counter()
    last: dict[str, int] = {}
    for entry in dropped:
        counts[entry.call_id] += int(entry.fields["count"]) if entry.type == GAP else 1
        last[entry.call_id] = entry.position
    return [
        Entry(last[call_id], {"type": GAP, "call_id": call_id, "count": count})
        for call_id, count in counts.items()
    ]
