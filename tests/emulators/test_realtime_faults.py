"""Faults: each does what it says, when it says, and leaves no session behind."""

import asyncio
import contextlib
import json

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus

from emulators.realtime import Fault, RealtimeEmulator
from emulators.realtime.faults import FaultError, parse_fault
from emulators.realtime.mind import Call, Say
from tests.emulators.realtime_client import client
from tests.emulators.standins import ScriptedHearing, ToneSpeech
from tests.patience import PATIENCE_S

KEY = {"Authorization": "Bearer any"}


class Mind:
    async def respond(self, prompt):
        for tool in prompt.tools:
            yield Call(tool["name"], {"city": "Paris"})
        if not prompt.tools:
            yield Say("word " * 30)


def serve(rate=50, **options):
    return RealtimeEmulator(
        mind=Mind(), speech=ToneSpeech(), hearing=ScriptedHearing([]), rate=rate, **options
    )


@pytest.fixture
async def emulator():
    async with serve() as emulator:
        yield emulator


async def close_code(caller):
    """Reads to the end; 1006 is what a client sees when there was no close frame."""
    with pytest.raises(ConnectionClosed) as closed:
        await read_on(caller)
    return closed.value.rcvd.code if closed.value.rcvd else 1006


async def read_on(caller):
    while True:
        await caller.next()


async def over(emulator):
    await asyncio.wait_for(emulator.all_over(), PATIENCE_S)
    assert emulator.sessions == []


@pytest.mark.parametrize("code", [1000, 1001, 1006, 1011])
async def test_the_socket_is_dropped_with_a_code(emulator, code):
    async with client(emulator) as caller:
        emulator.arm(Fault(kind="drop", code=code))
        assert await close_code(caller) == code
    await over(emulator)


async def test_a_drop_waits_for_a_number_of_events(emulator):
    emulator.arm(Fault(kind="drop", when="events", events=4, code=1011))
    async with client(emulator) as caller:
        await caller.update()
        await caller.say("hello")
        assert await close_code(caller) == 1011
        assert len(caller.events) == 4


async def test_a_drop_in_the_middle_of_a_reply(emulator):
    emulator.arm(Fault(kind="drop", when="mid_reply"))
    async with client(emulator) as caller:
        await caller.send("response.create")
        assert await close_code(caller) == 1006
        assert caller.types()[-1] == "response.output_audio.delta"
    await over(emulator)
    async with client(emulator) as caller:  # it has gone off once
        assert (await caller.respond())["status"] == "completed"


async def test_half_open_reads_writes_and_pongs_no_more(emulator):
    async with client(emulator) as caller:
        await caller.update()
        emulator.arm(Fault(kind="half_open"))
        await over(emulator)
        pong = await caller.socket.ping()
        await caller.send("session.update", session={"type": "realtime"})
        heard = asyncio.ensure_future(caller.socket.recv())
        done, _ = await asyncio.wait((pong, heard), timeout=0.3)
        assert not done
        heard.cancel()
        caller.socket.transport.abort()


async def test_connections_are_refused_with_a_status(emulator):
    fault = emulator.arm(Fault(kind="refuse", code=503))
    with pytest.raises(InvalidStatus) as refused:
        await connect(f"{emulator.url}?model=gpt-realtime", additional_headers=KEY)
    assert refused.value.response.status_code == 503
    assert fault.spent
    async with client(emulator):
        pass


async def test_connections_are_refused_for_good_without_an_answer(emulator):
    emulator.arm(Fault(kind="refuse", code=0, times=0))
    for _ in range(2):
        with pytest.raises((InvalidMessage, ConnectionError)):
            await connect(f"{emulator.url}?model=gpt-realtime", additional_headers=KEY)
    emulator.disarm()
    async with client(emulator):
        pass


async def test_connections_are_refused_for_a_time(emulator):
    emulator.arm(Fault(kind="refuse", code=401, seconds=0.5))
    statuses = set()
    while not emulator.sessions:
        with contextlib.suppress(InvalidStatus):
            async with client(emulator) as caller:
                await caller.update()
                break
        statuses.add("refused")
    assert statuses == {"refused"}


async def test_a_session_expires_on_demand(emulator):
    async with client(emulator) as caller:
        emulator.arm(Fault(kind="expire"))
        assert await close_code(caller) == 1001
        assert caller.events[-1]["error"]["code"] == "session_expired"


async def test_a_rate_limit_fails_the_next_response_only(emulator):
    async with client(emulator) as caller:
        emulator.arm(Fault(kind="rate_limit"))
        failed = await caller.respond()
        assert failed["status"] == "failed"
        assert failed["status_details"]["error"]["code"] == "rate_limit_exceeded"
        assert failed["output"] == []
        assert (await caller.respond())["status"] == "completed"


async def test_a_server_error_fails_a_response_before_or_in_its_middle(emulator):
    async with client(emulator) as caller:
        emulator.arm(Fault(kind="fail", error_code="insufficient_quota"))
        failed = await caller.respond()
        assert failed["status_details"]["error"]["code"] == "insufficient_quota"
        assert failed["output"] == []
        emulator.arm(Fault(kind="fail", when="mid_reply"))
        failed = await caller.respond()
        assert failed["status_details"]["error"]["code"] == "server_error"
        assert failed["output"][0]["status"] == "incomplete"
        assert len(caller.of("response.output_audio.delta")) == 1
        assert (await caller.respond())["status"] == "completed"


