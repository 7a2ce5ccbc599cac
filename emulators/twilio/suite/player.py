"""Decides what a caller does at each of his turns."""

from dataclasses import dataclass, field
from typing import Protocol

from emulators.twilio.suite.steps import Step


@dataclass(slots=True)
class Line:
    """One turn of a conversation: its words, and from where to where it was on the line.

    ``start`` and ``end`` are samples at 8 kHz since the call was connected.
    """

    by_caller: bool
    text: str
    start: int = 0
    end: int = 0


@dataclass(slots=True)
class Heard:
    """What a player goes by.

    Attributes:
        agent: What the agent has said since the caller's last step.
        memory: What was remembered, by name.
        story: The conversation so far.
    """

    agent: str
    memory: dict[str, str] = field(default_factory=dict)
    story: list[Line] = field(default_factory=list)


class Player(Protocol):
    """Plays a caller."""

    def interruption(self, heard: Heard) -> Step | None:
        """What he would interrupt the agent with, who is speaking."""
        ...

    async def next(self, heard: Heard) -> Step:
        """What he does now that the agent has finished."""
        ...
