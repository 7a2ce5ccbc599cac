"""Who answers, and what their tools may do."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field
from pydantic_settings import NoDecode

from agents import UnknownTeamError, load_team
from bot.plugged_servers import PluggedServer, read_plugged_servers
from bot.settings.forms import Words


def _known_team(name: str) -> str:
    try:
        load_team(name)
    except UnknownTeamError as unknown:
        raise ValueError(f"the name of a team: {unknown}") from None
    return name


def _known_teams(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_known_team(name) for name in names)


class TeamSettings(BaseModel):
    """Who answers, and what their tools may do."""

    team: Annotated[str, AfterValidator(_known_team)] = Field(
        default="travel",
        description="The team that answers: a module of the package agents, or another's path.",
    )
    teams: Annotated[Words, AfterValidator(_known_teams)] = Field(
        default=(),
        description="Teams that a call may ask for besides, comma-separated; all when empty.",
    )
    tool_timeout_s: float = Field(
        default=5.0, gt=0, le=120, description="Seconds a tool may take before the call goes on."
    )
    tool_longest_s: float = Field(
        default=60.0,
        gt=0,
        le=600,
        description="Seconds a tool may take that reports its progress meanwhile.",
    )
    tool_calls_at_once: int = Field(
        default=3, ge=1, le=32, description="Tool calls that one phone call may have running."
    )
    mcp_servers: Annotated[
        tuple[PluggedServer, ...], NoDecode, BeforeValidator(read_plugged_servers)
    ] = Field(
        default=(),
        description="MCP servers of others: path of a JSON file with mcpServers.",
    )
    permitted_mcp_servers: Words = Field(
        default=(),
        description="MCP servers, by label, that the model's own server may call when it asks.",
    )
    destructive_tools: Literal["caller", "operator", "free"] = Field(
        default="caller",
        description="Whose yes a tool that is marked destructive needs; free asks nobody.",
    )
