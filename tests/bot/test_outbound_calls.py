"""Outbound calls over the emulated carrier: from the wish to what came of them."""

from functools import partial

import pytest

from emulators.twilio.callees import AnsweringMachine, Callee, Silent
from emulators.twilio.caller import Manners, ScriptedCaller
from emulators.twilio.calls import CallStatus
from processors.events.calls import CallAnswered, CallEnded, CallPlanned, CallStarted
from processors.events.conversation import AgentTranscript
from processors.events.outcome import DataExtracted
from processors.events.recording import RecordingFinished
from processors.events.tools import ToolCalled
from tests.bot.outbound_service import OURS, THEIRS, desk
from tests.bot.service import until

SURVEY = {
    "type": "survey",
    "organisation": "Hotel Sunrise",
    "topic": "your stay",
    "questions": [
        {"key": "rating", "text": "How was your stay?", "kind": "rating"},
        {"key": "come_again", "text": "Would you come again?", "kind": "yes_no"},
    ],
}
REMINDER = {
    "type": "appointment_reminder",
    "organisation": "Doctor Keller",
    "person": "Anna Smith",
    "appointment": "a check-up",
    "at": "2026-12-01T10:00",
}
HOLDS_SURVEY = """
turns:
  - match: go ahead
    do: [{say: How was your stay}]
  - match: ^four
    do: [{call: {name: record_answers, arguments: {rating: 4}}}]
  - match: '"rating"'
    do: [{say: Would you come again}]
  - match: I would
    do: [{call: {name: record_answers, arguments: {come_again: true}}}]
  - match: '"come_again"'
    do: [{say: Thank you and goodbye}, {call: {name: end_call, arguments: {reason: done}}}]
"""
GOODBYE = """
turns:
  - do: [{say: Goodbye}, {call: {name: end_call, arguments: {reason: done}}}]
"""
TALKS = """
turns:
  - do: [{say: I see}]
loop: true
"""


def person(*lines: str) -> ScriptedCaller:
    manners = Manners(quiet_s=0.4, linger_s=20)
    return ScriptedCaller(list(lines), manners=manners)


@pytest.mark.call
async def test_a_survey_from_the_wish_to_its_answers():
    lines = ["yes go ahead", "four", "yes I would"]
    async with desk(HOLDS_SURVEY, lines, party=lambda: person(*lines)) as here:
        answer = await here.place(task=SURVEY, voice="ash", context={"room": 12})
        assert answer.status_code == 202, answer.text
        placed = answer.json()
        assert answer.headers["Location"] == f"/api/calls/{placed['id']}"
        assert (placed["team"], placed["task"]) == ("outreach", "survey")
        live = await here.over()
    assert (live.call.to, live.call.from_) == (THEIRS, OURS)
    assert here.statuses() == ["initiated", "ringing", "in_progress", "completed"]
    assert {event.call_id for event in here.events} == {placed["id"]}
    assert [event.sequence for event in here.events] == list(range(1, len(here.events) + 1))
    [planned] = here.of(CallPlanned)
    assert planned.request["context"] == {"room": 12}
    [started] = here.of(CallStarted)
    assert (started.direction, started.to_number, started.task) == ("outbound", THEIRS, "survey")
    assert started.provider_call_id == live.call.sid
    assert [event.data for event in here.of(DataExtracted)] == [
        {"rating": 4},
        {"come_again": True},
    ]
    [ended] = here.of(CallEnded)
    assert ended.reason == "agent"
    assert here.of(CallAnswered)


@pytest.mark.call
@pytest.mark.parametrize(("setting", "wish"), [("off", "on"), ("on", "off")])
async def test_a_call_is_recorded_as_its_request_says_whatever_the_setting(setting, wish):
    party = partial(person, "go on")
    async with desk(GOODBYE, ["go on"], party=party, recording=setting) as here:
        assert (await here.place(recording=wish)).status_code == 202
        await here.over()
        folder = here.running.switchboard.settings.data_dir / "recordings"
        kept = len(list(folder.glob("*.ogg")))
    assert (kept, len(here.of(RecordingFinished))) == ((1, 1) if wish == "on" else (0, 0))


