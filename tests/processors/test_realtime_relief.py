"""A person takes the agent's place in a live conversation, and gives it back."""

import asyncio

from processors.events.conversation import (
    AgentChanged,
    AgentTranscript,
    Interruption,
    LineHeld,
    SessionRenewed,
    UserTranscript,
)
from processors.events.figures import TurnLatency
from processors.realtime.announcements import Clip
from processors.realtime.policy import CallPolicy
from processors.tools import ToolResult
from tests.processors.realtime_call import RATE, RealtimeCall, settle, tool
from tests.processors.test_operator_actions import responses, told
from tests.processors.test_realtime_idle_caller import POLICY

VIRTUAL_TIME = True

TOLD, BACK, LINE = "A colleague has the caller.", "The call is yours again.", "I am back."


def answers_turns(server):
    """Whether the session answers turns, by what it was configured with last."""
    turns = None
    for event in server.of_kind("session.update"):
        turns = event["session"].get("audio", {}).get("input", {}).get("turn_detection") or turns
    return turns["create_response"]


async def stand_aside(call):
    await call.conductor.controls.relief.stand_aside(TOLD)
    await settle()


def come_back(call, line=LINE):
    call.conductor.controls.relief.come_back(BACK, line)


async def test_the_agent_is_cut_where_it_was_heard_and_the_session_answers_nothing_any_more():
    async with RealtimeCall(policy=CallPolicy(idle_s=None, answer_s=6)) as call:
        server = await call.greeted()
        server.begin_response()
        server.say("Once upon a time there was", 4000)
        await settle()
        call.hear(1000)
        await stand_aside(call)
        assert [e.heard_ms for e in call.of(Interruption)] == [1000]
        assert [e["audio_end_ms"] for e in server.of_kind("conversation.item.truncate")] == [1000]
        assert server.of_kind("response.cancel")
        assert not answers_turns(server)
        assert told(server) == [TOLD]
        before = responses(server)
        server.caller_says("I want my money back.")
        await asyncio.sleep(60)
        assert responses(server) == before, "nobody asks the model for an answer"


async def test_what_begins_all_the_same_is_cancelled_and_not_heard():
    async with RealtimeCall() as call:
        server = await call.greeted()
        await stand_aside(call)
        call.frames.clear()
        server.begin_response()
        await settle()
        assert server.active is None
        assert call.audio_ms == 0


async def test_the_agent_opens_when_it_is_back_and_answers_turns_again():
    async with RealtimeCall() as call:
        server = await call.greeted()
        await stand_aside(call)
        server.caller_says("I want my money back.")
        await settle()
        call.conductor.controls.coaching.tell("The colleague said: a refund.", respond=False)
        come_back(call)
        await settle()
        assert told(server) == [TOLD, "The colleague said: a refund.", BACK]
        assert answers_turns(server)
        [*_, opening] = server.of_kind("response.create")
        assert f'"{LINE}"' in opening["response"]["instructions"]
        server.say(LINE, 500)
        await settle()
        assert not call.of(TurnLatency), "it answers nothing"


async def test_before_a_transfer_or_the_end_it_comes_back_without_a_word():
    async with RealtimeCall() as call:
        server = await call.greeted()
        await stand_aside(call)
        before = responses(server)
        come_back(call, line=None)
        come_back(call)
        await asyncio.sleep(30)
        assert responses(server) == before
        assert told(server) == [TOLD, BACK], "what comes twice changes nothing"


async def test_a_session_that_is_opened_meanwhile_keeps_quiet_and_knows_what_was_said():
    for loss in (True, False):
        policy = CallPolicy(idle_s=None, answer_s=None, session_s=60)
        async with RealtimeCall(policy=policy) as call:
            first = await call.greeted()
            await stand_aside(call)
            call.conductor.controls.coaching.tell("The colleague said: a refund.", respond=False)
            await settle()
            if loss:
                first.lose()
            second = await call.fake.connection(1)
            await asyncio.sleep(2)
            assert bool(call.of(SessionRenewed)) is not loss
            assert not answers_turns(second)
            assert told(second) == [TOLD, "The colleague said: a refund."]
            assert responses(second) == 0
            come_back(call)
            await settle()
            assert answers_turns(second)
            assert responses(second) == 1


