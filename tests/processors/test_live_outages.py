"""A call over GPT-Live without a session, or with one that is silent, and who waits for it."""

import asyncio

from processors.events.calls import Problem
from processors.holding_line import TOOL_S
from processors.line_probe import QUIET_S
from processors.tools import ToolResult
from tests.processors.live_call import CLIP, LiveCall, held
from tests.processors.realtime_call import settle, tool

VIRTUAL_TIME = True


async def test_what_the_caller_says_without_a_session_is_heard_by_the_next_one():
    async with LiveCall() as call:
        call.refusals = 2
        call.server.lose()
        await settle()
        for _ in range(600):
            call.conversation.hear(bytes(320))
        await asyncio.sleep(3)
        # Twelve seconds were said, ten are kept.
        assert len(call.server.audio) >= 500
        assert len(call.server.audio) < 540
        assert [p.code for p in call.of(Problem)] == ["connection_lost"]
        assert not call.unavailable


async def test_a_call_without_a_session_to_be_had_is_given_up_once():
    async with LiveCall() as call:
        call.refuses = True
        call.server.lose()
        await settle()
        assert call.unavailable == ["refused"]
        assert [(p.code, p.fatal) for p in call.of(Problem)] == [("unavailable", True)]


async def test_an_outage_is_waited_through_in_company():
    async with LiveCall(hold=lambda: CLIP) as call:
        call.server.hear("how are you")
        await asyncio.sleep(1)
        call.refusals = 9
        call.server.lose()
        await asyncio.sleep(2.5)
        assert held(call) == ["connection"]
        assert CLIP.text in call.said()
        call.refusals = 0
        await asyncio.sleep(3)
        assert held(call) == ["connection"]
        assert CLIP.text not in str(call.server.sent[0]["session"]["input"])


async def test_who_waits_for_nothing_hears_nothing_of_an_outage():
    async with LiveCall(hold=lambda: CLIP) as call:
        call.server.speak("Hello there.")
        await asyncio.sleep(2)
        call.refusals = 9
        call.server.lose()
        await asyncio.sleep(4)
        assert not held(call)
        call.refusals = 0
        await asyncio.sleep(3)
        call.server.hear("mhm")
        await asyncio.sleep(20)
        assert not held(call), "a model that takes turns by itself may leave it at that"


async def test_delegated_work_that_takes_long_is_waited_for_in_company():
    never = asyncio.Event()

    async def hang(_call):
        await never.wait()
        return ToolResult("found")

    async with LiveCall(hold=lambda: CLIP, tools=[tool("search", hang)]) as call:
        call.server.hear("look it up")
        await asyncio.sleep(1)
        call.server.call("search")
        await asyncio.sleep(TOOL_S + 1)
        assert held(call) == ["tool"]


async def test_a_live_session_that_has_gone_quiet_is_asked_and_lost_when_it_does_not_answer():
    async with LiveCall() as call:
        await asyncio.sleep(10)
        assert call.server.probes
        call.server.is_there = False
        await asyncio.sleep(QUIET_S + 1)
        assert len(call.servers) == 2
