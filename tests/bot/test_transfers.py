"""Callers are given to a person in whole phone calls, and come back when nobody takes them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from httpx import AsyncClient

from bot import transfers
from bot.control import ANNOUNCEMENT
from emulators.twilio.asgi_server import serving
from emulators.twilio.callees import Callee, Directory, Silent
from emulators.twilio.caller import Manners, Press, Say, ScriptedCaller, Until, Wait
from emulators.twilio.calls import CallStatus
from emulators.twilio.carrier import Carrier
from emulators.twilio.live_call import LiveCall
from emulators.twilio.rest import rest_app
from processors.events.calls import CallEnded, Problem
from processors.events.conversation import AgentTranscript
from processors.events.event import Event
from processors.events.people import OperatorAction, TransferFinished, TransferStarted
from tests.bot.events import events_of
from tests.bot.service import Service, model, service, until

pytestmark = pytest.mark.call

PERSON = "+15555550177"
TOKEN = "12345"

NOBODY_THERE = "Nobody is there I can take a message"
SCRIPT = """
turns:
  - match: goodbye
    do: [{say: Goodbye then}, {call: {name: end_call}}]
  - do:
      - say: I will put you through
      - call:
          name: transfer_to_human
          arguments: {reason: asks for a person, summary: A caller wants to complain about a bill}
  - do: [{say: Nobody is there I can take a message}]
