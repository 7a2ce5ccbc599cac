"""Figures counted one row at a time, to compare with."""

from collections import defaultdict
from collections.abc import Sequence

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from bot.records.database import writing
from bot.records.hours import pack_hours
from bot.records.numbers import Numbers, Question, Spread, Sums, ToolSums
from bot.records.reading import percentile
from bot.records.tables import Call, ToolCall, TurnLatency


async def pack(database: AsyncEngine) -> None:
    """Packs every hour that may be."""
    more = True
    while more:
        async with AsyncSession(writing(database)) as session, session.begin():
            more = await pack_hours(session)


async def counted_by_hand(database: AsyncEngine, question: Question) -> Numbers:
    """What `read_numbers` is to find."""
    async with AsyncSession(database) as session:
        calls = list(await session.scalars(select(Call)))
        turns = list(await session.scalars(select(TurnLatency)))
        tools = list(await session.scalars(select(ToolCall)))
    periods = [Sums() for _ in question.ends[1:]]
    found = Numbers(Sums(), periods, defaultdict(Sums), defaultdict(Sums), defaultdict(ToolSums))
    spans = list(zip(question.ends, question.ends[1:], strict=False))

    def groups(moment, team, agent):
        """The sums that something is in; none where it is not asked for."""
        team, agent = team or "", agent or ""
        if question.team not in (None, team) or question.agent not in (None, agent):
            return []
        within = [place for place, (begin, end) in enumerate(spans) if begin <= moment < end]
        return [
            sums
            for place in within
            for sums in (
                found.total,
                periods[place],
                found.teams[team],
                found.agents[team, agent],
            )
        ]

    for call in calls:
        for sums in groups(call.created_at, call.team, call.agent):
            sums.statuses[call.status] += 1
            if call.outcome and all(sums is not period for period in periods):
                sums.outcomes[call.outcome] += 1
            sums.cost_usd += call.cost_usd or 0
            sums.duration_s += call.duration_s or 0
    latencies: dict[int, list[float]] = defaultdict(list)
    of_id: dict[int, Sums] = {}
    for turn in turns:
        for sums in groups(turn.at, turn.team, turn.agent):
            latencies[id(sums)].append(turn.latency_ms)
            of_id[id(sums)] = sums
    for name, sums in of_id.items():
        sums.turns = spread(latencies[name])
    durations: dict[str, list[float]] = defaultdict(list)
    for call in tools:
        if call.duration_ms is not None and groups(call.called_at, call.team, call.agent):
            durations[call.tool].append(call.duration_ms)
            found.tools[call.tool].errors += bool(call.is_error)
    for tool, times in durations.items():
        found.tools[tool].durations = spread(times)
    return found


def spread(times: Sequence[float]) -> Spread:
    """By sorting."""
    return Spread(len(times), percentile(times, 0.5), percentile(times, 0.95))


def assert_same(found: Numbers, wanted: Numbers) -> None:
    """The same calls, turns and tool calls, and times to the last digit; sums but for rounding."""
    assert found.tools == wanted.tools
    same_sums(found.total, wanted.total)
    for one, other in zip(found.periods, wanted.periods, strict=True):
        same_sums(one, other)
    for ones, others in ((found.teams, wanted.teams), (found.agents, wanted.agents)):
        # Where tools are counted by hand, whose they are has sums without anything in them.
        assert set(ones) == {name for name, sums in others.items() if sums != Sums()}
        for name, sums in ones.items():
            same_sums(sums, others[name])


def same_sums(one: Sums, other: Sums) -> None:
    assert (one.statuses, one.outcomes, one.turns) == (other.statuses, other.outcomes, other.turns)
    assert one.cost_usd == pytest.approx(other.cost_usd)
    assert one.duration_s == pytest.approx(other.duration_s)
