"""Moves events from the spool to the database, in a thread with an event loop of its own.

A database that is slow, or away, costs the calls nothing: what they say waits in the spool.
"""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import TypeVar

from loguru import logger
from sqlalchemy import URL
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from bot.records import erasure, presence
from bot.records.database import open_database, writing
from bot.records.entry_writing import write_entries
from bot.records.hours import pack_hours
from bot.records.migrate import migrate
from bot.records.presence import LostCall
from bot.records.spool import Spool

BATCH = 200
FIRST_RETRY_S = 0.1
LAST_RETRY_S = 5.0
HOUSEKEEPING_S = 3600.0
PACKING_S = 600.0

Result = TypeVar("Result")


class DatabaseAwayError(Exception):
    """The database can't be reached at the moment."""


class Writer:
    """The one writer of this instance."""

    def __init__(
        self,
        url: URL,
        instance_id: str,
        spool: Spool,
        *,
        orphans: Sequence[Spool],
        retention: timedelta | None,
        written: Callable[[int], None],
        lost: Callable[[Sequence[LostCall]], None],
        erased: Callable[[Sequence[str]], None],
    ) -> None:
        """Prepares the thread.

        Args:
            url: Of the database, with an asynchronous driver.
            instance_id: Names this process in the database.
            spool: Where its events wait.
            orphans: Open spools of processes that died, each named after its instance.
            retention: After which calls are deleted; None keeps them.
            written: Called in the thread when events are in the database up to a position.
            lost: Called in the thread with calls whose process died during them.
            erased: Called in the thread with calls that were deleted.
        """
        self._url = url
        self._instance_id = instance_id
        self._spool = spool
        self._orphans = list(orphans)
        self._retention = retention
        self._written = written
        self._lost = lost
        self._erased = erased
        self._thread = threading.Thread(target=self._run, name="records-writer", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = asyncio.Event()
        self._engine: AsyncEngine | None = None
        self._stopping = False
        self._migrated = False
        self._up_since: float | None = None
        self._next_beat = 0.0
        self._next_housekeeping = 0.0
        self._next_packing = 0.0
        self._told: set[str] = set()

    @property
    def is_up(self) -> bool:
        """Whether the database answered when it was last asked."""
        return self._up_since is not None

    @property
    def has_adopted(self) -> bool:
        """Whether what earlier processes left in their spools is in the database."""
        return not self._orphans

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def wake(self) -> None:
        """Says that there is something in the spool; from any thread."""
        if self._loop:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._wake.set)

    async def stop(self, timeout_s: float) -> None:
        """Writes what is in the spool, if the database is there, and ends the thread."""
        self._stopping = True
        self.wake()
        await asyncio.to_thread(self._thread.join, timeout_s)

    async def erase(self, call_id: str) -> bool:
        """Deletes a call; False when there is none of that id. From any event loop.

        Raises:
            CallIsLiveError: It goes on.
            DatabaseAwayError: It can't be deleted now.
        """
        if self._loop is None or not self.is_up:
            raise DatabaseAwayError
        future = asyncio.run_coroutine_threadsafe(self._erase(call_id), self._loop)
        return await asyncio.wrap_future(future)

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except Exception:
            logger.exception("the writer of the records failed; events stay in the spool")

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._engine = open_database(self._url, pool_size=2)
        pause_s = FIRST_RETRY_S
        try:
            while True:
                ends = self._stopping
                try:
                    await self._work()
                    pause_s = FIRST_RETRY_S
                    if ends:
                        await self._leave()
                        return
                    await self._rest()
                except Exception as error:
                    self._note_away(error)
                    if ends:
                        return
                    await self._pause(pause_s)
                    pause_s = min(2 * pause_s, LAST_RETRY_S)
        finally:
            with suppress(Exception):
                await self._engine.dispose()

    async def _work(self) -> None:
        """Everything that is to be done by now.

        Raises:
            Exception: The database is away, whatever its driver calls that.
        """
        if not self._migrated:
            await migrate(self._database)
            self._migrated = True
        if time.monotonic() >= self._next_beat:
            await self._beat()
        while self._orphans:
            await self._adopt(self._orphans[0])
            self._orphans.pop(0).close()
        await self._drain(self._spool, self._instance_id)
        if time.monotonic() >= self._next_housekeeping:
            await self._keep_house()
        if time.monotonic() >= self._next_packing:
            # A day at a time: what calls say in between is written before the next one.
            more = await self._transaction(pack_hours)
            self._next_packing = 0.0 if more else time.monotonic() + PACKING_S

    async def _rest(self) -> None:
        if self._stopping:
            return
        with suppress(TimeoutError):
            until = min(self._next_beat, self._next_packing)
            await asyncio.wait_for(self._wake.wait(), max(0, until - time.monotonic()))
        self._wake.clear()

    async def _pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._stopping and (left := until - time.monotonic()) > 0:
            self._wake.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), left)

    @property
    def _database(self) -> AsyncEngine:
        assert self._engine is not None  # noqa: S101 - the thread runs
        return self._engine

    async def _transaction(self, work: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
        async with AsyncSession(writing(self._database)) as session, session.begin():
            return await work(session)

    async def _beat(self) -> None:
        await self._transaction(lambda session: presence.beat(session, self._instance_id))
        now = time.monotonic()
        if self._up_since is None:
            self._up_since = now
            logger.debug("the database of the records is there")
        self._next_beat = now + presence.HEARTBEAT_S
        observed = timedelta(seconds=now - self._up_since)
        await self._look_for_lost(by_heartbeat=observed > presence.STALE)

    async def _look_for_lost(self, *, by_heartbeat: bool) -> None:
        if self._orphans and not by_heartbeat:
            return  # What their spools still have to say comes first.
        calls = await self._transaction(
            lambda session: presence.lost_calls(session, by_heartbeat=by_heartbeat)
        )
        new = [call for call in calls if call.call_id not in self._told]
        self._told.update(call.call_id for call in new)
        if new:
            self._lost(new)

    async def _adopt(self, orphan: Spool) -> None:
        """Writes what a process that died left behind, and marks the calls that it held."""
        instance_id = orphan.folder.name
        orphan.rewind()
        await self._drain(orphan, instance_id)
        await self._transaction(lambda session: presence.leave(session, instance_id))
        if orphan is self._orphans[-1]:
            self._next_beat = 0.0

    async def _leave(self) -> None:
        if self._spool.is_empty:
            await self._transaction(lambda session: presence.leave(session, self._instance_id))

    async def _keep_house(self) -> None:
        retention = self._retention
        while retention:
            old = await self._transaction(lambda session: erasure.erase_old(session, retention))
            if old:
                self._erased(old)
                logger.info("deleted {} calls that are older than {}", len(old), retention)
            if len(old) < erasure.BATCH:
                break
        await self._transaction(erasure.forget_erasures)
        await self._transaction(presence.forget_instances)
        self._next_housekeeping = time.monotonic() + HOUSEKEEPING_S

    async def _erase(self, call_id: str) -> bool:
        try:
            found = await self._transaction(lambda session: erasure.erase_one(session, call_id))
        except erasure.CallIsLiveError:
            raise
        except Exception as error:
            self._note_away(error)
            raise DatabaseAwayError from error
        if found:
            self._erased([call_id])
        return found

    def _note_away(self, error: Exception) -> None:
        if self._up_since is not None or not self._migrated:
            logger.warning(
                "the database of the records is away, events wait in the spool: {}",
                type(error).__name__,
            )
            logger.opt(exception=error).debug("the database said")
        self._up_since = None
        self._next_beat = 0.0

    async def _drain(self, spool: Spool, instance_id: str) -> None:
        while True:
            entries = await asyncio.to_thread(spool.read, BATCH)
            if not entries:
                return
            try:
                await write_entries(self._transaction, instance_id, entries)
            except BaseException:
                spool.rewind()
                raise
            spool.forget(entries[-1].position)
            if spool is self._spool:
                self._written(entries[-1].position)
