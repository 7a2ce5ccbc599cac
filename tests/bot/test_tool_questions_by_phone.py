"""Tools of plugged-in servers that ask the caller something, in a phone call.

How an operator answers is in tests/console/test_questions.py.
"""

import json
import sys

import pytest

from emulators.twilio.caller import Manners, Say, ScriptedCaller, Until
from emulators.twilio.carrier import Carrier
from processors.events.conversation import AgentTranscript
from processors.events.tools import ElicitationAnswered, ElicitationRequested, ToolFinished
from tests.bot.events import events_of
from tests.bot.service import model, service, until
from tests.processors.mcp_tools.restaurant import restaurant
from tests.processors.mcp_tools.test_mcp_elicitation import PROGRAM
from tests.processors.mcp_tools.tool_server import Uvicorn, handshake_only, http_app

pytestmark = pytest.mark.call

TABLES = """
opening: [{say: Hello there}]
turns:
  - match: table please
    do: [{say: One moment}, {call: {name: here_book, arguments: {city: Rome}}}]
  - match: How many guests in Rome
    do: [{say: How many guests in Rome}]
  - match: two guests
    do: [{call: {name: answer_question, arguments: {answers: {guests: 2}}}}]
  - match: table for 2 in Rome
    do: [{say: It is booked for two}, {call: {name: there_book, arguments: {city: Oslo}}}]
  - match: How many guests in Oslo
    do: [{say: And how many in Oslo}]
  - match: five guests
    do: [{call: {name: answer_question, arguments: {answers: {guests: 5}}}}]
  - match: table for 5 in Oslo
    do: [{say: It is booked for five}, {call: {name: end_call}}]
"""


async def test_the_caller_is_asked_by_servers_over_stdio_and_http(tmp_path):
    http = Uvicorn()
    await http.start(handshake_only(http_app(restaurant())))
    here = {"command": sys.executable, "args": [PROGRAM]}
    servers = {"here": here, "there": {"url": http.url}}
    path = tmp_path / "mcp.json"
    path.write_text(json.dumps({"mcpServers": servers}))
    lines = ["a table please", "two guests", "five guests"]
    try:
        async with (
            Carrier() as carrier,
            model(TABLES, lines) as emulator,
            service(
                emulator.url, mcp_servers=str(path), destructive_tools="free", tool_timeout_s=60
            ) as running,
            events_of(running) as events,
        ):
            states = running.switchboard.tool_server_states
            await until(lambda: states()["here"] == states()["there"] == "up", timeout_s=60)

            def has_said(words):
                return Until(
                    lambda: any(
                        isinstance(event, AgentTranscript) and event.final and words in event.text
                        for event in events
                    )
                )

            caller = ScriptedCaller(
                [
                    Say("a table please"),
                    has_said("in Rome"),
                    Say("two guests"),
                    has_said("in Oslo"),
                    Say("five guests"),
                    has_said("for five"),
                ],
                manners=Manners(quiet_s=0.5, linger_s=10),
            )
            live = await carrier.call(f"{running.http}/twilio/voice", caller)
    finally:
        await http.stop()
    assert live.ended_by == "application"
    asked = [event for event in events if isinstance(event, ElicitationRequested)]
    assert [(event.tool, event.of) for event in asked] == [
        ("here_book", "caller"),
        ("there_book", "caller"),
    ]
    answered = [event for event in events if isinstance(event, ElicitationAnswered)]
    assert [(event.action, event.by) for event in answered] == [("accept", "caller")] * 2
    results = [e for e in events if isinstance(e, ToolFinished) and e.tool == "answer_question"]
    assert "a table for 2 in Rome" in results[0].output
    assert "a table for 5 in Oslo" in results[1].output
