"""What the results of function calls lead to: an answer, a transfer, the end of the call."""

from processors.events.calls import Problem
from processors.events.event import Emit
from processors.realtime.agent_speech import AgentSpeech
from processors.realtime.ending import Ending
from processors.realtime.function_calls import Round
from processors.realtime.handover import Handover
from processors.realtime.history import History
from processors.realtime.items import to_wire
from processors.realtime.responses import ResponseRequest
from processors.realtime.server_events import FunctionCall
from processors.realtime.sessions import Sessions
from processors.realtime.wording import last_word
from processors.tools import EndCall, Handoff, ToolResult

ENDLESS_CALLS = "endless_calls"
"""Code of the `Problem`."""


class Outcomes:
    """Tells the model each result, and acts on a response's results when all are there."""

    def __init__(
        self,
        sessions: Sessions,
        history: History,
        handover: Handover,
        ending: Ending,
        speech: AgentSpeech,
        emit: Emit,
    ) -> None:
        self._sessions = sessions
        self._history = history
        self._handover = handover
        self._ending = ending
        self._speech = speech
        self._emit = emit

    def tell(self, call: FunctionCall, result: ToolResult) -> str | None:
        """Gives a result to the model; returns the id of the item that it became.

        A transfer's is told once it is known whether the transfer succeeded: None until then.
        """
        if isinstance(result, Handoff):
            return None
        item = self._history.answered(call.call_id, result.output)
        session = self._sessions.current
        if session and not session.is_lost and (wire := to_wire(item)):
            session.catch_up([wire])
        return item.id

    async def act(self, round_: Round) -> None:
        """All calls of a response have their results: one response follows, or what they ask."""
        if round_.is_last:
            told = f"the model called tools {round_.number} times in a row; it has to speak now"
            self._emit(Problem(source="tool", code=ENDLESS_CALLS, message=told))
        handoffs = [(c, r) for c, r in round_.results if isinstance(r, Handoff)]
        for call, _ in handoffs[1:]:
            self.tell(call, ToolResult("Another transfer is under way.", is_error=True))
        if handoffs:
            await self._handover.carry_out(*handoffs[0], must_speak=round_.is_last)
            return
        await self._handover.close()
        ends = [result for _, result in round_.results if isinstance(result, EndCall)]
        if not ends:
            session = await self._sessions.ready()
            about = round_.output_ids
            session.request_response(
                last_word(session.agent, about) if round_.is_last else ResponseRequest(about=about)
            )
        elif self._speech.has_spoken(round_.response_id):
            self._ending.begin(ends[0].reason, None, ends[0])
        else:
            # The model hangs up without a word.
            goodbye = ResponseRequest({"tool_choice": "none"}, round_.output_ids)
            session = await self._sessions.ready()
            session.request_response(goodbye)
            self._ending.begin(ends[0].reason, goodbye, ends[0])
