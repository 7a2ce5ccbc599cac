"""What a team is made of: agents, the tool servers they use, and how to find a team by name."""

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import regex


class UnknownTeamError(LookupError):
    """There is no module of that name that declares a ``TEAM``."""


class UnknownAgentError(LookupError):
    """A team has no agent of that name; the message says which it has."""


RecordingMode = Literal["off", "on", "announce", "consent"]
"""Never; always; always, and callers are told; after the caller's yes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guardrail:
    """What an agent must not say, and what happens instead.

    It is looked for in the agent's words as they are made, before they are heard.

    Attributes:
        name: For people, in events and figures, such as ``promised_returns``.
        phrases: Words that must not follow each other, in any case; what stands between them,
            such as a comma, does not matter.
        patterns: Regular expressions of the package ``regex``, in any case, for what phrases
            can't tell. Keep them short-sighted: while ``.*`` may still match, nothing is heard.
        why: What the agent is told about it, so that it does better.
        instead: Said in its place, word for word; without it the agent says it in another way.
        then: A tool of the agent's that is called when that was said, such as
            ``transfer_to_human`` or ``end_call``.
    """

    name: str
    phrases: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    why: str = ""
    instead: str | None = None
    then: str | None = None

    def __post_init__(self) -> None:
        """Check the patterns, and that what is said instead may be said."""
        if not (self.phrases or self.patterns):
            raise ValueError(f"guardrail {self.name!r} needs phrases or patterns")
        if wordless := [phrase for phrase in self.phrases if not regex.search(r"\w", phrase)]:
            raise ValueError(f"guardrail {self.name!r} has a phrase without words: {wordless[0]!r}")
        for pattern in self.patterns:
            try:
                compiled = regex.compile(pattern, regex.IGNORECASE)
            except regex.error as error:
                raise ValueError(
                    f"guardrail {self.name!r} has a pattern that is none: {pattern!r}: {error}"
                ) from None
            if compiled.search(""):
                raise ValueError(f"guardrail {self.name!r} forbids silence: {pattern!r}")
        if self.instead and any(each.search(self.instead) for each in self.expressions):
            raise ValueError(f"guardrail {self.name!r} forbids what is said instead")

    @property
    def expressions(self) -> "tuple[regex.Pattern[str], ...]":
        """What is looked for: the phrases and the patterns."""
        worded = (r"\W+".join(map(regex.escape, _words(phrase))) for phrase in self.phrases)
        texts = (*(rf"\b{words}\b" for words in worded), *self.patterns)
        return tuple(regex.compile(text, regex.IGNORECASE) for text in texts)


def _words(phrase: str) -> list[str]:
    return list(regex.findall(r"\w+(?:'\w+)*", phrase))


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """One voice on the line: what it is told, how it sounds, what it may do and whom it knows.

    Attributes:
        name: Unique in its team; letters, digits and underscores (it becomes part of a tool's
            name, ``transfer_to_<name>``).
        description: One sentence for colleagues and people: what this agent is for. The
            transfer and expert tools of other agents carry it.
        instructions: What the model is told. Short spoken sentences, one question at a time.
        voice: An OpenAI Realtime voice, such as ``marin``.
        greeting: What the agent says first when it opens a call; ``None`` leaves it to the model.
        tool_servers: Names of the team's tool servers whose tools the agent may call.
        tools: The tools of those servers that it may call; ``None`` allows all of them.
        handoffs: Names of the agents that it may transfer the caller to.
        consults: Names of the agents that it may ask as a tool (``<name>_expert``), while it
            goes on talking itself.
        caller_approves: Tools that run only after the caller's spoken yes, besides those that are
            marked as destructive.
        operator_approves: Tools that run only when an operator has approved the call of them.
        guardrails: What it must not say.
        examples: Phrases that callers say to this agent, with ``{slots}`` named after tool
            parameters. They become part of the transfer tools' descriptions and are what the
            offline engine can hear.
    """

    name: str
    description: str
    instructions: str
    voice: str = "marin"
    greeting: str | None = None
    tool_servers: tuple[str, ...] = ()
    tools: tuple[str, ...] | None = None
    handoffs: tuple[str, ...] = ()
    consults: tuple[str, ...] = ()
    caller_approves: tuple[str, ...] = ()
    operator_approves: tuple[str, ...] = ()
    guardrails: tuple[Guardrail, ...] = ()
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolServer:
    """An MCP server that a team's tools come from.

    Attributes:
        name: Unique in its team; prefixes tool names where two servers offer the same one.
        module: A module of ours that serves it, started as a child where no URL is given.
        url: Where it already runs (streamable HTTP), instead of a module.
        asks: Who answers what its tools ask in the middle of their work (elicitation): the
            ``caller``, or an ``operator``. ``None`` has the server know that nobody does.
        is_plugged: It is the settings' that say where it is.
    """

    name: str
    module: str | None = None
    url: str | None = None
    asks: Literal["caller", "operator"] | None = None
    is_plugged: bool = False

    def __post_init__(self) -> None:
        """Check that the server can be reached in exactly one way."""
        if [self.module is None, self.url is None, not self.is_plugged].count(False) != 1:
            raise ValueError(f"tool server {self.name!r} needs either a module or a url")


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """Agents that share a phone number, and the tool servers they use.

    Attributes:
        name: The value of ``TEAM`` that selects it.
        title: What people read, such as ``Travel front desk``.
        agents: All members. The first one answers the call.
        tool_servers: The MCP servers that the members name.
        transfer_number: Whom callers are connected to when they need a person (E.164), instead
            of the setting's number.
        vocabulary: Words that a slot of an example phrase can hold (slot name to values), for
            the offline engine's hearing.
        answers: JSON Schema (an object) of what a call of this team is to find out; its agents
            record it as they learn it. ``None`` when there is nothing to record.
        voicemail: What an answering machine gets to hear when this team has called; ``None`` hangs
            up on it.
        data_schema: JSON Schema (an object) of what is read from the transcript when a call is
            over. Without one it is that of ``answers``.
        recording: Whether its calls are recorded, instead of what the setting `RECORDING` says;
            what a request to place a call says counts more.
    """

    name: str
    title: str
    agents: tuple[Agent, ...]
    tool_servers: tuple[ToolServer, ...] = ()
    transfer_number: str | None = None
    vocabulary: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    answers: Mapping[str, Any] | None = None
    voicemail: str | None = None
    data_schema: Mapping[str, Any] | None = None
    recording: RecordingMode | None = None

    def __post_init__(self) -> None:
        """Check names and references, so that a misspelled one fails at import, not in a call."""
        agents = {agent.name for agent in self.agents}
        servers = {server.name for server in self.tool_servers}
        if not self.agents or len(agents) != len(self.agents):
            raise ValueError(f"team {self.name!r} needs at least one agent and unique names")
        if self.data_schema is not None and self.data_schema.get("type") != "object":
            raise ValueError(f"team {self.name!r} needs a data_schema of an object")
        if len(servers) != len(self.tool_servers):
            raise ValueError(f"team {self.name!r} names a tool server twice")
        for agent in self.agents:
            if not agent.name.isidentifier():
                raise ValueError(f"agent name {agent.name!r} must be letters, digits and _")
            for known, named, what in (
                (agents, (*agent.handoffs, *agent.consults), "agent"),
                (servers, agent.tool_servers, "tool server"),
            ):
                if unknown := [name for name in named if name not in known]:
                    raise ValueError(f"agent {agent.name!r} names unknown {what} {unknown[0]!r}")

    @property
    def entry(self) -> Agent:
        """The agent that answers."""
        return self.agents[0]

    def agent(self, name: str) -> Agent:
        """The agent called ``name``; raises ``KeyError`` when the team has none."""
        for agent in self.agents:
            if agent.name == name:
                return agent
        raise KeyError(name)

    def answered_by(self, name: str) -> "Team":
        """The same team, but its agent ``name`` answers.

        Raises:
            UnknownAgentError: It has none of that name.
        """
        others = tuple(agent for agent in self.agents if agent.name != name)
        if len(others) == len(self.agents):
            names = ", ".join(agent.name for agent in self.agents)
            raise UnknownAgentError(f"the team {self.name!r} has no agent {name!r}; it has {names}")
        return replace(self, agents=(self.agent(name), *others))


def team_names() -> list[str]:
    """The names of the teams that are declared in this package, sorted.

    A team is a module; what several of its agents are made of may be a package beside it.
    """
    modules = pkgutil.iter_modules([str(Path(__file__).parent)])
    return sorted(m.name for m in modules if m.name != "team" and not m.ispkg)


def load_team(name: str) -> Team:
    """The team that a module declares as its ``TEAM``.

    Args:
        name: Of a module of this package, such as ``travel``, or the dotted path of any module that
            can be imported, such as ``my_company.front_desk``.

    Raises:
        UnknownTeamError: There is no such module, or it declares no team of that name.
    """
    is_foreign = "." in name
    if not is_foreign and name not in team_names():
        raise UnknownTeamError(
            f"no team {name!r}; there is {', '.join(team_names())}, and those of other packages "
            "by the path of their module, such as my_company.front_desk"
        )
    try:
        team = importlib.import_module(name if is_foreign else f"agents.{name}").TEAM
    except ModuleNotFoundError as missing:
        if missing.name is None or not f"{name}.".startswith(f"{missing.name}."):
            raise
        raise UnknownTeamError(
            f"no module {name!r} can be imported: PYTHONPATH should name the folder that "
            f"{name.partition('.')[0]} is in"
        ) from None
    except AttributeError:
        team = None
    if not isinstance(team, Team):
        raise UnknownTeamError(f"the module {name} declares no TEAM of type Team")
    if team.name != name:
        raise UnknownTeamError(
            f"the team of the module {name} is called {team.name!r}: its name has to be {name!r}"
        )
    return team


def tool_servers_of(teams: Iterable[Team]) -> list[ToolServer]:
    """The tool servers of all the teams, each once: teams may share one by its name.

    Raises:
        ValueError: Two teams mean different servers by one name.
    """
    servers: dict[str, ToolServer] = {}
    for team in teams:
        for server in team.tool_servers:
            if servers.setdefault(server.name, server) != server:
                raise ValueError(
                    f"team {team.name!r} declares the tool server {server.name!r} otherwise than "
                    f"another team does: give it another name"
                )
    return list(servers.values())
