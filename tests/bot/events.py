"""What happened while a test ran."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.events import Missed
from processors.events import Event
from tests.bot.service import Service


@asynccontextmanager
async def events_of(running: Service) -> AsyncIterator[list[Event]]:
    """Every event from entry to exit; the list is filled on exit."""
    events: list[Event] = []
    with running.switchboard.bus.subscribe() as subscription:
        yield events
    async for event in subscription:
        assert not isinstance(event, Missed)
        events.append(event)
