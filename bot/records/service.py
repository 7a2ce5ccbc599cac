"""The records of one process: takes every event, keeps it safe, writes it down, reads it back."""

import asyncio
import os
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from loguru import logger
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.errors import StartError
from bot.events import EventBus
from bot.records.database import open_database, records_url
from bot.records.feed import Feed
from bot.records.intake import Intake
from bot.records.presence import LostCall
from bot.records.spool import Spool
from bot.records.writer import DatabaseAwayError, Writer
from bot.settings import Settings
from processors.events.calls import CallEnded

MEGABYTE = 1024 * 1024
INTAKE_STOP_S = 5.0
WRITER_STOP_S = 5.0
"""What is not written by then waits in the spool for the next start."""

Told = TypeVar("Told")


class Records:
    """From the bus to the database and back; nothing runs before `start`."""

    def __init__(self, settings: Settings, bus: EventBus) -> None:
        """Prepares the records of a service.

        Args:
            settings: Where they are kept, and for how long.
            bus: Whose events they are of.
        """
        self.feed = Feed()
        self._settings = settings
        self._bus = bus
        self.instance_id = f"{os.getpid()}-{uuid.uuid4().hex[:12]}"
        self._folder = Path(settings.data_dir) / "spool"
        self._spool = Spool(
            self._folder / self.instance_id,
            limit_bytes=int(settings.records_spool_mb * MEGABYTE),
        )
        self._intake: Intake | None = None
        self._writer: Writer | None = None
        self._readers: AsyncEngine | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._written_position = 0
        self._progress = asyncio.Event()
        self._forgetters: list[Callable[[str], object]] = []

    async def start(self) -> None:
        """Takes events from now on, and what earlier processes left behind.

        Raises:
            StartError: The data directory can't be written.
        """
        self._loop = asyncio.get_running_loop()
        try:
            await asyncio.to_thread(self._spool.open)
            orphans = await asyncio.to_thread(self._orphans)
        except OSError as error:
            raise StartError(f"DATA_DIR should be a folder that can be written: {error}") from None
        days = self._settings.records_retention_days
        url = records_url(self._settings)
        self._writer = Writer(
            url,
            self.instance_id,
            self._spool,
            orphans=orphans,
            retention=timedelta(days=days) if days else None,
            written=self._note_written,
            lost=self._note_lost,
            erased=self._forget_elsewhere,
        )
        writer = self._writer
        self._intake = Intake(self._spool, self.feed, lambda _position: writer.wake())
        self._readers = open_database(url, pool_size=5)
        self._intake.start()
        self._writer.start()
        self._bus.attach(self._intake.take)

    async def close(self) -> None:
        """Writes what was taken; the rest waits in the spool."""
        self.feed.end()
        if self._intake is None or self._writer is None or self._readers is None:
            return
        self._bus.detach(self._intake.take)
        await self._intake.stop(INTAKE_STOP_S)
        await self._writer.stop(WRITER_STOP_S)
        await self._readers.dispose()
        await asyncio.to_thread(self._spool.close)

    @property
    def is_up(self) -> bool:
        """Whether the database answered when it was last asked."""
        return self._writer is not None and self._writer.is_up

    @property
    def has_adopted(self) -> bool:
        """Whether what earlier processes left in their spools is in the database."""
        return self._writer is not None and self._writer.has_adopted

    @property
    def waiting_bytes(self) -> int:
        """What waits in the spool."""
        return self._spool.size

    @property
    def database(self) -> AsyncEngine:
        """For reading.

        Raises:
            DatabaseAwayError: There is none yet.
        """
        if self._readers is None or not self.is_up:
            raise DatabaseAwayError
        return self._readers

    async def caught_up(self, timeout_s: float) -> bool:
        """Waits until what was published before is in the database; whether it came to that."""
        target = self._intake.stored_position if self._intake else 0
        deadline = time.monotonic() + timeout_s
        while self._written_position < target or not self.is_up:
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            self._progress.clear()
            try:
                await asyncio.wait_for(self._progress.wait(), min(left, 0.2))
            except TimeoutError:
                continue
        return True

    async def erase(self, call_id: str) -> bool:
        """Deletes a call, and what `when_erased` was told to; False when there is no such call.

        Raises:
            CallIsLiveError: It goes on.
            DatabaseAwayError: It can't be deleted now.
        """
        if self._writer is None:
            raise DatabaseAwayError
        return await self._writer.erase(call_id)

    def when_erased(self, forget: Callable[[str], object]) -> None:
        """Has ``forget`` called, in a thread, with every call that is deleted from now on.

        For whoever keeps something of calls outside the database.
        """
        self._forgetters.append(forget)

    def _forget_elsewhere(self, call_ids: Sequence[str]) -> None:
        for forget in self._forgetters:
            for call_id in call_ids:
                try:
                    forget(call_id)
                except OSError as error:
                    logger.bind(call_id=call_id).error(
                        "a file of a deleted call could not be deleted: {}", error
                    )

    def _orphans(self) -> list[Spool]:
        """The spools of processes that are gone, opened."""
        found = []
        for folder in sorted(self._folder.iterdir()):
            if folder == self._spool.folder or not folder.is_dir():
                continue
            spool = Spool(folder, limit_bytes=self._spool.limit)
            if spool.open():
                logger.info("took over the spool of an instance that is gone: {}", folder.name)
                found.append(spool)
        return found

    def _note_written(self, position: int) -> None:
        self._on_loop(self._progressed, position)

    def _progressed(self, position: int) -> None:
        self._written_position = max(self._written_position, position)
        self._progress.set()

    def _note_lost(self, calls: Sequence[LostCall]) -> None:
        self._on_loop(self._publish_lost, calls)

    def _publish_lost(self, calls: Sequence[LostCall]) -> None:
        """Says of calls what their own process could not: that they are over."""
        for call in calls:
            logger.bind(call_id=call.call_id).warning("the call's process died during it")
            self._bus.number_from(call.call_id, call.last_sequence)
            ended = CallEnded(at=call.at, reason="lost", duration_s=call.duration_s)
            self._bus.emitter(call.call_id)(ended)

    def _on_loop(self, callback: Callable[[Told], None], told: Told) -> None:
        """Calls back where the calls run; from the writer's thread."""
        if self._loop is None:
            return
        with suppress(RuntimeError):  # it is closed: nobody is left to be told
            self._loop.call_soon_threadsafe(callback, told)
