"""The Live emulator is as strict as the service: what it takes, what it refuses, what it sends."""

import asyncio
import json
from base64 import b64encode
from contextlib import asynccontextmanager

import pytest
from openai.types.live import ConnectServerEvent
from pydantic import TypeAdapter
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from emulators.live import LiveEmulator
from emulators.realtime.mind import Call, Say
from tests.emulators.standins import ScriptedHearing, ToneSpeech
from tests.patience import PATIENCE_S

KNOWN = TypeAdapter(ConnectServerEvent)
KEY = {"Authorization": "Bearer any"}
TOOL = {"type": "function", "name": "look_up", "parameters": {"type": "object"}}
BACKEND = {"type": "responses", "responses": {"model": "gpt-5.4-mini", "tools": [TOOL]}}
AUDIO = {"format": {"type": "audio/pcmu", "rate": 8000}}
SILENCE = b64encode(b"\xff" * 1600).decode()


class Mind:
    """Looks up, tells what came of it, and says what it is told to say."""

    async def respond(self, prompt):
        last = prompt.items[-1] if prompt.items else {}
        if last.get("type") == "function_call_output":
            yield Say(f"It is {last['output']}")
        elif prompt.instructions == "look it up":
            yield Call("look_up", {"what": "it"})
        else:
            yield Say("Good morning to you")


