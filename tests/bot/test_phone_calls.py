"""Phone calls through the running service: whole ones, many at once, broken ones."""

import asyncio
import json
from base64 import b64decode
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psutil
import pytest
from httpx import AsyncClient
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from bot.draining import FAREWELL
from emulators.realtime import RealtimeEmulator
from emulators.twilio.asgi_server import serving
from emulators.twilio.caller import Manners, Say, ScriptedCaller
from emulators.twilio.carrier import Carrier
from emulators.twilio.rest import rest_app
from processors.events.calls import CallEnded
from processors.events.conversation import AgentTranscript, SessionState
from processors.events.figures import Cost
from tests.bot.events import events_of
from tests.bot.phone import CONNECTED, STOP, mark, media, start
from tests.bot.service import Service, model, service, until
from tests.patience import PATIENCE_S

SILENCE = b"\xff" * 160
START = "a start that is let in"


class Handset:
    """The carrier's end of a media stream that plays everything the moment it arrives."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.heard = bytearray()
        self.chunk_heard = asyncio.Event()

    async def says(self, *messages: dict[str, Any]) -> None:
        for message in messages:
            await self.socket.send(json.dumps(message))

    async def listens(self) -> None:
        """Returns when the service closes the socket."""
        try:
            async for text in self.socket:
                message = json.loads(text)
                if message["event"] == "media":
                    self.heard += b64decode(message["media"]["payload"])
                elif message["event"] == "mark":
                    await self.says(mark(message["mark"]["name"]))
                    self.chunk_heard.set()
        except ConnectionClosed:
            pass


@asynccontextmanager
async def handset(running: Service, call_sid: str = "CA1") -> AsyncIterator[Handset]:
    async with connect(f"{running.ws}/twilio/media", compression=None) as socket:
        phone = Handset(socket)
        await phone.says(CONNECTED, start(call_sid, **running.stream_parameters(call_sid)))
        yield phone


async def settle(running: Service) -> None:
    """Returns when the service has no live call."""
    await until(lambda: not running.switchboard.calls.live)


GOODBYE = """
turns:
  - do: [{say: Goodbye then}, {call: {name: end_call, arguments: {reason: done}}}]
