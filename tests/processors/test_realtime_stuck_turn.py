import asyncio

from processors.events.calls import Problem
from processors.events.conversation import SessionState
from processors.realtime.policy import CallPolicy
from processors.tools import ToolResult
from tests.processors.realtime_call import RealtimeCall, settle, tool

VIRTUAL_TIME = True

POLICY = CallPolicy(idle_s=None, answer_s=6)


def codes(call):
    return [(problem.code, problem.fatal) for problem in call.of(Problem)]


def unanswered_turn(server, text="hello?"):
    turn = server.caller_starts()
    server.caller_stops(turn)
    server.transcribe(turn, text)


def asked(server):
    return len(server.of_kind("response.create")) - 1


async def test_a_turn_without_an_answer_is_noticed_and_asked_for_once():
    async with RealtimeCall(policy=POLICY) as call:
        server = await call.greeted()
        unanswered_turn(server)
        await asyncio.sleep(5.9)
        assert not asked(server)
        assert not codes(call)
        await asyncio.sleep(0.2)
        assert asked(server) == 1
        assert codes(call) == [("no_answer", False)]
        server.say("Yes?", 100)
        server.finish()
        await asyncio.sleep(60)

        assert asked(server) == 1
        assert codes(call) == [("no_answer", False)]
        assert len(call.fake.connections) == 1


async def test_a_response_that_says_nothing_is_given_up():
    async with RealtimeCall(policy=POLICY) as call:
        server = await call.greeted()
        server.caller_says("hello?")
        await asyncio.sleep(6.1)

        assert len(server.of_kind("response.cancel")) == 1
        assert asked(server) == 1
        assert not server.refusals


async def test_a_response_that_takes_long_again_is_waited_for():
    async with RealtimeCall(policy=POLICY) as call:
        server = await call.greeted()
        server.caller_says("hello?")
        await asyncio.sleep(60)

        assert asked(server) == 1
        assert codes(call) == [("no_answer", False)]
        assert len(call.fake.connections) == 1


async def test_a_session_that_answers_nothing_any_more_is_replaced():
    async with RealtimeCall(policy=POLICY) as call:
        server = await call.greeted()
        server.acknowledges = False
        server.caller_says("hello?")
        await asyncio.sleep(12.1)

        heir = await call.fake.connection(1)
        await heir.asked_to_respond()
        assert codes(call) == [("no_answer", False), ("connection_lost", False)]
        assert [s.state for s in call.of(SessionState)][-1] == "ready"


async def test_an_answer_settles_the_turn():
    async with RealtimeCall(policy=POLICY) as call:
        server = await call.greeted()
        server.caller_says("tell me")
        item_id = server.begin_message()
        server.send_audio_delta(item_id, 100)
        await asyncio.sleep(60)
        assert not asked(server)
        assert not codes(call)


async def test_a_function_call_is_an_answer():
    async def run(call):
        await asyncio.sleep(30)
        return ToolResult("found")

    async with RealtimeCall(tools=[tool("search", run, timeout_s=60)], policy=POLICY) as call:
        server = await call.greeted()
        server.caller_says("search")
        server.call("search")
        server.finish()
        await asyncio.sleep(29)
        assert not asked(server)
        assert not codes(call)


async def test_a_caller_who_speaks_again_makes_it_a_new_turn():
    async with RealtimeCall(policy=POLICY) as call:
        server = await call.greeted()
        unanswered_turn(server)
        await asyncio.sleep(5)
        turn = server.caller_starts()
        await asyncio.sleep(5)
        server.caller_stops(turn)
        await asyncio.sleep(5.9)
        assert not asked(server)
        await asyncio.sleep(0.2)
        assert asked(server) == 1


async def test_noise_without_words_is_not_owed_an_answer():
    async with RealtimeCall(policy=POLICY) as call:
        server = await call.greeted()
        unanswered_turn(server, "")
        await asyncio.sleep(60)
        assert not asked(server)
        assert not codes(call)


async def test_an_agent_that_was_told_to_be_silent_owes_nothing():
    async with RealtimeCall(policy=POLICY) as call:
        server = await call.greeted()
        server.caller_says("tell me")
        await settle()
        await call.conductor.interrupted()
        await asyncio.sleep(60)
        assert not asked(server)
        assert not codes(call)


async def test_a_loss_is_not_noticed_twice():
    async with RealtimeCall(policy=POLICY) as call:
        server = await call.greeted()
        server.caller_says("tell me")
        await settle()
        server.lose()
        heir = await call.fake.connection(1)
        await heir.asked_to_respond()
        await asyncio.sleep(60)
        assert codes(call) == [("connection_lost", False)]
        assert len(heir.of_kind("response.create")) == 1