class Client:
    def __init__(self, socket):
        self.socket = socket
        self.events = []

    async def send(self, kind, **fields):
        await self.socket.send(json.dumps({"type": kind, **fields}))

    async def until(self, kind):
        while True:
            event = json.loads(await asyncio.wait_for(self.socket.recv(), PATIENCE_S))
            KNOWN.validate_python(event)
            self.events.append(event)
            if event["type"] == kind:
                return event

    async def hears(self, ms):
        """So much silence, and what the model has to say meanwhile."""
        for _ in range(ms // 200):
            await self.send("session.input_audio.append", audio=SILENCE)
            await self.until("session.output_audio.delta")

    async def ask(self, kind, **fields):
        """An event that is wrong; the error that answers it."""
        await self.send(kind, event_id="mine", **fields)
        error = (await self.until("error"))["error"]
        assert error["client_event_id"] == "mine"
        return error

    def of(self, kind):
        return [event for event in self.events if event["type"] == kind]

    def inner(self):
        return [event["event"]["type"] for event in self.of("response.event")]


@asynccontextmanager
async def client(start=None, **options):
    emulator = LiveEmulator(
        mind=Mind(), speech=ToneSpeech(), hearing=ScriptedHearing([], check=False), **options
    )
    async with emulator, connect(emulator.url, additional_headers=KEY) as socket:
        found = Client(socket)
        session = {"model": "gpt-live-1", "audio": AUDIO, "delegation": BACKEND, **(start or {})}
        await found.send("session.start", session=session)
        await found.until("session.started")
        yield found


@pytest.mark.parametrize(
    ("headers", "query", "status"),
    [({}, "", 401), (KEY, "?model=gpt-live-1", 400)],
    ids=["no key", "a model in the query"],
)
async def test_who_is_not_let_in(headers, query, status):
    async with LiveEmulator(mind=Mind(), speech=ToneSpeech(), hearing=ScriptedHearing([])) as live:
        with pytest.raises(InvalidStatus) as refused:
            await connect(live.url + query, additional_headers=headers)
        assert refused.value.response.status_code == status


@pytest.mark.parametrize(
    ("event", "code", "param"),
    [
        ({"type": "session.input_audio.append", "audio": SILENCE}, "session_not_started", None),
        ({"type": "session.start", "session": {}}, "invalid_value", "session.model"),
        (
            {"type": "session.start", "session": {"model": "gpt-live-1", "voice": "marin"}},
            "unknown_parameter",
            "session.voice",
        ),
        (
            {
                "type": "session.start",
                "session": {"model": "gpt-live-1", "audio": {"output": {"voice": "bob"}}},
            },
            "invalid_value",
            "session.audio.output.voice",
        ),
        ({"type": "input_audio_buffer.commit"}, "unknown_event_type", "type"),
    ],
    ids=["audio first", "no model", "an unknown field", "an unknown voice", "another API's event"],
)
async def test_a_session_that_is_not_started_properly_ends(event, code, param):
    async with (
        LiveEmulator(mind=Mind(), speech=ToneSpeech(), hearing=ScriptedHearing([])) as live,
        connect(live.url, additional_headers=KEY) as socket,
    ):
        await socket.send(json.dumps(event))
        error = json.loads(await socket.recv())["error"]
        assert (error["code"], error.get("param")) == (code, param)
        with pytest.raises(ConnectionClosed):
            await socket.recv()


async def test_it_speaks_when_it_is_told_to_and_is_silent_otherwise():
    async with client() as live:
        await live.send("session.commentary.append", delegation_id=None, content="greet")
        await asyncio.sleep(0)
        await live.hears(2000)
        words = "".join(e["delta"] for e in live.of("session.output_transcript.delta"))
        assert words == "Good morning to you"
        assert len(live.of("session.commentary.appended")) == 1
        silence = b64encode(b"\xff" * 1600).decode()
        deltas = [event["delta"] for event in live.of("session.output_audio.delta")]
        assert len(deltas) == 10
        assert deltas[-1] == silence
        assert sum(delta != silence for delta in deltas) == 3
        fragments = live.of("session.output_transcript.delta")
        assert all(e["end_ms"] - e["start_ms"] == 200 for e in fragments)


async def test_delegated_work_waits_for_all_its_outputs():
    async with client() as live:
        await live.send("session.commentary.append", delegation_id=None, content="look it up")
        done = None
        while done is None:
            event = await live.until("response.event")
            if event["event"]["type"] == "response.output_item.done":
                call = event["event"]["item"]
            if event["event"]["type"] == "response.completed":
                done = event
        assert live.inner() == [
            "response.created",
            "response.output_item.done",
            "response.completed",
        ]
        assert len(live.of("session.delegation.created")) == 1
        assert (await live.ask("response.create"))["code"] == "function_call_outputs_required"
        output = {"type": "function_call_output", "call_id": "call_other", "output": "x"}
        assert (await live.ask("response.item.create", item=output))["param"] == "item.call_id"
        await live.send("response.item.create", item={**output, "call_id": call["call_id"]})
        await live.send("response.create")
        await live.hears(1000)
        words = "".join(e["delta"] for e in live.of("session.output_transcript.delta"))
        assert words == "It is x"


@pytest.mark.parametrize(
    ("event", "code"),
    [
        ({"type": "session.start", "session": {"model": "gpt-live-1"}}, "session_already_started"),
        (
            {"type": "session.thinking.append", "delegation_id": None, "content": "x" * 2100},
            "string_above_max_length",
        ),
        ({"type": "session.thinking.append", "content": "x"}, "invalid_value"),
        (
            {"type": "session.thinking.append", "delegation_id": "dlg", "content": "x"},
            "invalid_value",
        ),
        ({"type": "session.input_audio.append", "audio": "no base64!"}, "invalid_value"),
        ({"type": "response.cancel"}, "unknown_event_type"),
    ],
    ids=["started twice", "too long", "no delegation_id", "a delegation_id", "no audio", "cancel"],
)
async def test_what_is_refused_does_not_end_the_session(event, code):
    async with client() as live:
        event = dict(event)
        assert (await live.ask(event.pop("type"), **event))["code"] == code
        await live.hears(200)


async def test_a_session_without_a_backend_takes_no_outputs():
    async with client({"delegation": {"type": "client"}}) as live:
        error = await live.ask("response.create")
        assert error["message"] == "response.create requires Responses delegation."


async def test_a_close_is_confirmed_and_so_is_the_end_of_its_time():
    async with client() as live:
        await live.send("session.close")
        assert (await live.until("session.closed"))["reason"] == "close_requested"
    async with client(session_minutes=0.001) as live:
        assert (await live.until("session.closed"))["reason"] == "expired"
