"""An accepted WebSocket that speaks Media Streams."""

import asyncio

from loguru import logger
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from bot.transports.media_streams import (
    POLICY_VIOLATION,
    Message,
    Start,
    StreamError,
    StreamReader,
)

START_TIMEOUT_S = 10.0
"""A carrier sends ``connected`` and ``start`` at once; a peer that doesn't is none."""


class MediaSocket:
    """Reads and writes messages; ``closed`` is set once it is over."""

    def __init__(self, websocket: WebSocket) -> None:
        self.closed = asyncio.Event()
        self._websocket = websocket
        self._reader = StreamReader()

    async def start(self) -> Start | None:
        """Waits for the stream to start; ``None`` when the peer leaves first.

        Raises:
            StreamError: The peer breaks the protocol or takes more than `START_TIMEOUT_S`.
        """
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                message = await self.read()
        except TimeoutError:
            raise StreamError(
                POLICY_VIOLATION, f"no start within {START_TIMEOUT_S:.0f} s"
            ) from None
        return message if isinstance(message, Start) else None

    async def read(self) -> Message | None:
        """The next message; ``None`` when the socket is closed. Raises `StreamError`."""
        while True:
            received = await self._websocket.receive()
            if received["type"] == "websocket.disconnect":
                self.closed.set()
                return None
            data = received.get("text")
            message = self._reader.read(data if data is not None else received["bytes"])
            if message:
                return message

    async def send(self, message: str) -> None:
        """Sends, unless the socket is closed: `read` reports that."""
        if self._websocket.application_state is not WebSocketState.CONNECTED:
            return
        try:
            await self._websocket.send_text(message)
        except (WebSocketDisconnect, RuntimeError) as gone:
            logger.debug("not sent, the media socket is closed: {!r}", gone)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Closes the socket if it is open."""
        self.closed.set()
        if WebSocketState.DISCONNECTED in (
            self._websocket.application_state,
            self._websocket.client_state,
        ):
            return
        try:
            await self._websocket.close(code, reason)
        except (WebSocketDisconnect, RuntimeError) as gone:
            logger.debug("not closed, the media socket is closed: {!r}", gone)
