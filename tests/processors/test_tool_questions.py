"""Tools that ask in the middle of their work, in virtual time: who is told what, and when."""

import asyncio
import json

import pytest

from processors.events.tools import ElicitationAnswered, ElicitationRequested
from processors.mcp_tools.under_way import Answer, Question
from processors.tool_questions import (
    ANSWER_QUESTION,
    CALLER_TIMEOUT_S,
    OPERATOR_TIMEOUT_S,
    Questions,
    UnknownQuestionError,
    WrongAnswerError,
)
from processors.tools import ToolCall, ToolResult
from tests.processors.realtime_call import RealtimeCall, settle, tool

VIRTUAL_TIME = True

SCHEMA = {
    "type": "object",
    "properties": {
        "guests": {"type": "integer", "minimum": 1, "description": "How many guests?"},
        "name": {"type": "string"},
    },
    "required": ["guests", "name"],
}


class Talk:
    def __init__(self):
        self.told = []

    def tell(self, fact, *, respond):
        self.told.append((fact, respond))

    def mask(self, text):
        return text.replace("4711", "••••")


class Desk:
    """A tool that asks once or twice, and says what it was answered."""

    def __init__(self, of="caller", times=1):
        self.talk = Talk()
        self.events = []
        self.questions = Questions(self.talk, self.events.append)
        self.answers = []

        async def book(call):
            for number in range(times):
                question = Question(call=call, message=f"Who? {number}", schema=SCHEMA, of=of)
                self.answers.append(await self.questions.ask(question))
            return ToolResult(json.dumps({"booked": self.answers[-1].action}))

        self.book = tool("book", book)

    async def run(self):
        call = ToolCall("call-1", "c1", "book", {}, "front")
        return json.loads((await self.questions.run(self.book, call)).output)

    async def answer(self, **arguments):
        call = ToolCall("call-1", "c2", ANSWER_QUESTION, arguments, "front")
        result = await self.questions.tool.run(call)
        return json.loads(result.output), result.is_error

    def of(self, kind):
        return [event for event in self.events if isinstance(event, kind)]


async def test_the_model_is_told_the_question_and_hands_in_the_callers_answers():
    desk = Desk()
    told = await desk.run()
    assert told["question"] == "Who? 0"
    assert told["needed"] == ["guests", "name"]
    assert told["answers"]["guests"]["minimum"] == 1
    output, is_error = await desk.answer(answers={"guests": 0})
    assert is_error
    assert "guests" in output["error"]
    output, is_error = await desk.answer(answers={"guests": 4})
    assert is_error
    assert "'name' is a required property" in output["error"]
    output, is_error = await desk.answer(answers={"shoe": 4})
    assert "the answers are guests, name" in output["error"]
    assert await desk.answer(answers={"name": "Ann"}) == ({"booked": "accept"}, False)
    assert desk.answers == [Answer("accept", {"guests": 4, "name": "Ann"})]
    [requested] = desk.of(ElicitationRequested)
    assert (requested.tool, requested.of) == ("book", "caller")
    assert requested.required == ["guests", "name"]
    assert [(e.action, e.by) for e in desk.of(ElicitationAnswered)] == [("accept", "caller")]
    assert not desk.talk.told


async def test_a_tool_may_ask_again():
    desk = Desk(times=2)
    await desk.run()
    second, _ = await desk.answer(answers={"guests": 4, "name": "Ann"})
    assert second["question"] == "Who? 1"
    assert await desk.answer(declined=True) == ({"booked": "decline"}, False)


async def test_an_answer_to_nothing_is_an_error():
    output, is_error = await Desk().answer(answers={})
    assert is_error
    assert "No tool has asked" in output["error"]


