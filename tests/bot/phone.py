"""A media stream's other end for tests: a WebSocket that is a pair of queues."""

import asyncio
import base64
import json
from typing import Any

from starlette.websockets import WebSocketState

from tests.patience import PATIENCE_S

CONNECTED = {"event": "connected", "protocol": "Call", "version": "1.0.0"}


def start(call_sid: str = "CA1", **parameters: str) -> dict[str, Any]:
    return {
        "event": "start",
        "streamSid": "MZ1",
        "start": {
            "accountSid": "AC1",
            "streamSid": "MZ1",
            "callSid": call_sid,
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": parameters,
        },
    }


def media(audio: bytes) -> dict[str, Any]:
    payload = base64.b64encode(audio).decode()
    return {"event": "media", "streamSid": "MZ1", "media": {"payload": payload}}


def mark(name: str) -> dict[str, Any]:
    return {"event": "mark", "streamSid": "MZ1", "mark": {"name": name}}


def dtmf(digit: str) -> dict[str, Any]:
    return {"event": "dtmf", "streamSid": "MZ1", "dtmf": {"digit": digit}}


STOP = {"event": "stop", "streamSid": "MZ1", "stop": {}}


class FakeWebSocket:
    """What `MediaSocket` uses of Starlette's WebSocket.

    Attributes:
        reads: Cleared while the peer takes nothing.
    """

    def __init__(self) -> None:
        self.application_state = WebSocketState.CONNECTED
        self.client_state = WebSocketState.CONNECTED
        self.closed: tuple[int, str] | None = None
        self.reads = asyncio.Event()
        self.reads.set()
        self._incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._outgoing: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    def says(self, *messages: dict[str, Any] | str | bytes) -> None:
        """The peer sends messages."""
        for message in messages:
            kind = "bytes" if isinstance(message, bytes) else "text"
            data = message if isinstance(message, str | bytes) else json.dumps(message)
            self._incoming.put_nowait({"type": "websocket.receive", kind: data})

    def leaves(self) -> None:
        """The peer closes the socket."""
        self._incoming.put_nowait({"type": "websocket.disconnect", "code": 1006})

    async def hears(self) -> dict[str, Any]:
        """The next message that was sent to the peer."""
        return await asyncio.wait_for(self._outgoing.get(), PATIENCE_S)

    def heard_nothing_more(self) -> bool:
        return self._outgoing.empty()

    async def receive(self) -> dict[str, Any]:
        message = await self._incoming.get()
        if message["type"] == "websocket.disconnect":
            self.client_state = WebSocketState.DISCONNECTED
        return message

    async def send_text(self, data: str) -> None:
        # As uvicorn does with a peer whose buffers are full.
        await self.reads.wait()
        if self.closed or self.client_state is WebSocketState.DISCONNECTED:
            raise RuntimeError("closed")
        self._outgoing.put_nowait(json.loads(data))

    async def close(self, code: int = 1000, reason: str = "") -> None:
        self.closed = (code, reason)
        self.application_state = WebSocketState.DISCONNECTED
        self.leaves()
