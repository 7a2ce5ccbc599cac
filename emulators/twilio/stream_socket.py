"""The WebSocket that a media stream runs over."""

import asyncio
import contextlib
import ipaddress
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from emulators.twilio.frames import beats
from emulators.twilio.media_stream import MediaStream
from emulators.twilio.notes import CarrierError, Code
from emulators.twilio.signature import signature_headers

OPEN_TIMEOUT_S = 5.0
CLOSE_TIMEOUT_S = 2.0
LARGEST_MESSAGE = 1 << 20
LONGEST_QUEUE = beats(30)
"""Messages that wait for an application that does not read; then the stream breaks."""


def check_url(url: str) -> None:
    """Raises `CarrierError` for a URL that Twilio does not connect to.

    ``ws`` is let through to this machine and its neighbours, which the real service never does.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("wss", "ws"):
        raise CarrierError(Code.STREAM_SCHEME, f"the stream's URL must be wss://, not {url}")
    if not parts.hostname or any(character.isspace() for character in url):
        raise CarrierError(Code.STREAM_URL, f"the stream's URL is malformed: {url!r}")
    if parts.scheme == "ws" and not _is_near(parts.hostname):
        raise CarrierError(
            Code.STREAM_SCHEME, f"the stream's URL must be wss:// beyond this network: {url}"
        )
    if parts.query:
        raise CarrierError(
            Code.STREAM_URL,
            f"the stream's URL must not have a query string, use <Parameter> instead: {url}",
        )


def _is_near(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".local", ".internal"))


class StreamSocket:
    """A connection to the application, with a queue in front so that the beat never waits."""

    def __init__(self, url: str, auth_token: str | None) -> None:
        self._url = url
        self._auth_token = auth_token
        self._queue: asyncio.Queue[str] = asyncio.Queue(LONGEST_QUEUE)
        self._socket: ClientConnection | None = None
        self.overrun = False

    async def connect(self) -> None:
        """Opens the connection.

        Raises:
            CarrierError: The URL is not acceptable, or nothing there speaks WebSocket.
        """
        check_url(self._url)
        try:
            self._socket = await connect(
                self._url,
                additional_headers=signature_headers(self._auth_token, self._url),
                user_agent_header="Twilio.TmeWs/1.0",
                compression=None,
                open_timeout=OPEN_TIMEOUT_S,
                close_timeout=CLOSE_TIMEOUT_S,
                ping_interval=None,
                max_size=LARGEST_MESSAGE,
                proxy=None,
            )
        except TimeoutError:
            raise CarrierError(
                Code.STREAM_TIMEOUT, f"{self._url} did not answer in {OPEN_TIMEOUT_S} s"
            ) from None
        except (InvalidHandshake, InvalidURI, EOFError) as error:
            raise CarrierError(Code.STREAM_HANDSHAKE, f"{self._url}: {error}") from error
        except OSError as error:
            raise CarrierError(Code.STREAM_REFUSED, f"{self._url}: {error}") from error

    def send(self, message: str) -> None:
        """Queues a message. Too many unread ones end the stream instead."""
        try:
            self._queue.put_nowait(message)
        except asyncio.QueueFull:
            self.overrun = True
            if self._socket:
                self._socket.transport.abort()

    async def run(self, stream: MediaStream) -> None:
        """Carries messages both ways until the application closes the connection.

        Raises:
            CarrierError: The connection broke rather than being closed (31921).
        """
        socket = self._connection
        sending = asyncio.create_task(self._pump(socket))
        try:
            async for data in socket:
                stream.receive(data)
        except ConnectionClosed as error:
            why = "it reads too slowly" if self.overrun else str(error)
            raise CarrierError(Code.STREAM_CLOSED, f"{self._url}: {why}") from error
        finally:
            sending.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sending

    async def finish(self) -> None:
        """Sends what is queued, within the close timeout, and closes."""
        socket = self._connection
        with contextlib.suppress(TimeoutError, ConnectionClosed):
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                while not self._queue.empty():
                    await socket.send(self._queue.get_nowait())
        await socket.close()

    @property
    def _connection(self) -> ClientConnection:
        if self._socket is None:
            raise RuntimeError("the stream's socket is not connected")
        return self._socket

    async def _pump(self, socket: ClientConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                await socket.send(await self._queue.get())
