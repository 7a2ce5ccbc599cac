from datetime import date

import pytest
from openai.types.realtime import SessionUpdateEvent

from agents.team import Agent
from processors.call_control import end_call_tool
from processors.realtime.audio import PCM, PCMU
from processors.realtime.options import Retention, SemanticVad, ServerVad, SessionOptions, persona
from processors.realtime.wording import instructions

AGENT = Agent(name="front", description="Answers.", instructions="Be brief.", voice="marin")


def payload(audio_format=PCMU, **options):
    return SessionOptions(**options).session(AGENT, [end_call_tool()], audio_format)


def parsed(session):
    """As the vendor's own types read it, strictly."""
    event = {"type": "session.update", "session": session}
    return SessionUpdateEvent.model_validate(event, strict=True, extra="forbid").session


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"turn_detection": SemanticVad(eagerness="high", interrupt_response=False)},
        {"turn_detection": ServerVad(idle_timeout_ms=8000, create_response=False)},
        {"truncation": Retention(ratio=0.7, post_instructions=8000)},
        {"truncation": "disabled", "max_output_tokens": 900},
        {"noise_reduction": "near_field", "speed": 1.2, "reasoning_effort": "low"},
        {"transcription_model": None},
        {
            "transcription_model": "gpt-4o-transcribe",
            "transcription_language": "en",
            "transcription_prompt": "hotels",
            "parallel_tool_calls": True,
        },
    ],
)
@pytest.mark.parametrize("audio_format", [PCM, PCMU])
def test_every_option_is_what_the_api_takes(options, audio_format):
    session = payload(audio_format, **options)
    assert parsed(session).model_dump(exclude_unset=True) == session


def test_a_phone_call_speaks_mu_law_both_ways():
    audio = payload(PCMU)["audio"]
    assert audio["input"]["format"] == audio["output"]["format"] == {"type": "audio/pcmu"}


def test_a_browser_call_speaks_linear_audio_both_ways():
    audio = payload(PCM)["audio"]
    assert audio["input"]["format"] == {"type": "audio/pcm", "rate": 24_000}
    assert audio["output"]["format"] == {"type": "audio/pcm", "rate": 24_000}


def test_a_change_of_agent_leaves_everything_else_alone():
    change = persona(AGENT, [end_call_tool()])
    assert set(change) == {"type", "instructions", "tools", "tool_choice"}
    assert parsed(change).instructions == instructions(AGENT)


def test_an_agent_is_told_what_day_it_is():
    told = instructions(AGENT, date(2026, 11, 21))
    assert told == "Be brief.\n\nToday is Saturday, 21 November 2026."


@pytest.mark.parametrize(
    ("kind", "options", "what"),
    [
        (ServerVad, {"threshold": 1.1}, "threshold is 1.1"),
        (ServerVad, {"silence_duration_ms": -1}, "silence_duration_ms is -1"),
        (ServerVad, {"idle_timeout_ms": 100}, "idle_timeout_ms is 100"),
        (Retention, {"ratio": 2}, "ratio is 2"),
        (SessionOptions, {"speed": 2.0}, "speed is 2.0"),
        (SessionOptions, {"max_output_tokens": 0}, "max_output_tokens is 0"),
    ],
)
def test_values_out_of_range_are_named(kind, options, what):
    with pytest.raises(ValueError, match=what):
        kind(**options)
