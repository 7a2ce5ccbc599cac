"""One WebSocket to one endpoint: ordered sends that never block, and tolerant receives."""

import asyncio
import socket
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import orjson
from loguru import logger
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import (
    ConnectionClosed,
    InvalidStatus,
    InvalidURI,
    WebSocketException,
)

from processors.realtime.endpoints import Endpoint, TokenError
from processors.realtime.errors import PERMANENT_CLOSE_CODES, PERMANENT_HTTP_STATUSES

CONNECT_TIMEOUT_S = 5.0
PING_INTERVAL_S = 5.0
"""A half-open socket is found within the interval and the time-out, 10 s, whatever goes on. Where
a caller may be waiting it is looked for sooner: `processors.line_probe`."""
PROBE_S = 2.0
"""A server that owes a sign of life, and is asked for one, may take this long."""
SLOW_S = 1.0
"""In which a line that is slow, and not dead, takes something of what waits for it."""
CLOSE_TIMEOUT_S = 1.0
MAX_MESSAGE_BYTES = 16 * 1024 * 1024
"""The API takes events of up to 15 MiB and sends none beyond."""
MAX_AUDIO_MESSAGES = 1500
"""Caller's audio that may wait to be sent: 30 s in frames of 20 ms."""
MAX_UNSENT_BYTES = 16 * 1024
"""What the system may hold unsent, where it can be told so, and this process besides: a second of
the caller's audio each. Left to itself it takes 4 MB, five minutes of audio that nobody could drop.
"""
MAX_OTHER_MESSAGES = 1000
"""Other events that may wait; with more the line is dead, whatever the socket says."""

_APPEND_EVENT = "input_audio_buffer.append"
_APPEND_TAIL = '"}'


class ConnectError(Exception):
    """No connection could be made; ``is_permanent`` when trying again is pointless."""

    def __init__(self, message: str, *, is_permanent: bool) -> None:
        super().__init__(message)
        self.is_permanent = is_permanent


class ConnectionLostError(Exception):
    """The connection ended; ``is_permanent`` when the server says that another will as well."""

    def __init__(self, message: str, *, is_permanent: bool = False) -> None:
        super().__init__(message)
        self.is_permanent = is_permanent


class Connection(Protocol):
    """A connection as a session uses it."""

    @property
    def dropped_audio(self) -> int:
        """Messages of the caller's audio that were dropped because the line was too slow."""
        ...

    @property
    def waiting_audio(self) -> int:
        """Messages of the caller's audio that the line has not taken yet."""
        ...

    def send(self, event: dict[str, Any]) -> None:
        """Queues an event. After a loss it is ignored: `receive` reports the loss."""
        ...

    def send_audio(self, payload: str) -> None:
        """Queues the caller's audio (base64); drops the oldest audio when too much waits."""
        ...

    async def receive(self) -> dict[str, Any]:
        """The next event that is a JSON object. Raises `ConnectionLostError`."""
        ...

    async def probe(self) -> bool:
        """Asks the peer for a sign of life. One that gives none in time is given up: False."""
        ...

    async def close(self) -> None:
        """Closes at once; may be called twice."""
        ...


Connect = Callable[[Endpoint], Awaitable[Connection]]
"""Opens a connection, or raises `ConnectError`."""


async def open_websocket(endpoint: Endpoint) -> Connection:
    """Connects to ``endpoint``. Raises `ConnectError`."""
    return await open_connection(endpoint, endpoint.connect_url, _APPEND_EVENT)


async def open_connection(endpoint: Endpoint, url: str, append_event: str) -> Connection:
    """Connects to ``url`` as ``endpoint`` wants it.

    Args:
        endpoint: Whose headers are sent, and whose name errors have.
        url: Where to connect.
        append_event: The type of the event that carries the caller's audio.

    Raises:
        ConnectError: There is no connection to be had.
    """
    try:
        websocket = await connect(
            url,
            additional_headers=await endpoint.current_headers(),
            # Deflating base64 of audio saves little and costs much.
            compression=None,
            open_timeout=CONNECT_TIMEOUT_S,
            ping_interval=PING_INTERVAL_S,
            ping_timeout=PING_INTERVAL_S,
            close_timeout=CLOSE_TIMEOUT_S,
            max_size=MAX_MESSAGE_BYTES,
            # The payloads are parsed once; what waits here waits in TCP otherwise.
            max_queue=64,
            write_limit=MAX_UNSENT_BYTES,
        )
    except InvalidStatus as error:
        status = error.response.status_code
        raise ConnectError(
            f"{endpoint.name} answered the connection with HTTP {status}",
            is_permanent=status in PERMANENT_HTTP_STATUSES,
        ) from error
    except TokenError as error:
        raise ConnectError(f"{endpoint.name}: {error}", is_permanent=False) from error
    except InvalidURI as error:
        raise ConnectError(f"{endpoint.name}: {error}", is_permanent=True) from error
    except TimeoutError as error:
        raise ConnectError(
            f"{endpoint.name} did not answer within {CONNECT_TIMEOUT_S:g} s", is_permanent=False
        ) from error
    except (OSError, WebSocketException) as error:
        raise ConnectError(f"{endpoint.name}: {error}", is_permanent=False) from error
    _limit_unsent(websocket)
    return WebSocketConnection(websocket, append_event)


