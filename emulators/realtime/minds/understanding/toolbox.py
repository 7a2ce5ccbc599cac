"""The tools of a session as the mind sees them: what each is for and what it needs."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property
from typing import Any

from emulators.realtime.minds.understanding.parameters import Kind, Parameter, parameters_of
from emulators.realtime.minds.understanding.words import content_stems, name_words, stem, tokenize

_QUOTED = re.compile(r"[\"“]([^\"”]+)[\"”]")
_ANSWERED = re.compile(r"\banswers?\b[^.\"“]*[\"“]([^\"”]+\?)[\"”]", re.IGNORECASE)
_CLAUSE_END = re.compile(r"[.,;:(]| (?:with|that|by|for|from|on|when|if) ")
_LONGEST_DEED = 9
_UNASKED = ("collect_digits", "send_digits", "answer_question")
"""Tools that nobody asks for: the telephone's keys, and what answers another tool."""
_CONFIRM = "ask the caller to confirm"
_ONE_BY_ONE = re.compile(r"\bask for (each|every)\b.*\b(missing|one at a time)\b", re.IGNORECASE)


class Role(Enum):
    """What calling a tool means for the conversation."""

    FUNCTION = auto()
    TRANSFER = auto()
    """Gives the caller to a colleague: ``transfer_to_<agent>``."""
    CONSULT = auto()
    """Asks a colleague a question: ``<agent>_expert``."""
    END = auto()
    """Ends the call."""


@dataclass(frozen=True)
class KnownTool:
    """A tool: its name, what it is for, phrases that ask for it, and its parameters."""

    name: str
    description: str
    parameters: tuple[Parameter, ...]

    @cached_property
    def role(self) -> Role:
        """Told by the name: transfers, experts and the end of the call have fixed names."""
        if self.name.startswith("transfer_to_"):
            return Role.TRANSFER
        if self.name.endswith("_expert"):
            return Role.CONSULT
        return Role.END if self.name == "end_call" else Role.FUNCTION

    @cached_property
    def needs_confirmation(self) -> bool:
        """Changes something: the caller is asked first."""
        return _CONFIRM in self.description.lower()

    @cached_property
    def takes_answers(self) -> bool:
        """Its parameters are to be asked for, one after another, without anybody's request."""
        asks = bool(_ONE_BY_ONE.search(self.description))
        return asks and bool(self.parameters) and not self.required

    @cached_property
    def verdict(self) -> Parameter | None:
        """What a tool needs that only notes a yes or a no."""
        only = self.required[0] if len(self.required) == 1 else None
        return only if only and only.kind is Kind.BOOLEAN else None

    @cached_property
    def question(self) -> str:
        """The question whose answer it takes, where the description quotes one."""
        found = _ANSWERED.search(self.description)
        return found[1] if found and self.verdict else ""

    @cached_property
    def title(self) -> str:
        """Its name as words: ``book hotel``, or the colleague of a transfer."""
        name = self.name.removeprefix("transfer_to_").removesuffix("_expert")
        return " ".join(name_words(name))

    @cached_property
    def deed(self) -> str:
        """What it does, as a verb with an object: the start of the description, or the name."""
        clause = _CLAUSE_END.split(self.description.strip(), maxsplit=1)[0].strip()
        if 1 < len(clause.split()) <= _LONGEST_DEED:
            return clause[0].lower() + clause[1:]
        verb, *rest = self.title.split()
        return " ".join((verb, "the", *rest)) if rest else verb

    @cached_property
    def examples(self) -> tuple[frozenset[str], ...]:
        """Stems of the phrases that the description quotes."""
        phrases = (re.sub(r"\{[^}]*\}", " ", text) for text in _QUOTED.findall(self.description))
        stems = (frozenset(content_stems(t.text for t in tokenize(phrase))) for phrase in phrases)
        return tuple(phrase for phrase in stems if phrase)

    @cached_property
    def about(self) -> frozenset[str]:
        """Stems of the description without the phrases that it quotes."""
        prose = _QUOTED.sub(" ", self.description)
        return frozenset(content_stems(token.text for token in tokenize(prose)))

    @cached_property
    def values(self) -> frozenset[str]:
        """Stems of the values that the parameters' schemas name."""
        texts = " ".join(text for known in self.parameters for text in known.examples)
        return frozenset(content_stems(token.text for token in tokenize(texts)))

    @cached_property
    def title_stems(self) -> frozenset[str]:
        """Stems of the name."""
        return frozenset(stem(word) for word in self.title.split())

    @cached_property
    def required(self) -> tuple[Parameter, ...]:
        """The parameters that a call must have."""
        return tuple(parameter for parameter in self.parameters if parameter.required)

    def parameter(self, name: str) -> Parameter | None:
        """The parameter called ``name``."""
        return next((known for known in self.parameters if known.name == name), None)

    def of_kind(self, kind: Kind) -> list[Parameter]:
        """The parameters that are heard in the same way."""
        return [parameter for parameter in self.parameters if parameter.kind is kind]


