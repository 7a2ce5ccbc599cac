"""Feature flags: who is in, for good; and what they do to calls."""

from dataclasses import replace
from xml.etree import ElementTree

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agents import load_team
from bot.calls import new_call_id
from bot.flags import Flag, Flags, read_flags
from bot.plan import CallPlan
from bot.rollout import ClosedError, Rollout
from bot.settings import Settings
from tests.bot.service import service
from tests.bot.test_api import serve as serve  # the fixture
from tests.patience import PATIENCE_S

CALLERS = [f"+1415555{i:04}" for i in range(4000)]
TEAMS = {name: load_team(name) for name in ("travel", "outreach")}


def rollout(flags: str) -> Rollout:
    return Rollout(Flags(read_flags(flags)), team=TEAMS["travel"], teams=TEAMS)


def share(flag: Flag) -> set[str]:
    return {caller for caller in CALLERS if flag.is_on_for(caller)}


def test_a_share_is_the_share_that_was_asked_for():
    for percent in (1, 10, 50, 99):
        expected = len(CALLERS) * percent / 100
        assert abs(len(share(Flag("team:outreach", percent))) - expected) < 0.02 * len(CALLERS)
    assert share(Flag("recording", 0)) == set()
    assert share(Flag("recording", 100)) == set(CALLERS)


@given(st.floats(0, 100), st.floats(0, 100), st.text())
def test_who_is_in_stays_in_as_the_share_grows(one, other, who):
    low, high = sorted((one, other))
    assert Flag("recording", high).is_on_for(who) or not Flag("recording", low).is_on_for(who)


def test_shares_of_two_flags_are_independent():
    both = share(Flag("team:outreach", 50)) & share(Flag("recording", 50))
    assert abs(len(both) - len(CALLERS) / 4) < 0.03 * len(CALLERS)


def test_who_is_in_does_not_depend_on_the_process():
    """Fixed values, by sha256sum: a change here moves callers from one side to the other."""
    flag = Flag("team:outreach", 10)
    assert [caller[-4:] for caller in CALLERS[:100] if flag.is_on_for(caller)] == FIXED


FIXED = ["0000", "0040", "0043", "0071", "0074", "0079", "0080", "0099"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("recording", "recording=off"),
        ("recording=maybe", "recording is on, off or a share such as 25%, not 'maybe'"),
        ("recording=101%", "101%"),
        ("recordings=on", "service, recording, team:NAME and model:NAME, not 'recordings'"),
        ("team:nobody=10%", "no team 'nobody'"),
        ("service=on,service=off", "'service' does"),
    ],
)
def test_a_wrong_flag_is_refused_by_name(value, expected):
    with pytest.raises(ValidationError, match="flags") as refused:
        Settings(_env_file=None, flags=value)
    assert expected in str(refused.value)


def test_flags_are_read_from_the_environment(monkeypatch):
    monkeypatch.setenv("FLAGS", "service=on, team:outreach = 12.5 %,")
    assert Flags(Settings(_env_file=None).flags).shares() == {"service": 100, "team:outreach": 12.5}


def test_another_team_and_model_answer_their_share_always():
    chosen = rollout("team:outreach=25%,model:gpt-new=25%")
    first = [chosen.inbound(new_call_id(), caller=caller).team.name for caller in CALLERS]
    again = [chosen.inbound(new_call_id(), caller=caller).team.name for caller in CALLERS]
    assert first == again
    assert 0.2 < first.count("outreach") / len(first) < 0.3
    plans = [
        chosen.applied(new_call_id(), CallPlan(team=TEAMS["travel"], from_=caller))
        for caller in CALLERS
    ]
    assert {plan.model for plan in plans} == {None, "gpt-new"}


def test_what_a_call_asks_for_itself_counts_more_than_a_flag():
    chosen = rollout("team:outreach=on,model:gpt-new=on")
    assert chosen.inbound("call_1", team=TEAMS["travel"]).team.name == "travel"
    plan = CallPlan(team=TEAMS["travel"], model="gpt-own")
    assert chosen.applied("call_1", plan).model == "gpt-own"


@pytest.mark.parametrize(
    ("asked", "teams", "recorded"),
    [(None, None, None), (None, "consent", "consent"), ("off", "consent", "off")],
)
def test_a_call_is_recorded_as_it_asks_or_else_as_its_team_says(asked, teams, recorded):
    plan = CallPlan(team=replace(TEAMS["travel"], recording=teams), recording=asked)
    assert rollout("").applied("call_1", plan).recording == recorded


def test_an_outbound_call_counts_by_who_is_called():
    chosen = rollout("recording=50%")
    plans = [
        chosen.applied(
            new_call_id(),
            CallPlan(team=TEAMS["travel"], direction="outbound", from_="+14155550100", to=caller),
        )
        for caller in CALLERS[:100]
    ]
    again = [chosen.applied(new_call_id(), plan).is_recorded for plan in plans]
    assert 20 < sum(again) < 80
    assert again == [plan.is_recorded for plan in plans]


@pytest.mark.parametrize("shown", ["+266696687", "+8656696", "+17378742833", "ANONYMOUS"])
def test_callers_who_withhold_their_number_are_not_one_caller(shown):
    chosen = rollout("service=50%")
    taken = 0
    for _ in range(200):
        try:
            chosen.check_open(new_call_id(), shown)
        except ClosedError:
            continue
        taken += 1
    assert 50 < taken < 150


async def test_while_the_service_is_off_everybody_is_told(serve):
    async with serve(flags="service=off") as client:
        called = await client.post("/twilio/voice", data={"CallSid": "CA1", "From": "+14155550111"})
        placed = await client.post("/api/calls", json={"to": "+14155550123"})
        health = (await client.get("/health")).json()
        ready = await client.get("/ready")
    say, hang_up = ElementTree.fromstring(called.text)
    assert (say.tag, hang_up.tag) == ("Say", "Hangup")
    assert "not taking calls" in say.text
    assert placed.status_code == 503
    assert "no calls at the moment" in placed.json()["detail"]
    assert health["flags"] == {"service": 0}
    assert ready.status_code == 200
    assert ready.json()["records"]["waiting_bytes"] >= 0


async def test_a_browser_is_told_as_well():
    from websockets.asyncio.client import connect
    from websockets.exceptions import ConnectionClosed

    async with service("ws://127.0.0.1:9", flags="service=off") as running:
        async with connect(f"{running.ws}/ws") as socket:
            with pytest.raises(ConnectionClosed) as closed:
                await socket.recv()
        async with httpx.AsyncClient(base_url=running.http, timeout=PATIENCE_S) as client:
            offer = {"sdp": SDP, "type": "offer"}
            refused = await client.post("/api/offer", json=offer)
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, refused.status_code) == (1013, 503)


SDP = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"


async def test_a_caller_of_the_share_gets_the_other_team(serve):
    async with serve(flags="team:outreach=on", teams=("travel",)) as client:
        form = {"CallSid": "CA1", "From": "+14155550111"}
        document = ElementTree.fromstring((await client.post("/twilio/voice", data=form)).text)
    parameters = {p.get("name"): p.get("value") for p in document.iter("Parameter")}
    assert parameters["team"] == "outreach"


async def test_nothing_is_recorded_of_callers_who_are_not_in_the_share(serve):
    async with serve(flags="recording=off", recording="on") as client:
        call = client.switchboard.calls.admit()
        call.release()
    assert not call.plan.is_recorded
