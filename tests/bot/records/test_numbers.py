"""Figures over many calls: counted in SQL as they would be by hand, on both databases."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from bot.app import create_app
from bot.records.database import writing
from bot.records.histogram import percentile
from bot.records.numbers import Question, read_numbers
from bot.records.projection import new_call
from bot.records.reading import percentile as exact_percentile
from bot.records.tables import ToolCall, TurnLatency
from bot.settings import Settings
from bot.switchboard import Switchboard, endpoint_for
from tests.bot.records.stories import story
from tests.bot.records.test_history_api import known, serving, tell

BERLIN = ZoneInfo("Europe/Berlin")
FIRST = datetime(2026, 10, 24, tzinfo=BERLIN)
"""The clocks go back in the night after it: that day has 25 hours."""

DAYS = [FIRST + timedelta(days=day) for day in range(5)]
TEAMS = {"travel": ("front_desk", "hotels"), "outreach": ("survey",)}


def some_calls(count: int):
    """Calls, turns and tool calls over six days, the last one of which is not asked for."""
    chance = random.Random(7)
    for number in range(count):
        at = FIRST.astimezone(UTC) + timedelta(seconds=chance.randrange(6 * 86_400))
        team = chance.choice(list(TEAMS))
        call = new_call(f"call_{number}", at, "test")
        call.team, call.agent = team, chance.choice(TEAMS[team])
        call.status = chance.choice(["completed", "completed", "failed"])
        call.outcome = chance.choice(["resolved", None])
        call.cost_usd, call.duration_s = chance.choice([None, 0.25, 0.5]), 60.0
        turns = [
            TurnLatency(
                call_id=call.id,
                sequence=turn,
                at=at,
                latency_ms=chance.lognormvariate(6.6, 0.6),
                team=team,
                agent=chance.choice(TEAMS[team]),
            )
            for turn in range(chance.randrange(4))
        ]
        tool = ToolCall(
            call_id=call.id,
            tool_call_id="t",
            sequence=9,
            team=team,
            agent=call.agent,
            tool=chance.choice(["search", "book"]),
            arguments={},
            is_error=chance.random() < 0.2,
            duration_ms=chance.choice([None, 40.0, 800.0]),
            called_at=at,
        )
        yield call, turns, tool


@pytest.mark.parametrize(
    ("team", "agent"), [(None, None), ("travel", None), ("travel", "hotels"), ("nobody", None)]
)
async def test_figures_are_those_that_counting_by_hand_gives(database, team, agent):
    told = list(some_calls(300))
    async with AsyncSession(writing(database)) as session, session.begin():
        session.add_all([call for call, _, _ in told])
        await session.flush()
        session.add_all([row for _, turns, tool in told for row in (*turns, tool)])
        await session.flush()
        calls = [
            (call.created_at, call.team, call.agent, call.status, call.outcome, call.cost_usd)
            for call, _, _ in told
        ]
        turns = [(t.at, t.team, t.agent, t.latency_ms) for _, each, _ in told for t in each]
        tools = [
            (t.called_at, t.team, t.agent, t.tool, t.duration_ms, t.is_error) for _, _, t in told
        ]
    found = await read_numbers(database, Question(ends=DAYS, team=team, agent=agent))

    def wanted(row):
        return DAYS[0] <= row[0] < DAYS[-1] and team in (None, row[1]) and agent in (None, row[2])

    calls, turns, tools = (list(filter(wanted, rows)) for rows in (calls, turns, tools))
    assert len(found.periods) == 4
    for begin, end, period in zip(DAYS, DAYS[1:], found.periods, strict=False):
        within = [call for call in calls if begin <= call[0] < end]
        assert period.statuses == Counter(call[3] for call in within)
        assert period.cost_usd == pytest.approx(sum(call[5] or 0 for call in within))
        assert period.duration_s == 60.0 * len(within)
        latencies = [turn[3] for turn in turns if begin <= turn[0] < end]
        assert period.latencies.total() == len(latencies)
        for share in (0.5, 0.95):
            close(percentile(period.latencies, share), exact_percentile(latencies, share))
    assert {
        pair: sums.statuses.total() for pair, sums in found.agents.items() if sums.statuses
    } == Counter((call[1], call[2]) for call in calls)
    assert {
        pair: sums.latencies.total() for pair, sums in found.agents.items() if sums.latencies
    } == Counter((turn[1], turn[2]) for turn in turns)
    outcomes = sum((sums.outcomes for sums in found.agents.values()), Counter())
    assert outcomes == Counter(call[4] for call in calls if call[4])
    finished = [tool for tool in tools if tool[4] is not None]
    assert {name: sums.durations.total() for name, sums in found.tools.items()} == Counter(
        tool[3] for tool in finished
    )
    assert sum(sums.errors for sums in found.tools.values()) == sum(tool[5] for tool in finished)


def close(found: float | None, exact: float | None) -> None:
    """Within half a bin."""
    assert (found is None) == (exact is None)
    if found is not None and exact is not None:
        half = 5 if exact < 500 else 12.5 if exact < 2000 else 100
        assert abs(found - exact) <= half


async def test_the_route_tells_of_days_where_the_reader_is(settings):
    async with serving(settings) as (running, client):
        tell(running, story())
        await known(client)
        today = datetime.now(ZoneInfo("Pacific/Auckland")).date()
        asked = {"time_zone": "Pacific/Auckland", "by": "week"}
        numbers = (await client.get("/api/numbers", params=asked)).json()
    begin = datetime.combine(today - timedelta(days=29), datetime.min.time())
    begin = begin.replace(tzinfo=ZoneInfo("Pacific/Auckland"))
    assert datetime.fromisoformat(numbers["start"]) == begin
    assert numbers["total"]["calls"] == 1
    assert numbers["total"]["statuses"] == {"completed": 1}
    assert (numbers["total"]["turns"], numbers["total"]["p50_ms"]) == (2, 405)
    assert numbers["periods"][-1]["calls"] == 1
    weekdays = [
        datetime.fromisoformat(period["start"]).astimezone(begin.tzinfo).weekday()
        for period in numbers["periods"][1:]
    ]
    assert set(weekdays) == {0}
    by_agent = {each["agent"]: (each["calls"], each["turns"]) for each in numbers["agents"]}
    assert by_agent == {"front_desk": (0, 1), "hotel_booking": (1, 1)}
    assert numbers["tools"] == [
        {"tool": "search", "calls": 1, "errors": 0, "p50_ms": 15, "p95_ms": 15}
    ]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "2026-11-22", "to": "2026-11-21"}, "from"),
        ({"from": "yesterday"}, "from"),
        ({"from": "2020-01-01", "to": "2026-01-01"}, "by"),
        ({"to": "9999-12-31"}, "to"),
        ({"by": "hour"}, "by"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "../etc/passwd"}, "time_zone"),
        ({"team": "a\0b"}, "team"),
    ],
)
async def test_days_that_are_none_are_refused_by_name(tmp_path, query, field):
    async with serving_sqlite(tmp_path) as client:
        answer = await client.get("/api/numbers", params=query)
    assert (answer.status_code, answer.json()["field"]) == (422, field), answer.text


def serving_sqlite(tmp_path):
    """A service that was not started: it refuses before it reads."""
    chosen = Settings(_env_file=None, data_dir=tmp_path)
    app = create_app(Switchboard(chosen, endpoint=endpoint_for(chosen), tool_servers={}))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:7860")
