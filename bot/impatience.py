"""The web server's HTTP, for peers that never come to the point: a head has a size and a time.

Neither uvicorn nor its parser limits either, so that anybody could hold connections, or memory,
for as long as they like, without a key.
"""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_S = 10.0
"""From a connection, or the first byte of a further request, until its head is complete."""

MAX_HEAD_BYTES = 64 * 1024
"""What h11 takes as well; a key and a cookie need some 1 KiB."""

TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\n\r\n"


class ImpatientHTTP(HttpToolsProtocol):
    """Closes a connection whose request's head takes too long, or grows too large."""

    _patience: asyncio.TimerHandle | None = None
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn has it narrower
        """Waits for the first request."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Waits for nothing more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Counts what belongs to a head that is not complete yet."""
        if self._is_between_requests:
            self._head_bytes += len(data)
            if self._patience is None:
                self._await_head()
        super().data_received(data)
        if not self._is_between_requests or self.transport.get_protocol() is not self:
            self._stop_waiting()
        elif self._head_bytes > MAX_HEAD_BYTES:
            self.transport.write(TOO_LARGE)
            self.transport.close()

    @property
    def _is_between_requests(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _await_head(self) -> None:
        self._patience = self.loop.call_later(HEAD_S, self.transport.close)

    def _stop_waiting(self) -> None:
        self._head_bytes = 0
        if self._patience:
            self._patience.cancel()
            self._patience = None
