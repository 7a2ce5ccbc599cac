"""What `POST /api/calls` refuses, and how; the carrier's callbacks, and those that are not its."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from agents.outreach import TASKS
from bot.carrier import Carrier
from bot.outbound.machine_phrases import is_machine
from bot.outbound.quiet_hours import QuietHours, read_quiet_hours
from emulators.twilio.callees import Callee
from tests.bot.outbound_service import OURS, THEIRS, Desk, desk, report
from tests.bot.service import until

TALKS = "turns: [{do: [{say: I see}]}]"
RINGS = {"+1": Callee(ring_s=60), "0123": Callee(ring_s=60), "0124": Callee(ring_s=60)}
NIGHT = datetime(2026, 11, 21, 3, 30, tzinfo=ZoneInfo("America/Los_Angeles"))


WRONG = [
    ({"to": "0123"}, "to"),
    ({"to": "+1415555"}, "to"),
    ({"to": "+1 415 555 0123"}, "to"),
    ({"to": "+442079460010"}, "to"),
    ({"to": THEIRS, "team": "nobody"}, "team"),
    ({"to": THEIRS, "team": "travel", "task": {"type": "custom"}}, "task.custom.organisation"),
    ({"to": THEIRS, "task": {"type": "party"}}, "task"),
    ({"to": THEIRS, "voice": "bass"}, "voice"),
    ({"to": THEIRS, "model": "../x"}, "model"),
    ({"to": THEIRS, "context": {"much": "x" * 9000}}, "context"),
    ({"to": THEIRS, "max_duration_s": 1}, "max_duration_s"),
    ({"to": THEIRS, "recording": "maybe"}, "recording"),
    ({"to": THEIRS, "more": 1}, "more"),
]


async def test_a_wish_that_cannot_be_fulfilled_names_the_field():
    async with desk(TALKS) as here:
        for body, field in WRONG:
            answer = await here.http.post("/api/calls", json=body)
            assert (answer.status_code, answer.json()["field"]) == (422, field), answer.text
        assert not here.carrier.calls
    assert not here.events


async def test_what_can_be_asked_for_is_told_and_whether_it_is_a_dry_run():
    async with desk(TALKS, outbound_countries=("US", "DE")) as here:
        options = (await here.http.get("/api/outbound")).json()
    assert options["from_number"] == OURS
    assert options["dry_run"] is True
    assert options["countries"] == [
        {"code": "DE", "prefix": "+49"},
        {"code": "US", "prefix": "+1"},
    ]
    assert {"travel", "outreach"} <= {team["name"] for team in options["teams"]}
    tasks = options["request"]["properties"]["task"]["anyOf"][0]["discriminator"]["mapping"]
    assert set(tasks) == set(TASKS)
    assert all(ref.rpartition("/")[2] in options["request"]["$defs"] for ref in tasks.values())


@pytest.mark.parametrize(
    ("url", "emulated"),
    [
        ("https://api.twilio.com", False),
        ("https://api.dublin.ie1.twilio.com", False),
        ("http://127.0.0.1:9", False),
    ],
)
async def test_only_what_says_so_is_taken_for_the_emulator(url, emulated):
    assert await Carrier("AC1", "token", url).is_emulated() is emulated


async def test_a_number_that_the_carrier_refuses_leaves_nothing():
    async with desk(TALKS, outbound_countries=("US",)) as here:
        refuse_as(here, 21215)
        answer = await here.place()
        assert (answer.status_code, answer.json()["field"]) == (422, "to")
        assert "21215" in answer.json()["detail"]
        assert not here.running.switchboard.outbound.live
    assert not here.events


def refuse_as(here: Desk, code: int) -> None:
    """Has the carrier refuse every call from now on."""
    from emulators.twilio.rest_errors import RestError

    async def refuse(_options: object) -> None:
        raise RestError(400, code, "Account not authorized to call")

    here.carrier.place = refuse


async def test_without_an_account_no_call_is_placed():
    async with desk(TALKS) as here:
        here.running.switchboard.outbound._carrier = None
        assert (await here.place()).status_code == 503


async def test_too_many_calls_at_once_are_told_when_to_come_back():
    async with desk(TALKS, rules=RINGS, outbound_calls_at_once=1) as here:
        assert (await here.place()).status_code == 202
        answer = await here.place("+14155550124")
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "30")
        assert "OUTBOUND_CALLS_AT_ONCE" in answer.json()["detail"]


async def test_too_many_calls_in_a_minute_are_told_when_to_come_back():
    async with desk(TALKS, rules=RINGS, outbound_calls_per_minute=2) as here:
        for _ in range(2):
            assert (await here.place()).status_code == 202
        answer = await here.place()
        assert answer.status_code == 429
        assert 1 <= int(answer.headers["Retry-After"]) <= 60


async def test_nobody_is_called_at_night_where_they_are():
    async with desk(TALKS, outbound_quiet_hours="21:00-08:00") as here:
        here.running.switchboard.outbound.rules._now = lambda: NIGHT.astimezone(UTC)
        answer = await here.place()
        assert (answer.status_code, answer.json()["field"]) == (409, "to")
        assert "03:30 in America/Los_Angeles" in answer.json()["detail"]
        assert answer.headers["Retry-After"] == str(int(timedelta(hours=4.5).total_seconds()))
        assert not here.carrier.calls


@pytest.mark.parametrize(
    ("clock", "over"), [("20:59", None), ("21:00", 8), ("23:00", 8), ("07:59", 8), ("08:00", None)]
)
def test_quiet_hours_span_midnight(clock, over):
    hours = QuietHours(time(21), time(8))
    at = datetime.combine(NIGHT.date(), time.fromisoformat(clock), NIGHT.tzinfo)
    end = hours.over_at(at)
    assert (end.hour if end else None) == over
    if end:
        assert timedelta(0) < end - at <= timedelta(hours=11)


@pytest.mark.parametrize("text", ["21-8", "25:00-08:00", "21:00", "08:00-08:00", ""])
def test_quiet_hours_are_written_in_one_way(text):
    with pytest.raises(ValueError, match="21:00-08:00"):
        read_quiet_hours(text)


async def test_the_same_key_with_the_same_request_is_the_same_call():
    async with desk(TALKS, rules=RINGS) as here:
        first, again = [await here.place(key="k-1") for _ in range(2)]
        assert first.status_code == again.status_code == 202
        assert first.json()["id"] == again.json()["id"]
        assert len(here.carrier.calls) == 1
        other = await here.place("+14155550124", key="k-1")
        assert (other.status_code, other.json()["field"]) == (422, "Idempotency-Key")
        assert (await here.place(key="k-2")).json()["id"] != first.json()["id"]


async def test_a_key_whose_wish_failed_may_be_tried_again():
    async with desk(TALKS, rules=RINGS) as here:
        kept = here.carrier.place
        refuse_as(here, 21215)
        assert (await here.place(key="k-1")).status_code == 422
        here.carrier.place = kept
        assert (await here.place(key="k-1")).status_code == 202


async def test_a_forged_callback_is_refused_and_changes_nothing():
    async with desk(TALKS, rules=RINGS) as here:
        call_id = (await here.place()).json()["id"]
        [sid] = here.carrier.calls
        assert await report(here, call_id, sid, "completed", 9, signature="AAAA") == 403
        [call] = here.running.switchboard.outbound.live
        assert not call.is_over


async def test_callbacks_that_are_late_doubled_or_of_another_call_change_nothing():
    async with desk(TALKS, rules=RINGS) as here:
        call_id = (await here.place()).json()["id"]
        [sid] = here.carrier.calls
        outbound = here.running.switchboard.outbound
        await until(lambda: outbound.live[0].status == "ringing")
        for status, number in [
            ("in-progress", 2),
            ("ringing", 3),
            ("in-progress", 2),
            ("in-progress", 1),
            ("busy", 4),
            ("dreaming", 5),
            ("completed", 6),
            ("failed", 7),
        ]:
            assert await report(here, call_id, sid, status, number) == 204
        assert await report(here, call_id, "CA" + "0" * 32, "ringing", 1) == 204
        assert await report(here, "call_unknown", sid, "ringing", 1) == 204
    states = here.statuses()
    assert states == ["initiated", "ringing", "in_progress", "completed"]


@pytest.mark.parametrize(
    "text",
    [
        "Hi, you've reached Tom. Please leave a message after the beep.",
        "The person you are trying to reach is not available.",
        "Your call has been forwarded to an automated voice messaging system.",
        "We cannot come to the telephone right now.",
        "Please record your message. When you have finished recording you may hang up.",
        "The mailbox is full.",
    ],
)
def test_machines_are_told_by_what_they_say(text):
    assert is_machine(text)


@pytest.mark.parametrize(
    "text",
    [
        "Hello?",
        "Hello, this is Tom speaking.",
        "I got your message yesterday.",
        "She is not available right now, can I take a message?",
        "Who is calling please?",
        "I can not talk right now.",
    ],
)
def test_people_are_not_taken_for_machines(text):
    assert not is_machine(text)
