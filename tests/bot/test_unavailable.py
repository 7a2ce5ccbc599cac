"""Calls that no model can go on with: the apology, and what comes after it."""

import audioop
from typing import Any

import pytest

from bot.announcements import ANNOUNCEMENTS, APOLOGY, TRANSFER, Announcement
from emulators.realtime.faults import Fault
from emulators.twilio.callees import Callee, Directory, greeter
from emulators.twilio.caller import Manners, ScriptedCaller
from emulators.twilio.calls import CallStatus
from emulators.twilio.carrier import Carrier
from emulators.twilio.live_call import LiveCall
from processors.events.calls import CallEnded, Problem
from processors.events.conversation import AgentTranscript
from tests.bot.events import events_of
from tests.bot.service import Service, model, service, until

NOWHERE = "ws://127.0.0.1:9/v1/realtime"
COLLEAGUE = "+15555557777"


def patient() -> ScriptedCaller:
    """A caller who says nothing and stays until somebody else ends the call."""
    return ScriptedCaller([], manners=Manners(linger_s=60))


def sound_of(running: Service, announcement: Announcement) -> bytes:
    """The announcement as a telephone hears it, without the last frame, which may be padded."""
    clip = running.switchboard.announcements.clip(announcement, 8000)
    assert clip.text == announcement.text
    assert len(clip.pcm) > 8000, "half a second at the least"
    return audioop.lin2ulaw(clip.pcm, 2)


def heard(live: LiveCall) -> bytes:
    """What the caller heard, without the silence between the packets."""
    stretches = live.playback.stretches
    return b"".join(bytes(live.playback.heard[s.start : s.end]) for s in stretches)


def said(events: list[Any]) -> list[str]:
    return [e.text for e in events if isinstance(e, AgentTranscript) and e.final]


@pytest.mark.call
async def test_a_caller_who_finds_no_model_hears_our_apology_to_its_end():
    async with (
        Carrier() as carrier,
        service(NOWHERE) as running,
        events_of(running) as events,
    ):
        live = await carrier.call(f"{running.http}/twilio/voice", patient())
        await until(lambda: not running.switchboard.calls.live)
    assert heard(live) == sound_of(running, APOLOGY), "and nothing else"
    assert live.ended_by == "application"
    assert live.call.notes == []
    assert said(events) == [APOLOGY.text]
    assert [e.reason for e in events if isinstance(e, CallEnded)] == ["error"]
    assert [(e.code, e.fatal) for e in events if isinstance(e, Problem)] == [("unavailable", True)]


@pytest.mark.call
async def test_a_model_that_goes_away_in_a_call_is_apologised_for_in_the_agents_own_voice(tmp_path):
    async with (
        Carrier() as carrier,
        model() as emulator,
        service(emulator.url, clips=tmp_path) as running,
        events_of(running) as events,
    ):
        await running.switchboard.announcements.made.wait()
        live = await carrier.ring(f"{running.http}/twilio/voice", patient())
        await until(lambda: len(live.playback.heard) > 8000 and bool(live.playback.stretches))
        emulator.arm(Fault(kind="refuse", code=503, times=0))
        emulator.arm(Fault(kind="drop", code=1011, times=1))
        await live.over.wait()
        await until(lambda: not running.switchboard.calls.live)
        greeting = running.switchboard.team.entry.greeting
    assert heard(live).endswith(sound_of(running, APOLOGY))
    assert live.ended_by == "application"
    begun, apology = said(events)
    assert greeting.startswith(begun), "what there was of it when the model went away"
    assert apology == APOLOGY.text
    assert len(list(tmp_path.glob("*.wav"))) == len(ANNOUNCEMENTS)


async def transferred(callee: Callee, clips: Any) -> tuple[Service, LiveCall, list[LiveCall]]:
    """A call without a model at a service that transfers then; the call, and those it led to."""
    directory = Directory(rules={COLLEAGUE: callee})
    async with model() as emulator, service(emulator.url, clips=clips) as maker:
        await maker.switchboard.announcements.made.wait()
    async with (
        Carrier(directory=directory) as carrier,
        service(
            NOWHERE, clips=clips, when_unavailable="transfer", transfer_number=COLLEAGUE
        ) as running,
    ):
        live = await carrier.call(f"{running.http}/twilio/voice", patient())
        await until(lambda: not running.switchboard.calls.live)
    children = [other for other in carrier.calls.values() if other is not live]
    return running, live, children


@pytest.mark.call
async def test_a_caller_is_connected_with_a_colleague_after_the_apology(tmp_path):
    callee = Callee(ring_s=0.2, party=lambda: greeter("I can help you"))
    running, live, (child,) = await transferred(callee, tmp_path)
    apology = sound_of(running, TRANSFER)
    assert heard(live).startswith(apology)
    assert len(heard(live)) > len(apology) + 8000, "the colleague's words"
    assert child.call.to == COLLEAGUE
    assert child.call.status is CallStatus.COMPLETED
    assert live.ended_by == "application"
    assert live.call.notes == []


@pytest.mark.call
async def test_a_caller_whose_transfer_nobody_answers_is_told(tmp_path):
    running, live, (child,) = await transferred(Callee(outcome=CallStatus.BUSY), tmp_path)
    apology = sound_of(running, TRANSFER)
    assert child.call.status is CallStatus.BUSY
    assert len(heard(live)) > len(apology) + 16_000, "the carrier says so"
    assert live.ended_by == "application"
    assert live.call.notes == []
