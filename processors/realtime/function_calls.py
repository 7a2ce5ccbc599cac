"""Function calls of the model: every one is answered, whatever happens."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from jsonschema import Draft202012Validator
from loguru import logger

from processors.events.event import Emit
from processors.events.tools import ToolCalled, ToolFinished
from processors.realtime.background import Background
from processors.realtime.server_events import FunctionCall, ResponseDone
from processors.sensitive_digits import SensitiveDigits
from processors.tools import Tool, ToolCall, ToolResult

MAX_OUTPUT_CHARS = 32_000
"""More is cut off: it would crowd the conversation out of the model's context."""
MAX_VALIDATION_ERRORS = 5

MAX_ROUNDS = 8
"""Of function calls in a row in one turn of the caller's; then the agent has to speak."""


@dataclass(slots=True)
class Round:
    """The function calls of one response; they lead to one further response.

    Attributes:
        response_id: The response that made them.
        number: Which one in a row it is since the caller had their turn, from 1.
        results: Each call with its result, in the order in which they finished.
        output_ids: The items that their outputs became.
        begun: Ids of all its calls.
        unanswered: Ids of those that still run.
        is_closed: No more calls will come.
    """

    response_id: str
    number: int = 1
    results: list[tuple[FunctionCall, ToolResult]] = field(default_factory=list)
    output_ids: list[str] = field(default_factory=list)
    begun: set[str] = field(default_factory=set)
    unanswered: set[str] = field(default_factory=set)
    is_closed: bool = False

    @property
    def is_last(self) -> bool:
        """Whether the agent has to speak now, whatever it would like to look up next."""
        return self.number >= MAX_ROUNDS


class ToolRunner:
    """Runs one call at a time: parses, checks, runs, reports."""

    def __init__(self, call_id: str, emit: Emit, secrets: SensitiveDigits | None = None) -> None:
        self._call_id = call_id
        self._emit = emit
        self._secrets = secrets or SensitiveDigits()

    async def run(
        self, call: FunctionCall, tools: Mapping[str, Tool], agent_name: str
    ) -> ToolResult:
        """The result of a call. Raises nothing but ``CancelledError`` of this task."""
        started = time.monotonic()
        arguments, problem = _read_arguments(call, tools, self._secrets)
        self._emit(
            ToolCalled(
                tool_call_id=call.call_id, agent=agent_name, tool=call.name, arguments=arguments
            )
        )
        if problem is None:
            revealed = self._secrets.reveal(arguments)
            tool_call = ToolCall(self._call_id, call.call_id, call.name, revealed, agent_name)
            result = await _run(tools[call.name], tool_call)
            result = replace(result, output=self._secrets.mask(result.output))
        else:
            result = ToolResult(problem, is_error=True)
        self._emit(
            ToolFinished(
                tool_call_id=call.call_id,
                tool=call.name,
                output=result.output,
                is_error=result.is_error,
                duration_ms=round((time.monotonic() - started) * 1000, 1),
            )
        )
        return result


