import asyncio

from processors.realtime.idle_caller import GOODBYE, PROMPTS, REASON
from processors.realtime.policy import CallPolicy
from processors.tools import ToolResult
from tests.processors.realtime_call import RealtimeCall, settle, tool

VIRTUAL_TIME = True

POLICY = CallPolicy(idle_s=8)


async def at(seconds):
    await asyncio.sleep(seconds - asyncio.get_running_loop().time())


async def idle_call(call):
    """The call's server, when the greeting was heard; the time then."""
    server = await call.greeted()
    return server, asyncio.get_running_loop().time()


def asked(server):
    """What the agent was asked to say after the greeting."""
    instructions = [e["response"].get("instructions") for e in server.of_kind("response.create")]
    return [text.split('"')[1] if text else "" for text in instructions[1:]]


async def say(call, server, ms=1000):
    server.say("…", ms)
    server.finish()
    await settle()
    call.hear(ms)


async def test_silence_leads_to_two_prompts_and_a_polite_end():
    async with RealtimeCall(policy=POLICY) as call:
        server, start = await idle_call(call)
        await at(start + 7.9)
        assert not asked(server)
        for index, prompt in enumerate(PROMPTS):
            await at(start + 8.2 + 8.1 * index)
            assert asked(server)[index:] == [prompt]
            await say(call, server)
        await at(start + 24.5)
        assert asked(server) == [*PROMPTS, GOODBYE]
        server.say("Goodbye.", 1000)
        server.finish()
        await settle()
        assert not call.ended
        call.hear(1000)
        await asyncio.sleep(600)

        assert call.ended == [REASON]
        assert len(asked(server)) == 3


async def test_silence_counts_from_when_the_agent_was_heard():
    async with RealtimeCall(policy=POLICY) as call:
        server = await call.fake.connection()
        await server.asked_to_respond()
        server.say("Hello.", 1000)
        server.finish()
        await at(100)
        assert not asked(server)
        call.hear(1000)
        await at(107.9)
        assert not asked(server)
        await at(108.1)
        assert asked(server) == [PROMPTS[0]]


async def test_words_begin_the_count_anew():
    async with RealtimeCall(policy=POLICY) as call:
        server, start = await idle_call(call)
        await at(start + 8.1)
        await say(call, server)
        await at(start + 12)
        server.caller_says("yes, wait")
        await say(call, server)
        await at(start + 19.9)
        assert asked(server) == [PROMPTS[0]]
        await at(start + 20.1)
        assert asked(server) == [PROMPTS[0], PROMPTS[0]]


async def test_noise_does_not():
    async with RealtimeCall(policy=POLICY) as call:
        server, start = await idle_call(call)
        await at(start + 8.1)
        await say(call, server)
        await at(start + 12)
        server.caller_says("")
        server.finish()
        await at(start + 20.1)
        assert asked(server) == list(PROMPTS)


async def test_nobody_is_hurried_who_speaks():
    async with RealtimeCall(policy=POLICY) as call:
        server, _ = await idle_call(call)
        server.caller_starts()
        await asyncio.sleep(100)
        assert not asked(server)


async def test_nobody_is_prompted_while_a_tool_runs():
    gate = asyncio.Event()

    async def run(call):
        await gate.wait()
        return ToolResult("found")

    async with RealtimeCall(tools=[tool("search", run, timeout_s=3600)], policy=POLICY) as call:
        server, _ = await idle_call(call)
        server.caller_says("search")
        server.call("search")
        server.finish()
        await asyncio.sleep(100)
        assert not asked(server)
        gate.set()
        await server.asked_to_respond()
        await say(call, server)
        await asyncio.sleep(8.1)
        assert asked(server)[1:] == [PROMPTS[0]]


async def test_nobody_is_prompted_during_an_outage():
    async with RealtimeCall(policy=POLICY) as call:
        server, _ = await idle_call(call)
        call.fake.is_slow.clear()
        server.lose()
        await asyncio.sleep(100)
        call.fake.is_slow.set()
        heir = await call.fake.connection(1)
        await asyncio.sleep(7)
        assert not heir.of_kind("response.create")
        await asyncio.sleep(2)
        assert len(heir.of_kind("response.create")) == 1


async def test_a_caller_who_speaks_into_the_goodbye_stays():
    async with RealtimeCall(policy=POLICY) as call:
        server, _ = await idle_call(call)
        for _ in PROMPTS:
            await asyncio.sleep(8.1)
            await say(call, server)
        await asyncio.sleep(8.1)
        server.say("Goodbye.", 1000)
        server.finish()
        await settle()
        call.hear(500)
        server.caller_says("I am here!")
        await say(call, server)
        assert asked(server) == [*PROMPTS, GOODBYE]
        await asyncio.sleep(8.1)
        assert not call.ended
        assert asked(server) == [*PROMPTS, GOODBYE, PROMPTS[0]]


async def test_a_prompt_that_the_server_does_not_carry_out_does_not_stop_the_count():
    async with RealtimeCall(policy=POLICY) as call:
        server, _ = await idle_call(call)
        await asyncio.sleep(8.1)
        server.lose()
        heir = await call.fake.connection(1)
        await heir.asked_to_respond()
        await say(call, heir)
        await asyncio.sleep(8.1)
        assert len(heir.of_kind("response.create")) == 2


async def test_the_prompts_can_be_turned_off():
    async with RealtimeCall(policy=CallPolicy(idle_s=None)) as call:
        server, _ = await idle_call(call)
        await asyncio.sleep(600)
        assert not asked(server)


async def test_a_caller_whom_the_model_can_not_hear_yet_is_not_taken_for_silent():
    async with RealtimeCall(policy=POLICY) as call:
        server, start = await idle_call(call)
        await at(start + 2)
        server.waiting_audio = 200
        await at(start + 20)
        assert not asked(server)
        server.waiting_audio = 0
        await at(start + 31)
        assert asked(server) == [PROMPTS[0]]
