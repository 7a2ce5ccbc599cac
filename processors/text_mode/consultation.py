"""One agent asks another in writing; the caller sees none of it but the answer."""

import asyncio
from typing import Any

from agents.team import Agent
from processors.events.event import Emit
from processors.events.figures import Usage
from processors.realtime.consultation import MAX_ROUNDS, SETTING
from processors.realtime.function_calls import ToolRunner
from processors.realtime.items import CallItem, Item, Message, OutputItem, new_item_id, to_input
from processors.realtime.server_events import FunctionCall
from processors.realtime.toolbox import Toolbox
from processors.text_mode.chat import Chat, ChatError
from processors.text_mode.messages import messages_of
from processors.tools import ToolResult


class WrittenConsultation:
    """Puts questions to agents by chat completions."""

    def __init__(self, chat: Chat, toolbox: Toolbox, runner: ToolRunner, emit: Emit) -> None:
        self._chat = chat
        self._toolbox = toolbox
        self._runner = runner
        self._emit = emit

    async def ask(self, expert: Agent, question: str) -> ToolResult:
        """The expert's answer in words; its function calls run on the way."""
        try:
            answer = await self._ask(expert, question)
        except ChatError as error:
            return ToolResult(f"{expert.name} could not be asked: {error}", is_error=True)
        if not answer.strip():
            return ToolResult(f"{expert.name} had no answer.", is_error=True)
        return ToolResult(answer.strip())

    async def _ask(self, expert: Agent, question: str) -> str:
        tools = {tool.name: tool for tool in await self._toolbox.look_ups(expert)}
        items: list[Item] = [
            Message(new_item_id(), "system", SETTING),
            Message(new_item_id(), "user", question),
        ]
        text = ""
        for round_ in range(MAX_ROUNDS):
            text, calls = await self._answer(expert, items, tools, round_ < MAX_ROUNDS - 1)
            if not calls:
                break
            results = await asyncio.gather(
                *(self._runner.run(call, tools, expert.name) for call in calls)
            )
            for call, result in zip(calls, results, strict=True):
                items.append(CallItem(call.item_id, call))
                items.append(OutputItem(new_item_id(), call.call_id, result.output))
        return text

    async def _answer(
        self, expert: Agent, items: list[Item], tools: dict[str, Any], may_call: bool
    ) -> tuple[str, list[FunctionCall]]:
        words: list[str] = []
        calls: list[FunctionCall] = []
        messages = messages_of(expert, [to_input(item) for item in items])
        async for part in self._chat.answer(messages, list(tools.values()), may_call=may_call):
            match part:
                case str():
                    words.append(part)
                case FunctionCall():
                    calls.append(part)
                case Usage():
                    self._emit(part)
        return "".join(words), calls
