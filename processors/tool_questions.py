"""What tools ask in the middle of their work, put to the caller by the agent, or to an operator.

MCP calls it elicitation. A tool that asks goes on waiting at its server, while the model is told at
once what has to be known. It asks the caller and hands the answers in by `ANSWER_QUESTION`, whose
output is the tool's result, or its next question.
"""

import asyncio
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Protocol

import orjson
from jsonschema import Draft202012Validator
from loguru import logger

from processors.events.event import Emit
from processors.events.tools import ElicitationAnswered, ElicitationRequested
from processors.mcp_tools.under_way import Answer, Question
from processors.tools import Tool, ToolCall, ToolResult

ANSWER_QUESTION = "answer_question"

CALLER_TIMEOUT_S = 120.0
"""How long the caller may take for all answers of a question; the call goes on meanwhile."""

OPERATOR_TIMEOUT_S = 90.0


class UnknownQuestionError(LookupError):
    """No question waits under this id."""


class WrongAnswerError(ValueError):
    """The answers do not fit the question; the text says what is wrong."""


class Talk(Protocol):
    """What is needed of the conversation; every `processors.voice_model.VoiceModel` has it."""

    def tell(self, fact: str, *, respond: bool) -> None:
        """Tells the agent what happened."""
        ...

    def mask(self, text: str) -> str:
        """A text without the digits that nobody may see."""
        ...


@dataclass(slots=True)
class _Open:
    """A question that waits, with the answers so far."""

    id: str
    question: Question
    answered: asyncio.Future[Answer]
    content: dict[str, Any] = field(default_factory=dict)


class _Work:
    """A tool that runs, also while nobody waits for it."""

    def __init__(self, call: ToolCall, running: asyncio.Task[ToolResult]) -> None:
        self.call = call
        self.running = running
        self.questions: list[_Open] = []
        self.news = asyncio.Event()
        self.waiting = 0
        self.has_asked = False
        running.add_done_callback(lambda _: self.news.set())


_works: set[asyncio.Task[ToolResult]] = set()
"""Tools whose phone call is over still have to hear that nobody answers."""


class Questions:
    """The questions of one call's tools."""

    def __init__(self, talk: Talk, emit: Emit) -> None:
        self._talk = talk
        self._emit = emit
        self._works: dict[str, _Work] = {}
        self._numbers = count(1)
        self._is_closed = False

    @property
    def tool(self) -> Tool:
        """``answer_question(answers, declined)``, for agents whose tools ask the caller."""
        return Tool(
            name=ANSWER_QUESTION,
            description=(
                "Only after the output of a tool has asked a question: hand in what the caller "
                "answered. The output is the result of that tool, or what is still missing."
            ),
            parameters={
                "type": "object",
                "properties": {
                    "answers": {
                        "type": "object",
                        "description": "The caller's answers by the names that were given.",
                    },
                    "declined": {
                        "type": "boolean",
                        "description": "True when the caller does not want to answer.",
                    },
                },
            },
            run=self._answered,
            timeout_s=CALLER_TIMEOUT_S,
        )

    async def ask(self, question: Question) -> Answer:
        """Puts a question to who answers it; ``cancel`` when nobody does in time."""
        work = self._works.get(question.call.id)
        if self._is_closed or work is None:
            return Answer("cancel")
        loop = asyncio.get_running_loop()
        asked = _Open(f"elicitation_{next(self._numbers)}", question, loop.create_future())
        work.questions.append(asked)
        work.has_asked = True
        self._emit(
            ElicitationRequested(
                elicitation_id=asked.id,
                tool=question.call.name,
                message=self._talk.mask(question.message),
                answers=_fields(question),
                required=_required(question),
                of=question.of,
            )
        )
        work.news.set()
        limit_s = CALLER_TIMEOUT_S if question.of == "caller" else OPERATOR_TIMEOUT_S
        try:
            async with asyncio.timeout(limit_s):
                return await asked.answered
        except TimeoutError:
            self._settle(asked, Answer("cancel"), by="")
            return Answer("cancel")
        finally:
            work.questions.remove(asked)

    def answer(self, elicitation_id: str, answer: Answer, *, by: str) -> None:
        """An operator answers; the agent is told what came of it.

        Raises:
            UnknownQuestionError: Nothing waits under this id, or not any more.
            WrongAnswerError: The content does not fit.
        """
        for work in self._works.values():
            for asked in work.questions:
                if asked.id == elicitation_id and not asked.answered.done():
                    if answer.action == "accept" and (
                        problem := _problem(asked.question, answer.content or {}, is_whole=True)
                    ):
                        raise WrongAnswerError(problem)
                    self._settle(asked, answer, by=by)
                    return
        raise UnknownQuestionError(f"no question waits under {elicitation_id}")

    def close(self) -> None:
        """The call is over: nobody answers any more, and the servers are told so."""
        self._is_closed = True
        for work in self._works.values():
            for asked in work.questions:
                self._settle(asked, Answer("cancel"), by="")

    def _settle(self, asked: _Open, answer: Answer, *, by: str) -> None:
        if not asked.answered.done():
            asked.answered.set_result(answer)
        self._emit(ElicitationAnswered(elicitation_id=asked.id, action=answer.action, by=by))

    async def run(self, tool: Tool, call: ToolCall) -> ToolResult:
        """Runs a tool, which may ask before it has a result: then that is what comes back."""
        running = asyncio.ensure_future(tool.run(call))
        _works.add(running)
        running.add_done_callback(_works.discard)
        work = self._works[call.id] = _Work(call, running)
        running.add_done_callback(lambda _: self._finished(work))
        return await self._outcome(work)

    async def _outcome(self, work: _Work) -> ToolResult:
        """The tool's result, or what it asks first."""
        work.waiting += 1
        try:
            while not work.running.done():
                if asked := next((q for q in work.questions if not q.answered.done()), None):
                    return _told(asked)
                work.news.clear()
                await work.news.wait()
        except asyncio.CancelledError:
            if not work.has_asked:
                work.running.cancel()
            raise
        finally:
            work.waiting -= 1
        return _result(work)

    def _finished(self, work: _Work) -> None:
        self._works.pop(work.call.id, None)
        if work.waiting or self._is_closed or work.running.cancelled():
            return
        output = self._talk.mask(_result(work).output)
        self._talk.tell(
            f"{work.call.name} has finished. Its result: {output} Tell the caller what came of it, "
            "and do not call it again for the same.",
            respond=True,
        )

    async def _answered(self, call: ToolCall) -> ToolResult:
        found = next(
            (
                (work, asked)
                for work in self._works.values()
                for asked in work.questions
                if asked.question.of == "caller" and not asked.answered.done()
            ),
            None,
        )
        if found is None:
            return _error("No tool has asked anything, or it did not wait for the answer.")
        work, asked = found
        if call.arguments.get("declined"):
            self._settle(asked, Answer("decline"), by="caller")
            return await self._outcome(work)
        given = call.arguments.get("answers")
        given = given if isinstance(given, dict) else {}
        if problem := _problem(asked.question, given, is_whole=False):
            return _error(f"{problem} Ask the caller again.")
        asked.content |= given
        if problem := _problem(asked.question, asked.content, is_whole=True):
            return _error(f"{problem} Ask the caller for what is missing, one thing at a time.")
        self._settle(asked, Answer("accept", asked.content), by="caller")
        return await self._outcome(work)


