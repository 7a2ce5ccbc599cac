"""Sessions that are renewed before they end: when, and without a word that is lost."""

import asyncio
import time

import pytest

from processors.events.calls import Problem
from processors.events.conversation import (
    SessionRenewed,
    SessionState,
    UserTranscript,
)
from processors.tools import ToolResult
from tests.processors.realtime_call import RealtimeCall, settle, tool
from tests.processors.renewing import POLICY, at, moments, texts

VIRTUAL_TIME = True


async def test_a_session_is_replaced_in_a_pause_and_nothing_is_said():
    async with RealtimeCall(policy=POLICY) as call:
        server = await call.greeted()
        server.caller_says("my name is Ann")
        server.say("Hello Ann.", 500)
        server.finish()
        await settle()
        call.hear(500)
        await at(819)
        assert len(call.fake.connections) == 1
        await at(821)

        assert moments(call) == [("pause", 820.0)]
        heir = await call.fake.connection(1)
        assert texts(heir) == ["Hello.", "my name is Ann", "Hello Ann."]
        assert not heir.of_kind("response.create")
        assert server.is_closed
        assert [s.state for s in call.of(SessionState)] == ["connecting", "ready"]


async def test_the_successor_is_renewed_as_well():
    async with RealtimeCall(policy=POLICY) as call:
        await call.greeted()
        await asyncio.sleep(5000)
        assert len(call.of(SessionRenewed)) == 6


async def test_the_successor_hears_speech_that_was_noticed_late():
    async with RealtimeCall(policy=POLICY) as call:
        server = await call.greeted()
        await at(810)
        call.speak(1800)
        server.caller_says("my name is Ann")
        server.say("Hello Ann.", 500)
        server.finish()
        await settle()
        call.hear(500)
        call.speak(5000)
        await at(819.99)
        server.lag(2)
        late = server.caller_starts(at_ms=2500)
        server.caller_stops(late)
        server.transcribe(late, "a hotel in Paris")
        server.begin_response()
        await at(821)

        assert moments(call) == [("pause", 820.0)]
        heir = await call.fake.connection(1)
        assert len(heir.audio) == 250, "from the end of the turn that was answered"
        call.speak(40)
        assert len(heir.audio) == 252
        turn = heir.caller_starts(at_ms=700)
        heir.caller_stops(turn)
        heir.transcribe(turn, "a hotel in Paris")
        heir.begin_response()
        heir.say("Paris.", 100)
        heir.finish()
        await asyncio.sleep(30)

        assert [t.text for t in call.of(UserTranscript)] == ["my name is Ann", "a hotel in Paris"]
        assert not heir.of_kind("response.create")
        assert call.audio_ms == 1000 + 500 + 100


async def test_a_turn_that_is_heard_again_is_written_down_once():
    async with RealtimeCall(policy=POLICY) as call:
        server = await call.greeted()
        await at(800)
        owed = server.caller_starts()
        server.caller_stops(owed)
        server.begin_response()
        server.say("Well.", 100)
        server.finish()
        await at(935)
        call.speak(3000)
        again = server.caller_starts(at_ms=1000)
        await at(941)
        assert [moment for moment, _ in moments(call)] == ["forced"]
        server.caller_stops(again)
        server.transcribe(again, "stop it")
        server.transcribe(owed, "tell me")
        heir = await call.fake.connection(1)
        turn = heir.caller_starts()
        heir.caller_stops(turn)
        heir.transcribe(turn, "stop it")
        await settle()

        assert [t.text for t in call.of(UserTranscript)] == ["tell me", "stop it"]


async def test_a_session_that_ends_before_its_time_is_replaced_before_its_end():
    call = RealtimeCall(policy=POLICY)
    call.fake.expires_at = int(time.time()) + 600
    async with call:
        await call.greeted()
        call.fake.expires_at = None
        await at(430)
        ((moment, age_s),) = moments(call)
        assert moment == "pause"
        assert age_s == pytest.approx(420, abs=3)


