"""A client of the streams of events."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tests.patience import PATIENCE_S


class EventStream:
    """One open stream."""

    def __init__(self, response: httpx.Response) -> None:
        self._lines = response.aiter_lines()

    async def opened(self) -> None:
        """Returns once the stream is under way, which it says with a comment."""
        assert (await anext(self._lines)).startswith(":")

    async def next(self) -> dict[str, str]:
        """The fields of the next message; EOFError at the end."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(PATIENCE_S):
            async for line in self._lines:
                if line.startswith(":"):
                    continue
                if line:
                    name, _, value = line.partition(": ")
                    fields[name] = value
                elif fields:
                    return fields
        raise EOFError

    async def event(self) -> dict[str, Any]:
        """The next event."""
        return json.loads((await self.next())["data"])

    async def types(self, number: int) -> list[str]:
        """What the next events are."""
        return [(await self.event())["type"] for _ in range(number)]


@asynccontextmanager
async def stream(
    client: httpx.AsyncClient, path: str, **headers: str
) -> AsyncIterator[EventStream]:
    """Opens a stream; underscores in names of headers stand for hyphens."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    async with client.stream("GET", path, headers=names) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        opened = EventStream(response)
        await opened.opened()
        yield opened
