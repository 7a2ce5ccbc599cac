"""The RTVI end of a call from a browser, over a WebSocket."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from pipecat.frames.protobufs import frames_pb2
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedError

from tests.bot.service import Service
from tests.patience import PATIENCE_S

READY = {
    "label": "rtvi-ai",
    "type": "client-ready",
    "id": "1",
    "data": {"version": "2.0.0", "about": {"library": "test"}},
}


def typed(text: str) -> dict[str, Any]:
    return {
        "label": "rtvi-ai",
        "type": "send-text",
        "id": "2",
        "data": {"content": text, "options": {"run_immediately": True, "audio_response": True}},
    }


class Page:
    """The RTVI end of a browser: what it was told, by message type."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.audio_bytes = 0
        self._changed = asyncio.Event()

    def take(self, message: dict[str, Any]) -> None:
        self.messages.append(message)
        self._changed.set()

    def hear(self, audio: bytes) -> None:
        self.audio_bytes += len(audio)
        self._changed.set()

    @property
    def events(self) -> list[dict[str, Any]]:
        return [m["data"] for m in self.messages if m.get("type") == "server-message"]

    async def sees(self, kind: str, **fields: Any) -> dict[str, Any]:
        """The event of that type and with those fields, once it is there."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for event in self.events:
                    if event["type"] == kind and all(event[k] == v for k, v in fields.items()):
                        return event
                self._changed.clear()
                await self._changed.wait()

    async def is_told(self, kind: str) -> dict[str, Any]:
        """The RTVI message of that type, once it is there."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for message in self.messages:
                    if message["type"] == kind:
                        return message
                self._changed.clear()
                await self._changed.wait()


def protobuf(message: dict[str, Any]) -> bytes:
    frame = frames_pb2.Frame()
    frame.message.data = json.dumps(message)
    return bytes(frame.SerializeToString())


def protobuf_audio(pcm: bytes, rate: int) -> bytes:
    frame = frames_pb2.Frame()
    frame.audio.audio, frame.audio.sample_rate, frame.audio.num_channels = pcm, rate, 1
    return bytes(frame.SerializeToString())


class SocketPage(Page):
    def __init__(self, socket: ClientConnection) -> None:
        super().__init__()
        self.socket = socket

    async def listen(self) -> None:
        with suppress(ConnectionClosedError):
            async for data in self.socket:
                self.read(data)

    def read(self, data: str | bytes) -> None:
        assert isinstance(data, bytes)
        frame = frames_pb2.Frame.FromString(data)
        if frame.WhichOneof("frame") == "message":
            self.take(json.loads(frame.message.data))
        elif frame.WhichOneof("frame") == "audio":
            assert frame.audio.sample_rate == 24_000
            self.hear(frame.audio.audio)

    async def tell(self, message: dict[str, Any]) -> None:
        await self.socket.send(protobuf(message))


@asynccontextmanager
async def socket_page(running: Service, query: str = "") -> AsyncIterator[SocketPage]:
    async with connect(f"{running.ws}/ws{query}", compression=None) as socket:
        page = SocketPage(socket)
        listening = asyncio.create_task(page.listen())
        try:
            yield page
        finally:
            await socket.close()
            await listening
