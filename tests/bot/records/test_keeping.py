"""How long records are kept, by whom they are closed, and what is too much for the spool."""

import asyncio
import errno
from datetime import timedelta

from sqlalchemy import func, select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.events import EventBus, Missed
from bot.records import erasure, presence, store
from bot.records.database import writing
from bot.records.entries import Entry
from bot.records.entry_writing import is_refusal
from bot.records.feed import Feed, Numbered
from bot.records.intake import Intake
from bot.records.service import Records
from bot.records.spool import Spool
from bot.records.tables import Call, CallEvent, Instance, Utterance
from processors.events.conversation import UserSpeech
from tests.bot.records.stories import entries, stamped, story
from tests.patience import PATIENCE_S


async def write(engine, batch, instance="i1"):
    async with AsyncSession(writing(engine)) as session, session.begin():
        await store.write(session, instance, batch)


async def test_old_calls_are_deleted_with_all_that_is_known_of_them(database):
    await write(database, entries(stamped(story(), "call_old")))
    await write(database, entries(stamped(story()[:-1], "call_live"), 100))
    async with AsyncSession(writing(database)) as session, session.begin():
        assert await erasure.erase_old(session, timedelta(days=-1)) == ["call_old"]
        assert await erasure.erase_old(session, timedelta(days=-1)) == []
    async with AsyncSession(database) as session:
        for table in (Call, CallEvent, Utterance):
            ids = table.id if table is Call else table.call_id
            assert set(await session.scalars(select(ids))) == {"call_live"}
    # What its instance still has to say is not stored, and does not stop what comes after.
    late = entries(stamped([UserSpeech(speaking=True)], "call_old", after=20), 200)
    await write(database, [*late, *entries(stamped(story(), "call_new"), 300)])
    async with AsyncSession(database) as session:
        assert set(await session.scalars(select(Call.id))) == {"call_live", "call_new"}


async def test_only_a_heartbeat_that_stopped_gives_a_call_up(database):
    await write(database, entries(stamped(story()[:-1])))
    async with AsyncSession(writing(database)) as session, session.begin():
        await presence.beat(session, "i1")
        assert await presence.lost_calls(session, by_heartbeat=True) == []
        old = (await session.get(Instance, "i1")).heartbeat_at - 2 * presence.STALE
        await session.execute(update(Instance).values(heartbeat_at=old))
        assert await presence.lost_calls(session, by_heartbeat=False) == []
        [lost] = await presence.lost_calls(session, by_heartbeat=True)
    assert (lost.call_id, lost.last_sequence) == ("call_1", len(story()) - 1)


async def test_an_event_that_the_database_refuses_costs_itself_only(settings, monkeypatch):
    bus = EventBus()
    records = Records(settings, bus)
    project = store.project

    def refuse(rows, call, event_type, fact):
        if event_type == "usage":
            raise ValueError("no database would take this")
        project(rows, call, event_type, fact)

    monkeypatch.setattr(store, "project", refuse)
    await records.start()
    emit = bus.emitter("call_1")
    for event in story():
        emit(event)
    assert await records.caught_up(20)
    async with AsyncSession(records.database) as session:
        [call] = await session.scalars(select(Call))
        assert await session.scalar(select(func.count(CallEvent.id))) == len(story()) - 1
    await records.close()
    assert (call.status, call.input_text_tokens) == ("completed", 0)


def test_a_database_that_is_full_or_away_is_waited_for():
    assert not is_refusal(OperationalError("INSERT", {}, Exception("disk is full")))
    assert not is_refusal(TimeoutError())
    assert not is_refusal(ConnectionRefusedError())


async def test_events_wait_in_memory_while_the_disk_is_full(tmp_path, monkeypatch):
    spool = Spool(tmp_path / "i1", limit_bytes=1_000_000)
    assert spool.open()
    appended: asyncio.Queue[int] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    feed = Feed()
    intake = Intake(spool, feed, lambda at: loop.call_soon_threadsafe(appended.put_nowait, at))
    append = spool.append
    refused = asyncio.Event()

    def full(_entries):
        loop.call_soon_threadsafe(refused.set)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(spool, "append", full)
    intake.start()
    with feed.read() as reader:
        first, second = stamped(story()[:2])
        intake.take(first)
        await asyncio.wait_for(refused.wait(), PATIENCE_S)
        # The live view goes on.
        assert (await reader.next(10)).event == first
        monkeypatch.setattr(spool, "append", append)
        intake.take(second)
        await asyncio.wait_for(appended.get(), PATIENCE_S)
    assert [entry.fields["sequence"] for entry in spool.read(10)] == [1, 2]
    await intake.stop(10)
    spool.close()


async def test_a_reader_that_is_too_slow_is_told_what_it_missed():
    feed = Feed()
    with feed.read(backlog=2) as slow, feed.read(call_id="call_2") as other:
        told = [Numbered(n, event) for n, event in enumerate(stamped(story()[:5]), 1)]
        feed.show(told)
        assert await slow.next(0) == Missed(3)
        assert [(await slow.next(0)).position for _ in range(2)] == [4, 5]
        assert await other.next(0) is None
        feed.end()
        assert slow.is_over
    assert feed.readers == 0


async def test_a_page_of_calls_is_found_by_an_index(settings, database):
    if database.dialect.name != "sqlite":
        return
    plan = (
        "EXPLAIN QUERY PLAN SELECT * FROM calls WHERE {} (created_at, id) < ('2026', 'c') "
        "ORDER BY created_at DESC, id DESC LIMIT 50"
    )
    async with database.connect() as connection:
        for condition in ("", "team = 'travel' AND", "status = 'completed' AND"):
            steps = (await connection.execute(text(plan.format(condition)))).all()
            assert "USING INDEX" in steps[0][-1]
            assert not any("TEMP B-TREE" in step[-1] for step in steps)


def test_an_entry_survives_its_line():
    entry = Entry(7, {"type": "usage", "call_id": "call_1", "sequence": 1, "text": "é\u2028"})
    assert Entry.parse(entry.line()) == entry
