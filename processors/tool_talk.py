"""What tools do in the conversation that they run for: they ask, and tell how far they are."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Protocol

from agents.team import Agent
from processors.events.event import Emit
from processors.mcp_tools import McpHost
from processors.mcp_tools.under_way import Answer, CallSide, Progress, Question
from processors.tool_progress import ToolProgress
from processors.tool_questions import Questions
from processors.tools import Tool, ToolCall, ToolResult


class Talk(Protocol):
    """What is needed of the conversation; every `processors.voice_model.VoiceModel` has it."""

    def tell(self, fact: str, *, respond: bool) -> None:
        """Tells the agent what happened."""
        ...

    def mask(self, text: str) -> str:
        """A text without the digits that nobody may see."""
        ...

    async def fill(self, text: str) -> bool:
        """Says a line if nobody speaks now, and whether it did."""
        ...


class ToolTalk(CallSide):
    """One call's side of its tools.

    Attributes:
        questions: What they ask.
    """

    def __init__(self, talk: Talk, emit: Emit) -> None:
        self.questions = Questions(talk, emit)
        self._progress = ToolProgress(talk, emit)

    def tools(self, mcp: McpHost, agent: Agent) -> list[Tool]:
        """What the agent's tool servers offer, and what it answers their questions with."""
        servers = mcp.tools(agent.tool_servers, agent.tools, side=self)
        tools = [replace(tool, run=self._followed(tool)) for tool in servers]
        asks_caller = "caller" in mcp.asks(agent.tool_servers)
        return [*tools, self.questions.tool] if tools and asks_caller else tools

    async def ask(self, question: Question) -> Answer:
        """Has somebody answer what a server asks."""
        self._progress.ended(question.call)
        return await self.questions.ask(question)

    def progressed(self, progress: Progress) -> None:
        """A tool has come further."""
        self._progress.progressed(progress)

    def close(self) -> None:
        """The call is over: nobody answers, and nothing is said."""
        self.questions.close()
        self._progress.close()

    def _followed(self, tool: Tool) -> Callable[[ToolCall], Awaitable[ToolResult]]:
        async def run(call: ToolCall) -> ToolResult:
            self._progress.began(call)
            try:
                return await self.questions.run(tool, call)
            finally:
                self._progress.ended(call)

        return run
