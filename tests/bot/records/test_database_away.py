"""The database goes away and comes back while calls run: nothing is lost, nothing is doubled."""

import asyncio

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.records.entries import is_stored
from bot.records.tables import Call, CallEvent
from emulators.twilio.caller import Say, ScriptedCaller
from emulators.twilio.carrier import Carrier
from tests.bot.events import events_of
from tests.bot.records.interrupted_postgres import CutLine
from tests.bot.records.stories import story
from tests.bot.service import model, service, until
from tests.patience import PATIENCE_S

GREETS_AND_ENDS = """
opening:
  - say: Hello there
turns:
  - do: [{say: Very well then}]
  - do: [{say: Goodbye then}, {call: {name: end_call, arguments: {reason: done}}}]
"""


@pytest.mark.call
async def test_five_calls_during_which_postgresql_stops_and_starts(postgres, tmp_path):
    line = CutLine(postgres)
    url = await line.mend()
    async with (
        model(GREETS_AND_ENDS, hearing=["yes"] * 10) as emulator,
        service(emulator.url, database_url=url, data_dir=tmp_path) as running,
        Carrier() as carrier,
    ):
        records = running.switchboard.records
        assert await records.caught_up(20)
        async with events_of(running) as published:
            calls = [
                asyncio.create_task(
                    carrier.call(
                        f"{running.http}/twilio/voice", ScriptedCaller([Say("yes"), Say("yes")])
                    )
                )
                for _ in range(5)
            ]
            for _ in range(3):
                await until(lambda: len(running.switchboard.calls.live) > 0)
                await asyncio.sleep(0.4)
                await line.cut()
                await until(lambda: not records.is_up)
                await line.mend()
                await until(lambda: records.is_up)
            await line.cut()
            ended = await asyncio.gather(*calls)
            await until(lambda: not running.switchboard.calls.live)
            async with httpx.AsyncClient(base_url=running.http, timeout=PATIENCE_S) as client:
                away = await client.get("/api/calls")
                assert (away.status_code, away.headers["retry-after"]) == (503, "5")
                assert (await client.get("/health")).status_code == 200
            assert records.waiting_bytes > 0
        assert {call.ended_by for call in ended} == {"application"}
        await line.mend()
        assert await records.caught_up(30)
        assert records.waiting_bytes == 0
        async with AsyncSession(records.database) as session:
            written = list(await session.scalars(select(CallEvent)))
            statuses = list(await session.scalars(select(Call.status)))
    expected = [
        (event.call_id, event.sequence, event.type) for event in published if is_stored(event)
    ]
    assert len(expected) > 50
    assert sorted((each.call_id, each.sequence, each.event_type) for each in written) == sorted(
        expected
    )
    assert statuses == ["completed"] * 5
    await line.cut()


async def test_a_service_that_starts_without_its_database_takes_calls_and_writes_them_later(
    postgres, tmp_path
):
    line = CutLine(postgres)
    url = await line.mend()
    await line.cut()
    async with service("ws://127.0.0.1:9", database_url=url, data_dir=tmp_path) as running:
        emit = running.switchboard.bus.emitter("call_1")
        for event in story():
            emit(event)
    # It was stopped without ever having seen its database; the next one writes what it left.
    await line.mend()
    async with service("ws://127.0.0.1:9", database_url=url, data_dir=tmp_path) as running:
        await until(lambda: running.switchboard.records.is_up)
        await until(lambda: not any(tmp_path.glob("spool/*/*.jsonl")))
        async with AsyncSession(running.switchboard.records.database) as session:
            [call] = await session.scalars(select(Call))
    assert call.status == "completed"
    await line.cut()
