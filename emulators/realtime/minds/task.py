"""What the caller wants done, how much of it is known, and the next step towards it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from emulators.realtime.minds.understanding.parameters import Kind, Parameter
from emulators.realtime.minds.understanding.slots import Heard, listen
from emulators.realtime.minds.understanding.toolbox import KnownTool
from emulators.realtime.minds.understanding.utterance import Utterance

Rows = Sequence[Mapping[str, Any]]

_ASSUMED_LEAD_DAYS = 14


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask for a parameter; ``problem`` says why the value that was given will not do."""

    parameter: Parameter
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Confirm:
    """Ask whether to go ahead."""


@dataclass(frozen=True, slots=True)
class Run:
    """Call a tool."""

    tool: KnownTool
    arguments: dict[str, Any]


@dataclass(slots=True)
class Task:
    """A tool that the caller wants used.

    Attributes:
        tool: The tool.
        values: What is known of its parameters.
        problems: What was wrong with what the caller said: parameter name to a sentence.
        afterwards: The tool that was asked for, while ``tool`` finds what it chooses from.
        preview: A tool that shows first what ``tool`` would change.
        confirmed: The caller agreed to these values.
        extra: Optional parameters that are asked for as well.
        given: Parameters that were known before anybody said anything.
    """

    tool: KnownTool
    values: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    afterwards: KnownTool | None = None
    preview: KnownTool | None = None
    confirmed: bool = False
    extra: Sequence[str] = ()
    given: frozenset[str] = frozenset()

    def step(self) -> Ask | Confirm | Run:
        """What to do next."""
        for name, problem in self.problems.items():
            if parameter := self.tool.parameter(name):
                return Ask(parameter, problem)
        for parameter in self.tool.required:
            if parameter.name not in self.values:
                return Ask(parameter)
        for name in self.extra:
            parameter = self.tool.parameter(name)
            if parameter and name not in self.values:
                return Ask(parameter)
        if self.preview:
            wanted = {parameter.name for parameter in self.preview.parameters}
            known = {name: value for name, value in self.values.items() if name in wanted}
            return Run(self.preview, known)
        if self.tool.needs_confirmation and not self.confirmed:
            return Confirm()
        return Run(self.tool, self.arguments)

    @property
    def arguments(self) -> dict[str, Any]:
        """The known values, in the order of the schema."""
        return {
            parameter.name: self.values[parameter.name]
            for parameter in self.tool.parameters
            if parameter.name in self.values
        }

    def hear(self, utterance: Utterance, rows: Rows, asked: Parameter | None = None) -> Heard:
        """What a sentence says about the parameters, without taking it over."""
        return listen(self.tool.parameters, utterance, asked=asked, known=self.values, rows=rows)

    def news(self, heard: Heard) -> bool:
        """Whether something was heard that is not known yet."""
        changed = any(self.values.get(name) != value for name, value in heard.values.items())
        return changed or bool(heard.problems)

    def take(self, heard: Heard) -> None:
        """Takes over what was heard; a value that will not do is asked for again."""
        if self.news(heard):
            self.confirmed = False
        self.problems = dict(heard.problems)
        self.values |= heard.values
        for name in heard.problems:
            self.values.pop(name, None)
        self._check_order()

    def recall(self, memory: Mapping[str, Any], kinds: Iterable[Kind]) -> None:
        """Fills in what was heard earlier, by the same names."""
        wanted = frozenset(kinds)
        for parameter in self.tool.parameters:
            if parameter.name in memory and parameter.kind in wanted:
                self.values.setdefault(parameter.name, memory[parameter.name])

    def forget(self, name: str) -> None:
        """Drops a value, so that it is asked for."""
        self.values.pop(name, None)
        self.confirmed = False

    def assume(self, today: date) -> None:
        """Fills in what nobody can be asked for, where a schema or common sense has a value."""
        day = today + timedelta(days=_ASSUMED_LEAD_DAYS)
        for parameter in self.tool.required:
            if "default" in parameter.schema:
                self.values.setdefault(parameter.name, parameter.schema["default"])
            elif parameter.kind is Kind.DATE:
                later = day + timedelta(days=1) if parameter.is_later else day
                self.values.setdefault(parameter.name, later.isoformat())
            elif parameter.kind is Kind.NUMBER:
                self.values.setdefault(parameter.name, parameter.schema.get("minimum", 1))

    def _check_order(self) -> None:
        """The second of two dates has to be after the first one."""
        dates = [parameter for parameter in self.tool.parameters if parameter.kind is Kind.DATE]
        if len(dates) != 2:
            return
        start, end = sorted(dates, key=lambda parameter: parameter.is_later)
        first, last = self.values.get(start.name), self.values.get(end.name)
        if first and last and date.fromisoformat(last) <= date.fromisoformat(first):
            self.values.pop(end.name)
            self.problems[end.name] = f"The {end.noun} has to be after the {start.noun}."
