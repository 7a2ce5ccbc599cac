"""The tools of an agent whose backend uses them."""

from agents.team import Agent, Team
from processors.handoff import EXPERT_SUFFIX
from processors.realtime.toolbox import Toolbox
from processors.tools import Tool, ToolResult


async def backend_tools(agent: Agent, team: Team, toolbox: Toolbox) -> list[Tool]:
    """An agent's tools. A backend can't put questions to colleagues: it looks up itself."""

    async def consult(expert: Agent, _question: str) -> ToolResult:
        return ToolResult(f"{expert.name} can't be asked.", is_error=True)

    own = await toolbox.tools(agent, consult)
    tools = {tool.name: tool for tool in own if not tool.name.endswith(EXPERT_SUFFIX)}
    for name in agent.consults:
        for tool in await toolbox.look_ups(team.agent(name)):
            tools.setdefault(tool.name, tool)
    return list(tools.values())
