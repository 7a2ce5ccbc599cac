"""Who answers here: for the page, before a call."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from bot.api.access import SwitchboardOf

router = APIRouter(prefix="/api", tags=["team"])


class AgentView(BaseModel):
    """One agent of the team; ``entry`` is the one that answers a call."""

    name: str
    description: str
    voice: str
    entry: bool
    handoffs: list[str]
    examples: list[str]


class TeamView(BaseModel):
    """The team that answers, and what speaks for it."""

    name: str
    title: str
    engine: Literal["openai", "custom", "emulator"]
    phone_number: str | None
    agents: list[AgentView]


@router.get("/team")
async def team(switchboard: SwitchboardOf) -> TeamView:
    """The team's agents, the one that answers first."""
    team, settings = switchboard.team, switchboard.settings
    return TeamView(
        name=team.name,
        title=team.title,
        engine=settings.engine,
        phone_number=settings.twilio_phone_number,
        agents=[
            AgentView(
                name=agent.name,
                description=agent.description,
                voice=agent.voice,
                entry=agent is team.entry,
                handoffs=list(agent.handoffs),
                examples=list(agent.examples),
            )
            for agent in team.agents
        ],
    )