async def test_while_the_line_to_the_model_is_down_the_agent_opens_as_soon_as_it_is_back():
    async with RealtimeCall() as call:
        first = await call.greeted()
        await stand_aside(call)
        call.fake.is_slow.clear()
        first.lose()
        await settle()
        come_back(call)
        call.fake.is_slow.set()
        second = await call.fake.connection(1)
        await asyncio.sleep(2)
        [opening] = second.of_kind("response.create")
        assert LINE in opening["response"]["instructions"]
        assert answers_turns(second)


async def test_a_transfer_between_agents_that_was_under_way_is_carried_out_in_silence():
    async with RealtimeCall() as call:
        server = await call.greeted()
        server.begin_response()
        server.call("transfer_to_hotels", '{"reason": "a hotel", "context": "Paris"}')
        server.finish()
        await stand_aside(call)
        second = await call.fake.connection(1)
        await asyncio.sleep(5)
        assert [e.to_agent for e in call.of(AgentChanged)] == ["front", "hotels"]
        assert not answers_turns(second)
        call.frames.clear()
        assert second.active is None
        come_back(call)
        await settle()
        assert LINE in second.of_kind("response.create")[-1]["response"]["instructions"]


async def test_an_agent_that_was_about_to_end_the_call_does_not():
    for heard_before in (True, False):
        async with RealtimeCall() as call:
            server = await call.greeted()
            if heard_before:
                await stand_aside(call)
            server.begin_response()
            server.call("end_call", '{"reason": "goodbye"}')
            server.finish()
            await settle()
            if not heard_before:
                await stand_aside(call)
            await asyncio.sleep(60)
            assert call.ended == []


async def test_a_tool_that_was_running_is_told_and_answered_by_nobody_until_the_agent_is_back():
    looked_up = asyncio.Event()

    async def look_up(_call):
        await looked_up.wait()
        return ToolResult("three hotels")

    async with RealtimeCall(tools=[tool("search", look_up)]) as call:
        server = await call.greeted()
        server.begin_response()
        server.call("search", "{}", call_id="c1")
        server.finish()
        await stand_aside(call)
        looked_up.set()
        await asyncio.sleep(10)
        assert server.outputs() == {"c1": "three hotels"}
        server.begin_response()
        await settle()
        assert server.active is None
        assert not [e for e in call.of(AgentTranscript) if e.final and e.text != "Hello."]


async def test_what_the_caller_types_is_known_and_neither_answered_nor_cuts_anybody():
    async with RealtimeCall() as call:
        server = await call.greeted()
        await stand_aside(call)
        before, call.frames = responses(server), []
        call.conductor.append([{"role": "user", "content": "Are you a person?"}], respond=True)
        await asyncio.sleep(30)
        assert [event.text for event in call.of(UserTranscript)] == ["Are you a person?"]
        assert responses(server) == before
        assert call.frames == []
        come_back(call)
        await settle()
        items = [e["item"] for e in server.of_kind("conversation.item.create")]
        texts = [item["content"][0]["text"] for item in items]
        assert texts == [TOLD, "Are you a person?", BACK]


async def test_who_talks_with_a_person_waits_for_nobody_also_in_an_outage():
    policy = CallPolicy(hold_s=2.0, idle_s=None, answer_s=None)
    clip = Clip("One moment, please.", bytes(2 * RATE), RATE)
    async with RealtimeCall(hold=lambda: clip, policy=policy) as call:
        server = await call.greeted()
        await stand_aside(call)
        server.caller_says("I want my money back.")
        await asyncio.sleep(10)
        call.fake.is_slow.clear()
        server.lose()
        for _ in range(500):
            call.speak(20)
            await asyncio.sleep(0.02)
        call.fake.is_slow.set()
        assert not call.of(LineHeld), "no recorded line is put between what the two say"


async def test_nobody_is_asked_whether_they_are_there_meanwhile():
    async with RealtimeCall(policy=CallPolicy(idle_s=POLICY.idle_s, answer_s=6)) as call:
        server = await call.greeted()
        await stand_aside(call)
        before = responses(server)
        await asyncio.sleep(120)
        assert responses(server) == before
        assert call.ended == []
