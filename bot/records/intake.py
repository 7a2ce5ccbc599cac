"""Takes every event from the bus and puts it into the spool, in a thread of its own.

The bus calls `Intake.take` on the event loop of the calls: that is one append to a queue in
memory. The thread writes to disk, and only then shows the events to `Intake.feed`, so that
whatever a client of the API was shown is there after a crash.
"""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable
from queue import Empty, SimpleQueue

from loguru import logger

from bot.records.entries import GAP, Entry, gaps, is_stored
from bot.records.feed import Feed, Numbered
from bot.records.spool import Spool
from processors.events.event import Event

SYNC_INTERVAL_S = 1.0
"""How much a power cut may cost; a killed process loses nothing that was appended."""

MEMORY_LIMIT = 50_000
"""Events that may wait in memory for a disk that is slow or full."""

QUEUE_LIMIT = 2 * MEMORY_LIMIT
"""Beyond this the disk hangs, and what comes is only counted."""

RETRY_S = 1.0


class Intake:
    """From the bus to the spool.

    Attributes:
        stored_position: Of the last event that was taken and is to be stored.
    """

    def __init__(self, spool: Spool, feed: Feed, appended: Callable[[int], None]) -> None:
        """Prepares the thread.

        Args:
            spool: Open.
            feed: Is shown the events that were appended, on the event loop that `start` is
                called on.
            appended: Called in the thread with the position of the last event in the spool.
        """
        self._spool = spool
        self._feed = feed
        self._appended = appended
        self._queue: SimpleQueue[Numbered | None] = SimpleQueue()
        self._position = 0
        self.stored_position = 0
        self._thread = threading.Thread(target=self._run, name="records-intake", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._held: list[Entry] = []
        self._dropped: list[Entry] = []
        self._overflow: Counter[str] = Counter()
        self._overflow_guard = threading.Lock()
        self._is_full = False

    def start(self) -> None:
        """Starts the thread; events are shown to the feed on the running loop."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    def take(self, event: Event) -> None:
        """Takes an event; called where calls run, so it does next to nothing."""
        # Microseconds, so that the numbers of the next process are higher, and of two differ.
        self._position = max(self._position + 1, time.time_ns() // 1000)
        if is_stored(event):
            self.stored_position = self._position
        if self._queue.qsize() < QUEUE_LIMIT:
            self._queue.put(Numbered(self._position, event))
            return
        with self._overflow_guard:
            self._overflow[event.call_id] += 1

    async def stop(self, timeout_s: float) -> None:
        """Writes what was taken and ends the thread."""
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join, timeout_s)

    def _run(self) -> None:
        unsynced_since: float | None = None
        while True:
            batch, ends = self._next_batch(wait=unsynced_since is None and not self._held)
            if batch or self._held:
                self._store(batch)
                unsynced_since = unsynced_since or time.monotonic()
            if ends or (unsynced_since and time.monotonic() - unsynced_since > SYNC_INTERVAL_S):
                unsynced_since = None
                try:
                    self._spool.sync()
                except OSError as error:
                    logger.error("the spool of events can't be synced to disk: {}", error)
            if ends:
                return

    def _next_batch(self, *, wait: bool) -> tuple[list[Numbered], bool]:
        """What waits by now, and whether that is the end of it."""
        batch: list[Numbered] = []
        try:
            item = self._queue.get() if wait else self._queue.get(timeout=RETRY_S)
            while item is not None:
                batch.append(item)
                item = self._queue.get_nowait()
        except Empty:
            return batch, False
        return batch, True

    def _store(self, batch: list[Numbered]) -> None:
        self._held += [_entry(each) for each in batch if is_stored(each.event)]
        self._note_overflow()
        if len(self._held) > MEMORY_LIMIT:
            self._drop_from_memory()
        try:
            self._spool.append(sorted(self._held + gaps(self._dropped), key=_position))
        except OSError as error:
            if not self._is_full:
                logger.error("the spool of events can't be written, they wait in memory: {}", error)
            self._is_full = True
        else:
            self._held, self._dropped, self._is_full = [], [], False
            if batch:
                self._appended(batch[-1].position)
        self._show(batch)

    def _note_overflow(self) -> None:
        with self._overflow_guard:
            counts, self._overflow = self._overflow, Counter()
        self._dropped += [
            Entry(self._position, {"type": GAP, "call_id": call_id, "count": count})
            for call_id, count in counts.items()
        ]

    def _drop_from_memory(self) -> None:
        """Half of what is held goes, the least important and oldest first."""
        order = sorted(self._held, key=lambda entry: (entry.grade, entry.position))
        half = len(order) // 2
        self._dropped = gaps([*self._dropped, *order[:half]])
        self._held = sorted(order[half:], key=_position)

    def _show(self, batch: list[Numbered]) -> None:
        # The live view goes on with a full disk; nothing was promised to it then.
        if self._loop is None or not batch:
            return
        try:
            self._loop.call_soon_threadsafe(self._feed.show, batch)
        except RuntimeError:
            logger.debug("nobody is left to show events to")


def _position(entry: Entry) -> int:
    return entry.position


def _entry(numbered: Numbered) -> Entry:
    """An event as it goes to disk; of one that can't be written, that it was."""
    event = numbered.event
    try:
        entry = Entry.of(numbered.position, event)
        entry.line()
    except (ValueError, TypeError, RecursionError) as error:
        logger.bind(call_id=event.call_id).error(
            "an event {} can't be stored: {}", type(event).__name__, type(error).__name__
        )
        return Entry(numbered.position, {"type": GAP, "call_id": event.call_id, "count": 1})
    return entry
