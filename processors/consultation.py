"""One agent asks another; the caller hears, or sees, none of it but the answer."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from agents.team import Agent
from processors.realtime.function_calls import ToolRunner
from processors.realtime.items import CallItem, Item, Message, OutputItem, new_item_id
from processors.realtime.server_events import FunctionCall
from processors.realtime.toolbox import Toolbox
from processors.tools import Tool, ToolResult

MAX_ROUNDS = 4
"""Responses that one question may take, the last one without tools."""

SETTING = (
    "A colleague who is on the phone with a caller asks you. Answer in one or two sentences that "
    "can be spoken to the caller. You can't book or change anything now."
)


class ConsultationError(Exception):
    """The model can't be asked."""


class Consultation(ABC):
    """Puts questions to agents, and runs what they look up on the way."""

    def __init__(self, toolbox: Toolbox, runner: ToolRunner) -> None:
        self._toolbox = toolbox
        self._runner = runner

    async def ask(self, expert: Agent, question: str) -> ToolResult:
        """The expert's answer in words; its function calls run on the way."""
        try:
            answer = await self._ask(expert, question)
        except ConsultationError as error:
            return ToolResult(f"{expert.name} could not be asked: {error}", is_error=True)
        if not answer.strip():
            return ToolResult(f"{expert.name} had no answer.", is_error=True)
        return ToolResult(answer.strip())

    async def _ask(self, expert: Agent, question: str) -> str:
        tools = {tool.name: tool for tool in await self._toolbox.look_ups(expert)}
        items: list[Item] = [Message(new_item_id(), "user", question)]
        text = ""
        for round_ in range(MAX_ROUNDS):
            may_call = round_ < MAX_ROUNDS - 1
            text, calls = await self._respond(expert, items, tools, may_call=may_call)
            if not calls:
                break
            results = await asyncio.gather(
                *(self._runner.run(call, tools, expert.name) for call in calls)
            )
            for call, result in zip(calls, results, strict=True):
                items.append(CallItem(call.item_id, call))
                items.append(OutputItem(new_item_id(), call.call_id, result.output))
        return text

    @abstractmethod
    async def _respond(
        self, expert: Agent, items: Sequence[Item], tools: Mapping[str, Tool], *, may_call: bool
    ) -> tuple[str, Sequence[FunctionCall]]:
        """One response of the model's: its words, and what it calls.

        Raises:
            ConsultationError: There is none.
        """