class FunctionCalls:
    """Runs the calls of a call's responses side by side, and says when a round is complete.

    Args:
        runner: Runs each call.
        background: Owns the running calls.
        turns: How many turns the caller has had so far.
        on_begun: A call starts to run.
        on_result: A call has its result; returns the id of the item that its output became.
        on_round: All calls of a response have theirs.
    """

    def __init__(
        self,
        runner: ToolRunner,
        background: Background,
        *,
        turns: Callable[[], int],
        on_begun: Callable[[FunctionCall], None],
        on_result: Callable[[FunctionCall, ToolResult], str | None],
        on_round: Callable[[Round], Awaitable[None]],
    ) -> None:
        self._runner = runner
        self._background = background
        self._on_begun = on_begun
        self._on_result = on_result
        self._on_round = on_round
        self._rounds: dict[str, Round] = {}
        self._turns = turns
        self._in_a_row = (0, 0)
        self._acting = 0

    @property
    def may_go_on(self) -> bool:
        """Whether the model may make more calls before it speaks to the caller."""
        return self._rounds_in_turn < MAX_ROUNDS

    @property
    def is_busy(self) -> bool:
        """Whether a call runs, or what it leads to has yet to happen."""
        return bool(self._rounds or self._acting)

    def made(
        self, response_id: str, call: FunctionCall, tools: Mapping[str, Tool], agent_name: str
    ) -> None:
        """The model made a call: it starts at once, while the response goes on."""
        round_ = self._rounds.get(response_id)
        if round_ is None:
            number = self._rounds_in_turn + 1
            self._in_a_row = (self._turns(), number)
            round_ = self._rounds[response_id] = Round(response_id, number)
        if call.call_id in round_.begun:
            return
        round_.begun.add(call.call_id)
        round_.unanswered.add(call.call_id)
        self._on_begun(call)
        self._background.start(self._answer(round_, call, tools, agent_name), f"tool-{call.name}")

    def response_done(
        self, response: ResponseDone, tools: Mapping[str, Tool], agent_name: str
    ) -> None:
        """A response ended: its round gets no more calls."""
        for call in response.calls:
            self.made(response.response_id, call, tools, agent_name)
        if round_ := self._rounds.get(response.response_id):
            self._close(round_)

    def responses_lost(self) -> None:
        """The session is gone: responses that were under way make no more calls."""
        for round_ in list(self._rounds.values()):
            self._close(round_)

    @property
    def _rounds_in_turn(self) -> int:
        turn, rounds = self._in_a_row
        return rounds if turn == self._turns() else 0

    def _close(self, round_: Round) -> None:
        round_.is_closed = True
        self._background.start(self._finish(round_), f"tools-of-{round_.response_id}")

    async def _answer(
        self, round_: Round, call: FunctionCall, tools: Mapping[str, Tool], agent_name: str
    ) -> None:
        if round_.number > MAX_ROUNDS:
            # Whoever calls now was told not to.
            result = ToolResult("This did not run: speak to the caller first.", is_error=True)
        elif call.is_complete:
            result = await self._runner.run(call, tools, agent_name)
        else:
            result = ToolResult("The call was cut short and did not run.", is_error=True)
        if len(result.output) > MAX_OUTPUT_CHARS:
            logger.warning("cut {} characters of {}'s output", len(result.output), call.name)
            result = ToolResult(
                f"{result.output[:MAX_OUTPUT_CHARS]} … (cut off here)", result.is_error
            )
        round_.results.append((call, result))
        if output_id := self._on_result(call, result):
            round_.output_ids.append(output_id)
        round_.unanswered.discard(call.call_id)
        await self._finish(round_)

    async def _finish(self, round_: Round) -> None:
        if round_.is_closed and not round_.unanswered and round_.response_id in self._rounds:
            del self._rounds[round_.response_id]
            self._acting += 1
            try:
                await self._on_round(round_)
            finally:
                self._acting -= 1


def _read_arguments(
    call: FunctionCall, tools: Mapping[str, Tool], secrets: SensitiveDigits
) -> tuple[dict[str, Any], str | None]:
    """The arguments, and what is wrong with them in words that help the model to do better."""
    tool = tools.get(call.name)
    if tool is None:
        known = ", ".join(sorted(tools)) or "none"
        return {}, f"There is no tool {call.name!r}. The tools are: {known}."
    try:
        arguments = orjson.loads(call.arguments or "{}")
    except orjson.JSONDecodeError as error:
        return {}, f"The arguments are no valid JSON ({error}). Call again with a JSON object."
    if not isinstance(arguments, dict):
        return {}, "The arguments must be a JSON object."
    try:
        validator = Draft202012Validator(tool.parameters)
        found = validator.iter_errors(secrets.reveal(arguments))
        errors = [
            f"{'.'.join(str(step) for step in error.absolute_path) or 'arguments'}: {error.message}"
            for error, _ in zip(found, range(MAX_VALIDATION_ERRORS), strict=False)
        ]
    except Exception as error:
        # A server's schema may be anything; the tool has the last word on its arguments.
        logger.warning("the schema of {} can't be applied: {!r}", tool.name, error)
        return arguments, None
    if errors:
        return arguments, secrets.mask(f"The arguments do not fit: {'; '.join(errors)}.")
    return arguments, None


async def _run(tool: Tool, call: ToolCall) -> ToolResult:
    try:
        async with asyncio.timeout(tool.timeout_s):
            return await tool.run(call)
    except TimeoutError:
        return ToolResult(
            f"{tool.name} gave no answer within {tool.timeout_s:g} s. Whether it had an effect is "
            "not known.",
            is_error=True,
        )
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task and task.cancelling():
            raise
        return ToolResult(f"{tool.name} was cancelled.", is_error=True)
    except Exception as error:
        logger.opt(exception=error).warning("tool {} failed", tool.name)
        return ToolResult(f"{tool.name} failed: {error}", is_error=True)
