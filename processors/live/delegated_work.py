"""What the backend asks for: function calls, each answered, and what their results lead to."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from loguru import logger
from pipecat.services.openai.live import events

from processors.events.calls import Problem
from processors.events.event import Emit
from processors.events.figures import Usage
from processors.live.session import LiveSession
from processors.realtime.background import Background
from processors.realtime.function_calls import MAX_OUTPUT_CHARS, MAX_ROUNDS, ToolRunner
from processors.realtime.items import Message, new_item_id
from processors.realtime.server_events import FunctionCall
from processors.tools import EndCall, Handoff, ToolResult

ENOUGH = "This did not run: tell the caller what you have found so far, and ask how to go on."
"""For a call that follows `MAX_ROUNDS` others in one turn of the caller's."""

NOT_NOW = "This did not run: a colleague talks with the caller now, and sees to what they want."
"""For a call that is made while a person talks with the caller: it answers what they say to each
other, and not the agent."""

_ENDED = ("response.completed", "response.incomplete", "response.failed")


@dataclass(slots=True)
class _Round:
    """The calls of one delegated response: the backend goes on when all are answered."""

    due: set[str] = field(default_factory=set)
    ends: list[EndCall] = field(default_factory=list)
    number: int = 1
    has_handoff: bool = False
    is_closed: bool = False


class DelegatedWork:
    """Runs the calls side by side and sends their outputs as soon as they are there.

    Args:
        runner: Runs each call.
        turns: How many turns the caller has had so far.
        may_run: Whether the agent has the caller: a person may talk with them in its place.
        on_handoff: Gives the caller to another agent; returns what went wrong, if anything did.
        on_end: An agent ends the call.
    """

    def __init__(
        self,
        runner: ToolRunner,
        background: Background,
        history: list[Message],
        emit: Emit,
        *,
        model: str,
        turns: Callable[[], int],
        may_run: Callable[[], bool],
        on_handoff: Callable[[LiveSession, Handoff], Awaitable[str | None]],
        on_end: Callable[[EndCall], None],
    ) -> None:
        self._runner = runner
        self._background = background
        self._history = history
        self._emit = emit
        self._model = model
        self._on_handoff = on_handoff
        self._on_end = on_end
        self._turns = turns
        self._may_run = may_run
        self._rounds: dict[tuple[int, str], _Round] = {}
        self._in_a_row = (0, 0)

    @property
    def is_busy(self) -> bool:
        """Whether a call runs, or its round is not over."""
        return bool(self._rounds)

    def take(self, session: LiveSession, event: events.ResponseEventEnvelope) -> None:
        """An event of a delegated response."""
        key = (id(session), event.delegation_id or "")
        if event.inner_type == "response.output_item.done":
            item = events.ResponseOutputItem.model_validate(event.event.get("item") or {})
            if item.type == "function_call" and item.call_id and item.name:
                self._call(session, key, item)
        elif event.inner_type in _ENDED:
            self._note_response(event)
            if round_ := self._rounds.get(key):
                round_.is_closed = True
                self._background.start(self._finish(session, key, round_), "live-round")

    def _call(
        self, session: LiveSession, key: tuple[int, str], item: events.ResponseOutputItem
    ) -> None:
        round_ = self._rounds.get(key)
        if round_ is None:
            turn, number = self._in_a_row
            number = number + 1 if turn == self._turns() else 1
            self._in_a_row = (self._turns(), number)
            round_ = self._rounds[key] = _Round(number=number)
        call = FunctionCall(
            item_id=item.id or new_item_id(),
            call_id=item.call_id or "",
            name=item.name or "",
            arguments=item.arguments or "",
            is_complete=item.status in (None, "completed"),
        )
        if call.call_id in round_.due:
            return
        round_.due.add(call.call_id)
        self._background.start(self._run(session, key, round_, call), f"tool-{call.name}")

    async def _run(
        self, session: LiveSession, key: tuple[int, str], round_: _Round, call: FunctionCall
    ) -> None:
        if not self._may_run():
            result = ToolResult(NOT_NOW, is_error=True)
        elif round_.number > MAX_ROUNDS:
            result = ToolResult(ENOUGH, is_error=True)
        elif call.is_complete:
            result = await self._runner.run(call, session.tools, session.agent.name)
        else:
            result = ToolResult("The call was cut short and did not run.", is_error=True)
        if len(result.output) > MAX_OUTPUT_CHARS:
            result = replace(result, output=f"{result.output[:MAX_OUTPUT_CHARS]} … (cut off here)")
        if isinstance(result, Handoff):
            if round_.has_handoff:
                result = ToolResult("Another transfer is under way.", is_error=True)
            else:
                round_.has_handoff = True
                problem = await self._on_handoff(session, result)
                if problem is None:
                    self._forget(session)
                    return
                result = ToolResult(problem, is_error=True)
        if isinstance(result, EndCall):
            round_.ends.append(result)
        # As words: a session takes no function calls from before its time.
        told = f"{call.name}({call.arguments}) returned: {result.output}"
        self._history.append(Message(new_item_id(), "system", told))
        session.answer(call.call_id, result.output)
        round_.due.discard(call.call_id)
        await self._finish(session, key, round_)

    def _forget(self, session: LiveSession) -> None:
        """The session is over: nobody waits for its outputs."""
        for key in [key for key in self._rounds if key[0] == id(session)]:
            del self._rounds[key]

    async def _finish(self, session: LiveSession, key: tuple[int, str], round_: _Round) -> None:
        if not round_.is_closed or round_.due or self._rounds.get(key) is not round_:
            return
        del self._rounds[key]
        session.go_on()
        if round_.ends:
            self._on_end(round_.ends[0])

    def _note_response(self, event: events.ResponseEventEnvelope) -> None:
        response = event.event.get("response") or {}
        if event.inner_type != "response.completed":
            problem = response.get("error") or response.get("incomplete_details") or {}
            message = str(problem.get("message") or problem.get("reason") or event.inner_type)
            logger.warning("delegated work failed: {}", message)
            self._emit(Problem(source="realtime", code="delegation_failed", message=message))
        usage = response.get("usage")
        if isinstance(usage, dict):
            details = usage.get("input_tokens_details") or {}
            self._emit(
                Usage(
                    response_id=str(response.get("id") or ""),
                    model=self._model,
                    input_text_tokens=int(usage.get("input_tokens") or 0),
                    cached_tokens=int(details.get("cached_tokens") or 0),
                    output_text_tokens=int(usage.get("output_tokens") or 0),
                )
            )
