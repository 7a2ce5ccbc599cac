"""What the caller of a session is likely to say, for a hearing that needs to know.

Sources: the team's agent that the session's instructions or tools belong to, the tools' own
schemas, and a file of the user's.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from agents import Agent, Team
from emulators.hearing import Hints

_TRANSFER = "transfer_to_"
_EXPERT = "_expert"


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

    def __init__(self, team: Team | None = None, extra: Hints | None = None) -> None:
        self._team = team
        self._extra = extra or Hints()

    def for_session(self, instructions: str, tools: Sequence[Mapping[str, Any]]) -> Hints:
        """The hints for a session with these instructions and tools."""
        phrases: list[str] = []
        vocabulary: dict[str, tuple[str, ...]] = {}
        if self._team is not None:
            for agent in _listeners(self._team, instructions, tools):
                phrases.extend(agent.examples)
            vocabulary.update(self._team.vocabulary)
        for tool in tools:
            for slot, words in _slot_words(tool).items():
                vocabulary[slot] = _merged(vocabulary.get(slot, ()), words)
        for slot, more in self._extra.vocabulary.items():
            vocabulary[slot] = _merged(vocabulary.get(slot, ()), more)
        return Hints(_merged(phrases, self._extra.phrases), vocabulary)


def _listeners(
    team: Team, instructions: str, tools: Sequence[Mapping[str, Any]]
) -> Iterable[Agent]:
    """The agent that has the session, and those that the caller can reach from it.

    An agent is known by its instructions, which the session's contain. Without a match the
    whole team is heard.
    """
    agents = {agent.name: agent for agent in team.agents}
    own = [agent for agent in team.agents if agent.instructions.strip() in instructions]
    if not own:
        return team.agents
    names = {str(tool.get("name", "")) for tool in tools}
    reached = [
        agents[name]
        for name in agents
        if f"{_TRANSFER}{name}" in names or f"{name}{_EXPERT}" in names
    ]
    return list(dict.fromkeys((*own, *reached)))


def _slot_words(tool: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Words that a tool's parameters name as enumerations or examples."""
    parameters = tool.get("parameters")
    properties = parameters.get("properties") if isinstance(parameters, Mapping) else None
    words: dict[str, tuple[str, ...]] = {}
    for name, schema in (properties or {}).items():
        if not isinstance(schema, Mapping):
            continue
        given = (*schema.get("enum", ()), *schema.get("examples", ()))
        spoken = tuple(value for value in given if isinstance(value, str) and value)
        if spoken:
            words[name] = spoken
    return words


def _merged(first: Iterable[str], second: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))