async def test_an_error_out_of_nowhere(emulator):
    async with client(emulator) as caller:
        emulator.arm(Fault(kind="error", error_code="odd", message="Something odd."))
        error = (await caller.until("error"))["error"]
        assert error == {
            "type": "server_error",
            "code": "odd",
            "message": "Something odd.",
            "param": None,
            "event_id": None,
        }
        await caller.update()


async def test_unknown_events_and_items_come_in_the_middle_of_a_reply(emulator):
    emulator.arm(Fault(kind="unknown_event", when="mid_reply"))
    emulator.arm(Fault(kind="unknown_item", when="mid_reply"))
    async with client(emulator, strict=False) as caller:
        assert (await caller.respond())["status"] == "completed"
        assert "response.hologram.delta" in caller.types()
        items = {event["item"]["type"] for event in caller.of("conversation.item.added")}
        assert items == {"hologram", "message"}


async def test_a_frame_that_is_not_json(emulator):
    async with client(emulator) as caller:
        emulator.arm(Fault(kind="malformed"))
        with pytest.raises(json.JSONDecodeError):
            await caller.next()
        await caller.update()


async def test_a_delta_after_the_cancellation():
    async with serve(rate=1) as emulator, client(emulator) as caller:
        emulator.arm(Fault(kind="late_delta"))
        await caller.send("response.create")
        first = await caller.until("response.output_audio.delta")
        await caller.send("response.cancel")
        assert (await caller.response_done())["status"] == "cancelled"
        late = await caller.next()
        assert (late["type"], late["item_id"]) == (first["type"], first["item_id"])


async def test_the_next_truncation_is_rejected(emulator):
    async with client(emulator) as caller:
        item = (await caller.respond())["output"][0]["id"]
        emulator.arm(Fault(kind="reject_truncate"))
        place = {"item_id": item, "content_index": 0, "audio_end_ms": 100}
        assert "truncated" in (await caller.ask("conversation.item.truncate", **place))["message"]
        await caller.send("conversation.item.truncate", **place)
        await caller.until("conversation.item.truncated")


async def test_the_next_calls_arguments_are_not_json(emulator):
    async with client(emulator) as caller:
        await caller.update(tools=[{"type": "function", "name": "look_up"}])
        emulator.arm(Fault(kind="bad_arguments"))
        call = (await caller.respond())["output"][0]
        with pytest.raises(json.JSONDecodeError):
            json.loads(call["arguments"])
        call = (await caller.respond())["output"][0]
        assert json.loads(call["arguments"]) == {"city": "Paris"}


async def test_audio_comes_slower_by_a_factor(emulator):
    async with client(emulator) as caller:
        session = emulator.sessions[0]
        assert session.audio_rate() == 50
        emulator.arm(Fault(kind="slow", factor=5))
        assert session.audio_rate() == 10
        emulator.disarm()
        assert session.audio_rate() == 50
        await caller.respond()


async def test_a_fault_in_the_url_is_for_that_session_only(emulator):
    query = "&fault=drop:code=1011,when=mid_reply"
    async with client(emulator, query=query) as caller, client(emulator) as other:
        await caller.send("response.create")
        assert await close_code(caller) == 1011
        assert (await other.respond())["status"] == "completed"


async def test_an_unknown_fault_in_the_url_is_refused(emulator):
    url = f"{emulator.url}?model=gpt-realtime&fault=hiccup"
    with pytest.raises(InvalidStatus) as refused:
        await connect(url, additional_headers=KEY)
    assert refused.value.response.status_code == 400


async def test_faults_are_controlled_over_http(emulator):
    base = emulator.url.replace("ws://", "http://").removesuffix("/v1/realtime")
    async with (
        httpx.AsyncClient(base_url=base, timeout=PATIENCE_S) as http,
        client(emulator) as caller,
    ):
        session_id = (await http.get("/sessions")).json()[0]
        assert session_id == (await caller.update())["id"]
        armed = await http.post("/faults", params={"kind": "rate_limit", "times": 2})
        assert [fault["kind"] for fault in armed.json()["faults"]] == ["rate_limit"]
        assert (await caller.respond())["status"] == "failed"
        assert (await http.delete("/faults")).json() == {"faults": []}
        assert (await caller.respond())["status"] == "completed"
        for wrong in ({"kind": "hiccup"}, {"kind": "drop", "code": "soon"}, {"when": "now"}):
            assert (await http.post("/faults", params=wrong)).status_code == 400
        unknown = {"kind": "drop", "session": "sess_0"}
        assert (await http.post("/faults", params=unknown)).status_code == 400
        assert (await http.get("/nothing")).status_code == 404
        await http.post("/faults", params={"kind": "drop", "session": session_id})
        assert await close_code(caller) == 1006


def test_faults_are_written_as_a_kind_and_settings():
    assert parse_fault("drop:code=1011,events=20") == Fault(
        kind="drop", code=1011, when="events", events=20
    )
    assert parse_fault("slow:factor=2.5").factor == 2.5
    assert parse_fault("refuse").code == 503
    for wrong in ("hiccup", "drop:when=later", "drop:speed=2", "drop:code=x", ""):
        with pytest.raises(FaultError):
            parse_fault(wrong)


async def test_reading_is_slower_than_speaking_for_a_time(emulator):
    async with client(emulator) as caller:
        await caller.update()
        fault = emulator.arm(Fault(kind="slow_reading", factor=2, seconds=60))
        clock = asyncio.get_running_loop().time
        began = clock()
        await caller.update(instructions="x" * 9600)
        # 24 kHz PCM16 as base64 is 64,000 bytes a second.
        assert clock() - began >= 2 * 9600 / 64_000
        fault.seconds = 0.001
        assert emulator.sessions[0].faults.reading_s(9600) == 0