def _told(asked: _Open) -> ToolResult:
    """What the model is told instead of a result."""
    question = asked.question
    if question.of == "operator":
        text = (
            "Not done yet: a colleague has been asked something first. Tell the caller that it "
            "takes a moment. You are told what came of it; do not call it again."
        )
        return ToolResult(_json({"waits_for": "a colleague", "do": text}))
    told = {
        "question": question.message,
        "answers": _fields(question),
        "needed": _required(question),
        "do": "Not done yet. Put this to the caller in your own words, one question at a time, and "
        f"call {ANSWER_QUESTION} with the answers, or with declined if they don't want to say it. "
        "Do not answer yourself, and do not call the first tool again.",
    }
    return ToolResult(_json(told))


def _fields(question: Question) -> dict[str, Any]:
    """The answers that are wanted, by name: their schemas without what only forms need."""
    properties = question.schema.get("properties")
    return dict(properties) if isinstance(properties, dict) else {}


def _required(question: Question) -> list[str]:
    """The names of the answers that must be given."""
    required = question.schema.get("required")
    return [str(name) for name in required] if isinstance(required, list) else []


def _problem(question: Question, content: dict[str, Any], *, is_whole: bool) -> str:
    """What is wrong with answers; empty when nothing is."""
    wanted = _fields(question)
    if unknown := [name for name in content if name not in wanted]:
        return f"{unknown[0]} was not asked for; the answers are {', '.join(wanted)}."
    schema = {**question.schema, "type": "object"}
    if not is_whole:
        schema["required"] = []
    try:
        validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
        errors = [
            f"{'.'.join(map(str, error.absolute_path)) or 'answers'}: {error.message}"
            for error in validator.iter_errors(content)
        ]
    except Exception as error:
        # A server's schema may be anything; it has the last word on the answers.
        logger.warning("the schema of a question can't be applied: {!r}", error)
        return ""
    return f"The answers do not fit: {'; '.join(errors[:5])}." if errors else ""


def _result(work: _Work) -> ToolResult:
    if error := work.running.exception():
        logger.warning("tool {} failed: {!r}", work.call.name, error)
        return _error(f"{work.call.name} failed: {error}")
    return work.running.result()


def _error(text: str) -> ToolResult:
    return ToolResult(_json({"error": text}), is_error=True)


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
