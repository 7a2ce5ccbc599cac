"""Figures over many calls: how many, how they went, how quick, what they cost; counted in SQL.

Everything is read from indexes alone, in statements that run beside one another.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Executable,
    Integer,
    Text,
    case,
    cast,
    column,
    func,
    literal,
    select,
    values,
)
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.records.database import UtcDateTime
from bot.records.histogram import BINS, Histogram, bin_of
from bot.records.tables import Call, ToolCall, TurnLatency


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked for: periods by their ends, one more than there are; team and agent, or all."""

    ends: Sequence[datetime]
    team: str | None = None
    agent: str | None = None


@dataclass(slots=True)
class Sums:
    """Calls that belong together, and the turns in them."""

    statuses: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    cost_usd: float = 0.0
    duration_s: float = 0.0
    latencies: Histogram = field(default_factory=Counter)

    def add(self, other: "Sums") -> None:
        """Takes another's in."""
        self.statuses += other.statuses
        self.outcomes += other.outcomes
        self.cost_usd += other.cost_usd
        self.duration_s += other.duration_s
        self.latencies += other.latencies


@dataclass(slots=True)
class ToolSums:
    """The finished calls of one tool."""

    errors: int = 0
    durations: Histogram = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Numbers:
    """The answer: by period, by team and agent (who had the caller last, or answered), by tool."""

    periods: Sequence[Sums]
    agents: dict[tuple[str, str], Sums]
    tools: dict[str, ToolSums]


async def read_numbers(database: AsyncEngine, question: Question) -> Numbers:
    """Counts what is asked for."""
    found = Numbers([Sums() for _ in question.ends[1:]], defaultdict(Sums), defaultdict(ToolSums))
    await asyncio.gather(
        _count_calls(database, question, found),
        _count_turns(database, question, found),
        _count_tools(database, question, found),
    )
    return found


async def _count_calls(database: AsyncEngine, question: Question, found: Numbers) -> None:
    # Two short answers are read sooner than one that has every combination.
    team, agent = func.coalesce(Call.team, ""), func.coalesce(Call.agent, "")
    figures = (func.count(), func.sum(Call.cost_usd), func.sum(Call.duration_s))
    asked = _asked(question, Call.team, Call.agent)
    if database.dialect.name == "postgresql":
        number: ColumnElement[int] = _bucket(Call.created_at, question)
        by_period = select(number, Call.status, *figures).where(_during(Call.created_at, question))
    else:
        periods = _periods(question)
        number = periods.c.number
        by_period = (
            select(number, Call.status, *figures)
            .select_from(periods)
            .join(Call, _within(Call.created_at, periods))
        )
    by_period = by_period.where(*asked).group_by(number, Call.status)
    for period, status, count, cost, duration in await _rows(database, by_period):
        _count(found.periods[period], count, cost, duration).statuses[status] += count
    by_agent = (
        select(team, agent, Call.status, Call.outcome, *figures)
        .where(_during(Call.created_at, question), *asked)
        .group_by(team, agent, Call.status, Call.outcome)
    )
    for of_team, of_agent, status, outcome, *sums in await _rows(database, by_agent):
        one = _count(found.agents[of_team, of_agent], *sums)
        one.statuses[status] += sums[0]
        if outcome:
            one.outcomes[outcome] += sums[0]


def _count(sums: Sums, _count: int, cost: float | None, duration: float | None) -> Sums:
    sums.cost_usd += cost or 0.0
    sums.duration_s += duration or 0.0
    return sums


async def _rows(database: AsyncEngine, statement: Executable) -> Sequence[Any]:
    async with database.connect() as connection:
        return (await connection.execute(statement)).all()


def _periods(question: Question) -> CTE:
    spans = zip(question.ends, question.ends[1:], strict=False)
    return (
        values(
            column("number", Integer),
            column("begins", UtcDateTime),
            column("ends", UtcDateTime),
            name="periods",
        )
        .data([(number, begins, ends) for number, (begins, ends) in enumerate(spans)])
        .cte("periods")
    )


async def _count_turns(database: AsyncEngine, question: Question, found: Numbers) -> None:
    read = _turns_on_postgresql if database.dialect.name == "postgresql" else _turns_on_sqlite
    for team, agent, period, written in await read(database, question):
        bins = map(int, written.split())
        for number, count in zip(bins, bins, strict=True):
            found.periods[period].latencies[number] += count
            found.agents[team, agent].latencies[number] += count


Turns = Iterable[tuple[str, str, int, str]]
"""Who answered, in which period, and bins with how many turns are in each: ``"72 3 73 1"``.

A row for each bin would be fifty times as many to fetch.
"""


