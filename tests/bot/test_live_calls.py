"""Calls over GPT-Live: from the greeting to the hang-up, through tools, transfers and losses."""

import asyncio

import pytest

from emulators.twilio.caller import Manners, Say, ScriptedCaller
from emulators.twilio.carrier import Carrier
from processors.events.calls import CallEnded, Problem
from processors.events.conversation import (
    AgentChanged,
    AgentTranscript,
    DtmfSent,
    SessionRenewed,
    SessionState,
    UserTranscript,
)
from processors.events.figures import TurnLatency
from processors.events.tools import ToolCalled, ToolFinished
from tests.bot.events import events_of
from tests.bot.live_model import live_model, live_service
from tests.bot.service import until
from tests.patience import PATIENCE_S
from tests.reliability.beat import beating

pytestmark = pytest.mark.call

PATIENT = Manners(quiet_s=1.5, patience_s=PATIENCE_S, linger_s=2)


async def called(running, *lines):
    async with beating(waits=True) as clock, Carrier(clock=clock) as carrier:
        caller = ScriptedCaller([Say(line) for line in lines], manners=PATIENT)
        live = await carrier.call(f"{running.http}/twilio/voice", caller)
        await until(lambda: not running.switchboard.calls.live)
    return live


def of(events, kind):
    return [event for event in events if isinstance(event, kind)]


def said(events):
    return [e.text for e in of(events, AgentTranscript) if e.final]


async def test_a_whole_call_by_gpt_live():
    lines = ["press one", "I need a hotel", "Paris please", "goodbye"]
    async with (
        live_model(lines) as emulator,
        live_service(emulator.url) as running,
        events_of(running) as events,
    ):
        live = await called(running, *lines)
        greeting = running.switchboard.team.entry.greeting
    assert said(events) == [
        greeting,
        'The tool says {"status": "sent"}',
        "One moment",
        "Which city should the hotel be in?",
        "Which city should the hotel be in?",
        "Goodbye then",
    ]
    assert [e.text for e in of(events, UserTranscript) if e.final] == lines
    assert [e.tool for e in of(events, ToolCalled)] == [
        "send_digits",
        "transfer_to_hotel_booking",
        "end_call",
    ]
    assert [e.is_error for e in of(events, ToolFinished)] == [False] * 3
    assert [e.digits for e in of(events, DtmfSent)] == ["1"]
    assert [(e.from_agent, e.to_agent, e.voice) for e in of(events, AgentChanged)] == [
        (None, "front_desk", "marin"),
        ("front_desk", "hotel_booking", "cedar"),
    ]
    assert len(of(events, TurnLatency)) >= 3
    assert not of(events, Problem)
    assert [e.reason for e in of(events, CallEnded)] == ["agent"]
    assert live.ended_by == "application"
    assert live.call.notes == []
    front, hotels = emulator.past
    assert front.config.audio.output.voice == "marin"
    assert hotels.config.audio.output.voice == "cedar"
    known = [(m.role, m.content[0].text) for m in hotels.config.input]
    assert ("user", "I need a hotel") in known
    assert any(role == "developer" and "no city yet" in text for role, text in known)


async def test_calls_of_tools_that_can_not_run_are_answered_all_the_same():
    async with (
        live_model(["it is broken"]) as emulator,
        live_service(emulator.url) as running,
        events_of(running) as events,
    ):
        await called(running, "it is broken")
    outputs = [
        event["item"]["output"]
        for event in emulator.past[0].received
        if event["type"] == "response.item.create"
    ]
    assert len(outputs) == 2
    assert any("arguments do not fit" in output for output in outputs)
    assert any("no tool 'there_is_none'" in output for output in outputs)
    assert [e.is_error for e in of(events, ToolFinished)] == [True, True]
    assert any(text.startswith("The tool says") for text in said(events))


async def test_a_lost_session_has_a_successor_that_knows_the_conversation():
    async with (
        live_model(["I have a question", "and another one is open"]) as emulator,
        live_service(emulator.url) as running,
        events_of(running) as events,
    ):

        async def lose() -> None:
            with running.switchboard.bus.subscribe() as watching:
                async for event in watching:
                    is_said = isinstance(event, AgentTranscript) and event.final
                    if is_said and event.text == "Very well then":
                        await emulator.sessions[0].drop()
                        return

        losing = asyncio.create_task(lose())
        await called(running, "I have a question", "and another one is open")
        await losing
    states = [e.state for e in of(events, SessionState)]
    assert states == ["connecting", "ready", "lost", "reconnecting", "ready", "closed"]
    assert [e.code for e in of(events, Problem)] == ["connection_lost"]
    _, successor = emulator.past
    known = [m.content[0].text for m in successor.config.input]
    assert known[-2:] == ["I have a question", "Very well then"]
    assert said(events)[-1] == "Very well then"
    assert len(said(events)) == 3


async def test_a_caller_hears_an_apology_when_no_session_can_be_had():
    async with (
        live_model() as emulator,
        live_service(emulator.url) as running,
        events_of(running) as events,
    ):
        emulator.refuses = True
        live = await called(running, "hello?")
    assert [e.code for e in of(events, Problem)] == ["unavailable"]
    assert said(events) == [
        "I am sorry, we have a technical problem. Please call again in a few minutes. Goodbye."
    ]
    assert [e.reason for e in of(events, CallEnded)] == ["error"]
    assert live.ended_by == "application"


async def test_a_session_is_renewed_before_its_end():
    async with (
        live_model(["I have a question"]) as emulator,
        live_service(emulator.url, realtime_session_minutes=0.1) as running,
        events_of(running) as events,
    ):
        await called(running, "I have a question")
    assert of(events, SessionRenewed)
    assert not of(events, Problem)
    assert "lost" not in [e.state for e in of(events, SessionState)]
