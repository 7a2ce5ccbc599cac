"""What leaves on a session's socket: events in order, and at last one way of ending."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import orjson
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

_BACKLOG = 256
"""Events that may wait for a slow client before responses wait too."""


class Outbox:
    """Sends to one connection from a task of its own, so that nobody else waits for a client."""

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection
        self._queue: asyncio.Queue[str | Callable[[], Any]] = asyncio.Queue()
        self._room = asyncio.Event()
        self._room.set()
        self.ending = False
        self.silent = False

    def put(self, event: dict[str, Any]) -> None:
        """Queues an event; nothing is queued any more once the outbox is ending."""
        self.put_text(orjson.dumps(event).decode())

    def put_text(self, text: str) -> None:
        """Queues a text frame as it is."""
        if not self.ending:
            self._queue.put_nowait(text)
            if self._queue.qsize() >= _BACKLOG:
                self._room.clear()

    def close(self, code: int, reason: str = "") -> None:
        """Closes the socket, with a close frame, after what is queued."""
        self._end(lambda: self._connection.close(code, reason[:123]))

    def abort(self) -> None:
        """Drops the connection, without a close frame, after what is queued."""
        self._end(self._connection.transport.abort)

    def fall_silent(self) -> None:
        """Goes half-open after what is queued: open, but nothing is read, written or ponged."""
        self.silent = True
        self._end(self._strand)

    async def room(self) -> None:
        """Waits while a slow client has too many events before it."""
        await self._room.wait()

    async def run(self) -> None:
        """Sends until it has ended, or the connection is closed."""
        with contextlib.suppress(ConnectionClosed):
            while isinstance(entry := await self._queue.get(), str):
                await self._connection.send(entry)
                if self._queue.qsize() < _BACKLOG // 2:
                    self._room.set()
            if asyncio.iscoroutine(closing := entry()):
                await closing

    def _end(self, how: Callable[[], Any]) -> None:
        if not self.ending:
            self.ending = True
            self._queue.put_nowait(how)
            self._room.set()

    def _strand(self) -> None:
        self._connection.transport.pause_reading()
        if self._connection.keepalive_task is not None:
            self._connection.keepalive_task.cancel()
