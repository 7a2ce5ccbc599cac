"""What is known of outbound calls after a restart: their states, their plans, their keys."""

from bot.outbound.states import read_status
from emulators.twilio.callees import Callee
from processors.events.calls import CallStatus
from tests.bot.outbound_service import Desk, desk, report
from tests.bot.service import until

TALKS = "turns: [{do: [{say: I see}]}]"
RINGS = {"0123": Callee(ring_s=60)}
TASK = {"type": "notification", "organisation": "City Library", "message": "Your book is here."}


async def ringing(here: Desk) -> tuple[str, str]:
    """A call that rings; its ids here and at the carrier."""
    call_id = (await here.place(key="k-1", task=TASK)).json()["id"]
    outbound = here.running.switchboard.outbound
    await until(lambda: outbound.live[0].status == "ringing")
    [sid] = here.carrier.calls
    return call_id, sid


async def test_a_call_goes_on_where_it_was_before_a_restart(tmp_path):
    async with desk(TALKS, rules=RINGS, data_dir=tmp_path) as here:
        call_id, sid = await ringing(here)
    before = [event.sequence for event in here.events if event.call_id == call_id]
    async with desk(TALKS, data_dir=tmp_path) as again:
        assert await report(again, call_id, "CA" + "0" * 32, "in-progress", 2) == 204
        assert await report(again, call_id, sid, "ringing", 1) == 204
        assert await report(again, call_id, sid, "in-progress", 2) == 204
        assert await report(again, call_id, sid, "ringing", 3) == 204
        assert await report(again, call_id, sid, "completed", 4) == 204
        answered = await again.http.get(f"/api/calls/{call_id}")
        assert answered.json()["status"] == "completed", answered.text
    assert again.statuses() == ["in_progress", "completed"]
    numbers = [event.sequence for event in again.events]
    assert numbers == list(range(max(before) + 1, max(before) + 1 + len(numbers)))
    [last] = [event for event in again.of(CallStatus) if event.status == "completed"]
    assert last.task == "notification"


async def test_the_plan_of_a_call_outlives_a_restart(tmp_path):
    async with desk(TALKS, rules=RINGS, data_dir=tmp_path) as here:
        call_id, sid = await ringing(here)
    async with desk(TALKS, data_dir=tmp_path) as again:
        call = await again.running.switchboard.outbound.find(call_id, sid)
        assert call
        assert call.plan.team.entry.greeting
        assert "City Library" in call.plan.team.entry.greeting
        assert call.plan.voicemail
        assert call.status == "ringing"


async def test_an_idempotency_key_outlives_a_restart(tmp_path):
    async with desk(TALKS, rules=RINGS, data_dir=tmp_path) as here:
        call_id, _ = await ringing(here)
    async with desk(TALKS, rules=RINGS, data_dir=tmp_path) as again:
        same = await again.place(key="k-1", task=TASK)
        assert (same.status_code, same.json()["id"]) == (202, call_id)
        assert not again.carrier.calls
        assert (await again.place(key="k-1")).status_code == 422


async def test_the_end_that_nobody_told_is_asked_for(tmp_path, monkeypatch):
    async with desk(TALKS, rules=RINGS, data_dir=tmp_path) as here:
        call_id, _ = await ringing(here)
    monkeypatch.setattr("bot.outbound.reported.FIRST_SETTLE_S", 0.1)
    async with desk(TALKS, data_dir=tmp_path) as again:
        again.carrier.calls.update(here.carrier.calls)
        outbound = again.running.switchboard.outbound
        await until(lambda: bool(outbound.get(call_id)) and not outbound.live)
    assert again.statuses() == [read_status("canceled")]
