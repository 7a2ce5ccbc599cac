"""Tools that the model's server calls by itself (native MCP): shown, remembered, and permitted."""

import asyncio
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

import orjson
from loguru import logger

from processors.events.calls import Problem
from processors.events.event import Emit
from processors.events.tools import ToolCalled, ToolFinished
from processors.realtime.background import Background
from processors.realtime.function_calls import MAX_OUTPUT_CHARS
from processors.realtime.history import History
from processors.realtime.items import new_item_id
from processors.realtime.remote_events import (
    RemoteApproval,
    RemoteCall,
    RemoteCallBegun,
    RemoteCallEnded,
    RemoteCallFailed,
    RemoteCallMade,
    RemoteEvent,
    RemoteTools,
    RemoteToolsFailed,
)
from processors.realtime.responses import ResponseRequest
from processors.realtime.server_events import (
    ResponseDone,
)
from processors.realtime.session import Session
from processors.realtime.wording import spoken_line

ANSWER_GRACE_S = 1.0
"""After a call the server may go on by itself; where it doesn't, the answer is asked for."""

TOO_LONG = (
    "I'm sorry, I can't find that out at the moment. Is there anything else I can do for you?"
)
TOO_LONG_MANNER = "A tool that you use does not answer. In the language of the conversation:"
LEFT = "The session ended before an answer came."
REFUSAL = "I'm sorry, I'm not allowed to do that here. Is there anything else I can do for you?"
MANNER = "A tool that you wanted to use was not permitted. In the language of the conversation:"
DENIED = "Not permitted in this call. Tell the caller so, and do not ask again."


@dataclass(slots=True)
class _Running:
    session: Session
    call: RemoteCall
    arguments: str
    began_at: float


