"""Figures over many calls: as one would count them by hand, on both databases."""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from bot.app import create_app
from bot.records.database import writing
from bot.records.numbers import Question, read_numbers
from bot.records.projection import new_call
from bot.records.tables import Call, ToolCall, TurnLatency
from bot.settings import Settings
from bot.switchboard import Switchboard, endpoint_for
from tests.bot.records.counting import assert_same, counted_by_hand, pack
from tests.bot.records.stories import story
from tests.bot.records.test_history_api import known, serving, tell

BERLIN = ZoneInfo("Europe/Berlin")
FIRST = datetime(2024, 10, 26, tzinfo=BERLIN)
"""The clocks go back in the night after it: the next day has 25 hours."""

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
        yield call
        for turn in range(chance.randrange(4)):
            yield TurnLatency(
                call_id=call.id,
                sequence=turn,
                at=at,
                latency_ms=chance.lognormvariate(6.6, 0.6),
                team=team,
                agent=chance.choice(TEAMS[team]),
            )
        yield ToolCall(
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


@pytest.mark.parametrize(
    ("team", "agent"), [(None, None), ("travel", None), ("travel", "hotels"), ("nobody", None)]
)
async def test_figures_are_those_that_counting_by_hand_gives(database, team, agent):
    told = list(some_calls(300))
    async with AsyncSession(writing(database)) as session, session.begin():
        session.add_all([row for row in told if isinstance(row, Call)])
        await session.flush()
        session.add_all(told)
    question = Question(ends=DAYS, team=team, agent=agent)
    by_hand = await counted_by_hand(database, question)
    assert [sums.statuses.total() > 0 for sums in by_hand.periods] == 4 * [team != "nobody"]
    assert_same(await read_numbers(database, question), by_hand)
    await pack(database)
    assert_same(await read_numbers(database, question), by_hand)


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
    assert (numbers["total"]["turns"], numbers["total"]["p50_ms"]) == (2, 400)
    assert numbers["periods"][-1]["calls"] == 1
    weekdays = [
        datetime.fromisoformat(period["start"]).astimezone(begin.tzinfo).weekday()
        for period in numbers["periods"][1:]
    ]
    assert set(weekdays) == {0}
    by_agent = {each["agent"]: (each["calls"], each["turns"]) for each in numbers["agents"]}
    assert by_agent == {"front_desk": (0, 1), "hotel_booking": (1, 1)}
    assert numbers["tools"] == [
        {"tool": "search", "calls": 1, "errors": 0, "p50_ms": 12.5, "p95_ms": 12.5}
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