async def _turns_on_postgresql(database: AsyncEngine, question: Question) -> Turns:
    who = (TurnLatency.team, TurnLatency.agent)
    period = _bucket(TurnLatency.at, question).label("period")
    number = bin_of(TurnLatency.latency_ms.expression, "postgresql").label("number")
    counted = (
        select(*who, period, number, func.count().label("count"))
        .where(_during(TurnLatency.at, question), *_asked(question, *who))
        .group_by(*who, "period", "number")
        .subquery()
    )
    group = (counted.c.team, counted.c.agent, counted.c.period)
    pieces = cast(counted.c.number, Text) + " " + cast(counted.c.count, Text)
    rows = await _rows(
        database, select(*group, func.aggregate_strings(pieces, " ")).group_by(*group)
    )
    return [(team, agent, place, written) for team, agent, place, written in rows]


async def _turns_on_sqlite(database: AsyncEngine, question: Question) -> Turns:
    pairs = await _rows(
        database,
        select(TurnLatency.team, TurnLatency.agent)
        .where(*_asked(question, TurnLatency.team, TurnLatency.agent))
        .distinct(),
    )
    if not pairs:
        return []
    periods = _periods(question)
    who = _numbered("who", [(team, agent) for team, agent in pairs], "team", "agent")
    number = bin_of(TurnLatency.latency_ms.expression, "sqlite")
    width = len(question.ends)
    # One whole number to group by: SQLite sorts that several times quicker than columns.
    group = ((who.c.number * width + periods.c.number) * BINS + number).label("key")
    theirs = (TurnLatency.team == who.c.team) & (TurnLatency.agent == who.c.agent)
    counted = (
        select(group, func.count().label("count"))
        .select_from(who)
        .join(periods, periods.c.number >= 0)
        .join(TurnLatency, theirs & _within(TurnLatency.at, periods))
        .group_by("key")
        .subquery()
    )
    place = counted.c.key // BINS
    pieces = cast(counted.c.key % BINS, Text) + " " + cast(counted.c.count, Text)
    bins = select(place, func.aggregate_strings(pieces, " ")).group_by(place)
    return [
        (*pairs[where // width], where % width, written)
        for where, written in await _rows(database, bins)
    ]


async def _count_tools(database: AsyncEngine, question: Question, found: Numbers) -> None:
    names = await _rows(database, select(ToolCall.tool).distinct())
    if not names:
        return
    tools = _numbered("tools", [(name,) for (name,) in names], "tool")
    duration = ToolCall.duration_ms.expression
    key = tools.c.number * BINS + bin_of(duration, database.dialect.name)
    finished = (
        select(
            key.label("key"),
            func.count(),
            func.sum(case((ToolCall.is_error.is_(True), 1), else_=0)),
        )
        .select_from(tools)
        .join(ToolCall, ToolCall.tool == tools.c.tool)
        .where(
            _during(ToolCall.called_at, question),
            ToolCall.duration_ms.is_not(None),
            *_asked(question, ToolCall.team, ToolCall.agent),
        )
        .group_by("key")
    )
    for whole, count, errors in await _rows(database, finished):
        tool = found.tools[names[whole // BINS].tool]
        tool.durations[whole % BINS] += count
        tool.errors += errors


def _numbered(name: str, rows: Sequence[tuple[str, ...]], *columns: str) -> CTE:
    """Texts, each with its place, to be joined to what they name."""
    fields: Any = (column("number", Integer), *(column(each, Text) for each in columns))
    data = [(number, *row) for number, row in enumerate(rows)]
    return values(*fields, name=name).data(data).cte(name)


def _bucket(moment: Any, question: Question) -> ColumnElement[int]:
    """The number of the period that a moment is in: PostgreSQL compares with each otherwise."""
    ends: Any = array([literal(end, UtcDateTime) for end in question.ends])
    number: ColumnElement[int] = func.width_bucket(moment, ends, type_=Integer) - 1
    return number


def _during(moment: Any, question: Question) -> ColumnElement[bool]:
    during: ColumnElement[bool] = (moment >= question.ends[0]) & (moment < question.ends[-1])
    return during


def _within(moment: Any, periods: CTE) -> ColumnElement[bool]:
    within: ColumnElement[bool] = (moment >= periods.c.begins) & (moment < periods.c.ends)
    return within


def _asked(question: Question, team: Any, agent: Any) -> list[ColumnElement[bool]]:
    asked = ((team, question.team), (agent, question.agent))
    return [where == wanted for where, wanted in asked if wanted is not None]
