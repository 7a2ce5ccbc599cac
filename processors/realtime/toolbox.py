"""What each agent may call: its own tools, its transfers, and the experts that it may ask."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from loguru import logger

from agents.team import Agent, Team
from processors.handoff import Consult, expert_tools, transfer_tools
from processors.tools import Tool

ToolSource = Callable[[Agent], Awaitable[Sequence[Tool]]]
"""The tools of an agent besides its transfers and experts, which `Toolbox` adds."""

SOURCE_TIMEOUT_S = 2.0
"""A tool server that does not even list its tools must not keep the caller waiting."""


class Toolbox:
    """Puts an agent's tools together, in a stable order: that keeps the prompt cache warm."""

    def __init__(self, team: Team, source: ToolSource) -> None:
        self._team = team
        self._source = source

    async def tools(self, agent: Agent, consult: Consult) -> list[Tool]:
        """Everything that ``agent`` may call. A failing source costs its tools, not the call."""
        return self._unique(
            [
                *transfer_tools(self._team, agent),
                *expert_tools(self._team, agent, consult),
                *await self._own(agent),
            ]
        )

    async def look_ups(self, agent: Agent) -> list[Tool]:
        """What ``agent`` may call when it is asked as an expert: nothing that changes anything.

        Whatever does is for the agent that talks with the caller and can ask for consent.
        """
        return self._unique([tool for tool in await self._own(agent) if tool.read_only])

    async def _own(self, agent: Agent) -> Sequence[Tool]:
        try:
            async with asyncio.timeout(SOURCE_TIMEOUT_S):
                return await self._source(agent)
        except Exception as error:
            logger.opt(exception=error).error("{} goes without its tools", agent.name)
            return []

    def _unique(self, tools: Sequence[Tool]) -> list[Tool]:
        by_name: dict[str, Tool] = {}
        for tool in tools:
            if by_name.setdefault(tool.name, tool) is not tool:
                logger.warning("left out a second tool named {}", tool.name)
        return list(by_name.values())
