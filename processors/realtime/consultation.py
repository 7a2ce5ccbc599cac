"""One agent asks another: responses outside the conversation, that the caller never hears."""

import asyncio
from collections.abc import Callable

from agents.team import Agent
from processors.events.event import Emit
from processors.realtime.function_calls import ToolRunner
from processors.realtime.items import CallItem, Message, OutputItem, new_item_id, to_input
from processors.realtime.options import function
from processors.realtime.session import Session, SessionError
from processors.realtime.toolbox import Toolbox
from processors.realtime.usage import usage_of
from processors.realtime.wording import instructions
from processors.tools import ToolResult

MAX_ROUNDS = 4
"""Responses that one question may take, the last one without tools."""

SETTING = (
    "A colleague who is on the phone with a caller asks you. Answer in one or two sentences that "
    "can be spoken to the caller. You can't book or change anything now."
)


class Consultation:
    """Puts questions to agents in the session that the call is in (``conversation: "none"``)."""

    def __init__(
        self,
        toolbox: Toolbox,
        runner: ToolRunner,
        session: Callable[[], Session],
        emit: Emit,
    ) -> None:
        self._toolbox = toolbox
        self._runner = runner
        self._session = session
        self._emit = emit

    async def ask(self, expert: Agent, question: str) -> ToolResult:
        """The expert's answer in words; its function calls run on the way."""
        try:
            answer = await self._ask(expert, question)
        except SessionError as error:
            return ToolResult(f"{expert.name} could not be asked: {error}", is_error=True)
        if not answer.strip():
            return ToolResult(f"{expert.name} had no answer.", is_error=True)
        return ToolResult(answer.strip())

    async def _ask(self, expert: Agent, question: str) -> str:
        tools = {tool.name: tool for tool in await self._toolbox.look_ups(expert)}
        items = [to_input(Message(new_item_id(), "user", question))]
        text = ""
        for round_ in range(MAX_ROUNDS):
            session = self._session()
            response = await session.ask_aside(
                {
                    "instructions": f"{instructions(expert)}\n\n{SETTING}",
                    "output_modalities": ["text"],
                    "tools": [function(tool) for tool in tools.values()],
                    "tool_choice": "auto" if round_ < MAX_ROUNDS - 1 else "none",
                    "input": items,
                }
            )
            if usage := usage_of(response, session.endpoint.model):
                self._emit(usage)
            if response.error:
                raise SessionError(response.error.message)
            text = response.text
            if not response.calls:
                break
            results = await asyncio.gather(
                *(self._runner.run(call, tools, expert.name) for call in response.calls)
            )
            for call, result in zip(response.calls, results, strict=True):
                output = OutputItem(new_item_id(), call.call_id, result.output)
                items += [to_input(CallItem(call.item_id, call)), to_input(output)]
        return text
