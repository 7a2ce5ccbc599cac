"""An event on its way into the tables, and the rows that it may change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.records.entries import Entry
from bot.records.tables import Base, Call, ToolCall, Utterance


@dataclass
class Rows:
    """What a batch of events touches: rows that are there, and the ones that it adds."""

    calls: dict[str, Call] = field(default_factory=dict)
    tool_calls: dict[tuple[str, str], ToolCall] = field(default_factory=dict)
    utterances: dict[tuple[str, str, str], Utterance] = field(default_factory=dict)
    added: list[Base] = field(default_factory=list)

    def add(self, row: Base) -> None:
        """Has a row inserted."""
        self.added.append(row)


@dataclass(frozen=True, slots=True)
class Fact:
    """An event with its place in its call."""

    sequence: int
    at: datetime
    fields: Mapping[str, Any]

    @staticmethod
    def of(entry: Entry, sequence: int) -> "Fact":
        """Reads an entry; one without a moment happened at its position (in microseconds)."""
        return Fact(sequence, moment_of(entry), entry.fields)

    def text(self, name: str) -> str | None:
        """A field that is text, None when it is empty or something else."""
        value = self.fields.get(name)
        return value if isinstance(value, str) and value else None

    def number(self, name: str) -> float | None:
        """A field that is a number."""
        value = self.fields.get(name)
        return float(value) if isinstance(value, int | float) else None

    def count(self, name: str) -> int:
        """A field that counts something; 0 when it is missing."""
        return int(self.number(name) or 0)

    def document(self, name: str) -> dict[str, Any]:
        """A field that is an object; empty when it is something else."""
        value = self.fields.get(name)
        return dict(value) if isinstance(value, dict) else {}


def moment_of(entry: Entry) -> datetime:
    """When the entry's event happened."""
    at = entry.fields.get("at")
    if isinstance(at, str):
        moment = datetime.fromisoformat(at)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return datetime.fromtimestamp(entry.position / 1_000_000, UTC)
