"""Webhooks: every event is posted, signed, in its call's order, until it is taken."""

import asyncio
import base64
import hashlib
import hmac
import json
import socket
import time
from collections.abc import Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.settings import Settings
from bot.webhooks import outbox
from processors.events.calls import CallEnded, CallStarted
from processors.events.conversation import UserTranscript
from tests.bot.service import Service, service, until
from tests.patience import PATIENCE_S, answered

NO_MODEL = "ws://127.0.0.1:9"
KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()
CALL = "call_" + "0" * 31 + "1"
OTHER = "call_" + "0" * 31 + "2"


class Receiver:
    """A web server of somebody else's. ``answers`` may refuse what comes."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.ids: list[str] = []
        self.attempts = 0
        self.answers: Callable[[dict[str, Any]], Response | None] = lambda _event: None
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?token=secret"

    @asynccontextmanager
    async def running(self):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        self.port = listener.getsockname()[1]
        app = Starlette(routes=[Route("/hook", self._hook, methods=["POST"])])
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
        serving = asyncio.create_task(server.serve([listener]))
        await until(lambda: server.started)
        try:
            yield self
        finally:
            server.should_exit = server.force_exit = True
            await serving

    async def _hook(self, request: Request) -> Response:
        self.attempts += 1
        body = await request.body()
        check_signature(request.headers, body)
        event = json.loads(body)
        if refusal := self.answers(event):
            return refusal
        self.taken.append(event)
        self.ids.append(request.headers["webhook-id"])
        return Response(status_code=204)

    def of(self, call_id: str) -> list[int]:
        return [event["sequence"] for event in self.taken if event["call_id"] == call_id]

    async def has(self, number: int) -> None:
        await until(lambda: len(self.taken) >= number)


def check_signature(headers: Any, body: bytes) -> None:
    """As https://www.standardwebhooks.com describes it, by hand."""
    message_id, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
    assert abs(time.time() - int(timestamp)) < 300
    content = f"{message_id}.{timestamp}.{body.decode()}".encode()
    digest = base64.b64encode(hmac.digest(KEY, content, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{digest}"
    assert headers["content-type"] == "application/json"


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(outbox, "FIRST_RETRY_S", 0.02)
    monkeypatch.setattr(outbox, "LAST_RETRY_S", 0.2)
    monkeypatch.setattr(outbox, "PAUSE_S", 0.02)
    monkeypatch.setattr(outbox, "LOOK_EVERY_S", 0.2)


@pytest.fixture
async def receiver(quick):
    async with Receiver().running() as there:
        yield there


@pytest.fixture
def kept(tmp_path) -> Settings:
    return Settings(_env_file=None, data_dir=tmp_path)


@asynccontextmanager
async def telling(kept: Settings, urls: str, **changes: Any):
    chosen = {"database_url": kept.database_url, "data_dir": kept.data_dir, **changes}
    async with service(NO_MODEL, webhook_urls=urls, webhook_secret=SECRET, **chosen) as here:
        # From now on: what is new to a receiver begins with what happens next.
        await begun(here)
        yield here


async def begun(here: Service) -> None:
    receivers = here.switchboard.settings.webhook_urls
    await answered(lambda: status(here), lambda known: len(known) >= len(receivers))


async def status(here: Service) -> list[dict[str, Any]]:
    async with httpx.AsyncClient(base_url=here.http, timeout=PATIENCE_S) as client:
        answer = await client.get("/api/webhooks")
        return answer.json() if answer.status_code == 200 else []


async def all_taken(here: Service) -> list[dict[str, Any]]:
    return await answered(
        lambda: status(here), lambda known: not any(each["waiting"] for each in known)
    )


def tell(here: Service, *events: Any, call_id: str = CALL) -> None:
    emit = here.switchboard.bus.emitter(call_id)
    for event in events:
        emit(event)


def said(number: int, *, final: bool = True) -> UserTranscript:
    return UserTranscript(item_id=f"u{number}", text=f"sentence {number}", final=final)


async def test_every_stored_event_is_posted_signed_and_in_order(settings, receiver):
    async with telling(settings, receiver.url) as here:
        tell(here, CallStarted(team="travel", channel="phone"))
        for number in range(30):
            tell(here, said(number, final=False), said(number))
        tell(here, CallEnded(reason="caller", duration_s=3))
        await receiver.has(32)
        [told] = await all_taken(here)
    assert receiver.of(CALL) == sorted(receiver.of(CALL))
    assert [event["type"] for event in receiver.taken] == [
        "call.started",
        *["user.transcript"] * 30,
        "call.ended",
    ]
    assert all(event.get("final", True) for event in receiver.taken), "no steps of a transcript"
    assert receiver.ids[0] == f"{CALL}.1"
    assert len(set(receiver.ids)) == len(receiver.ids)
    assert told["url"] == f"http://127.0.0.1:{receiver.port}/hook", "without the token"
    assert (told["waiting"], told["given_up"], told["last_error"]) == (0, 0, "")
    assert told["delivered_at"]


async def test_a_receiver_gets_the_types_that_it_asked_for(kept, receiver):
    async with telling(kept, f"{receiver.url} call.ended call.summary") as here:
        tell(here, CallStarted(team="travel", channel="phone"), said(1))
        tell(here, CallEnded(reason="caller", duration_s=3))
        await receiver.has(1)
        await all_taken(here)
    assert [event["type"] for event in receiver.taken] == ["call.ended"]


async def test_a_refused_event_holds_its_own_call_up_and_no_other(kept, receiver):
    refused = [500, 429, 301, 404]
    receiver.answers = lambda event: (
        Response(status_code=refused.pop(0))
        if event["call_id"] == CALL and event["sequence"] == 2 and refused
        else None
    )
    async with telling(kept, receiver.url) as here:
        tell(here, CallStarted(team="travel", channel="phone"), said(1), said(2))
        tell(here, CallStarted(team="travel", channel="phone"), said(1), call_id=OTHER)
        await receiver.has(5)
        [told] = await all_taken(here)
    assert (receiver.of(CALL), receiver.of(OTHER)) == ([1, 2, 3], [1, 2])
    assert receiver.attempts == 5 + 4
    assert (told["last_error"], bool(told["failed_at"])) == ("", True)


async def test_a_receiver_that_asks_for_peace_is_left_alone(kept, receiver):
    at: list[float] = []

    def not_yet(_event: dict[str, Any]) -> Response | None:
        at.append(time.monotonic())
        return Response(status_code=503, headers={"Retry-After": "1"}) if len(at) == 1 else None

    receiver.answers = not_yet
    async with telling(kept, receiver.url) as here:
        tell(here, said(1))
        await receiver.has(1)
    assert at[1] - at[0] >= 0.9


async def test_what_a_dead_receiver_misses_waits_also_for_a_restart(kept, quick):
    there = Receiver()
    async with there.running():
        pass
    async with telling(kept, there.url) as here:
        tell(here, *(said(number) for number in range(20)))
        [dead, *_] = await answered(lambda: status(here), lambda known: known[0]["last_error"])
        assert dead["waiting"] == 20
    async with telling(kept, there.url) as here:
        tell(here, said(20))
        async with there.running():
            await there.has(21)
            await all_taken(here)
    async with there.running(), telling(kept, there.url) as here:
        tell(here, said(21))
        await there.has(22)
        await all_taken(here)
    assert len(there.ids) == len(set(there.ids)) == 22, "nothing twice"
    assert there.of(CALL)[:20] == list(range(1, 21))


async def test_events_are_given_up_after_a_day(kept, receiver, monkeypatch):
    receiver.answers = lambda _event: Response(status_code=500)
    async with telling(kept, receiver.url) as here:
        tell(here, said(1), said(2))
        await until(lambda: receiver.attempts > 2)
        monkeypatch.setattr(outbox, "GIVEN_UP_AFTER", outbox.timedelta(0))
        [told] = await all_taken(here)
    assert (receiver.taken, told["given_up"]) == ([], 2)


async def test_nothing_is_said_of_a_call_that_was_deleted(kept, receiver):
    receiver.answers = lambda _event: Response(status_code=500)
    async with telling(kept, receiver.url) as here:
        tell(here, CallStarted(team="travel", channel="phone"), said(1))
        tell(here, CallEnded(reason="caller", duration_s=3))
        await until(lambda: receiver.attempts > 0)
        async with httpx.AsyncClient(base_url=here.http, timeout=PATIENCE_S) as client:
            assert (await client.delete(f"/api/calls/{CALL}")).status_code == 204
        receiver.answers = lambda _event: None
        tell(here, CallStarted(team="travel", channel="phone"), call_id=OTHER)
        await receiver.has(1)
        await all_taken(here)
    assert {event["call_id"] for event in receiver.taken} == {OTHER}


async def test_of_several_instances_one_tells_all_that_happens(postgres, tmp_path, receiver):
    one, other = (
        Settings(_env_file=None, database_url=postgres, data_dir=tmp_path / name)
        for name in ("one", "other")
    )
    async with telling(one, receiver.url) as first, telling(other, receiver.url) as second:
        for number in range(20):
            tell(first, said(number))
            tell(second, said(number), call_id=OTHER)
        await receiver.has(40)
        await all_taken(first)
    assert (receiver.of(CALL), receiver.of(OTHER)) == ([*range(1, 21)], [*range(1, 21)])


async def test_a_slow_receiver_slows_nobody_else(kept, receiver, quick):
    release = asyncio.Event()
    slow = Receiver()

    async def waits(request: Request) -> Response:
        await release.wait()
        return Response(status_code=200)

    slow._hook = waits
    async with slow.running(), telling(kept, f"{slow.url},{receiver.url}") as here:
        tell(here, *(said(number) for number in range(10)))
        await receiver.has(10)
        waiting = {each["url"]: each["waiting"] for each in await status(here)}
        assert waiting[f"http://127.0.0.1:{slow.port}/hook"] == 10
        release.set()
        await all_taken(here)


async def test_what_is_posted_is_in_the_openapi_document(kept):
    async with (
        service(NO_MODEL, data_dir=kept.data_dir) as here,
        httpx.AsyncClient(base_url=here.http, timeout=PATIENCE_S) as client,
    ):
        document = (await client.get("/openapi.json")).json()
        assert (await client.get("/api/webhooks")).json() == []
    body = document["webhooks"]["call.event"]["post"]["requestBody"]
    schema = body["content"]["application/json"]["schema"]
    assert "call.summary" in schema["discriminator"]["mapping"]