class RemoteToolCalls:
    """Follows the calls that a session's server makes; nothing of them runs here.

    Args:
        permitted: Labels of the servers whose calls are approved when the server asks; all others
            are denied, and the agent says so.
        timeout_s: After which a call is given up, and the agent says so.
        ask_again: Has the model respond instead of what it is doing.
    """

    def __init__(
        self,
        history: History,
        emit: Emit,
        background: Background,
        *,
        permitted: Collection[str],
        timeout_s: float,
        ask_again: Callable[[Session, ResponseRequest], None],
    ) -> None:
        self._history = history
        self._emit = emit
        self._background = background
        self._permitted = frozenset(permitted)
        self._timeout_s = timeout_s
        self._ask_again = ask_again
        self._running: dict[str, _Running] = {}
        self._begun: dict[str, RemoteCall] = {}
        self._settled: set[str] = set()

    @property
    def is_busy(self) -> bool:
        """Whether a call runs."""
        return bool(self._running)

    def session_changed(self, session: Session) -> None:
        """The call goes on in this session: what runs in another one has no answer any more."""
        left = [running for running in self._running.values() if running.session is not session]
        for running in left:
            self._settle(running.session, replace(running.call, error=LEFT))
        if left:
            self._background.start(self._go_on(session), "realtime-remote-tool")

    def note(self, session: Session, event: RemoteEvent) -> None:
        """Something about a remote server's tools."""
        match event:
            case RemoteTools(server, names):
                logger.info("the MCP server {} offers {} tools", server, len(names))
            case RemoteToolsFailed(item_id):
                message = f"the model's server could not list an MCP server's tools ({item_id})"
                self._emit(Problem(source="tool", code="remote_tools_unavailable", message=message))
            case RemoteCallBegun(_, call):
                if call.item_id not in self._begun:
                    self._begun[call.item_id] = call
                    self._background.start(self._time_out(session, call), "realtime-remote-tool")
            case RemoteCallMade(item_id, arguments):
                if begun := self._begun.get(item_id):
                    self._made(session, begun, arguments)
            case RemoteCallEnded(call):
                self._ended(session, call)
            case RemoteCallFailed(item_id):
                # The item tells why, when it is done.
                self._background.start(self._fail(session, item_id), "realtime-remote-tool")
            case RemoteApproval(call):
                self._answer(session, call)

    def response_done(self, session: Session, response: ResponseDone) -> None:
        """A response that ends with a call leaves the caller without an answer."""
        last = response.output[-1] if response.output else {}
        if response.status == "completed" and last.get("type") == "mcp_call":
            self._background.start(self._go_on(session), "realtime-remote-tool")

    def _made(self, session: Session, call: RemoteCall, arguments: str) -> None:
        if call.item_id in self._running or call.item_id in self._settled:
            return
        self._running[call.item_id] = _Running(session, call, arguments, time.monotonic())
        self._emit(
            ToolCalled(
                tool_call_id=call.item_id,
                agent=session.agent.name,
                tool=call.tool,
                arguments=_arguments(arguments),
            )
        )

    def _ended(self, session: Session, call: RemoteCall) -> None:
        if call.item_id in self._settled or (call.output is None and call.error is None):
            return
        self._settle(session, call)
        if session.active_response is None:
            self._background.start(self._go_on(session), "realtime-remote-tool")

    def _settle(self, session: Session, call: RemoteCall) -> None:
        self._made(session, call, call.arguments)
        running = self._running.pop(call.item_id)
        self._begun.pop(call.item_id, None)
        self._settled.add(call.item_id)
        is_error = call.error is not None
        output = (call.error or call.output or "")[:MAX_OUTPUT_CHARS]
        duration_ms = round((time.monotonic() - running.began_at) * 1000, 1)
        self._emit(
            ToolFinished(
                tool_call_id=call.item_id,
                tool=call.tool,
                output=output,
                is_error=is_error,
                duration_ms=duration_ms,
            )
        )
        self._history.noted(
            call.item_id,
            f"You called the tool {call.tool} with {call.arguments or running.arguments}. "
            f"{'It failed' if is_error else 'It answered'}: {output}",
        )

    def _answer(self, session: Session, call: RemoteCall) -> None:
        if call.item_id in self._settled:
            return
        self._settled.add(call.item_id)
        is_permitted = call.server in self._permitted
        response = {
            "id": new_item_id(),
            "type": "mcp_approval_response",
            "approval_request_id": call.item_id,
            "approve": is_permitted,
        }
        if is_permitted:
            session.add_item(response)
            self._background.start(self._go_on(session), "realtime-remote-tool")
            return
        logger.warning("denied a call of {}, which nobody has permitted", call.tool)
        session.add_item({**response, "reason": DENIED})
        self._emit(
            ToolCalled(
                tool_call_id=call.item_id,
                agent=session.agent.name,
                tool=call.tool,
                arguments=_arguments(call.arguments),
            )
        )
        self._emit(
            ToolFinished(
                tool_call_id=call.item_id,
                tool=call.tool,
                output=DENIED,
                is_error=True,
                duration_ms=0.0,
            )
        )
        session.request_response(spoken_line(REFUSAL, manner=MANNER))

    async def _time_out(self, session: Session, call: RemoteCall) -> None:
        await asyncio.sleep(self._timeout_s)
        if call.item_id in self._settled:
            return
        late = f"There was no answer within {self._timeout_s:g} s."
        self._settle(session, replace(call, error=late))
        self._ask_again(session, spoken_line(TOO_LONG, manner=TOO_LONG_MANNER))

    async def _fail(self, session: Session, item_id: str) -> None:
        await asyncio.sleep(ANSWER_GRACE_S)
        if call := self._begun.get(item_id):
            self._ended(session, replace(call, error="The server says no more than that."))

    async def _go_on(self, session: Session) -> None:
        await asyncio.sleep(ANSWER_GRACE_S)
        if not (session.is_lost or session.owes_answer or self._running):
            session.request_response(ResponseRequest())


def _arguments(raw: str) -> dict[str, object]:
    try:
        arguments = orjson.loads(raw or "{}")
    except orjson.JSONDecodeError:
        return {}
    return arguments if isinstance(arguments, dict) else {}
