"""A service that runs in a thread of its own, for test tools that are not asynchronous."""

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

import httpx

from emulators.realtime import RealtimeEmulator
from emulators.twilio.asgi_server import serving
from emulators.twilio.callees import Callee, Directory, Silent
from emulators.twilio.calls import CallStatus
from emulators.twilio.carrier import Carrier
from emulators.twilio.rest import rest_app
from tests.bot.service import Service, model, service, until
from tests.patience import PATIENCE_S

ACCOUNT_TOKEN = "12345"
OURS = "+14155550100"
THEIRS = "+14155550177"
KEY = "hardening-admin-key-0123"

SERVICES_RANDOM = "ignore:Do not use the `random` module inside strategies"
"""Hypothesis takes it for the strategy's own when the service's thread draws a random number."""

T = TypeVar("T")


class LiveService:
    """A service, and its loop in another thread; it has calls to try things with."""

    def __init__(
        self, running: Service, model: RealtimeEmulator, loop: asyncio.AbstractEventLoop
    ) -> None:
        self.running = running
        self.model = model
        self._loop = loop
        self._live = ""
        self._finished = ""

    def run(self, doing: Coroutine[Any, Any, T], *, timeout_s: float = 300) -> T:
        """Runs something in the service's loop, from another thread."""
        return asyncio.run_coroutine_threadsafe(doing, self._loop).result(timeout_s)

    def live_call(self) -> str:
        """The id of a call that is live; of another one when the last has ended."""
        if self._live not in self.running.switchboard.calls.live:
            self._live = self.run(self._place())
        return self._live

    def finished_call(self) -> str:
        """The id of a call that is over and has a recording, unless that was deleted."""
        if not self.running.switchboard.recordings.find(self._finished):
            self._finished = self.run(self._place_and_end())
        return self._finished

    async def _ask(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {KEY}"}
        async with httpx.AsyncClient(
            base_url=self.running.http, headers=headers, timeout=PATIENCE_S
        ) as http:
            answer = await http.post(path, json=body)
        answer.raise_for_status()
        return answer.json()

    async def _place(self) -> str:
        call_id = (await self._ask("/api/calls", {"to": THEIRS}))["id"]
        live = self.running.switchboard.calls.live
        await until(lambda: call_id in live and live[call_id].audio is not None)
        return call_id

    async def _place_and_end(self) -> str:
        call_id = await self._place()
        await self._ask(f"/api/calls/{call_id}/end", {})
        await until(lambda: bool(self.running.switchboard.recordings.find(call_id)))
        return call_id


@asynccontextmanager
async def reachable_service(**settings: Any) -> AsyncIterator[tuple[Service, RealtimeEmulator]]:
    """A service with a key, an account at a carrier, one person who answers, and no limits."""
    chosen = {
        "api_keys": f"tester:admin:{KEY}",
        "talk_access": "key",
        "rate_limit": "1000000/second",
        "call_rate_limit": "1000000/second",
        "max_calls": 10_000,
        "outbound_quiet_hours": "none",
        "outbound_calls_per_minute": 10_000,
        "outbound_calls_at_once": 10_000,
        "recording": "on",
        "recording_format": "wav",
        **settings,
    }
    busy = Callee(outcome=CallStatus.BUSY, ring_s=0)
    answers = {THEIRS: Callee(party=Silent, ring_s=0.05)}
    async with (
        Carrier(auth_token=ACCOUNT_TOKEN, directory=Directory(busy, answers)) as carrier,
        serving(rest_app(carrier)) as api,
        model() as emulator,
        service(
            emulator.url,
            **{
                "twilio_account_sid": carrier.account_sid,
                "twilio_auth_token": ACCOUNT_TOKEN,
                "twilio_api_url": api,
                "twilio_phone_number": OURS,
                **chosen,
            },
        ) as running,
    ):
        yield running, emulator


@contextmanager
def live_service(**settings: Any) -> Iterator[LiveService]:
    """Runs a service until the end of the block."""
    started = threading.Event()
    found: list[tuple[LiveService, asyncio.Event]] = []
    failed: list[BaseException] = []

    async def run() -> None:
        async with reachable_service(**settings) as (running, emulator):
            over = asyncio.Event()
            found.append((LiveService(running, emulator, asyncio.get_running_loop()), over))
            started.set()
            await over.wait()

    def serve() -> None:
        try:
            asyncio.run(run())
        except BaseException as error:
            failed.append(error)
        finally:
            started.set()

    thread = threading.Thread(target=serve, name="service")
    thread.start()
    started.wait()
    if not found:
        raise failed[0]
    [(live, over)] = found
    try:
        yield live
    finally:
        live._loop.call_soon_threadsafe(over.set)
        thread.join(60)
    if failed:
        raise failed[0]
