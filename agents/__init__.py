"""Declarations of the teams: who answers, with which voice, tools and colleagues.

One module per team (``agents/travel.py`` declares the team ``travel``); adding an agent or a
team touches one file. This package imports nothing else of the project.
"""

from agents.team import (
    Agent,
    Guardrail,
    Team,
    ToolServer,
    UnknownAgentError,
    UnknownTeamError,
    load_team,
    team_names,
    tool_servers_of,
)

__all__ = [
    "Agent",
    "Guardrail",
    "Team",
    "ToolServer",
    "UnknownAgentError",
    "UnknownTeamError",
    "load_team",
    "team_names",
    "tool_servers_of",
]
