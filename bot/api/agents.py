"""A team as operators see it: what its agents are told, and which tools they have."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from agents import Agent, Team
from bot.api.access import Reader, SwitchboardOf
from bot.switchboard import Switchboard
from processors.approval import Approver, approver_of

router = APIRouter(prefix="/api", tags=["team"])


class AgentTool(BaseModel):
    """A tool as the agent's model sees it; ``approver`` is whose yes each call of it needs."""

    name: str
    description: str
    server: str
    destructive: bool
    approver: Approver | None


class AgentInside(BaseModel):
    """One agent. ``tools`` are those that its servers offer now; a server that is down has none."""

    name: str
    description: str
    instructions: str
    voice: str
    greeting: str | None
    entry: bool
    handoffs: list[str]
    consults: list[str]
    tool_servers: list[str]
    tools: list[AgentTool]
    examples: list[str]


class ServerView(BaseModel):
    """A tool server of the team; ``state`` is that of its connection."""

    name: str
    state: str
    problem: str | None


class TeamInside(BaseModel):
    """A team, the agent that answers first; ``answers`` is what its calls are to find out."""

    name: str
    title: str
    answers: dict[str, Any] | None
    agents: list[AgentInside]
    tool_servers: list[ServerView]


@router.get("/agents")
async def agents(switchboard: SwitchboardOf, _caller: Reader) -> list[TeamInside]:
    """Every team that a call may ask for, with its agents' instructions and tools."""
    return [_inside(team, switchboard) for team in switchboard.teams.values()]


def _inside(team: Team, switchboard: Switchboard) -> TeamInside:
    servers = switchboard.mcp.status()
    return TeamInside(
        name=team.name,
        title=team.title,
        answers=dict(team.answers) if team.answers else None,
        agents=[_view(agent, team, switchboard) for agent in team.agents],
        tool_servers=[
            ServerView(name=server.name, state=str(status.state), problem=status.problem)
            for server in team.tool_servers
            if (status := servers.get(server.name))
        ],
    )


def _view(agent: Agent, team: Team, switchboard: Switchboard) -> AgentInside:
    return AgentInside(
        name=agent.name,
        description=agent.description,
        instructions=agent.instructions,
        voice=agent.voice,
        greeting=agent.greeting,
        entry=agent is team.entry,
        handoffs=list(agent.handoffs),
        consults=list(agent.consults),
        tool_servers=list(agent.tool_servers),
        tools=_tools(agent, switchboard),
        examples=list(agent.examples),
    )


def _tools(agent: Agent, switchboard: Switchboard) -> list[AgentTool]:
    configured = switchboard.mcp.status()
    needs = switchboard.settings.destructive_tools
    return [
        AgentTool(
            name=tool.name,
            description=tool.description,
            server=server,
            destructive=tool.destructive,
            approver=approver_of(agent, tool, destructive=None if needs == "free" else needs),
        )
        for server in agent.tool_servers
        if server in configured
        for tool in switchboard.mcp.tools([server], agent.tools)
    ]
