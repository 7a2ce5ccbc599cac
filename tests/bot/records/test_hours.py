"""Packed hours: whatever is said, deleted or packed, figures are those of the rows."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.records import erasure, store
from bot.records.database import writing
from bot.records.entries import Entry
from bot.records.hours import BATCH, pack_hours
from bot.records.numbers import Question, Sums, read_numbers
from bot.records.tables import Base, Call, CallHour
from processors.events.calls import CallEnded, CallStarted
from processors.events.conversation import AgentChanged
from processors.events.figures import Cost, TurnLatency
from processors.events.outcome import CallSummarised
from processors.events.tools import ToolCalled, ToolFinished
from tests.bot.records.counting import assert_same, counted_by_hand, pack
from tests.bot.records.stories import entries, stamped, story
from tests.bot.records.test_records import running
from tests.patience import PATIENCE_S

BEGIN = datetime(2024, 10, 26, tzinfo=UTC)
ZONES = ("UTC", "Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu", "America/New_York")
"""In Berlin the second day has 25 hours; in Kathmandu days begin a quarter before an hour."""

MILLISECONDS = st.floats(0, 60_000, allow_nan=False)
NAMES = st.sampled_from(["front_desk", "hotels", "survey"])
MOMENTS = st.one_of(
    st.integers(0, 4 * 86_400_000_000),
    # About where days begin somewhere.
    st.builds(
        lambda quarter, off: quarter * 900_000_000 + off,
        st.integers(0, 4 * 96),
        st.sampled_from([-1, 0, 1]),
    ).filter(lambda microseconds: microseconds >= 0),
).map(lambda microseconds: BEGIN + timedelta(microseconds=microseconds))
EVENTS = st.one_of(
    st.builds(CallStarted, team=st.sampled_from(["travel", "outreach"]), channel=st.just("phone")),
    st.builds(AgentChanged, from_agent=st.none(), to_agent=NAMES, voice=st.just("marin")),
    st.builds(TurnLatency, latency_ms=MILLISECONDS),
    st.builds(
        ToolCalled,
        tool_call_id=st.sampled_from("ab"),
        agent=NAMES,
        tool=st.just("search"),
        arguments=st.just({}),
    ),
    st.builds(
        ToolFinished,
        tool_call_id=st.sampled_from("ab"),
        tool=st.sampled_from(["search", "book"]),
        output=st.just(""),
        is_error=st.booleans(),
        duration_ms=MILLISECONDS,
    ),
    st.builds(Cost, usd=st.floats(0, 9), by_kind=st.just({})),
    st.builds(CallEnded, reason=st.sampled_from(["caller", "error"]), duration_s=st.floats(0, 1e4)),
    st.builds(
        CallSummarised,
        summary=st.just("."),
        intent=st.just("."),
        outcome=st.sampled_from(["resolved", "follow_up"]),
        data=st.just({}),
        model=st.just("m"),
    ),
)
CALLS = st.sampled_from(["call_1", "call_2", "call_3", "call_4"])
STEPS = st.lists(
    st.one_of(
        st.lists(st.tuples(CALLS, MOMENTS, EVENTS), min_size=1, max_size=6),
        CALLS,
        st.just("pack"),
    ),
    max_size=14,
)
"""A batch of events is written, a call is deleted, or hours are packed."""


async def written(database, batch, instance="i1"):
    async with AsyncSession(writing(database)) as session, session.begin():
        await store.write(session, instance, batch)


async def erased(database, call_id):
    with suppress(erasure.CallIsLiveError):
        async with AsyncSession(writing(database)) as session, session.begin():
            await erasure.erase_one(session, call_id)


@examples(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    steps=STEPS,
    zone=st.sampled_from(ZONES),
    team=st.sampled_from([None, "travel", ""]),
    agent=st.sampled_from([None, "hotels"]),
)
async def test_figures_are_those_of_the_rows_whatever_happened_before(
    database, steps, zone, team, agent
):
    async with AsyncSession(writing(database)) as session, session.begin():
        for table in reversed(Base.metadata.sorted_tables):
            await session.execute(delete(table))
    positions = count(1)
    for step in steps:
        if step == "pack":
            await pack(database)
        elif isinstance(step, str):
            await erased(database, step)
        else:
            told = [
                event.model_copy(update={"call_id": call_id, "at": at})
                for call_id, at, event in step
            ]
            await written(database, [Entry.of(next(positions), event) for event in told])
    first = BEGIN.replace(tzinfo=ZoneInfo(zone)) + timedelta(days=1)
    ends = [(first + timedelta(days=day)).astimezone(UTC) for day in range(3)]
    question = Question(ends=ends, team=team, agent=agent)
    assert_same(await read_numbers(database, question), await counted_by_hand(database, question))


def long_ago():
    """A call on the first of the days."""
    told = stamped(story())
    before = told[0].at - BEGIN
    return entries([event.model_copy(update={"at": event.at - before}) for event in told])


async def test_a_call_that_is_deleted_is_in_no_packed_hour(database):
    await written(database, long_ago())
    await pack(database)
    async with AsyncSession(database) as session:
        assert len(list(await session.scalars(select(CallHour)))) == BATCH
    await erased(database, "call_1")
    async with AsyncSession(database) as session:
        assert not any(await session.scalars(select(CallHour.calls)))
    numbers = await read_numbers(database, Question(ends=[BEGIN, BEGIN + timedelta(days=1)]))
    assert (numbers.total, numbers.tools) == (Sums(), {})


async def test_what_is_said_of_a_packed_hour_is_counted(database):
    await written(database, long_ago())
    await pack(database)
    late = TurnLatency(call_id="call_1", sequence=90, at=BEGIN, latency_ms=5000)
    await written(database, [Entry.of(900, late)])
    question = Question(ends=[BEGIN, BEGIN + timedelta(days=1)])
    assert (await read_numbers(database, question)).total.turns.count == 3


async def test_what_is_written_while_hours_are_packed_is_counted(database):
    await written(database, long_ago())
    question = Question(ends=[BEGIN, BEGIN + timedelta(days=1)])
    late = TurnLatency(call_id="call_1", sequence=90, at=BEGIN, latency_ms=5000)

    async def pack_once():
        async with AsyncSession(writing(database)) as session, session.begin():
            return await pack_hours(session)

    async with AsyncSession(writing(database)) as session, session.begin():
        await store.write(session, "i1", [Entry.of(900, late)])
        packing = asyncio.create_task(pack_once())
        if database.dialect.name == "postgresql":
            await somebody_waits(session)
    assert await packing
    numbers = await read_numbers(database, question)
    assert (numbers.total.turns.count, numbers.total.turns.p95_ms) == (3, 5000)
    assert_same(numbers, await counted_by_hand(database, question))


async def somebody_waits(session):
    """Until a lock of the records is waited for: by who packs, for the one who writes."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    async with asyncio.timeout(PATIENCE_S):
        while not await session.scalar(waiting):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_instances_pack_the_same_hours_at_once(database):
    await written(database, long_ago())
    await asyncio.gather(*(pack(database) for _ in range(3)))
    async with AsyncSession(database) as session:
        assert await session.scalar(select(func.count(CallHour.hour))) == BATCH


async def test_a_service_packs_what_is_old_beside_its_work(settings):
    async with running(settings) as one:
        for number in range(3):
            at = BEGIN + timedelta(days=30 * number)
            events = [event.model_copy(update={"at": at}) for event in stamped(story())]
            one.tell(events, f"call_{number}")
        await one.written()
        assert len(await one.ask(select(Call))) == 3
    async with running(settings) as again:
        await again.written()
        async with asyncio.timeout(PATIENCE_S):
            while len(await again.ask(select(CallHour.hour))) < 3 * BATCH:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        question = Question(ends=[BEGIN, BEGIN + timedelta(days=90)])
        numbers = await read_numbers(again.records.database, question)
    assert (numbers.total.statuses, numbers.total.turns.count) == ({"completed": 3}, 6)
