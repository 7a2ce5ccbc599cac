"""Shows events to readers of the API once they are on disk: a bounded queue for each reader."""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from bot.events import Missed
from processors.events.event import Event

BACKLOG = 1000
"""Events that wait for a slow reader before its oldest are dropped."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """An event with its place among all events of this process."""

    position: int
    event: Event


class Reader:
    """One reader's queue; close it, or use it as a context manager."""

    def __init__(self, feed: "Feed", call_id: str | None, backlog: int) -> None:
        self._feed = feed
        self._call_id = call_id
        self._waiting: deque[Numbered] = deque()
        self._backlog = backlog
        self._missed = 0
        self._changed = asyncio.Event()

    def offer(self, numbered: Numbered) -> None:
        """Queues an event if it is of the reader's call; drops the oldest of a full queue."""
        if self._call_id not in (None, numbered.event.call_id):
            return
        if len(self._waiting) >= self._backlog:
            self._waiting.popleft()
            self._missed += 1
        self._waiting.append(numbered)
        self._changed.set()

    async def next(self, timeout_s: float) -> Numbered | Missed | None:
        """The next event, or how many were dropped; None when nothing comes in time, or ever."""
        if not (self._waiting or self._missed or self._feed.ended):
            self._changed.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), timeout_s)
        if self._missed:
            missed, self._missed = self._missed, 0
            return Missed(missed)
        return self._waiting.popleft() if self._waiting else None

    @property
    def is_over(self) -> bool:
        """Whether all was read and no more will come, because the service stops."""
        return self._feed.ended and not self._waiting

    def wake(self) -> None:
        """Has a waiting `next` look again."""
        self._changed.set()

    def close(self) -> None:
        """Ends the reading; may be called twice."""
        self._feed.leave(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class Feed:
    """All readers. Lives on one event loop."""

    def __init__(self) -> None:
        self._readers: set[Reader] = set()
        self.ended = False

    def read(self, *, call_id: str | None = None, backlog: int = BACKLOG) -> Reader:
        """Events of one call, or of all, from now on."""
        reader = Reader(self, call_id, backlog)
        self._readers.add(reader)
        return reader

    def show(self, batch: Sequence[Numbered]) -> None:
        """Queues events for whoever reads."""
        for reader in self._readers:
            for numbered in batch:
                reader.offer(numbered)

    def leave(self, reader: Reader) -> None:
        """Takes a reader off the list."""
        self._readers.discard(reader)

    def end(self) -> None:
        """Lets every reader come to its end: the service stops."""
        self.ended = True
        for reader in self._readers:
            reader.wake()

    @property
    def readers(self) -> int:
        """How many read."""
        return len(self._readers)
