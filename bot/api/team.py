"""Who answers here: for the page, before a call."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from agents import Agent, Team, UnknownAgentError, UnknownTeamError
from bot.api.access import MAY_NOT_TALK, SwitchboardOf, may_see_who_answers
from bot.api.problems import Problem
from bot.voices import VOICES

router = APIRouter(
    prefix="/api",
    tags=["team"],
    dependencies=[Depends(may_see_who_answers)],
    responses=MAY_NOT_TALK,
)


class AgentView(BaseModel):
    """One agent of the team; ``entry`` is the one that answers a call."""

    name: str
    description: str
    voice: str
    entry: bool
    handoffs: list[str]
    examples: list[str]


class OfferedTeam(BaseModel):
    """A team that a call may ask for; ``answers`` marks the one that has those which don't."""

    name: str
    title: str
    answers: bool
    agents: list[AgentView]


class TeamView(BaseModel):
    """The team that answers, what speaks for it, and the voices that a call may ask for."""

    name: str
    title: str
    engine: Literal["openai", "custom", "emulator"]
    phone_number: str | None
    voices: list[str]
    agents: list[AgentView]


@router.get("/team")
async def team(
    switchboard: SwitchboardOf,
    wanted: Annotated[
        str | None, Query(alias="team", max_length=100, description="Instead of the usual one.")
    ] = None,
    agent: Annotated[
        str | None, Query(max_length=100, description="Of the team: the one that answers.")
    ] = None,
) -> TeamView:
    """Who has a call that asks for this team and agent: the one that answers first."""
    settings = switchboard.settings
    try:
        team = switchboard.team_asked_for(wanted, agent) or switchboard.team
    except UnknownTeamError as unknown:
        raise Problem(422, str(unknown), field="team") from unknown
    except UnknownAgentError as unknown:
        raise Problem(422, str(unknown), field="agent") from unknown
    return TeamView(
        name=team.name,
        title=team.title,
        engine=settings.engine,
        phone_number=settings.twilio_phone_number,
        voices=list(VOICES),
        agents=_agents(team),
    )


@router.get("/teams")
async def teams(switchboard: SwitchboardOf) -> list[OfferedTeam]:
    """Every team that a call may ask for, the one that answers first."""
    return [
        OfferedTeam(
            name=team.name,
            title=team.title,
            answers=team is switchboard.team,
            agents=_agents(team),
        )
        for team in switchboard.teams.values()
    ]


def _agents(team: Team) -> list[AgentView]:
    return [_view(agent, entry=agent is team.entry) for agent in team.agents]


def _view(agent: Agent, *, entry: bool) -> AgentView:
    return AgentView(
        name=agent.name,
        description=agent.description,
        voice=agent.voice,
        entry=entry,
        handoffs=list(agent.handoffs),
        examples=list(agent.examples),
    )
