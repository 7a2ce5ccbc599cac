"""From the bus to the database: everything once, whatever becomes of the processes."""

import asyncio
from contextlib import asynccontextmanager

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.events import EventBus
from bot.records import presence, store
from bot.records.database import writing
from bot.records.migrate import migrate
from bot.records.service import Records
from bot.records.tables import Call, CallEvent, Instance
from tests.bot.records.stories import entries, stamped, story
from tests.patience import PATIENCE_S


class Running:
    def __init__(self, settings):
        self.bus = EventBus()
        self.records = Records(settings, self.bus)

    def tell(self, events, call_id="call_1"):
        emit = self.bus.emitter(call_id)
        for event in events:
            emit(event)

    async def written(self):
        assert await self.records.caught_up(20)

    async def ask(self, statement):
        async with AsyncSession(self.records.database) as session:
            return list(await session.scalars(statement))


@asynccontextmanager
async def running(settings):
    one = Running(settings)
    await one.records.start()
    try:
        yield one
    finally:
        await one.records.close()


def spools(settings):
    return list((settings.data_dir / "spool").iterdir())


async def test_what_is_published_is_in_the_database_and_nowhere_else(settings):
    async with running(settings) as one:
        one.tell(story())
        await one.written()
        [call] = await one.ask(select(Call))
        events = await one.ask(select(CallEvent).order_by(CallEvent.sequence))
    assert (call.status, call.agent) == ("completed", "hotel_booking")
    partials = 1
    assert len(events) == len(story()) - partials
    assert [event.position for event in events] == sorted({event.position for event in events})
    assert spools(settings) == []


async def test_a_stop_writes_what_was_published_before_it(settings):
    async with running(settings) as one:
        one.tell(story())
    async with running(settings) as two:
        await two.written()
        assert await two.ask(select(func.count(CallEvent.id))) == [len(story()) - 1]
        assert len(await two.ask(select(Instance))) == 1


async def died_during_a_call(settings, opened):
    """A call in the database whose instance left no more than that."""
    engine = opened(settings)
    await migrate(engine)
    told = stamped(story()[:-1])
    async with AsyncSession(writing(engine)) as session, session.begin():
        await store.write(session, "gone", entries(told))
        await presence.leave(session, "gone")
    return told


async def test_a_call_whose_process_died_is_closed_as_lost(settings, opened):
    told = await died_during_a_call(settings, opened)
    one = Running(settings)
    with one.bus.subscribe() as events:
        await one.records.start()
        ended = await asyncio.wait_for(anext(events), PATIENCE_S)
        await one.written()
        [call] = await one.ask(select(Call))
        await one.records.close()
    assert (ended.type, ended.reason, ended.sequence) == ("call.ended", "lost", len(told) + 1)
    assert (call.status, call.reason) == ("failed", "lost")
    assert call.ended_at == told[-1].at
    assert call.duration_s == len(told) - 1


async def test_another_instance_that_lives_keeps_its_calls(settings):
    async with running(settings) as one:
        one.tell(story()[:-1])
        await one.written()
        async with running(settings) as two:
            two.tell(story(), "call_2")
            await two.written()
            statuses = select(Call.status).order_by(Call.id)
            assert await two.ask(statuses) == ["in_progress", "completed"]
            assert len(await two.ask(select(Instance))) == 2
        one.tell(story()[-1:])


async def test_two_services_on_one_folder_keep_out_of_each_others_way(settings):
    async with running(settings) as one, running(settings) as two:
        assert len(spools(settings)) == 2
        one.tell(story(), "call_1")
        two.tell(story(), "call_2")
        await one.written()
        await two.written()
        assert len(await one.ask(select(Call))) == 2
