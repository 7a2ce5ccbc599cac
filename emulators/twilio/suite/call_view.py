"""What the service tells of one call while it goes on: its events, and whose turn it is by them.

The caller hears by himself when the agent falls silent. That the agent has finished, and does not
just wait for a tool, is what these events say: so a slow machine does not make him speak too soon.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

FINAL_STATUSES = frozenset({"completed", "failed", "busy", "no_answer", "canceled"})
END_TOOL = "end_call"


@dataclass(slots=True)
class Utterance:
    """Something an agent says: its text so far, and when it began and changed, as event numbers."""

    first: int
    last: int
    text: str = ""
    final: bool = False
    interrupted: bool = False


@dataclass
class CallView:
    """The events of one call so far.

    Attributes:
        call_id: The call.
        events: All events, in order.
    """

    call_id: str
    events: list[Mapping[str, Any]] = field(default_factory=list)
    _utterances: dict[str, Utterance] = field(default_factory=dict)
    _open_tools: dict[str, str] = field(default_factory=dict)
    _owed_since: int = 0
    _closing_since: int = 0

    @property
    def mark(self) -> int:
        """The number of the last event, to ask later what has happened since."""
        return int(self.events[-1]["sequence"]) if self.events else 0

    @property
    def provider_call_id(self) -> str | None:
        """What the carrier calls it, once that is known."""
        told = (event.get("provider_call_id") for event in self.events)
        return next((str(each) for each in told if each), None)

    def take(self, event: Mapping[str, Any]) -> None:
        """Takes the next event."""
        self.events.append(event)
        number = int(event["sequence"])
        match event["type"]:
            case "agent.transcript":
                said = self._utterances.setdefault(event["item_id"], Utterance(number, number))
                said.last, said.text = number, event["text"]
                said.final = said.final or bool(event["final"])
                said.interrupted = bool(event["interrupted"])
                if not event["final"] or said.first == number:
                    self._owed_since = 0
            case "tool.called":
                self._open_tools[event["tool_call_id"]] = event["tool"]
                if event["tool"] == END_TOOL:
                    self._closing_since = number
            case "tool.finished":
                self._open_tools.pop(event["tool_call_id"], None)
                self._owed_since = number
            case "agent.changed":
                self._owed_since = number

    def is_closing(self, mark: int) -> bool:
        """Whether an agent has decided since then to end the call."""
        return self._closing_since > mark

    def said_since(self, mark: int) -> str:
        """What the agents have said since then, as far as it was heard or is being said."""
        texts = (said.text for said in self._since(mark) if said.text)
        return " ".join(texts)

    def is_speaking(self, mark: int) -> bool:
        """Whether an agent has begun to say something since then."""
        return bool(self._since(mark))

    def is_done(self, mark: int, *, needs_answer: bool) -> bool:
        """Whether the agents have finished what they had to say since then.

        Args:
            mark: The number of an event.
            needs_answer: Whether they have to have said something at all.
        """
        said = self._since(mark)
        if self._open_tools or self._owed_since > mark:
            return False
        if not said:
            return not needs_answer
        return all(each.final for each in said) and not said[-1].interrupted

    @property
    def is_over(self) -> bool:
        """Whether the conversation is over, or never came about."""
        if self.has("call.started"):
            return self.has("call.ended")
        return any(
            event["type"] == "call.status" and event["status"] in FINAL_STATUSES
            for event in self.events
        )

    def has(self, kind: str) -> bool:
        """Whether an event of that type has come."""
        return any(event["type"] == kind for event in self.events)

    def _since(self, mark: int) -> list[Utterance]:
        return [said for said in self._utterances.values() if said.first > mark]
