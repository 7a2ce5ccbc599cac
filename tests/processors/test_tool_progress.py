"""Long tools, in virtual time: what the agent says meanwhile, and what it does not talk over."""

import asyncio

import pytest

from processors.events.tools import ToolProgressed
from processors.mcp_tools.under_way import Progress
from processors.tool_progress import EVERY_S, FIRST_S, MOST_FILLERS, ToolProgress, filler
from processors.tools import ToolCall, ToolResult
from tests.processors.realtime_call import RealtimeCall, settle, tool

VIRTUAL_TIME = True

CALL = ToolCall("call-1", "c1", "search", {}, "front")


def at(share, call=CALL):
    return Progress(call=call, done=share * 10, total=10, message="")


class Room:
    """Where a line can be said, unless somebody speaks."""

    def __init__(self):
        self.said = []
        self.is_quiet = True

    async def fill(self, text):
        if self.is_quiet:
            self.said.append((round(asyncio.get_running_loop().time()), text))
        return self.is_quiet


async def test_the_agent_says_how_far_a_tool_is_and_not_too_often():
    room, events = Room(), []
    progress = ToolProgress(room, events.append)
    start = round(asyncio.get_running_loop().time())
    progress.began(CALL)
    for second in range(60):
        progress.progressed(at(second / 60))
        await asyncio.sleep(1)
    progress.ended(CALL)
    await asyncio.sleep(100)
    assert len(room.said) == MOST_FILLERS
    waits = [FIRST_S, FIRST_S + EVERY_S, FIRST_S + 2 * EVERY_S]
    assert [when - start for when, _ in room.said] == waits
    assert 55 <= len(events) <= 60
    assert all(isinstance(event, ToolProgressed) for event in events)


async def test_a_quick_tool_and_one_that_tells_nothing_are_passed_over():
    room = Room()
    progress = ToolProgress(room, lambda _event: None)
    progress.began(CALL)
    progress.progressed(at(0.5))
    await asyncio.sleep(FIRST_S - 1)
    progress.ended(CALL)
    progress.began(CALL)
    await asyncio.sleep(50)
    progress.ended(CALL)
    assert not room.said


async def test_a_filler_waits_for_whoever_speaks_and_is_up_to_date_then():
    room = Room()
    progress = ToolProgress(room, lambda _event: None)
    progress.began(CALL)
    progress.progressed(at(0.1))
    room.is_quiet = False
    await asyncio.sleep(FIRST_S + 5)
    progress.progressed(at(0.9))
    room.is_quiet = True
    await asyncio.sleep(1)
    [(_, text)] = room.said
    assert "almost done" in text
    progress.close()
    await asyncio.sleep(50)
    assert len(room.said) == 1


async def test_a_hundred_reports_a_second_are_one_event_a_second():
    events = []
    progress = ToolProgress(Room(), events.append)
    progress.began(CALL)
    for step in range(300):
        progress.progressed(at(step / 1000))
        await asyncio.sleep(0.01)
    progress.ended(CALL)
    assert 3 <= len(events) <= 4


@pytest.mark.parametrize(
    ("share", "said", "words"),
    [
        (None, 0, "I am still working on it."),
        (0.5, 0, "I am still working on it, I am half way."),
        (0.7, 1, "It still takes a moment, I am well past half way."),
        (0.95, 2, "It still takes a moment, I am almost done."),
    ],
)
def test_what_is_said(share, said, words):
    assert filler(None if share is None else at(share), said) == words


class Filling:
    """The call's way to say a line."""

    def __init__(self, call):
        self.call = call

    async def fill(self, text):
        return self.call.conductor.fill(text)


async def test_in_a_call_the_line_is_said_while_the_tool_runs_and_never_over_the_caller():
    go_on = asyncio.Event()

    async def search(call):
        progress.began(call)
        progress.progressed(at(0.5, call))
        await go_on.wait()
        progress.ended(call)
        return ToolResult('{"summary": "Found."}')

    async with RealtimeCall(tools=[tool("search", search, timeout_s=100)]) as call:
        progress = ToolProgress(Filling(call), call.events.append)
        server = await call.greeted()
        server.caller_says("Look for it.")
        await settle()
        server.say("One moment.", 1000)
        made = server.call("search")
        server.finish()
        await settle()
        await asyncio.sleep(FIRST_S + 1)
        assert len(server.of_kind("response.create")) == 1, "the line still plays One moment"
        call.hear(1000)
        request = await server.asked_to_respond()
        assert "half way" in request["instructions"]
        assert request["tool_choice"] == "none"
        assert not server.outputs()
        server.say("I am still working on it, I am half way.", 1000)
        caller = server.caller_starts()
        await settle()
        await asyncio.sleep(EVERY_S * 2)
        assert len(server.of_kind("response.create")) == 2, "the caller has the floor"
        server.caller_stops(caller)
        server.transcribe(caller, "Good.")
        server.answer_turn()
        server.say("Fine.", 500)
        server.finish()
        go_on.set()
        await server.asked_to_respond()
        assert "Found" in server.outputs()[made]
