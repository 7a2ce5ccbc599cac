import asyncio
import json
import socket
from contextlib import asynccontextmanager
from http import HTTPStatus

import pytest
from websockets.asyncio.server import serve

from processors.realtime import connection as module
from processors.realtime.connection import (
    MAX_AUDIO_MESSAGES,
    ConnectError,
    ConnectionLostError,
    open_websocket,
)
from processors.realtime.endpoints import Endpoint


@asynccontextmanager
async def serving(handle, **options):
    where = {} if "sock" in options else {"host": "127.0.0.1", "port": 0}
    async with serve(handle, **where, **options) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield Endpoint("here", f"ws://127.0.0.1:{port}/v1/realtime", "secret", "gpt-realtime-2.1")


@asynccontextmanager
async def connected(handle, **options):
    async with serving(handle, **options) as endpoint:
        connection = await open_websocket(endpoint)
        try:
            yield connection
        finally:
            await connection.close()


async def keep_open(socket):
    await socket.wait_closed()


async def test_the_upgrade_request_names_model_and_key_and_offers_no_compression():
    seen = []

    async def note(socket):
        seen.append(socket.request)

    async with connected(note):
        pass
    (request,) = seen
    assert request.path == "/v1/realtime?model=gpt-realtime-2.1"
    assert request.headers["Authorization"] == "Bearer secret"
    assert "Sec-WebSocket-Extensions" not in request.headers


def test_a_model_in_the_url_is_left_alone():
    endpoint = Endpoint("azure", "wss://h/openai/v1/realtime?model=mine&x=1", "", "other")
    assert endpoint.connect_url == "wss://h/openai/v1/realtime?model=mine&x=1"
    assert endpoint.connect_headers == {}
    assert "secret" not in repr(Endpoint("e", "ws://h", "secret", "m", {"api-key": "secret"}))


async def test_events_arrive_in_order_and_what_is_none_is_skipped():
    async def talk(socket):
        for message in ('{"type": "a"}', "{nonsense", "[1, 2]", b"\xff", '{"type": "b"}'):
            await socket.send(message)
        await socket.wait_closed()

    async with connected(talk) as connection:
        assert [(await connection.receive())["type"] for _ in range(2)] == ["a", "b"]


async def test_events_and_audio_leave_in_the_order_of_sending():
    received = asyncio.Queue()

    async def listen(socket):
        async for message in socket:
            received.put_nowait(json.loads(message))

    async with connected(listen) as connection:
        connection.send({"type": "first"})
        connection.send_audio("AAAA")
        connection.send({"type": "last"})
        events = [await received.get() for _ in range(3)]

    assert events == [
        {"type": "first"},
        {"type": "input_audio_buffer.append", "audio": "AAAA"},
        {"type": "last"},
    ]


async def test_with_too_much_waiting_the_oldest_audio_goes_and_events_stay():
    received = asyncio.Queue()

    async def listen(socket):
        async for message in socket:
            received.put_nowait(json.loads(message))

    async with connected(listen) as connection:
        # Nothing is sent before this test awaits something.
        connection.send({"type": "kept"})
        for number in range(MAX_AUDIO_MESSAGES + 5):
            connection.send_audio(str(number))
        assert connection.dropped_audio == 5
        assert await received.get() == {"type": "kept"}
        assert (await received.get())["audio"] == "5"


@pytest.mark.skipif(not hasattr(socket, "TCP_NOTSENT_LOWAT"), reason="the system has no bound")
async def test_what_a_slow_line_does_not_take_waits_with_us():
    async def read_nothing(websocket):
        websocket.transport.pause_reading()
        await over.wait()
        websocket.transport.abort()

    over = asyncio.Event()
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    listener.bind(("127.0.0.1", 0))
    async with connected(read_nothing, sock=listener) as connection:
        # Two minutes of audio, which a system would take without a word.
        for _ in range(4 * MAX_AUDIO_MESSAGES):
            connection.send_audio("A" * 216)
            await asyncio.sleep(0)
        sent = 4 * MAX_AUDIO_MESSAGES - MAX_AUDIO_MESSAGES - connection.dropped_audio
        over.set()
    assert sent < 500


async def test_too_many_waiting_events_end_the_connection(monkeypatch):
    monkeypatch.setattr(module, "MAX_OTHER_MESSAGES", 3)
    async with connected(keep_open) as connection:
        for _ in range(5):
            connection.send({"type": "flood"})
        with pytest.raises(ConnectionLostError, match="waited to be sent"):
            await connection.receive()


@pytest.mark.parametrize(
    ("code", "is_permanent"),
    [(1000, False), (1001, False), (1011, False), (3000, True), (4000, True), (1008, True)],
)
async def test_a_close_says_whether_it_is_for_good(code, is_permanent):
    async def leave(socket):
        await socket.close(code, "because")

    async with connected(leave) as connection:
        with pytest.raises(ConnectionLostError, match=f"{code} because") as lost:
            await connection.receive()
    assert lost.value.is_permanent is is_permanent


async def test_a_connection_that_breaks_is_lost_but_not_for_good():
    async def break_off(socket):
        socket.transport.abort()

    async with connected(break_off) as connection:
        with pytest.raises(ConnectionLostError, match="broke") as lost:
            await connection.receive()
        assert not lost.value.is_permanent
        connection.send({"type": "into the void"})


@pytest.mark.parametrize(
    ("status", "is_permanent"),
    [
        (HTTPStatus.UNAUTHORIZED, True),
        (HTTPStatus.NOT_FOUND, True),
        (HTTPStatus.TOO_MANY_REQUESTS, False),
        (HTTPStatus.SERVICE_UNAVAILABLE, False),
    ],
)
async def test_a_refused_upgrade_says_whether_it_is_for_good(status, is_permanent):
    def refuse(socket, request):
        return socket.respond(status, "no")

    async with serving(keep_open, process_request=refuse) as endpoint:
        with pytest.raises(ConnectError, match=f"HTTP {status.value}") as refused:
            await open_websocket(endpoint)
    assert refused.value.is_permanent is is_permanent


async def test_nobody_there_is_worth_another_try():
    async with serving(keep_open) as endpoint:
        pass
    with pytest.raises(ConnectError) as refused:
        await open_websocket(endpoint)
    assert not refused.value.is_permanent


async def test_an_address_that_is_none_is_not():
    with pytest.raises(ConnectError) as refused:
        await open_websocket(Endpoint("bad", "http://example.com", "", "m"))
    assert refused.value.is_permanent


async def test_no_task_is_left_after_closing():
    before = asyncio.all_tasks()
    async with serving(keep_open) as endpoint:
        connection = await open_websocket(endpoint)
        await connection.close()
        await connection.close()
    await asyncio.sleep(0)
    left = {task.get_name() for task in asyncio.all_tasks() - before}
    assert "realtime-send" not in left


async def test_a_peer_that_answers_a_ping_is_there():
    async with connected(keep_open) as connection:
        assert await connection.probe()


async def test_a_peer_that_answers_no_ping_is_given_up(monkeypatch):
    monkeypatch.setattr(module, "PROBE_S", 0.2)

    async def fall_silent(websocket):
        websocket.transport.pause_reading()
        await websocket.wait_closed()

    async with connected(fall_silent) as connection:
        assert not await connection.probe()
        with pytest.raises(ConnectionLostError, match="no answer to a ping"):
            await connection.receive()
        assert not await connection.probe()
