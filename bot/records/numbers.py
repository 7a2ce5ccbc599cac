"""Figures over many calls: how many, how they went, how quick, what they cost.

They are counted from packed hours (`bot.records.hours`), in a thread: the calls go on meanwhile.
"""

import asyncio
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.records.hours import HOUR_S, KINDS, Hour, hours_between

SHARES = (0.5, 0.95)

Whole = npt.NDArray[np.intp]
Numeric = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked for: periods by their ends, one more than there are; team and agent, or all.

    A period ends on a whole second.
    """

    ends: Sequence[datetime]
    team: str | None = None
    agent: str | None = None


@dataclass(frozen=True, slots=True)
class Spread:
    """How many times there were, and percentiles of them in ms: exact, by the nearest rank."""

    count: int = 0
    p50_ms: float | None = None
    p95_ms: float | None = None


@dataclass(slots=True)
class Sums:
    """Calls that belong together, and the turns in them."""

    statuses: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    cost_usd: float = 0.0
    duration_s: float = 0.0
    turns: Spread = Spread()


@dataclass(slots=True)
class ToolSums:
    """The finished calls of one tool."""

    errors: int = 0
    durations: Spread = Spread()


@dataclass(frozen=True, slots=True)
class Numbers:
    """The answer: by period, team, agent (who had the caller last, or answered), and tool."""

    total: Sums
    periods: Sequence[Sums]
    teams: Mapping[str, Sums]
    agents: Mapping[tuple[str, str], Sums]
    tools: dict[str, ToolSums]


@dataclass(frozen=True, slots=True)
class Asked:
    """The facts of one kind that are asked for, a row each.

    ``names`` has the places of each name in `known`, ``period`` the number of its period.
    """

    known: Sequence[str]
    period: Whole
    names: Whole
    numbers: Numeric

    def place(self, name: str) -> int:
        """Of a name; -1 where nothing has it."""
        return self.known.index(name) if name in self.known else -1


async def read_numbers(database: AsyncEngine, question: Question) -> Numbers:
    """Counts what is asked for."""
    async with database.connect() as connection:
        hours = await hours_between(connection, question.ends[0], question.ends[-1])
    return await asyncio.to_thread(count_numbers, hours, question)


def count_numbers(hours: Mapping[int, Hour], question: Question) -> Numbers:
    """Counts what is asked for in these hours; takes some 0.2 s for a million facts."""
    found = Numbers(
        Sums(),
        [Sums() for _ in question.ends[1:]],
        defaultdict(Sums),
        defaultdict(Sums),
        {},
    )
    names = _Names.of(hours)
    _count_calls(_asked("calls", hours, names, question), found)
    _count_turns(_asked("turns", hours, names, question), found)
    _count_tools(_asked("tools", hours, names, question), found)
    return found


@dataclass(frozen=True, slots=True)
class _Names:
    """Each hour numbers its names: here one has the same number, its place, over all of them.

    ``places`` has the names of all hours in turn, ``firsts`` where those of an hour begin.
    """

    known: dict[str, int]
    places: Whole
    firsts: Whole

    @staticmethod
    def of(hours: Mapping[int, Hour]) -> "_Names":
        known: dict[str, int] = {}
        of_hours = [hour.names for hour in hours.values()]
        places = [known.setdefault(name, len(known)) for names in of_hours for name in names]
        firsts = list(accumulate(map(len, of_hours), initial=0))[:-1]
        return _Names(known, np.array(places, np.intp), np.array(firsts, np.intp))


def _asked(kind: str, hours: Mapping[int, Hour], names: _Names, question: Question) -> Asked:
    dtype = KINDS[kind].facts
    packed = [hour.packed[kind] for hour in hours.values()]
    facts = np.frombuffer(b"".join(packed), dtype)
    counts = np.array([len(each) // dtype.itemsize for each in packed], np.intp)
    at = np.repeat(np.array(list(hours), np.int64) * HOUR_S, counts) + facts["second"]
    ends = np.array([end.timestamp() for end in question.ends], np.int64)
    period = np.searchsorted(ends, at, side="right") - 1
    first = np.repeat(names.firsts, counts)
    places = names.places[facts["names"] + first[:, np.newaxis]]
    chosen = (period >= 0) & (period < len(ends) - 1)
    for column, wanted in enumerate((question.team, question.agent)):
        if wanted is not None:
            chosen &= places[:, column] == names.known.get(wanted, -1)
    return Asked(list(names.known), period[chosen], places[chosen], facts["numbers"][chosen])


def _count_calls(asked: Asked, found: Numbers) -> None:
    labels, label = _labels(asked)
    costs, durations = asked.numbers.T
    weights = (None, costs, durations)
    of_label = [np.bincount(label, each, len(labels)).tolist() for each in weights]
    for (team, agent, status, outcome), count, cost, duration in zip(
        labels, *of_label, strict=True
    ):
        for sums in (found.total, found.teams[team], found.agents[team, agent]):
            sums.statuses[status] += count
            if outcome:
                sums.outcomes[outcome] += count
            sums.cost_usd += cost
            sums.duration_s += duration
    statuses = asked.names[:, 2]
    periods = len(found.periods)
    for status in np.unique(statuses).tolist():
        counts = np.bincount(asked.period[statuses == status], minlength=periods).tolist()
        for sums, count in zip(found.periods, counts, strict=True):
            sums.statuses += Counter({asked.known[status]: count})
    of_period = (np.bincount(asked.period, each, periods).tolist() for each in weights[1:])
    for sums, cost, duration in zip(found.periods, *of_period, strict=True):
        sums.cost_usd, sums.duration_s = cost, duration


def _count_turns(asked: Asked, found: Numbers) -> None:
    asked = _by_time(asked)
    found.total.turns = _spread(asked.numbers[:, 0])
    of_period = _spreads(asked, asked.period, len(found.periods))
    for sums, spread in zip(found.periods, of_period, strict=True):
        sums.turns = spread
    of_team = _spreads(asked, asked.names[:, 0], len(asked.known))
    for team, spread in zip(asked.known, of_team, strict=True):
        if spread.count:
            found.teams[team].turns = spread
    labels, label = _labels(asked)
    for (team, agent), spread in zip(labels, _spreads(asked, label, len(labels)), strict=True):
        found.agents[team, agent].turns = spread


def _count_tools(asked: Asked, found: Numbers) -> None:
    asked = _by_time(asked)
    tools, failed = asked.names[:, 2], asked.names[:, 3] == asked.place("error")
    errors = np.bincount(tools[failed], minlength=len(asked.known)).tolist()
    spreads = _spreads(asked, tools, len(asked.known))
    for tool, spread, count in zip(asked.known, spreads, errors, strict=True):
        if spread.count:
            found.tools[tool] = ToolSums(count, spread)


def _by_time(asked: Asked) -> Asked:
    """The shortest first, which lets all groups of them be in that order."""
    order = np.argsort(asked.numbers[:, 0])
    return Asked(asked.known, asked.period[order], asked.names[order], asked.numbers[order])


def _labels(asked: Asked) -> tuple[list[tuple[str, ...]], Whole]:
    """The combinations of names that occur, numbered, and the number of each fact's."""
    columns = asked.names.T
    shape = (max(1, len(asked.known)),) * len(columns)
    key = np.ravel_multi_index(tuple(columns), shape)
    keys = np.unique(key)
    occurring = zip(*(each.tolist() for each in np.unravel_index(keys, shape)), strict=True)
    labels = [tuple(asked.known[place] for place in places) for places in occurring]
    return labels, np.searchsorted(keys, key)


def _spreads(asked: Asked, group: Whole, groups: int) -> list[Spread]:
    """Of each group, of facts that are in the order of their times."""
    times = asked.numbers[:, 0]
    # Stable, so that each group's times stay in order; small integers are sorted in one pass.
    order = np.argsort(group.astype(np.min_scalar_type(groups)), kind="stable")
    ordered = times[order]
    sizes = np.bincount(group, minlength=groups).tolist()
    begins = accumulate(sizes, initial=0)
    return [
        _spread(ordered[begin : begin + size]) for begin, size in zip(begins, sizes, strict=False)
    ]


def _spread(times: npt.NDArray[Any]) -> Spread:
    """Of times in rising order."""
    if not len(times):
        return Spread()
    p50, p95 = (float(times[math.ceil(share * len(times)) - 1]) for share in SHARES)
    return Spread(len(times), p50, p95)