"""


def person(*steps: Say | Press | Wait, linger_s: float = 1.0) -> Callee:
    """Somebody who listens to the summary first."""
    manners = Manners(quiet_s=0.6, linger_s=linger_s)
    return Callee(party=lambda: ScriptedCaller(steps, manners=manners), ring_s=0.5)


@asynccontextmanager
async def desk(
    callee: Callee, hearing: list[str], *, ring_pace: float = 0.2, **settings: object
) -> AsyncIterator[tuple[Carrier, Service]]:
    """A carrier with an account, at which the person answers so; and the service that uses it."""
    directory = Directory(rules={PERSON: callee})
    carrier = Carrier(auth_token=TOKEN, directory=directory, ring_pace=ring_pace)
    async with (
        carrier,
        serving(rest_app(carrier)) as api,
        model(SCRIPT, hearing) as emulator,
        service(
            emulator.url,
            twilio_account_sid=carrier.account_sid,
            twilio_auth_token=TOKEN,
            twilio_api_url=api,
            transfer_number=PERSON,
            **settings,
        ) as running,
    ):
        yield carrier, running


def said(events: list[Event]) -> list[str]:
    return [e.text for e in events if isinstance(e, AgentTranscript) and e.final]


def comes_back(events: list[Event]) -> tuple[Say | Until, ...]:
    """A caller who is given back, and says goodbye then.

    They know when by the agent's word: who listens for pauses would talk into the ringing.
    """
    is_back = Until(lambda: NOBODY_THERE in said(events))
    return Say("I need a hotel in Paris"), is_back, Say("goodbye")


def outcome(events: list[Event]) -> str:
    [started] = [e for e in events if isinstance(e, TransferStarted)]
    [finished] = [e for e in events if isinstance(e, TransferFinished)]
    assert started.to == finished.to == PERSON
    return finished.outcome


def child_of(carrier: Carrier, live: LiveCall) -> LiveCall:
    [child] = [c for c in carrier.calls.values() if c.call.parent_sid == live.call.sid]
    return child


async def place(carrier: Carrier, running: Service, *steps: Say | Wait | Until) -> LiveCall:
    caller = ScriptedCaller(steps, manners=Manners(quiet_s=1.0, linger_s=20, patience_s=20))
    return await carrier.call(f"{running.http}/twilio/voice", caller)


async def test_a_person_hears_the_summary_takes_the_call_and_talks_with_the_caller():
    callee = person(Press("1"), Say("hello this is Ann"))
    async with (
        desk(callee, ["a person please"]) as (carrier, running),
        events_of(running) as events,
    ):
        placing = asyncio.create_task(place(carrier, running, Say("I need a hotel in Paris")))
        calls = running.switchboard.calls.live
        await until(lambda: any(call.takeover for call in calls.values()))
        [takeover] = [call.takeover for call in calls.values()]
        seat = takeover.reserve("desk")
        live = await placing
        await until(lambda: not running.switchboard.calls.live)
    assert outcome(events) == "answered"
    assert seat.left.is_set(), "an operator who is about to connect would talk to nobody"
    assert not seat.has_begun
    assert [e.reason for e in events if isinstance(e, CallEnded)] == ["transfer"]
    child = child_of(carrier, live)
    assert child.phone.ear.spans, "the person heard something"
    spoken = child.party.turns[-1]
    assert spoken.text == "hello this is Ann"
    voice = bytes(child.phone.said[spoken.start : spoken.end])
    assert voice[2000:4000] in bytes(live.playback.heard), "the caller heard the person"
    assert live.call.notes == []
    assert live.call.status is child.call.status is CallStatus.COMPLETED


@pytest.mark.parametrize(
    ("callee", "expected"),
    [
        (person(Press("2")), "declined"),
        (Callee(outcome=CallStatus.BUSY, ring_s=0.5), "busy"),
        (Callee(outcome=CallStatus.NO_ANSWER, ring_s=0.5), "no_answer"),
        (Callee(outcome=CallStatus.FAILED, ring_s=0), "failed"),
    ],
    ids=["declined", "busy", "no answer", "failed"],
)
async def test_a_caller_whom_nobody_takes_comes_back_to_the_agent_who_speaks_first(
    callee, expected
):
    async with (
        desk(callee, ["a person please", "goodbye"]) as (carrier, running),
        events_of(running) as events,
    ):
        live = await place(carrier, running, *comes_back(events))
        await until(lambda: not running.switchboard.calls.live)
    assert outcome(events) == expected
    assert said(events)[1:] == [
        "I will put you through",
        NOBODY_THERE,
        "Goodbye then",
    ]
    assert len({event.call_id for event in events}) == 1, "it is one call from beginning to end"
    assert [e.reason for e in events if isinstance(e, CallEnded)] == ["agent"]
    assert not [e for e in events if isinstance(e, Problem)]
    assert len(live.streams) == 2
    assert live.call.notes == []


async def test_a_carrier_that_does_not_transfer_leaves_the_caller_with_the_agent():
    async with (
        desk(person(), ["a person please", "goodbye"]) as (carrier, running),
        events_of(running) as events,
    ):
        running.switchboard.carrier._client.api.base_url = "http://127.0.0.1:9"
        live = await place(carrier, running, *comes_back(events))
        await until(lambda: not running.switchboard.calls.live)
    assert outcome(events) == "failed"
    assert said(events)[2:] == [NOBODY_THERE, "Goodbye then"]
    assert len(live.streams) == 1


async def test_a_caller_who_hangs_up_while_it_rings_is_noticed(monkeypatch):
    monkeypatch.setattr(transfers, "RETURN_S", 1.0)
    silent = Callee(party=Silent, ring_s=20)
    async with (
        desk(silent, ["a person please"], ring_pace=1) as (carrier, running),
        events_of(running) as events,
    ):
        rings = Until(lambda: any(isinstance(event, TransferStarted) for event in events))
        impatient = ScriptedCaller(
            [Say("I need a hotel in Paris"), rings, Wait(1)], manners=Manners(quiet_s=1.0)
        )
        await carrier.call(f"{running.http}/twilio/voice", impatient)
        await until(lambda: not running.switchboard.calls.live)
    assert outcome(events) == "failed"
    assert [e.reason for e in events if isinstance(e, CallEnded)] == ["caller"]


async def test_an_operator_connects_a_caller_to_a_person_at_once():
    async with (
        desk(Callee(ring_s=0.5), ["hello"]) as (carrier, running),
        events_of(running) as events,
        AsyncClient(base_url=running.http) as client,
    ):
        stays = ScriptedCaller([Wait(15)], manners=Manners(quiet_s=1.0))
        live = await carrier.ring(f"{running.http}/twilio/voice", stays)
        await until(lambda: any(c.model for c in running.switchboard.calls.live.values()))
        [call_id] = running.switchboard.calls.live
        url = f"/api/calls/{call_id}/transfer"
        wrong = await client.post(url, json={"to": "12345"})
        assert (wrong.status_code, wrong.json()["field"]) == (422, "to")
        right = await client.post(url, json={"kind": "blind"})
        assert right.status_code == 202
        await until(lambda: not running.switchboard.calls.live)
        await live.over.wait()
    assert said(events)[-1] == ANNOUNCEMENT
    assert outcome(events) == "answered"
    assert [(e.action, e.by) for e in events if isinstance(e, OperatorAction)] == [
        ("transfer", "local")
    ]
    assert [e.reason for e in events if isinstance(e, CallEnded)] == ["transfer"]