def _limit_unsent(websocket: ClientConnection) -> None:
    """Has what a slow line does not take wait with us, where there is a bound on it."""
    if hasattr(socket, "TCP_NOTSENT_LOWAT"):
        tcp = websocket.transport.get_extra_info("socket")
        tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, MAX_UNSENT_BYTES)


class WebSocketConnection:
    """A `Connection` over an open WebSocket."""

    def __init__(self, websocket: ClientConnection, append_event: str = _APPEND_EVENT) -> None:
        self._socket = websocket
        self._append_head = f'{{"type":"{append_event}","audio":"'
        self._waiting: deque[tuple[bool, str | bytes]] = deque()
        self._waiting_audio = 0
        self._added = asyncio.Event()
        self._dropped_audio = 0
        self._given_up = ""
        self._sent = 0
        self._sending = asyncio.create_task(self._send_all(), name="realtime-send")

    @property
    def dropped_audio(self) -> int:
        """Messages of audio that were dropped because the line was too slow."""
        return self._dropped_audio

    @property
    def waiting_audio(self) -> int:
        """Messages of audio that the line has not taken yet."""
        return self._waiting_audio

    def send(self, event: dict[str, Any]) -> None:
        """Queues an event."""
        if len(self._waiting) - self._waiting_audio >= MAX_OTHER_MESSAGES:
            self._give_up(f"more than {MAX_OTHER_MESSAGES} events waited to be sent")
            return
        self._waiting.append((False, orjson.dumps(event).decode()))
        self._added.set()

    def send_audio(self, payload: str) -> None:
        """Queues audio; drops the oldest audio when too much waits."""
        if self._waiting_audio >= MAX_AUDIO_MESSAGES:
            self._drop_oldest_audio()
        self._waiting.append((True, self._append_head + payload + _APPEND_TAIL))
        self._waiting_audio += 1
        self._added.set()

    async def receive(self) -> dict[str, Any]:
        """The next event; what is no JSON object is skipped."""
        while True:
            try:
                data = await self._socket.recv(decode=False)
            except ConnectionClosed as closed:
                raise self._loss(closed) from closed
            try:
                event = orjson.loads(data)
            except orjson.JSONDecodeError:
                logger.warning("skipped a Realtime event of {} bytes that is no JSON", len(data))
                continue
            if isinstance(event, dict):
                return event
            logger.warning("skipped a Realtime event that is no JSON object")

    async def probe(self) -> bool:
        """Pings, and gives the connection up without an answer within `PROBE_S`: False.

        Unless a slow line still takes what waits for it: there the answer is late as well.
        """
        try:
            async with asyncio.timeout(PROBE_S):
                await (await self._socket.ping())
        except TimeoutError:
            if await self._is_slow():
                return True
            self._give_up(f"no answer to a ping within {PROBE_S:g} s")
            return False
        except ConnectionClosed:
            return False
        return True

    async def close(self) -> None:
        """Closes; waits at most a second for the peer to agree."""
        if self._dropped_audio:
            logger.warning("{} messages of the caller's audio were dropped", self._dropped_audio)
        self._sending.cancel()
        await self._socket.close()
        await asyncio.gather(self._sending, return_exceptions=True)

    async def _send_all(self) -> None:
        while True:
            while self._waiting:
                is_audio, message = self._waiting.popleft()
                self._waiting_audio -= is_audio
                try:
                    await self._socket.send(message, text=True)
                except ConnectionClosed:
                    return
                self._sent += 1
            self._added.clear()
            await self._added.wait()

    async def _is_slow(self) -> bool:
        """Whether what waits is still taken; at first a dead line takes what its buffers hold."""
        if not self._waiting_audio:
            return False
        sent = self._sent
        await asyncio.sleep(SLOW_S)
        return self._sent > sent

    def _give_up(self, why: str) -> None:
        self._given_up = why
        self._sending.cancel()
        self._socket.transport.abort()

    def _drop_oldest_audio(self) -> None:
        for index, (is_audio, _) in enumerate(self._waiting):
            if is_audio:
                del self._waiting[index]
                self._waiting_audio -= 1
                self._dropped_audio += 1
                return

    def _loss(self, closed: ConnectionClosed) -> ConnectionLostError:
        if self._given_up:
            return ConnectionLostError(self._given_up)
        if closed.rcvd is None:
            return ConnectionLostError(f"the connection broke: {closed}")
        code, reason = closed.rcvd.code, closed.rcvd.reason
        return ConnectionLostError(
            f"the server closed the connection: {code} {reason}".rstrip(),
            is_permanent=code in PERMANENT_CLOSE_CODES,
        )
