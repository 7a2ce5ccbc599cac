"""Calls that never took place, for what judges and reports them."""

from typing import Any

import numpy as np

from emulators.twilio.caller import Turn
from emulators.twilio.ear import Span
from emulators.twilio.frames import encode
from emulators.twilio.suite.evidence import Evidence
from emulators.twilio.suite.player import Line
from emulators.twilio.suite.scenario import Scenario

SECOND = 8000
SAID = "I found two hotels. Your confirmation number is 4 0 7 1 1 9."


def scenario(checks: dict[str, Any] | None = None, **fields: Any) -> Scenario:
    value = {
        "name": "books a hotel",
        "goal": "A hotel <in Paris>.",
        "lines": ["a hotel please"],
        "checks": checks or {"ended_by": "agent"},
        **fields,
    }
    return Scenario.model_validate(value)


def tone(*stretches: tuple[int, int], seconds: int = 10) -> bytes:
    """μ-law that sounds in those stretches of seconds."""
    wave = np.zeros(seconds * SECOND)
    for start, end in stretches:
        time = np.arange((end - start) * SECOND) / SECOND
        wave[start * SECOND : end * SECOND] = 6000 * np.sin(2 * np.pi * 440 * time)
    return encode(wave.astype(np.int16).tobytes())


def call(checks: dict[str, Any] | None = None, **changes: Any) -> Evidence:
    """A caller who spoke from 1 to 2 s, an agent who answered from 3 to 7 s and hung up."""
    events = [
        {"type": "call.started", "sequence": 1},
        {"type": "agent.changed", "sequence": 2, "from_agent": None, "to_agent": "front_desk"},
        {"type": "agent.changed", "sequence": 3, "to_agent": "hotel_booking"},
        {"type": "dtmf.received", "sequence": 4, "digits": "12#", "sensitive": False},
        {
            "type": "agent.transcript",
            "sequence": 5,
            "item_id": "i1",
            "text": SAID,
            "final": True,
            "interrupted": False,
        },
        {"type": "call.ended", "sequence": 6, "reason": "agent"},
    ]
    booked = {
        "tool": "book-hotel",
        "agent": "hotel_booking",
        "arguments": {"guests": 2, "guest_name": "John Smith", "check_in": "2027-06-03"},
        "is_error": False,
    }
    fields: dict[str, Any] = {
        "scenario": scenario(checks),
        "call_id": "call_1",
        "record": {"status": "completed", "data": {"city": "Paris"}, "tool_calls": [booked]},
        "events": events,
        "turns": [Turn("a hotel please", False, SECOND, 2 * SECOND)],
        "spans": [Span(3 * SECOND, 7 * SECOND)],
        "said": tone((1, 2)),
        "heard": tone((3, 7)),
        "length": 10 * SECOND,
        "story": [
            Line(True, "a hotel please", SECOND, 2 * SECOND),
            Line(False, SAID, 2 * SECOND, 8 * SECOND),
        ],
        "memory": {"number": "4 0 7 1 1 9"},
    }
    return Evidence(**{**fields, **changes})
