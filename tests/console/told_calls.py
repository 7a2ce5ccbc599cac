"""Calls that are told to the running service, not made: its bus carries the events of a script.

Records, lists, streams and pages are the real ones; so every state, and hundreds of calls, can be
had at will.
"""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot.calls import new_call_id
from processors.events.calls import CallEnded, CallStarted
from processors.events.conversation import AgentChanged, AgentTranscript
from processors.events.event import Event
from processors.events.figures import Cost, TurnLatency
from processors.events.outcome import CallSummarised, DataExtracted
from processors.events.people import OperatorAction
from processors.events.tools import (
    ApprovalRequested,
    ElicitationRequested,
    ToolCalled,
    ToolFinished,
)
from tests.bot.service import Service
from tests.console.scenes import FOUND, HANDOFF, TOOL_ERROR, agent, caller


class ToldCall:
    """One call of the service's, whose events come from a test.

    Args:
        running: The service.
        began_s_ago: When the call began; later events are a second apart.
    """

    def __init__(self, running: Service, *, began_s_ago: float = 0) -> None:
        self.id = new_call_id()
        self._bus = running.switchboard.bus
        self._sequence = 0
        self._at = datetime.now(UTC) - timedelta(seconds=began_s_ago)

    def tell(self, *events: Event) -> None:
        """Publishes events as the call's next ones."""
        for event in events:
            self._sequence += 1
            self._at = min(self._at + timedelta(seconds=1), datetime.now(UTC))
            stamps = {"call_id": self.id, "sequence": self._sequence, "at": self._at}
            self._bus.publish(event.model_copy(update=stamps))


def greeting(number: str | None, channel: str = "phone") -> list[Event]:
    """A call begins and is greeted."""
    return [
        CallStarted(team="travel", channel=channel, from_number=number),
        AgentChanged(from_agent=None, to_agent="front_desk", voice="marin"),
        *agent("a1", "front_desk", "Thank you for calling the travel desk. How can I help you?"),
    ]


BOOKING: list[Event] = [
    *HANDOFF,
    *FOUND,
    DataExtracted(agent="hotel_booking", data={"city": "Paris", "guests": 2, "nights": 3}),
    OperatorAction(action="coach", by="desk", detail="Offer a free breakfast."),
    *TOOL_ERROR,
    Cost(usd=0.1834, by_kind={"realtime": 0.1704, "carrier": 0.013}),
    TurnLatency(latency_ms=1240),
]

CANCELLATION: list[Event] = [
    *caller("u1", "Please cancel my booking, the number is A B one two three"),
    TurnLatency(latency_ms=690),
    AgentChanged(
        from_agent="front_desk",
        to_agent="post_booking",
        voice="ash",
        reason="The caller wants to cancel a booking.",
        context="Reference AB123",
    ),
    ApprovalRequested(
        approval_id="appr_1",
        tool="cancel-booking",
        arguments={"reference": "AB123", "reason": "The caller changed their plans"},
        of="operator",
    ),
    AgentTranscript(
        item_id="a2",
        agent="post_booking",
        text="I am having that checked by a colleague, one moment please.",
        final=False,
    ),
    Cost(usd=0.0712, by_kind={"realtime": 0.0712}),
]

QUESTION = ElicitationRequested(
    elicitation_id="elicitation_1",
    tool="reserve-table",
    message="The restaurant wants to know more before it keeps a table for tonight.",
    answers={
        "room": {
            "type": "string",
            "oneOf": [
                {"const": "garden", "title": "Garden room"},
                {"const": "hall", "title": "Main hall"},
            ],
        },
        "high_chairs": {"type": "integer", "minimum": 0, "maximum": 6},
        "step_free": {"type": "boolean", "title": "Without steps"},
        "contact": {
            "type": "string",
            "format": "email",
            "description": "Where the confirmation goes",
        },
        "extras": {"type": "array", "items": {"enum": ["flowers", "cake"]}, "maxItems": 1},
    },
    required=["room", "high_chairs"],
    of="operator",
)

ASKING: list[Event] = [
    *caller("u1", "A table for four tonight, please, two of us are small"),
    TurnLatency(latency_ms=810),
    QUESTION,
    Cost(usd=0.0409, by_kind={"realtime": 0.0409}),
]

OVER: list[Event] = [
    CallEnded(reason="caller", duration_s=94),
    CallSummarised(
        summary="The caller asked for a hotel in Paris for two people from June 3 to June 6 and "
        "chose Hotel du Midi. The booking desk could not be reached; the caller will ring again.",
        intent="book a hotel",
        outcome="follow_up",
        data={"hotel": "Hotel du Midi"},
        model="gpt-5-mini",
    ),
]


def tell_a_busy_morning(running: Service) -> Sequence[ToldCall]:
    """Five live calls, the first with all there is to see; some that ended.

    In the second a tool waits for an operator's yes, in the last one for an operator's answer.
    """
    booking = ToldCall(running, began_s_ago=96)
    booking.tell(*greeting("+14155550123"), *BOOKING)
    cancelling = ToldCall(running, began_s_ago=41)
    cancelling.tell(*greeting("+442079460018"), *CANCELLATION)
    browser = ToldCall(running, began_s_ago=12)
    browser.tell(*greeting(None, "webrtc"), *caller("u1", "What is the weather like in Rome?"))
    fresh = ToldCall(running, began_s_ago=3)
    fresh.tell(CallStarted(team="travel", channel="phone", from_number="+4930901820"))
    asking = ToldCall(running, began_s_ago=62)
    asking.tell(*greeting("+14155550177"), *ASKING)
    for index in range(12):
        past = ToldCall(running, began_s_ago=3600 + 7200 * index)
        past.tell(*greeting(f"+1415555{140 + index:04}"), *BOOKING, *OVER)
    failed = ToldCall(running, began_s_ago=1800)
    failed.tell(*greeting("+33170189900"), CallEnded(reason="error", duration_s=6))
    return booking, cancelling, browser, fresh, asking


def tell_a_month(running: Service, calls: int = 150) -> None:
    """Calls of the last four weeks, with what figures are counted from."""
    chance = random.Random(4)
    desk = [("hotel_booking", "search-hotel"), ("flight_booking", "search-flight")]
    for _ in range(calls):
        call = ToldCall(running, began_s_ago=chance.uniform(60, 28 * 86_400))
        agent_name, tool = chance.choice(desk)
        failed = chance.random() < 0.12
        call.tell(
            *greeting(f"+1415555{chance.randrange(10_000):04}"),
            TurnLatency(latency_ms=chance.lognormvariate(6.5, 0.3)),
            AgentChanged(from_agent="front_desk", to_agent=agent_name, voice="cedar"),
            ToolCalled(tool_call_id="t1", agent=agent_name, tool=tool, arguments={}),
            ToolFinished(
                tool_call_id="t1",
                tool=tool,
                output="found",
                is_error=chance.random() < 0.1,
                duration_ms=chance.lognormvariate(5, 0.7),
            ),
            TurnLatency(latency_ms=chance.lognormvariate(6.7, 0.3)),
            Cost(usd=round(chance.uniform(0.02, 0.4), 4), by_kind={}),
            CallEnded(reason="error" if failed else "caller", duration_s=chance.uniform(30, 300)),
            CallSummarised(
                summary="The caller asked for an offer.",
                intent="book",
                outcome=chance.choice(["resolved", "resolved", "follow_up", "transferred"]),
                data={},
                model="gpt-5-mini",
            ),
        )
