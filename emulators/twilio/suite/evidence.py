"""What is left of a call that was played: what checks and reports go by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from emulators.twilio.caller import Turn
from emulators.twilio.ear import Span
from emulators.twilio.suite.player import Line
from emulators.twilio.suite.scenario import Scenario


@dataclass(kw_only=True)
class Evidence:
    """One call.

    Attributes:
        scenario: What was played.
        call_id: As the service calls it; empty when it never knew of the call.
        record: ``GET /api/calls/{id}``; empty without a call.
        events: All events, in order.
        turns: What the caller did; samples at 8 kHz since the call was connected.
        spans: Where the caller heard somebody speak.
        said: What he said, PCM16 at ``said_rate``.
        heard: What he heard, μ-law at 8 kHz.
        length: Of what he heard, in samples, also when the sound itself was dropped.
        recorded_from: From which sample on an answering machine recorded, where one answered.
        story: The conversation as the caller knows it.
        memory: What he remembered.
        hung_up: Whether he ended the call.
        gave_up: Whether the call took longer than the scenario allows.
        failures: What went wrong outside the checks: on the line, at the carrier, in the suite.
    """

    scenario: Scenario
    call_id: str = ""
    record: Mapping[str, Any] = field(default_factory=dict)
    events: Sequence[Mapping[str, Any]] = ()
    turns: Sequence[Turn] = ()
    spans: Sequence[Span] = ()
    said: bytes = b""
    said_is_ulaw: bool = True
    said_rate: int = 8000
    heard: bytes = b""
    length: int = 0
    recorded_from: int = 0
    story: Sequence[Line] = ()
    memory: Mapping[str, str] = field(default_factory=dict)
    hung_up: bool = False
    gave_up: bool = False
    failures: list[str] = field(default_factory=list)

    def drop_sound(self) -> None:
        """Lets go of what takes the most room."""
        self.said = self.heard = b""

    @property
    def agent_lines(self) -> list[Mapping[str, Any]]:
        """What the agents said, as far as it was heard: ``agent.transcript`` events."""
        finals = {
            event["item_id"]: event
            for event in self.events
            if event["type"] == "agent.transcript" and event["final"] and event["text"]
        }
        return list(finals.values())

    @property
    def understood(self) -> list[str]:
        """What the service understood of the caller, turn by turn: ``user.transcript`` events."""
        finals = {
            event["item_id"]: str(event["text"])
            for event in self.events
            if event["type"] == "user.transcript" and event["final"]
        }
        return list(finals.values())
