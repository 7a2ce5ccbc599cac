"""What the caller of a session is likely to say, for a hearing that needs to know.

Sources: the team's agent that the session's instructions or tools belong to, the tools' own
schemas, and a file of the user's.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from agents import Agent, Team
from emulators.hearing import Hints
from emulators.hearing.slots import built_in

_TRANSFER = "transfer_to_"
_EXPERT = "_expert"
_EXAMPLES = "Callers say for example:"
_QUOTE = re.compile(r'"([^"]+)"')
_LONGEST_SCALE = 20
"""Marks of a scale that are heard one by one, so that no other number is."""


class HintsFileError(ValueError):
    """A ``--hints`` file that is not ``{phrases: [...], vocabulary: {slot: [...]}}``."""


def load_hints(path: Path) -> Hints:
    """Reads a YAML file of phrases and vocabulary; raises :class:`HintsFileError`."""
    loaded = yaml.safe_load(path.read_text("utf-8")) or {}
    if not isinstance(loaded, dict) or set(loaded) - {"phrases", "vocabulary"}:
        raise HintsFileError(f"{path} should hold the keys phrases and vocabulary only")
    phrases, vocabulary = loaded.get("phrases", []), loaded.get("vocabulary", {})
    if not isinstance(phrases, list) or not isinstance(vocabulary, dict):
        raise HintsFileError(f"{path}: phrases is a list, vocabulary maps a slot to a list")
    words = {str(slot): tuple(map(str, values)) for slot, values in vocabulary.items()}
    return Hints(tuple(map(str, phrases)), words)


class HintSource:
    """Makes the hints for each session."""

    def __init__(self, teams: Sequence[Team] = (), extra: Hints | None = None) -> None:
        """Hears the callers of ``teams``; of the first one when a session fits no team."""
        self._teams = tuple(teams)
        self._extra = extra or Hints()

    def for_session(self, instructions: str, tools: Sequence[Mapping[str, Any]]) -> Hints:
        """The hints for a session with these instructions and tools."""
        phrases: list[str] = []
        vocabulary: dict[str, tuple[str, ...]] = {}
        if self._teams:
            team = _team_of(self._teams, instructions)
            for agent in _listeners(team, instructions, tools):
                phrases.extend(agent.examples)
            vocabulary.update(team.vocabulary)
        for tool in tools:
            for slot, words in _slot_words(tool).items():
                vocabulary[slot] = _merged(vocabulary.get(slot, ()), words)
            phrases.extend(_quoted(tool))
            phrases.extend(_answers(tool))
        for slot, more in self._extra.vocabulary.items():
            vocabulary[slot] = _merged(vocabulary.get(slot, ()), more)
        return Hints(_merged(phrases, self._extra.phrases), vocabulary)


def _is_told(agent: Agent, instructions: str) -> bool:
    return agent.instructions.strip() in instructions


def _team_of(teams: Sequence[Team], instructions: str) -> Team:
    """The team that has the agent with these instructions, or the first one."""
    for team in teams:
        if any(_is_told(agent, instructions) for agent in team.agents):
            return team
    return teams[0]


def _listeners(
    team: Team, instructions: str, tools: Sequence[Mapping[str, Any]]
) -> Iterable[Agent]:
    """The agent that has the session, and those that the caller can reach from it.

    An agent is known by its instructions, which the session's contain. Without a match the
    whole team is heard.
    """
    agents = {agent.name: agent for agent in team.agents}
    own = [agent for agent in team.agents if _is_told(agent, instructions)]
    if not own:
        return team.agents
    names = {str(tool.get("name", "")) for tool in tools}
    reached = [
        agents[name]
        for name in agents
        if f"{_TRANSFER}{name}" in names or f"{name}{_EXPERT}" in names
    ]
    return list(dict.fromkeys((*own, *reached)))


def _properties(tool: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The schemas of a tool's parameters."""
    parameters = tool.get("parameters")
    properties = parameters.get("properties") if isinstance(parameters, Mapping) else None
    return {
        name: schema for name, schema in (properties or {}).items() if isinstance(schema, Mapping)
    }


def _slot_words(tool: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Words that a tool's parameters name as enumerations or examples, and short scales."""
    words: dict[str, tuple[str, ...]] = {}
    for name, schema in _properties(tool).items():
        # What is heard by a rule needs no examples: those would be all that is heard of a {date}.
        examples = () if built_in(name) else schema.get("examples", ())
        given = (*schema.get("enum", ()), *examples, *_scale(schema))
        spoken = tuple(value for value in given if isinstance(value, str) and value)
        if spoken:
            words[name] = spoken
    return words


def _scale(schema: Mapping[str, Any]) -> list[str]:
    """The marks from the lowest to the highest, if there are few."""
    low, high = schema.get("minimum"), schema.get("maximum")
    if not isinstance(low, int) or not isinstance(high, int) or high - low > _LONGEST_SCALE:
        return []
    return [str(mark) for mark in range(low, high + 1)]


def _quoted(tool: Mapping[str, Any]) -> list[str]:
    """What callers say for it, by the tool's own description."""
    _, _, examples = str(tool.get("description", "")).partition(_EXAMPLES)
    return _QUOTE.findall(examples)


def _answers(tool: Mapping[str, Any]) -> Iterator[str]:
    """What people say to the questions that parameters' descriptions ask: a value, as it is."""
    for name, schema in _properties(tool).items():
        if "?" not in str(schema.get("description", "")):
            continue
        slot = f"{{{name}}}"
        if schema.get("enum"):
            yield from (slot, f"a {slot}", f"the {slot}", f"I would say {slot}")
        elif schema.get("type") in ("integer", "number"):
            slot = slot if _scale(schema) else "{number}"
            yield from (slot, f"a {slot}", f"I would say {slot}")
            if "maximum" in schema:
                yield f"{slot} out of {schema['maximum']}"
        elif schema.get("type") == "boolean":
            yield from ("{yes_no}", "yes I would", "no I would not", "yes it was", "no it was not")


def _merged(first: Iterable[str], second: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))
