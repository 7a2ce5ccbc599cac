"""All receivers of events: an outbox each."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from loguru import logger

from bot.events import EventBus
from bot.records.entries import is_stored
from bot.records.service import Records
from bot.webhooks import ledger
from bot.webhooks.ledger import Progress
from bot.webhooks.outbox import Outbox
from bot.webhooks.post import Poster
from bot.webhooks.receiver import Receiver
from processors.events.event import Event


@dataclass(frozen=True, slots=True)
class ReceiverStatus:
    """How it goes with one receiver, whichever instance tells it."""

    receiver: Receiver
    progress: Progress
    waiting: int


class Webhooks:
    """Tells the receivers of the settings what happens. Nothing that they do harms a call.

    Args:
        records: What happens, once it is written down.
        bus: Says when to look.
        receivers: Who is told.
        key: Signs.
    """

    def __init__(
        self, records: Records, bus: EventBus, receivers: tuple[Receiver, ...], key: bytes
    ) -> None:
        self._records = records
        self._bus = bus
        self._poster = Poster(key)
        self._outboxes = [Outbox(receiver, records, self._poster) for receiver in receivers]
        self._running: list[asyncio.Task[None]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        records.when_erased(self._forget)

    def start(self) -> None:
        """Begins to tell the receivers."""
        for outbox in self._outboxes:
            if outbox.receiver.is_readable_on_the_way:
                logger.warning(
                    "the webhook {} is plain HTTP: what callers say can be read on the way",
                    outbox.receiver.shown,
                )
        self._loop = asyncio.get_running_loop()
        self._bus.attach(self._note)
        self._running = [
            asyncio.create_task(outbox.run(), name="webhooks") for outbox in self._outboxes
        ]

    async def close(self) -> None:
        """Keeps how far everybody was told; the rest is told after the next start."""
        if self._running:
            self._bus.detach(self._note)
            for task in self._running:
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)
        await self._poster.close()

    async def status(self) -> list[ReceiverStatus]:
        """How it goes with each receiver.

        Raises:
            DatabaseAwayError: That can't be said now.
        """
        database = self._records.database
        found = []
        for outbox in self._outboxes:
            receiver = outbox.receiver
            progress = await ledger.look_up(database, receiver)
            if progress is None:
                continue
            waiting = await ledger.waiting(database, receiver, progress)
            found.append(ReceiverStatus(receiver, progress, waiting))
        return found

    def _note(self, event: Event) -> None:
        if is_stored(event):
            for outbox in self._outboxes:
                outbox.wake()

    def _forget(self, call_id: str) -> None:
        """Called in the thread of the records."""
        if self._loop is None:
            return
        for outbox in self._outboxes:
            with suppress(RuntimeError):  # the loop is closed
                self._loop.call_soon_threadsafe(outbox.forget, [call_id])
