"""Calls as their events tell them."""

from datetime import UTC, datetime, timedelta

from bot.records.entries import Entry
from processors.events.calls import CallEnded, CallStarted
from processors.events.conversation import AgentChanged, AgentTranscript, UserSpeech, UserTranscript
from processors.events.event import Event
from processors.events.figures import TurnLatency, Usage
from processors.events.tools import ToolCalled, ToolFinished

START = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


def story() -> list[Event]:
    """A call in which a hotel is found by a second agent."""
    return [
        CallStarted(team="travel", channel="phone", provider_call_id="CA1"),
        AgentChanged(from_agent=None, to_agent="front_desk", voice="marin"),
        AgentTranscript(item_id="a1", agent="front_desk", text="How can I help?", final=True),
        UserSpeech(speaking=True),
        UserTranscript(item_id="u1", text="A hotel", final=False),
        UserTranscript(item_id="u1", text="A hotel in Paris", final=True),
        TurnLatency(latency_ms=400),
        AgentChanged(
            from_agent="front_desk",
            to_agent="hotel_booking",
            voice="cedar",
            reason="wants a hotel",
            context="Paris",
        ),
        ToolCalled(
            tool_call_id="t1", agent="hotel_booking", tool="search", arguments={"city": "Paris"}
        ),
        ToolFinished(
            tool_call_id="t1", tool="search", output="Ritz", is_error=False, duration_ms=12.5
        ),
        TurnLatency(latency_ms=600),
        Usage(response_id="r1", model="m", input_text_tokens=10, output_audio_tokens=5),
        Usage(response_id="r2", model="m", input_text_tokens=7, cached_tokens=3),
        AgentTranscript(
            item_id="a2", agent="hotel_booking", text="The Ritz", final=True, interrupted=True
        ),
        CallEnded(reason="caller", duration_s=14),
    ]


def stamped(events: list[Event], call_id: str = "call_1", after: int = 0) -> list[Event]:
    """Events as the bus hands them on, a second apart."""
    return [
        event.model_copy(
            update={
                "call_id": call_id,
                "sequence": after + number,
                "at": START + timedelta(seconds=after + number),
            }
        )
        for number, event in enumerate(events, 1)
    ]


def entries(events: list[Event], first_position: int = 1) -> list[Entry]:
    """Events as they come out of the spool."""
    return [Entry.of(position, event) for position, event in enumerate(events, first_position)]