"""


@asynccontextmanager
async def carrier_with_account(token: str | None) -> AsyncIterator[tuple[Carrier, dict[str, str]]]:
    """A carrier, and the settings by which the service uses an account there."""
    if token is None:
        async with Carrier() as carrier:
            yield carrier, {}
        return
    async with Carrier(auth_token=token) as carrier, serving(rest_app(carrier)) as api:
        yield (
            carrier,
            {
                "twilio_account_sid": carrier.account_sid,
                "twilio_auth_token": token,
                "twilio_api_url": api,
            },
        )


@pytest.mark.call
@pytest.mark.parametrize("token", [None, "12345"], ids=["without account", "signed"])
async def test_a_call_from_its_webhook_to_the_goodbye_and_the_hang_up(token):
    async with (
        carrier_with_account(token) as (carrier, account),
        model(GOODBYE, ["I want nothing"]) as emulator,
        service(emulator.url, **account) as running,
        events_of(running) as events,
    ):
        stays = Manners(quiet_s=0.3, linger_s=20)
        caller = ScriptedCaller([Say("I need a hotel in Paris")], manners=stays)
        live = await carrier.call(f"{running.http}/twilio/voice", caller)
        await settle(running)
    assert [type(event).__name__ for event in events[:2]] == ["CallStarted", "AgentChanged"]
    said = [e.text for e in events if isinstance(e, AgentTranscript) and e.final]
    assert said == [running.switchboard.team.entry.greeting, "Goodbye then"]
    assert [e.reason for e in events if isinstance(e, CallEnded)] == ["agent"]
    assert isinstance([e for e in events if not isinstance(e, Cost)][-1], CallEnded)
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert live.call.status == "completed"
    assert live.ended_by == ("api" if token else "application")
    assert live.call.notes == []


ELSEWHERE = ("/mcp/", "/anyio/", "/httpcore", "/httpx", "/processors/mcp_tools/")
"""Code that goes on beside the calls: the host looks for tool servers now and then."""


def left_over(running: Service, emulator: RealtimeEmulator) -> dict[str, Any]:
    """What calls could leave behind."""
    running_code = [frame.f_code for t in asyncio.all_tasks() for frame in t.get_stack(limit=1)]
    sockets = psutil.Process().net_connections()
    return {
        "tasks": Counter(
            f"{code.co_filename}:{code.co_name}"
            for code in running_code
            if not any(part in code.co_filename for part in ELSEWHERE)
        ),
        "sockets": sum(
            {running.port, emulator.port} & ports(socket) != set() for socket in sockets
        ),
        "sessions": len(emulator.sessions),
        "subscribers": running.switchboard.bus.subscribers,
        "calls": len(running.switchboard.calls.live),
    }


def ports(connection: Any) -> set[int]:
    return {end.port for end in (connection.laddr, connection.raddr) if end}


async def answered(running: Service, call_sid: str, together: asyncio.Barrier) -> int:
    """A call that hears something, waits for the others, and hangs up; how many were live."""
    async with handset(running, call_sid) as phone:
        listening = asyncio.create_task(phone.listens())
        await phone.says(media(SILENCE))
        await phone.chunk_heard.wait()
        await together.wait()
        live = len(running.switchboard.calls.live)
        await together.wait()
        await phone.says(STOP)
        await listening
        return live


@pytest.mark.call
async def test_twenty_calls_at_once_are_all_answered_and_leave_nothing():
    async with model() as emulator, service(emulator.url) as running, asyncio.timeout(PATIENCE_S):
        await answered(running, "CA0", asyncio.Barrier(1))
        await settle(running)
        before = left_over(running, emulator)
        together = asyncio.Barrier(20)
        live = await asyncio.gather(
            *(answered(running, f"CA{number}", together) for number in range(1, 21))
        )
        await settle(running)
        assert live == [20] * 20
        await until(lambda: left_over(running, emulator) == before)


async def test_a_call_too_many_is_closed_with_try_again_later():
    async with model() as emulator, service(emulator.url, max_calls=1) as running:
        busy = running.switchboard.calls.admit()
        async with handset(running) as phone:
            await phone.listens()
        busy.release()
    assert phone.socket.close_code == 1013


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        (["garbage"], 1007),
        ([b"\x00"], 1003),
        ([json.dumps({"event": "hello"})], 1002),
        ([json.dumps(media(SILENCE))], 1002),
        ([json.dumps(CONNECTED), json.dumps(media(SILENCE))], 1002),
        ([json.dumps(CONNECTED), START, START], 1002),
        ([json.dumps(CONNECTED), START, "x" * 900_000], 1009),
        ([json.dumps(CONNECTED), START, "x" * 3_000_000], 1009),
    ],
    ids=[
        "garbage",
        "binary",
        "unknown event",
        "audio first",
        "audio before start",
        "second start",
        "huge message",
        "message beyond the server's own limit",
    ],
)
async def test_a_peer_that_breaks_the_protocol_is_disconnected_with_a_code(messages, code):
    async with model() as emulator, service(emulator.url) as running:
        async with connect(f"{running.ws}/twilio/media", compression=None) as socket:
            started = json.dumps(start(**running.stream_parameters()))
            for message in messages:
                await socket.send(started if message == START else message)
            await asyncio.wait_for(socket.wait_closed(), PATIENCE_S)
        await settle(running)
        await emulator.all_over()
    assert socket.close_code == code


def ready_at(events: list[Any]) -> list[str]:
    """The endpoints at which the call had a session, in order."""
    return [e.detail for e in events if isinstance(e, SessionState) and e.state == "ready"]


async def test_a_call_goes_on_at_another_endpoint_when_its_own_goes_away():
    async with (
        model() as spare,
        model() as first,
        service(
            first.url,
            openai_realtime_fallbacks=f"spare={spare.url}",
            openai_realtime_fallback_keys="spare=key",
        ) as running,
        events_of(running) as events,
        handset(running) as phone,
    ):
        listening = asyncio.create_task(phone.listens())
        await phone.chunk_heard.wait()
        with running.switchboard.bus.subscribe() as later:
            await first.close()
            async for event in later:
                if ready_at([event]) == ["spare"]:
                    break
        assert len(spare.sessions) == 1
        await phone.says(STOP)
        await listening
        await settle(running)
    assert ready_at(events) == ["custom", "spare"]
    assert [e.reason for e in events if isinstance(e, CallEnded)] == ["caller"]


async def test_a_call_that_was_ended_properly_is_hung_up_without_an_apology():
    async with model() as emulator, service(emulator.url) as running, AsyncClient() as client:
        async with handset(running, "CA8") as phone:
            listening = asyncio.create_task(phone.listens())
            await phone.chunk_heard.wait()
            (call,) = running.switchboard.calls.live.values()
            await call.end("operator")
            await listening
        after = await client.post(f"{running.http}/twilio/after", data={"CallSid": "CA8"})
    assert "<Say>" not in after.text
    assert "<Hangup" in after.text


async def test_draining_in_a_hurry_skips_the_patience_and_then_the_goodbye():
    async with (
        model() as emulator,
        service(emulator.url) as running,
        events_of(running) as events,
        handset(running) as phone,
    ):
        listening = asyncio.create_task(phone.listens())
        await phone.chunk_heard.wait()
        switchboard = running.switchboard
        draining = asyncio.create_task(switchboard.draining.run(3600))
        switchboard.draining.hurry()
        switchboard.draining.hurry()
        async with asyncio.timeout(PATIENCE_S):
            await draining
        await listening
    said = [e.text for e in events if isinstance(e, AgentTranscript) and e.final]
    assert FAREWELL not in said
    assert [e.reason for e in events if isinstance(e, CallEnded)] == ["shutdown"]


async def test_draining_says_goodbye_on_live_calls_and_takes_no_more():
    async with (
        model() as emulator,
        service(emulator.url) as running,
        events_of(running) as events,
        handset(running) as phone,
    ):
        listening = asyncio.create_task(phone.listens())
        await phone.chunk_heard.wait()
        draining = asyncio.create_task(running.switchboard.draining.run(0))
        await asyncio.sleep(0)
        assert not running.switchboard.calls.has_room
        await draining
        await listening
    said = [e.text for e in events if isinstance(e, AgentTranscript) and e.final]
    assert said[-1] == FAREWELL
    assert [e.reason for e in events if isinstance(e, CallEnded)] == ["shutdown"]
