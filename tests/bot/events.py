"""What happened while a test ran."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.events import Missed
from processors.events.event import Event
from tests.bot.service import Service


@asynccontextmanager
async def events_of(running: Service) -> AsyncIterator[list[Event]]:
    """Every event from entry to exit; the list is filled as they happen, and complete at exit."""
    events: list[Event] = []

    async def collect() -> None:
        async for event in subscription:
            assert not isinstance(event, Missed)
            events.append(event)

    with running.switchboard.bus.subscribe() as subscription:
        collecting = asyncio.create_task(collect())
        yield events
    await collecting