async def test_a_caller_who_does_not_answer_in_time_cancels():
    desk = Desk()
    await desk.run()
    await asyncio.sleep(CALLER_TIMEOUT_S + 1)
    assert desk.answers == [Answer("cancel")]
    [(fact, respond)] = desk.talk.told
    assert '{"booked": "cancel"}' in fact
    assert respond
    assert [(e.action, e.by) for e in desk.of(ElicitationAnswered)] == [("cancel", "")]
    assert (await desk.answer(answers={}))[1]


async def test_the_server_hears_of_a_caller_who_hangs_up():
    desk = Desk()
    await desk.run()
    desk.questions.close()
    await settle()
    assert desk.answers == [Answer("cancel")]
    assert not desk.talk.told
    late = Question(
        call=ToolCall("call-1", "c9", "book", {}, "x"), message="", schema={}, of="caller"
    )
    assert await desk.questions.ask(late) == Answer("cancel")


async def test_an_operator_answers_and_the_agent_is_told_what_came_of_it():
    desk = Desk(of="operator")
    told = await desk.run()
    assert told["waits_for"] == "a colleague"
    assert (await desk.answer(answers={"guests": 4, "name": "Ann"}))[1], (
        "not the caller's to answer"
    )
    [requested] = desk.of(ElicitationRequested)
    with pytest.raises(WrongAnswerError, match="guests"):
        desk.questions.answer(requested.elicitation_id, Answer("accept", {"name": "A"}), by="desk")
    answer = Answer("accept", {"guests": 2, "name": "Ann"})
    desk.questions.answer(requested.elicitation_id, answer, by="desk")
    await settle()
    [(fact, respond)] = desk.talk.told
    assert "booked" in fact
    assert respond
    with pytest.raises(UnknownQuestionError):
        desk.questions.answer(requested.elicitation_id, answer, by="desk")
    assert desk.of(ElicitationAnswered)[0].by == "desk"


async def test_an_operator_who_does_not_answer_in_time_cancels():
    desk = Desk(of="operator")
    await desk.run()
    await asyncio.sleep(OPERATOR_TIMEOUT_S + 1)
    assert desk.answers == [Answer("cancel")]


async def test_a_tool_that_asks_nothing_is_cancelled_with_its_call():
    cancelled = asyncio.Event()

    async def wait(_call):
        try:
            await asyncio.sleep(1000)
        finally:
            cancelled.set()

    questions = Questions(Talk(), lambda _event: None)
    call = ToolCall("call-1", "c1", "wait", {}, "front")
    running = asyncio.ensure_future(questions.run(tool("wait", wait), call))
    await settle()
    running.cancel()
    await settle()
    assert cancelled.is_set()


class SidedTalk(Talk):
    """The conversation as questions see it, which exists only after them."""

    call = None

    def tell(self, fact, *, respond):
        self.call.conductor.controls.coaching.tell(fact, respond=respond)

    def mask(self, text):
        return self.call.conductor.secrets.mask(text)


async def test_a_call_goes_on_while_a_tool_waits_for_the_callers_answer():
    talk, events = SidedTalk(), []
    questions = Questions(talk, events.append)
    got = []

    async def book(call):
        question = Question(call=call, message="Who?", schema=SCHEMA, of="caller")
        got.append(await questions.ask(question))
        return ToolResult('{"summary": "Booked."}')

    booking = tool("book", lambda call: questions.run(tool("book", book), call))
    async with RealtimeCall(tools=[booking, questions.tool]) as call:
        talk.call = call
        server = await call.greeted()
        server.caller_says("Book a table.")
        await settle()
        first = server.call("book")
        server.finish()
        await server.asked_to_respond()
        assert "Who?" in server.outputs()[first]
        server.say("How many guests, and which name?")
        server.finish()
        await settle()
        call.hear(5000)
        server.caller_says("Four, for Ann.")
        await settle()
        second = server.call(ANSWER_QUESTION, '{"answers": {"guests": 4, "name": "Ann"}}')
        server.finish()
        await server.asked_to_respond()
        assert "Booked" in server.outputs()[second]
    assert got == [Answer("accept", {"guests": 4, "name": "Ann"})]
