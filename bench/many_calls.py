"""A database with as many calls as one likes, spread over three months by office hours."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from bot.records.database import writing
from bot.records.hours import pack_hours
from bot.records.migrate import migrate
from bot.records.projection import new_call
from bot.records.tables import Base, Call, ToolCall, TurnLatency, Utterance

DAYS = 90
AT_ONCE = 1_000
TEAMS = {
    "travel": ("front_desk", "hotel_booking", "flight_booking", "post_booking"),
    "members": ("reception", "accounts", "vouchers"),
    "concierge": ("concierge",),
    "outreach": ("survey", "reminder"),
}
TOOLS = ("search-hotel", "search-flight", "book", "cancel-booking", "redeem-voucher", "weather")
LINES = (
    "I need a hotel in {} for two people from June third to June sixth",
    "Thank you, that is all I wanted to know",
    "Yes please, book the first one",
    "Can you tell me what the weather is going to be like in {}",
)
COMMON = ("Paris", "Rome", "Berlin", "Madrid", "Vienna")
UNCOMMON = "Ljubljana"
"""Said in one call of a hundred."""

RARE = "Reykjavik"
"""Said in one call of ten thousand."""

Row = dict[str, Any]


async def fill(database: AsyncEngine, calls: int, *, seed: int = 1) -> None:
    """Makes the tables and adds calls that are over, the oldest first, as the service packs them.

    Each has five turns, two or three tool calls and four utterances on average.
    """
    await migrate(database)
    chance = random.Random(seed)
    moments = sorted(_moment(chance) for _ in range(calls))
    for begin in range(0, calls, AT_ONCE):
        rows: dict[type[Base], list[Row]] = {Call: [], TurnLatency: [], ToolCall: [], Utterance: []}
        for number, at in enumerate(moments[begin : begin + AT_ONCE], begin):
            for table, row in _call(chance, number, at):
                rows[table].append(row)
        async with AsyncSession(writing(database)) as session, session.begin():
            for table, of_table in rows.items():
                await session.execute(insert(table), of_table)
    more = True
    while more:
        async with AsyncSession(writing(database)) as session, session.begin():
            more = await pack_hours(session)


def _moment(chance: random.Random) -> datetime:
    day = chance.randrange(DAYS)
    hour = min(max(chance.gauss(13, 3.5), 0), 23.99)
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=day + 1) + timedelta(hours=hour)


def _call(chance: random.Random, number: int, at: datetime) -> Iterator[tuple[type[Base], Row]]:
    team = chance.choice(list(TEAMS))
    agent = chance.choice(TEAMS[team])
    lines = [chance.choice(LINES).format(chance.choice(COMMON)) for _ in range(4)]
    if number % 100 == 0:
        lines[1] += f" about {UNCOMMON}"
    if number % 10_000 == 0:
        lines[2] += f" in {RARE}"
    duration_s = chance.uniform(20, 400)
    call = new_call(f"call_{number:032x}", at, "bench")
    call.team, call.agent, call.channel = team, agent, "phone"
    call.direction = "outbound" if team == "outreach" else "inbound"
    call.from_number = f"+1415555{chance.randrange(10_000):04}"
    call.to_number = "+14155550100"
    call.status = chance.choices(["completed", "failed", "no_answer"], [90, 7, 3])[0]
    call.outcome = chance.choice(["resolved", "resolved", "follow_up", "transferred", None])
    call.cost_usd, call.duration_s = chance.uniform(0.02, 0.5), duration_s
    call.summary = "The caller asked for a hotel and got an offer."
    call.transcript = "\n".join(f"caller: {line}" for line in lines)
    call.started_at, call.ended_at = at, at + timedelta(seconds=duration_s)
    yield Call, {name: value for name, value in vars(call).items() if not name.startswith("_")}

    def moment() -> datetime:
        return at + timedelta(seconds=chance.uniform(0, duration_s))

    for turn in range(chance.randrange(11)):
        yield (
            TurnLatency,
            {
                "call_id": call.id,
                "sequence": turn,
                "at": moment(),
                "latency_ms": round(chance.lognormvariate(6.6, 0.4), 1),
                "team": team,
                "agent": chance.choice(TEAMS[team]),
            },
        )
    for tool in range(chance.randrange(6)):
        yield (
            ToolCall,
            {
                "call_id": call.id,
                "tool_call_id": f"t{tool}",
                "sequence": 100 + tool,
                "team": team,
                "agent": agent,
                "tool": chance.choice(TOOLS),
                "arguments": {},
                "output": "found",
                "is_error": chance.random() < 0.05,
                "duration_ms": round(chance.lognormvariate(5, 0.7), 1),
                "called_at": moment(),
            },
        )
    for place, line in enumerate(lines):
        yield (
            Utterance,
            {
                "call_id": call.id,
                "sequence": 200 + place,
                "item_id": f"u{place}",
                "speaker": "agent" if place % 2 else "caller",
                "text": line,
                "interrupted": False,
                "at": at,
            },
        )
