"""Follows the events of all calls of a service, and shows each call's to whoever plays it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import httpx
from loguru import logger

from emulators.twilio.suite.call_view import CallView

RETRY_S = 0.5


class EventFeed:
    """The views of all calls, kept up to date while `following`."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self._views: dict[str, CallView] = {}
        self._changed = asyncio.Condition()
        self._connected = asyncio.Event()

    @asynccontextmanager
    async def following(self) -> AsyncIterator["EventFeed"]:
        """Follows until the block ends.

        Raises:
            httpx.HTTPError: The service does not let us read its events.
        """
        task = asyncio.create_task(self._follow())
        connected = asyncio.create_task(self._connected.wait())
        try:
            await asyncio.wait({task, connected}, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                task.result()
            yield self
        finally:
            for each in (task, connected):
                each.cancel()
                with suppress(asyncio.CancelledError):
                    await each

    def view(self, call_id: str) -> CallView:
        """The view of a call, from its first event on."""
        return self._views.setdefault(call_id, CallView(call_id))

    async def view_of(self, provider_call_id: str, timeout_s: float) -> CallView | None:
        """The view of the call that the carrier knows by another id; none in time: ``None``."""

        def found() -> CallView | None:
            for view in self._views.values():
                if view.provider_call_id == provider_call_id:
                    return view
            return None

        await self.until(lambda: found() is not None, timeout_s)
        return found()

    async def until(self, condition: Callable[[], bool], timeout_s: float) -> bool:
        """Waits until events have made something so; whether they have in time."""
        try:
            async with asyncio.timeout(timeout_s), self._changed:
                await self._changed.wait_for(condition)
        except TimeoutError:
            return condition()
        return True

    async def _follow(self) -> None:
        last: str | None = None
        while True:
            headers = {"Accept": "text/event-stream"}
            if last is not None:
                headers["Last-Event-ID"] = last
            try:
                request = self._http.stream("GET", "/api/events", headers=headers, timeout=None)
                async with request as stream:
                    stream.raise_for_status()
                    async for line in stream.aiter_lines():
                        self._connected.set()
                        if line.startswith("id:"):
                            last = line.removeprefix("id:").strip()
                        elif line.startswith("data:"):
                            await self._take(line.removeprefix("data:"))
            except httpx.TransportError as error:
                if not self._connected.is_set():
                    raise
                logger.warning("the service's events broke off: {}", error)
            await asyncio.sleep(RETRY_S)

    async def _take(self, data: str) -> None:
        event = json.loads(data)
        if "call_id" not in event:
            return
        async with self._changed:
            self._views.setdefault(event["call_id"], CallView(event["call_id"])).take(event)
            self._changed.notify_all()
