"""The time of a tool call: it stands still while somebody is asked, and begins anew with news."""

import asyncio

import pytest
from mcp_types import ElicitRequestFormParams, ElicitRequestURLParams

from processors.mcp_tools.under_way import Answer, Nobody, UnderWay
from processors.tools import ToolCall

VIRTUAL_TIME = True

FORM = ElicitRequestFormParams(message="Who?", requested_schema={"type": "object"})
CALL = ToolCall("call-1", "c1", "book", {}, "front")


class Slow(Nobody):
    """Takes its time to answer."""

    def __init__(self, seconds):
        self.seconds = seconds
        self.reports = []

    async def ask(self, question):
        await asyncio.sleep(self.seconds)
        return Answer("accept", {})

    def progressed(self, progress):
        self.reports.append(progress.share)


def under_way(side=None, *, of="caller", longest_s=60):
    return UnderWay(CALL, side or Nobody(), of=of, timeout_s=5, longest_s=longest_s)


def deadline():
    return asyncio.get_running_loop().time() + 5


async def test_a_tool_has_its_time_and_no_more():
    with pytest.raises(TimeoutError):
        async with under_way().running(deadline()):
            await asyncio.sleep(6)


async def test_time_stands_still_while_somebody_is_asked_and_begins_anew():
    tool = under_way(Slow(100))
    async with tool.running(deadline()):
        await asyncio.sleep(4)
        assert (await tool.asked(FORM)).action == "accept"
        await asyncio.sleep(4)
    assert tool.has_asked


async def test_two_questions_at_once_are_both_waited_for():
    tool = under_way(Slow(100))
    async with tool.running(deadline()):
        later = asyncio.create_task(tool.asked(FORM))
        await asyncio.sleep(50)
        await tool.asked(FORM)
        await later


async def test_each_report_gives_the_tool_its_time_again():
    side = Slow(0)
    tool = under_way(side)
    async with tool.running(deadline()):
        for step in range(6):
            await asyncio.sleep(4)
            await tool.progressed(step, 5, None)
    assert side.reports == [0, 0.2, 0.4, 0.6, 0.8, 1]


async def test_a_tool_that_reports_for_ever_is_given_up():
    tool = under_way(longest_s=20)
    began = asyncio.get_running_loop().time()

    async def report_for_ever():
        async with tool.running(deadline()):
            while True:
                await asyncio.sleep(3)
                await tool.progressed(1, None, None)

    with pytest.raises(TimeoutError):
        await report_for_ever()
    assert asyncio.get_running_loop().time() - began == pytest.approx(20)


async def test_nobody_opens_a_page_on_a_telephone():
    page = ElicitRequestURLParams(message="Pay", url="https://pay.example.com", elicitation_id="1")
    tool = under_way(Slow(0))
    async with tool.running(deadline()):
        assert (await tool.asked(page)).action == "decline"
        assert (await under_way(of=None).asked(FORM)).action == "decline"
    assert not tool.has_asked
