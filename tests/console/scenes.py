"""Stretches of a call as events, for the page's tests and screenshots."""

import json

from processors.events.calls import CallStarted, Problem
from processors.events.conversation import (
    AgentChanged,
    AgentTranscript,
    Interruption,
    SessionState,
    UserSpeech,
    UserTranscript,
)
from processors.events.event import Event
from processors.events.figures import TurnLatency
from processors.events.tools import ToolCalled, ToolFinished


def caller(item: str, text: str) -> list[Event]:
    """The caller speaks, partial first."""
    return [
        UserSpeech(speaking=True),
        UserTranscript(item_id=item, text=text[: len(text) // 2], final=False),
        UserSpeech(speaking=False),
        UserTranscript(item_id=item, text=text, final=True),
    ]


def agent(item: str, name: str, text: str, heard: str | None = None) -> list[Event]:
    """The agent speaks; ``heard`` is what the caller let it say."""
    final = AgentTranscript(
        item_id=item, agent=name, text=heard or text, final=True, interrupted=heard is not None
    )
    return [AgentTranscript(item_id=item, agent=name, text=text, final=False), final]


GREETING: list[Event] = [
    CallStarted(team="travel", channel="webrtc"),
    SessionState(state="ready"),
    AgentChanged(from_agent=None, to_agent="front_desk", voice="marin"),
    *agent("a1", "front_desk", "Thank you for calling the travel desk. How can I help you today?"),
]

HOTELS = {
    "hotels": [
        {"hotel_id": "PAR-003", "name": "Hotel du Midi", "price_per_night": 119, "rooms_left": 2},
        {"hotel_id": "PAR-001", "name": "Le Petit Marais", "price_per_night": 148, "rooms_left": 5},
        {"hotel_id": "PAR-007", "name": "Rive Gauche Inn", "price_per_night": 171, "rooms_left": 1},
    ],
    "summary": "I found three hotels in Paris: Hotel du Midi for 119 dollars a night, "
    "Le Petit Marais for 148, and Rive Gauche Inn for 171.",
}

HANDOFF: list[Event] = [
    *caller("u1", "I need a hotel in Paris from June third to June sixth for two people"),
    TurnLatency(latency_ms=840),
    AgentChanged(
        from_agent="front_desk",
        to_agent="hotel_booking",
        voice="cedar",
        reason="The caller wants to book a hotel.",
        context="Paris, June 3 to June 6, two guests",
    ),
    ToolCalled(
        tool_call_id="t1",
        agent="hotel_booking",
        tool="search-hotel",
        arguments={
            "city": "Paris",
            "check_in": "2027-06-03",
            "check_out": "2027-06-06",
            "guests": 2,
        },
    ),
]

FOUND: list[Event] = [
    ToolFinished(
        tool_call_id="t1",
        tool="search-hotel",
        output=json.dumps(HOTELS),
        is_error=False,
        duration_ms=236.4,
    ),
    AgentTranscript(
        item_id="a2",
        agent="hotel_booking",
        text=HOTELS["summary"],
        final=False,
    ),
    Interruption(item_id="a2", heard_ms=4100),
    AgentTranscript(
        item_id="a2",
        agent="hotel_booking",
        text="I found three hotels in Paris: Hotel du Midi for 119 dollars a night,",
        final=True,
        interrupted=True,
    ),
    *caller("u2", "book the first one"),
    TurnLatency(latency_ms=760),
]

TOOL_ERROR: list[Event] = [
    ToolCalled(
        tool_call_id="t2",
        agent="hotel_booking",
        tool="book-hotel",
        arguments={"hotel_id": "PAR-003", "guests": 2, "guest_name": "Ada Lovelace"},
    ),
    ToolFinished(
        tool_call_id="t2",
        tool="book-hotel",
        output="The booking server did not answer within 5 seconds.",
        is_error=True,
        duration_ms=5003,
    ),
    *agent("a3", "hotel_booking", "I am sorry, I could not reach the booking desk just now."),
    UserSpeech(speaking=True),
]

MODEL_LOST: list[Event] = [
    SessionState(state="lost"),
    Problem(
        source="realtime",
        code="connection_lost",
        message="The connection to the model was lost; it is being restored.",
    ),
]