async def test_a_wrong_clock_does_not_renew_without_end():
    call = RealtimeCall(policy=POLICY)
    call.fake.expires_at = int(time.time()) - 600
    async with call:
        await call.greeted()
        await at(821)
        assert moments(call) == [("pause", 820.0)]


async def test_the_pause_begins_when_the_agent_was_heard_to_the_end():
    async with RealtimeCall(policy=POLICY) as call:
        server = await call.greeted()
        await at(815)
        server.caller_says("tell me")
        server.say("a story", 20_000)
        server.finish()
        await at(830)
        heir = await call.fake.connection(1)
        assert not moments(call)
        assert not heir.sent[1:], "it is open and configured"
        call.hear(20_000)
        await settle()
        assert moments(call) == [("pause", 830.0)]


async def test_words_that_are_not_known_yet_are_waited_for():
    async with RealtimeCall(policy=POLICY) as call:
        server = await call.greeted()
        turn = server.caller_starts()
        server.caller_stops(turn)
        server.begin_response()
        server.finish()
        await at(825)
        assert not moments(call)
        server.transcribe(turn, "my name is Ann")
        await settle()
        assert [moment for moment, _ in moments(call)] == ["pause"]
        assert "my name is Ann" in texts(await call.fake.connection(1))


async def test_a_call_without_pauses_changes_at_the_beginning_of_a_turn_of_the_caller():
    async with RealtimeCall(policy=POLICY) as call:
        server = await call.greeted()
        await at(800)
        server.caller_says("tell me")
        server.say("a story", 200_000)
        server.finish()
        await at(890)
        call.speak(3000)
        turn_at_ms = 2000
        server.caller_starts(turn_at_ms)
        await settle()

        assert moments(call) == [("caller_turn", 890.0)]
        heir = await call.fake.connection(1)
        await settle()
        assert len(heir.audio) == 50, "the turn from its beginning"
        turn = heir.caller_starts()
        heir.caller_stops(turn)
        heir.transcribe(turn, "and then?")
        heir.begin_response()
        heir.say("The end.", 100)
        heir.finish()
        await asyncio.sleep(5)
        assert not heir.of_kind("response.create")
        assert call.audio_ms == 1000 + 200_000 + 100


async def test_a_tool_that_runs_is_waited_for_and_in_the_end_it_is_not():
    gate = asyncio.Event()

    async def run(call):
        await gate.wait()
        return ToolResult("found")

    async with RealtimeCall(tools=[tool("search", run, timeout_s=3600)], policy=POLICY) as call:
        server = await call.greeted()
        server.caller_says("search")
        call_id = server.call("search")
        server.finish()
        await at(939)
        assert not moments(call)
        await at(942)
        assert [moment for moment, _ in moments(call)] == ["forced"]
        heir = await call.fake.connection(1)
        gate.set()
        await heir.asked_to_respond()
        heir.finish()
        await asyncio.sleep(10)

        assert heir.outputs() == {call_id: "found"}
        assert len(heir.of_kind("response.create")) == 1


async def test_only_a_reply_that_is_being_made_delays_the_last_moment():
    async with RealtimeCall(policy=POLICY) as call:
        server = await call.greeted()
        await at(800)
        server.caller_says("tell me")
        await at(950)
        assert not moments(call)
        server.say("a story", 100_000)
        server.finish()
        await settle()
        assert moments(call) == [("forced", 950.0)]
        heir = await call.fake.connection(1)
        call.hear(100_000)
        await asyncio.sleep(5)

        assert not heir.of_kind("response.create")
        assert call.audio_ms == 1000 + 100_000


async def test_a_reply_that_does_not_end_is_asked_for_again():
    async with RealtimeCall(policy=POLICY) as call:
        server = await call.greeted()
        await at(800)
        server.caller_says("tell me")
        await at(972)
        assert [moment for moment, _ in moments(call)] == ["forced"]
        heir = await call.fake.connection(1)
        await heir.asked_to_respond()
        assert texts(heir) == ["Hello.", "tell me"]


