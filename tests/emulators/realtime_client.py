"""A bare client of the Realtime emulator that checks every event it gets."""

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from emulators.realtime import RealtimeEmulator
from emulators.realtime.ids import new_id
from tests.emulators.strict_events import parse_strictly
from tests.patience import PATIENCE_S


class Client:
    """Sends client events; keeps and checks what comes back."""

    def __init__(self, socket: ClientConnection, *, strict: bool = True) -> None:
        self.socket = socket
        self.events: list[dict[str, Any]] = []
        self._strict = strict

    async def send(self, kind: str, **fields: Any) -> None:
        await self.socket.send(json.dumps({"type": kind, **fields}))

    async def next(self) -> dict[str, Any]:
        event = json.loads(await asyncio.wait_for(self.socket.recv(), PATIENCE_S))
        if self._strict:
            parse_strictly(event)
        self.events.append(event)
        return event

    async def until(self, kind: str, **fields: Any) -> dict[str, Any]:
        """The next event of a type, with these fields; other events are kept on the way."""
        while True:
            event = await self.next()
            if event["type"] == kind and all(event[k] == v for k, v in fields.items()):
                return event
            if event["type"] == "error" and kind != "error":
                raise AssertionError(f"waiting for {kind}: {event['error']}")

    async def ask(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Sends an event that is wrong; returns the error that answers it."""
        event_id = new_id("mine")
        await self.send(kind, event_id=event_id, **fields)
        error: dict[str, Any] = (await self.until("error"))["error"]
        assert error["event_id"] == event_id
        return error

    async def update(self, **session: Any) -> dict[str, Any]:
        await self.send("session.update", session={"type": "realtime", **session})
        updated: dict[str, Any] = (await self.until("session.updated"))["session"]
        return updated

    async def say(self, text: str, **fields: Any) -> dict[str, Any]:
        """Types a message of the caller's; returns the item."""
        content = [{"type": "input_text", "text": text}]
        item = {"type": "message", "role": "user", "content": content}
        await self.send("conversation.item.create", item=item, **fields)
        done: dict[str, Any] = (await self.until("conversation.item.done"))["item"]
        return done

    async def respond(self, **response: Any) -> dict[str, Any]:
        """Asks for a response; returns it when it is done."""
        await self.send("response.create", **({"response": response} if response else {}))
        return await self.response_done()

    async def response_done(self) -> dict[str, Any]:
        done: dict[str, Any] = (await self.until("response.done"))["response"]
        return done

    async def append(self, wire: bytes) -> None:
        await self.send("input_audio_buffer.append", audio=b64encode(wire).decode())

    def types(self) -> list[str]:
        return [event["type"] for event in self.events]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["type"] == kind]


@asynccontextmanager
async def client(
    emulator: RealtimeEmulator, *, query: str = "", strict: bool = True
) -> AsyncIterator[Client]:
    """Connects and takes in ``session.created``."""
    headers = {"Authorization": "Bearer any"}
    url = f"{emulator.url}?model=gpt-realtime-2{query}"
    async with connect(url, additional_headers=headers, compression=None, max_size=None) as socket:
        connected = Client(socket, strict=strict)
        await connected.until("session.created")
        yield connected


def silence(ms: int, *, rate: int = 24_000) -> bytes:
    """PCM16."""
    return bytes(rate * ms // 1000 * 2)