@pytest.mark.parametrize(
    ("outcome", "ring_s", "status"),
    [
        (CallStatus.BUSY, 0.1, "busy"),
        (CallStatus.NO_ANSWER, 60, "no_answer"),
        (CallStatus.FAILED, 0, "failed"),
    ],
)
async def test_a_call_that_nobody_takes_says_why(outcome, ring_s, status):
    rules = {THEIRS: Callee(outcome=outcome, ring_s=ring_s)}
    async with desk(TALKS, rules=rules, outbound_ring_s=5) as here:
        await here.place()
        await here.over()
        assert not here.running.switchboard.outbound.live
    rings = [] if status == "failed" else ["ringing"]
    assert here.statuses() == ["initiated", *rings, status]
    assert not here.of(CallStarted)
    assert not here.of(CallAnswered)


async def test_a_call_that_rings_can_be_cancelled_and_one_that_is_over_cannot():
    async with desk(TALKS, rules={THEIRS: Callee(ring_s=60)}) as here:
        call_id = (await here.place()).json()["id"]
        outbound = here.running.switchboard.outbound
        await until(lambda: outbound.live[0].status == "ringing")
        assert (await here.http.post(f"/api/calls/{call_id}/end")).status_code == 202
        await here.over()
        again = await here.http.post(f"/api/calls/{call_id}/end")
        assert (again.status_code, again.json()["detail"]) == (409, "the call is canceled")
    assert here.statuses() == ["initiated", "ringing", "canceled"]


async def test_a_service_that_stops_cancels_what_rings_and_places_no_more():
    async with desk(TALKS, rules={THEIRS: Callee(ring_s=60)}) as here:
        await here.place()
        switchboard = here.running.switchboard
        await until(lambda: switchboard.outbound.live[0].status == "ringing")
        await switchboard.drain()
        await here.over()
        refused = await here.place("+14155550124")
    assert here.statuses() == ["initiated", "ringing", "canceled"]
    assert refused.status_code == 503
    assert refused.json()["detail"] == "the service is shutting down"


@pytest.mark.call
async def test_a_machine_gets_its_message_to_the_end_and_after_the_beep():
    machine = AnsweringMachine(pause_s=1)
    # The agent takes the first sentence for a person who can't help, and hangs up.
    async with desk(GOODBYE, ["You have reached the Smiths"], party=lambda: machine) as here:
        await here.place(task=REMINDER)
        live = await here.over()
    last = here.of(CallAnswered)[-1]
    assert (last.answered_by, last.action) == ("machine", "leave_message")
    assert [event.tool for event in here.of(ToolCalled)] == ["end_call"]
    message = here.of(AgentTranscript)[-1]
    assert message.final
    assert not message.interrupted
    assert message.text.endswith("your visit on Tuesday, December 1, at 10 AM. Goodbye.")
    recorded = [span for span in live.phone.ear.spans if span.end > (machine.message_from or 0)]
    assert machine.message_from
    assert recorded[-1].start >= machine.message_from
    assert [event.reason for event in here.of(CallEnded)] == ["agent"]
    assert here.statuses()[-1] == "completed"


@pytest.mark.call
async def test_a_survey_does_not_talk_to_machines():
    async with desk(TALKS, party=AnsweringMachine) as here:
        await here.place(task=SURVEY)
        await here.over()
    last = here.of(CallAnswered)[-1]
    assert (last.answered_by, last.source, last.action) == ("machine", "carrier", "hang_up")
    assert last.detail == "machine_start"
    assert [event.reason for event in here.of(CallEnded)] == ["agent"]


@pytest.mark.call
async def test_a_machine_that_the_carrier_takes_for_a_person_is_told_by_its_words():
    async with desk(
        TALKS, ["Leave a message after the tone"], party=lambda: person("Hello there")
    ) as here:
        await here.place(task=SURVEY)
        await here.over()
    last = here.of(CallAnswered)[-1]
    assert (last.answered_by, last.source, last.action) == ("machine", "transcript", "hang_up")


@pytest.mark.call
async def test_a_call_that_lasts_too_long_ends_with_a_goodbye():
    async with desk(TALKS, party=Silent) as here:
        answer = await here.place(max_duration_s=10)
        assert answer.status_code == 202
        await here.over()
    assert [event.reason for event in here.of(CallEnded)] == ["limit"]
    said = [event.text for event in here.of(AgentTranscript) if event.final]
    assert "out of time" in said[-1]
    assert here.of(CallAnswered)[-1].answered_by == "unknown"