async def test_a_turn_that_is_under_way_at_the_last_moment_is_heard_again():
    async with RealtimeCall(policy=POLICY) as call:
        server = await call.greeted()
        await at(800)
        server.caller_says("tell me")
        server.say("a story", 200_000)
        await at(930)
        call.speak(2000)
        server.caller_starts(at_ms=1000)
        server.begin_response()
        await at(990)
        heir = await call.fake.connection(1)
        assert len(heir.audio) == 50
        assert not heir.of_kind("response.create")


async def test_a_handover_begins_the_count_anew():
    async with RealtimeCall(policy=POLICY) as call:
        server = await call.greeted()
        await at(600)
        server.caller_says("a hotel")
        server.call("transfer_to_hotels", '{"reason": "hotel", "context": ""}')
        server.finish()
        other = await call.fake.connection(1)
        await other.asked_to_respond()
        other.say("Hotels.", 100)
        other.finish()
        await settle()
        call.hear(100)
        await at(1400)
        assert not moments(call)
        await at(1425)
        assert [moment for moment, _ in moments(call)] == ["pause"]
        heir = await call.fake.connection(2)
        assert heir.of_kind("session.update")[0]["session"]["instructions"].startswith(
            "You book hotels."
        )


async def test_a_handover_with_the_same_voice_while_a_successor_waits_replaces_it():
    async with RealtimeCall(policy=POLICY) as call:
        server = await call.greeted()
        await at(815)
        server.caller_says("the twin please")
        await at(825)
        server.call("transfer_to_twin", '{"reason": "r", "context": ""}')
        server.finish()
        await server.asked_to_respond()
        server.say("Twin.", 100)
        server.finish()
        await settle()
        call.hear(100)
        await asyncio.sleep(5)

        assert [moment for moment, _ in moments(call)] == ["pause"]
        first, second = [await call.fake.connection(index) for index in (1, 2)]
        assert first.is_closed
        assert second.of_kind("session.update")[0]["session"]["instructions"].startswith("Twin.")


async def test_a_successor_that_is_lost_while_it_waits_is_replaced():
    async with RealtimeCall(policy=POLICY) as call:
        server = await call.greeted()
        await at(815)
        server.caller_says("tell me")
        await at(825)
        (await call.fake.connection(1)).lose()
        await call.fake.connection(2)
        server.finish()
        await asyncio.sleep(5)

        assert [moment for moment, _ in moments(call)] == ["pause"]
        assert not call.of(Problem)


async def test_endpoints_that_open_no_successor_are_asked_again():
    async with RealtimeCall(policy=POLICY) as call:
        await call.greeted()
        call.fake.refuse(4)
        await at(860)

        assert [moment for moment, _ in moments(call)] == ["pause"]
        assert not call.of(Problem)


async def test_a_session_that_is_lost_while_its_successor_waits_is_recovered():
    async with RealtimeCall(policy=POLICY) as call:
        server = await call.greeted()
        await at(815)
        server.caller_says("tell me")
        await at(825)
        server.lose()
        heir = await call.fake.connection(1)
        await heir.asked_to_respond()
        await settle()

        assert not moments(call)
        assert texts(heir) == ["Hello.", "tell me"]
        assert len(call.fake.connections) == 2, "the one that waited is taken"
        assert [s.state for s in call.of(SessionState)][-3:] == ["lost", "reconnecting", "ready"]


async def test_nothing_is_left_when_the_call_ends_while_a_successor_waits():
    before = asyncio.all_tasks()
    async with RealtimeCall(policy=POLICY) as call:
        server = await call.greeted()
        await at(815)
        server.caller_says("tell me")
        await at(825)
        successor = await call.fake.connection(1)

    assert asyncio.all_tasks() == before
    assert server.is_closed
    assert successor.is_closed