class Toolbox:
    """All tools of a session, by name."""

    def __init__(self, tools: Iterable[Mapping[str, Any]]) -> None:
        self._tools = {
            str(tool["name"]): KnownTool(
                str(tool["name"]),
                str(tool.get("description") or ""),
                parameters_of(tool.get("parameters") or {}),
            )
            for tool in tools
            if tool.get("type") == "function" and tool.get("name") and tool["name"] not in _UNASKED
        }

    def __iter__(self) -> Iterator[KnownTool]:
        return iter(self._tools.values())

    def get(self, name: str | None) -> KnownTool | None:
        """The tool called ``name``."""
        return self._tools.get(name) if name else None

    def with_role(self, role: Role) -> list[KnownTool]:
        """The tools of one role."""
        return [tool for tool in self._tools.values() if tool.role is role]

    def asked_by(self, text: str) -> KnownTool | None:
        """The tool that takes the answer to a question which was just put to the caller."""
        for tool in self._tools.values():
            if tool.question and tool.question.lower() in text.lower():
                return tool
        return None

    @property
    def form(self) -> KnownTool | None:
        """The tool that takes the answers down that a call is to find out."""
        return next((tool for tool in self._tools.values() if tool.takes_answers), None)

    def without(self, tool: KnownTool) -> "Toolbox":
        """The other tools."""
        others = Toolbox(())
        others._tools = {name: known for name, known in self._tools.items() if known is not tool}
        return others

    @property
    def end(self) -> KnownTool | None:
        """The tool that ends the call."""
        return next(iter(self.with_role(Role.END)), None)

    @property
    def credentials(self) -> frozenset[str]:
        """Parameters that say who somebody is: a secret, and what every tool wants beside it."""
        knowing = [
            frozenset(parameter.name for parameter in tool.required)
            for tool in self._tools.values()
            if any(parameter.is_secret for parameter in tool.required)
        ]
        return frozenset.intersection(*knowing) if knowing else frozenset()

    def preview(self, tool: KnownTool) -> KnownTool | None:
        """A tool that shows what ``tool`` is about to change: it needs the same and only reads."""
        needed = {parameter.name for parameter in tool.required}
        for other in self.with_role(Role.FUNCTION):
            same = {parameter.name for parameter in other.required}
            reads = not other.needs_confirmation and tool.needs_confirmation
            if reads and needed and same == needed and other.title_stems & tool.title_stems:
                return other
        return None

    def source(self, tool: KnownTool) -> KnownTool | None:
        """A tool whose result has the things that ``tool`` chooses from: it searches the same."""
        candidates = [
            other
            for other in self.with_role(Role.FUNCTION)
            if not other.needs_confirmation
            and not other.of_kind(Kind.ROW)
            and other.title_stems & tool.title_stems
        ]
        shared = [len(_names(other) & _names(tool)) for other in candidates]
        return candidates[shared.index(max(shared))] if candidates else None


def _names(tool: KnownTool) -> frozenset[str]:
    return frozenset(parameter.name for parameter in tool.parameters)
