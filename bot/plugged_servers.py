"""MCP servers of others, plugged in by a file: the ``mcpServers`` that desktop clients know.

Beside that form's own keys an entry may say which of its tools count, and who gets them.
"""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agents import Agent, Team, ToolServer
from bot.errors import StartError
from processors.mcp_tools import ClientCredentials, McpServer

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SECRET = re.compile(r"auth|cookie|key|password|secret|token", re.IGNORECASE)
"""Names of headers and variables whose values do not belong into a file, or into the log."""

_FILE = 'a file with {"mcpServers": {name: …}}'

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")]


class PluggedServerError(StartError, ValueError):
    """The file can't be used; says which entry is wrong, and what it should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PluggedServer:
    """One entry of the file.

    Attributes:
        name: Of the server; prefixes names of tools that another server has, too.
        server: How it is reached.
        agents: Who gets its tools: names of teams, or ``team.agent``; empty for everybody.
        secrets: What its references to the environment stood for, for the log to keep out.
    """

    name: str
    server: McpServer
    agents: tuple[str, ...] = ()
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def is_for(self, team: Team, agent: Agent) -> bool:
        """Whether the agent gets its tools."""
        return not self.agents or bool({team.name, f"{team.name}.{agent.name}"} & {*self.agents})


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _OAuth(_Form):
    client_id: str = Field(alias="clientId", min_length=1)
    client_secret: str = Field(alias="clientSecret", min_length=1)
    issuer: str | None = None


class _Entry(_Form):
    type: Literal["stdio", "http", "streamable-http"] | None = None
    command: str | None = Field(default=None, min_length=1)
    args: list[str] = []
    env: dict[str, str] = {}
    cwd: str | None = None
    url: str | None = None
    headers: dict[str, str] = {}
    oauth: _OAuth | None = None
    tools: list[str] | None = None
    read_only: list[str] = Field(default=[], alias="readOnly")
    agents: list[str] = []
    asks: Literal["caller", "operator", "nobody"] = "caller"
    disabled: bool = False


class _File(_Form):
    servers: dict[Name, _Entry] = Field(alias="mcpServers")


def read_plugged_servers(value: Any) -> Any:
    """The servers of the file at a path; raises `PluggedServerError`."""
    if not isinstance(value, str | Path):
        return value
    try:
        file = _File.model_validate(json.loads(Path(value).read_text("utf-8")))
    except OSError as error:
        raise PluggedServerError(f"a file that can be read: {error.strerror}") from None
    except json.JSONDecodeError as error:
        raise PluggedServerError(f"a JSON file: {error}") from None
    except ValidationError as invalid:
        raise PluggedServerError(f"{_FILE}: {_described(invalid)}") from None
    try:
        return tuple(
            _plugged(name, entry) for name, entry in file.servers.items() if not entry.disabled
        )
    except PluggedServerError as error:
        raise PluggedServerError(f"{_FILE}: {error}") from None


def check_plugged(plugged: tuple[PluggedServer, ...], teams: Mapping[str, Team]) -> None:
    """Each server is for agents that there are, under a name that is free.

    Raises:
        PluggedServerError: It is not.
    """
    taken = {server.name for team in teams.values() for server in team.tool_servers}
    known = {team.name for team in teams.values()} | {
        f"{team.name}.{agent.name}" for team in teams.values() for agent in team.agents
    }
    for each in plugged:
        if each.name in taken:
            raise PluggedServerError(
                f"MCP_SERVERS: server {each.name!r}: a team has a tool server of that name; take "
                "another"
            )
        if unknown := [name for name in each.agents if name not in known]:
            raise PluggedServerError(
                f"MCP_SERVERS: server {each.name!r}: agents names {unknown[0]!r}; it should be a "
                f"team that is offered ({', '.join(teams)}), or one of its agents, such as "
                f"{min(name for name in known if '.' in name)}"
            )


def with_plugged(team: Team, plugged: tuple[PluggedServer, ...]) -> Team:
    """The team with the servers that its agents get."""
    agents = tuple(
        replace(agent, tool_servers=(*agent.tool_servers, *names))
        if (names := [each.name for each in plugged if each.is_for(team, agent)])
        else agent
        for agent in team.agents
    )
    used = {name for agent in agents for name in agent.tool_servers}
    added = [ToolServer(name=each.name, is_plugged=True) for each in plugged if each.name in used]
    return replace(team, agents=agents, tool_servers=(*team.tool_servers, *added))


def _plugged(name: str, entry: _Entry) -> PluggedServer:
    filled = _Filled(name)
    where = "url" if entry.url else "command"
    if (entry.url is None) == (entry.command is None):
        raise PluggedServerError(f"server {name!r} should have either a command or a url")
    if entry.type and (entry.type == "stdio") != (where == "command"):
        raise PluggedServerError(f"server {name!r} has a {where} and the type {entry.type!r}")
    strange = {"command": ("headers", "oauth"), "url": ("args", "env", "cwd")}[where]
    if given := [key for key in strange if getattr(entry, key)]:
        raise PluggedServerError(
            f"server {name!r} has a {where} and {given[0]}, which it can't use"
        )
    for kind, values in (("header", entry.headers), ("env", entry.env)):
        for key, value in values.items():
            if _SECRET.search(key) and not _REFERENCE.search(value):
                raise PluggedServerError(
                    f"server {name!r}: {kind} {key} should refer to the environment, such as "
                    f"${{{name.upper().replace('-', '_')}_TOKEN}}: no secret belongs into the file"
                )
    oauth = entry.oauth
    if oauth and not _REFERENCE.fullmatch(oauth.client_secret):
        raise PluggedServerError(
            f"server {name!r}: oauth.clientSecret should refer to the environment, such as "
            "${CLIENT_SECRET}: no secret belongs into the file"
        )
    url = filled(entry.url, "url") if entry.url else None
    if url and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname):
        raise PluggedServerError(f"server {name!r}: url should be http:// or https:// with a host")
    server = McpServer(
        url=url,
        headers={key: filled(value, f"header {key}") for key, value in entry.headers.items()},
        oauth=ClientCredentials(
            client_id=filled(oauth.client_id, "oauth.clientId"),
            client_secret=filled(oauth.client_secret, "oauth.clientSecret"),
            issuer=oauth.issuer,
        )
        if oauth
        else None,
        command=filled(entry.command, "command") if entry.command else None,
        args=tuple(filled(value, "args") for value in entry.args),
        env={key: filled(value, f"env {key}") for key, value in entry.env.items()},
        cwd=filled(entry.cwd, "cwd") if entry.cwd else None,
        tools=frozenset(entry.tools) if entry.tools is not None else None,
        read_only=frozenset(entry.read_only),
        asks=None if entry.asks == "nobody" else entry.asks,
        is_open=True,
    )
    secrets = tuple(filled.values)
    return PluggedServer(name=name, server=server, agents=tuple(entry.agents), secrets=secrets)


class _Filled:
    """Puts what the environment says in the place of ``${NAME}``."""

    def __init__(self, server: str) -> None:
        self.values: list[str] = []
        self._server = server

    def __call__(self, text: str, where: str) -> str:
        def value(reference: re.Match[str]) -> str:
            name = reference[1]
            found = os.environ.get(name) or _dotenv().get(name)
            if not found:
                raise PluggedServerError(
                    f"server {self._server!r}: {where} refers to {name}, which is not set"
                )
            if where.startswith(("header", "oauth")) or _SECRET.search(name):
                self.values.append(found)
            return found

        return _REFERENCE.sub(value, text)


@cache
def _dotenv() -> dict[str, str | None]:
    """The service's own file of settings: what it holds need not be in the environment."""
    return dotenv_values(".env")


def _described(invalid: ValidationError) -> str:
    error = invalid.errors(include_url=False, include_input=False)[0]
    key, *path = [str(step) for step in error["loc"] if step != "[key]"] or ["the file"]
    if key != "mcpServers" or not path:
        return f"{key}: {error['msg']}"
    server, *field_path = path
    return f"server {server!r}: {'.'.join(field_path) or 'its name'}: {error['msg']}"
