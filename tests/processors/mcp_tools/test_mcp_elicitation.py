"""Servers that ask, over both transports and in both forms of the protocol; and slow ones."""

import asyncio
import json
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from processors.mcp_tools import McpServer
from processors.mcp_tools.under_way import Answer
from tests.processors.mcp_tools.restaurant import restaurant
from tests.processors.mcp_tools.tool_server import (
    Caller,
    Uvicorn,
    handshake_only,
    hosting,
    http_app,
)

PROGRAM = str(Path(__file__).parent / "restaurant.py")


class Side:
    """Answers for its call."""

    def __init__(self, guests):
        self.guests = guests
        self.questions, self.reports = [], []

    async def ask(self, question):
        self.questions.append(question)
        if self.guests is None:
            return Answer("decline")
        return Answer("accept", {"guests": self.guests})

    def progressed(self, progress):
        self.reports.append(progress)


@asynccontextmanager
async def reached(way):
    """The restaurant, over a transport and in a form of the protocol."""
    if way.startswith("stdio"):
        yield {"command": sys.executable, "args": (PROGRAM,)}
        return
    http = Uvicorn()
    app = http_app(restaurant())
    await http.start(handshake_only(app) if way == "http of 2025" else app)
    try:
        yield {"url": http.url}
    finally:
        await http.stop()


WAYS = ["http of 2026", "http of 2025", "stdio of 2026"]


def tool(host, name, side):
    return next(tool for tool in host.tools(["restaurant"], side=side) if tool.name == name)


@pytest.mark.parametrize("way", WAYS)
async def test_each_calls_question_reaches_that_call_and_its_answer_the_server(way):
    sides = {"Rome": Side(2), "Oslo": Side(5), "Bern": Side(None)}
    async with (
        reached(way) as where,
        hosting({"restaurant": McpServer(**where, asks="caller")}, timeout_s=60) as host,
    ):
        outputs = await asyncio.gather(
            *(
                Caller(host, f"call-{city}").run(tool(host, "book", side), city=city)
                for city, side in sides.items()
            )
        )
    assert "a table for 2 in Rome" in outputs[0].output
    assert "a table for 5 in Oslo" in outputs[1].output
    assert outputs[2].is_error
    for city, side in sides.items():
        [question] = side.questions
        assert question.message == f"How many guests in {city}?"
        assert question.schema["properties"]["guests"]["type"] == "integer"


async def test_a_server_that_nobody_answers_knows_it_at_once():
    async with (
        reached("http of 2025") as where,
        hosting({"restaurant": McpServer(**where)}) as host,
    ):
        side = Side(2)
        result = await Caller(host).run(tool(host, "book", side), city="Rome")
    assert result.is_error
    assert not side.questions


@pytest.mark.parametrize("way", WAYS)
async def test_progress_reaches_the_call(way):
    async with (
        reached(way) as where,
        hosting({"restaurant": McpServer(**where)}, timeout_s=60) as host,
    ):
        side = Side(2)
        result = await Caller(host).run(tool(host, "cook", side))
        assert json.loads(result.output) == {"result": "done"}
    assert len(side.reports) == 8
    assert side.reports[4].share == 0.5
    assert side.reports[0].message == "stirring"
