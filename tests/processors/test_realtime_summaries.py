import asyncio

from processors.events.calls import Problem
from processors.events.conversation import AgentTranscript
from processors.events.figures import Usage
from processors.realtime.policy import CallPolicy
from processors.tools import ToolResult
from tests.processors.realtime_call import RealtimeCall, settle, tool

VIRTUAL_TIME = True

POLICY = CallPolicy(history_tokens=400, idle_s=None, answer_s=None)
TURN = "w" * 96
"""28 tokens: about fourteen of them fill the budget."""


def texts(server):
    items = [event["item"] for event in server.of_kind("conversation.item.create")]
    return [i["content"][0]["text"] for i in items if i["type"] == "message"]


def told(aside):
    """The words of an aside's input."""
    return [item["content"][0]["text"] for item in aside[1]["input"]]


async def converse(call, server, turns, start=0):
    """So many turns of the caller, with answers of no length."""
    for number in range(start, start + turns):
        server.caller_says(f"{number} {TURN}"[:96])
        server.say("Yes.", 100)
        server.finish()
        await settle()
        call.hear(100)
        await settle()


async def lose(call, server, index):
    server.lose()
    heir = await call.fake.connection(index)
    await settle()
    return heir


async def test_a_short_call_is_not_summarised():
    async with RealtimeCall(policy=POLICY) as call:
        server = await call.greeted()
        await converse(call, server, 7)
        await asyncio.sleep(60)
        assert not server.asides
        heir = await lose(call, server, 1)
        assert len(texts(heir)) == 15


async def test_the_older_turns_of_a_long_call_are_summarised_beside_the_conversation():
    async with RealtimeCall(policy=POLICY) as call:
        server = await call.greeted()
        await converse(call, server, 10)
        (aside,) = server.asides
        parameters = aside[1]
        assert parameters["conversation"] == "none"
        assert parameters["output_modalities"] == ["text"]
        assert parameters["max_output_tokens"] == 100
        assert not parameters["tools"]
        assert all("id" not in item for item in parameters["input"])
        assert told(aside)[0] == "Hello."
        assert told(aside)[1].startswith("0 ")
        server.answer_aside("The caller is Ann.", usage={"input_tokens": 9})
        await settle()
        heir = await lose(call, server, 1)

        summary, *rest = texts(heir)
        assert summary == "Summary of the conversation up to here:\nThe caller is Ann."
        assert len(rest) == 21 - len(told(aside)), "the rest stands there word by word"
        assert rest[-2].startswith("9 ")
        assert "The caller is Ann." not in [t.text for t in call.of(AgentTranscript)]
        assert len(call.of(Usage)) == 1


async def test_a_summary_extends_the_one_before():
    async with RealtimeCall(policy=POLICY) as call:
        server = await call.greeted()
        await converse(call, server, 10)
        server.answer_aside("The caller is Ann.")
        await settle()
        first = told(server.asides[0])
        await converse(call, server, 10, start=10)
        second = told(server.asides[1])

        assert second[0].endswith("The caller is Ann.")
        assert not set(first) & set(second[1:]) - {"Yes."}
        server.answer_aside("The caller is Ann, and wants a hotel.")
        await settle()
        heir = await lose(call, server, 1)
        assert "hotel" in texts(heir)[0]
        assert sum("Summary" in text for text in texts(heir)) == 1


async def test_a_summary_waits_for_a_pause_but_not_for_ever():
    async with RealtimeCall(policy=POLICY) as call:
        server = await call.greeted()
        await converse(call, server, 8)
        server.caller_says(TURN)
        server.say("A long story.", 60_000)
        server.finish()
        await asyncio.sleep(30)
        assert not server.asides, "the agent is being heard"
        for _ in range(2):
            server.caller_says(TURN)
            server.say("Another story.", 60_000)
            server.finish()
            await asyncio.sleep(30)
        assert server.asides, "there is hardly any room left"


async def test_without_a_summary_the_oldest_turns_are_left_out():
    async with RealtimeCall(policy=POLICY) as call:
        server = await call.greeted()
        await converse(call, server, 20)
        assert len(server.asides) == 1
        heir = await lose(call, server, 1)

        note, *rest = texts(heir)
        assert "older items were left out" in note
        assert rest[-2].startswith("19 ")
        assert len(rest) < 30
        assert not heir.of_kind("response.create"), "nobody is told, and nothing waits"


async def test_a_summary_that_fails_is_tried_again_later():
    async with RealtimeCall(policy=POLICY) as call:
        server = await call.greeted()
        await converse(call, server, 10)
        server.answer_aside("", status="failed")
        await converse(call, server, 2, start=10)
        assert len(server.asides) == 1
        await asyncio.sleep(31)
        await converse(call, server, 1, start=12)
        assert len(server.asides) == 2
        assert not call.of(Problem)


async def test_a_call_that_runs_is_not_summarised_away():
    gate = asyncio.Event()

    async def run(call):
        await gate.wait()
        return ToolResult("found")

    async with RealtimeCall(policy=POLICY, tools=[tool("search", run, timeout_s=900)]) as call:
        server = await call.greeted()
        server.caller_says("search")
        call_id = server.call("search")
        server.finish()
        await settle()
        await converse(call, server, 13)
        server.answer_aside("The caller wants something.")
        await settle()
        heir = await lose(call, server, 1)
        made = [e["item"]["type"] for e in heir.of_kind("conversation.item.create")]
        assert made.count("function_call") == 1
        gate.set()
        await heir.asked_to_respond()
        assert heir.outputs() == {call_id: "found"}
