"""What a call brought: the data found out in it, and its summary."""

from typing import Any, Literal

from processors.events.event import Event


class DataExtracted(Event):
    """Structured data that the agent took down. Later values replace earlier ones by name."""

    type: Literal["data.extracted"] = "data.extracted"
    agent: str | None = None
    data: dict[str, Any]


Outcome = Literal[
    "resolved",
    "unresolved",
    "transferred",
    "follow_up",
    "declined",
    "wrong_number",
    "unclear",
]


class CallSummarised(Event):
    """What came of a call, read from its transcript when it was over. It comes after `CallEnded`.

    ``data`` is of the team's ``data_schema``, without what was not said.
    """

    type: Literal["call.summary"] = "call.summary"
    summary: str
    intent: str
    outcome: Outcome
    data: dict[str, Any]
    model: str


CallOutcome = DataExtracted | CallSummarised
