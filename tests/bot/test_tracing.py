"""Traces as a collector receives them: decoded from what the exporter sends over HTTP."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from bot.events import EventBus
from bot.settings import Settings
from bot.switchboard import Switchboard, endpoint_for
from bot.tracing.service import Seldom, Tracing
from processors.events.calls import CallEnded, CallStarted, Problem
from processors.events.conversation import (
    AgentChanged,
    AgentTranscript,
    SessionRenewed,
    SessionState,
    UserSpeech,
    UserTranscript,
)
from processors.events.event import Event
from processors.events.figures import TurnLatency, Usage
from processors.events.tools import ToolCalled, ToolFinished
from tests.bot.service import model, service, until
from tests.bot.test_phone_calls import handset

DIGITS = "0123456789abcdef" * 2
CALL = f"call_{DIGITS}"


class Collector:
    """An OTLP/HTTP receiver: keeps what it was sent, or answers with ``status``."""

    def __init__(self, status: int = 200) -> None:
        self.requests: list[tuple[str, dict[str, str], ExportTraceServiceRequest]] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                sent = ExportTraceServiceRequest.FromString(body)
                collector.requests.append((self.path, dict(self.headers), sent))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "Collector":
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def spans(self) -> list[Span]:
        return [
            span
            for _path, _headers, sent in self.requests
            for resource in sent.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def named(self, name: str) -> Span:
        (span,) = [span for span in self.spans if span.name == name]
        return span


def attributes(span: Span | Resource) -> dict[str, object]:
    return {
        each.key: getattr(each.value, str(each.value.WhichOneof("value")))
        for each in span.attributes
    }


def chosen(**settings: object) -> Settings:
    return Settings(_env_file=None, **settings)


@asynccontextmanager
async def tracing(endpoint: str, **settings: object) -> AsyncIterator[EventBus]:
    bus = EventBus()
    traced = Tracing(chosen(otel_exporter_otlp_endpoint=endpoint, **settings), bus)
    traced.start()
    yield bus
    await traced.close()


def at(second: float) -> str:
    return f"2026-11-21T10:00:{second:06.3f}Z"


STORY: list[Event] = [
    CallStarted(team="travel", channel="phone", from_number="+14155550111", at=at(0)),
    SessionState(state="connecting", at=at(0)),
    AgentChanged(from_agent=None, to_agent="front_desk", voice="marin", at=at(0)),
    SessionState(state="ready", detail="openai", at=at(1)),
    UserSpeech(speaking=True, at=at(5)),
    UserSpeech(speaking=False, at=at(7)),
    UserTranscript(item_id="i1", text="I am Ada Lovelace", final=True, at=at(7)),
    ToolCalled(
        tool_call_id="t1",
        agent="front_desk",
        tool="search_hotels",
        arguments={"name": "Ada Lovelace"},
        at=at(7.25),
    ),
    ToolFinished(
        tool_call_id="t1",
        tool="search_hotels",
        output="Ada Lovelace",
        is_error=True,
        duration_ms=500,
        at=at(7.75),
    ),
    Usage(response_id="r", model="m", input_text_tokens=3, output_audio_tokens=4, at=at(8)),
    AgentChanged(
        from_agent="front_desk",
        to_agent="hotel_booking",
        voice="cedar",
        reason="Ada Lovelace",
        context="Ada Lovelace",
        at=at(8),
    ),
    TurnLatency(latency_ms=900, at=at(8)),
    AgentTranscript(
        item_id="i2",
        agent="hotel_booking",
        text="Hello Ada Lovelace",
        final=True,
        interrupted=False,
        at=at(10),
    ),
    UserSpeech(speaking=True, at=at(20)),
    UserSpeech(speaking=False, at=at(21)),
    SessionRenewed(endpoint="eu", age_s=840, moment="pause", at=at(22)),
    Problem(source="realtime", code="connection_lost", message="Ada Lovelace", at=at(23)),
    CallEnded(reason="caller", duration_s=30, at=at(30)),
]


async def test_a_call_is_a_trace_of_its_turns_tools_handoffs_and_sessions():
    with Collector() as collector:
        headers = "authorization=Bearer%20secret"
        async with tracing(collector.url, otel_exporter_otlp_headers=headers) as bus:
            emit = bus.emitter(CALL)
            for event in STORY:
                emit(event)
        [(path, sent_headers, sent)] = collector.requests
    assert path == "/v1/traces"
    assert sent_headers["authorization"] == "Bearer secret"
    assert attributes(sent.resource_spans[0].resource)["service.name"] == "switchboard"
    assert {span.trace_id.hex() for span in collector.spans} == {DIGITS}
    call, tool = collector.named("call"), collector.named("execute_tool search_hotels")
    turn, pause = sorted(
        (span for span in collector.spans if span.name == "turn"),
        key=lambda span: span.start_time_unix_nano,
    )
    first, second = sorted(
        (span for span in collector.spans if span.name == "session"),
        key=lambda span: span.start_time_unix_nano,
    )
    handoff = collector.named("handoff")
    assert call.parent_span_id == b""
    assert {s.parent_span_id for s in (turn, pause, first, second)} == {call.span_id}
    assert {s.parent_span_id for s in (tool, handoff)} == {turn.span_id}

    def seconds(span: Span) -> tuple[float, float]:
        began = call.start_time_unix_nano
        ends = (span.start_time_unix_nano, span.end_time_unix_nano)
        return (ends[0] - began) / 1e9, (ends[1] - began) / 1e9

    assert seconds(call) == (0, 30)
    assert seconds(turn) == (5, 10)
    assert seconds(pause) == (20, 21)
    assert seconds(tool) == (7.25, 7.75)
    assert seconds(first) == (0, 22)
    assert seconds(second) == (22, 30)
    assert attributes(call)["switchboard.reason"] == "caller"
    assert attributes(turn)["switchboard.latency_ms"] == 900
    assert attributes(first)["gen_ai.usage.output_tokens"] == 4
    assert attributes(second)["switchboard.endpoint"] == "eu"
    assert tool.status.code == Status.STATUS_CODE_ERROR
    assert [event.name for event in call.events] == ["error"]


async def test_nothing_that_was_said_and_nobody_who_called_is_in_a_trace():
    with Collector() as collector:
        async with tracing(collector.url) as bus:
            emit = bus.emitter(CALL)
            for event in STORY:
                emit(event)
        sent = b"".join(each.SerializeToString() for _, _, each in collector.requests)
    assert b"Lovelace" not in sent
    assert b"5550111" not in sent


async def test_a_call_that_lives_when_the_service_stops_is_sent_as_far_as_it_came():
    with Collector() as collector:
        async with tracing(collector.url) as bus:
            emit = bus.emitter(CALL)
            for event in STORY[:9]:
                emit(event)
    assert collector.named("call").end_time_unix_nano > collector.named("call").start_time_unix_nano
    assert collector.named("execute_tool search_hotels")


@pytest.mark.parametrize("away", ["refused", "hangs", "503"])
async def test_a_collector_that_is_away_holds_up_neither_calls_nor_the_stop(away):
    hanging = None
    if away == "hangs":
        hanging = await asyncio.start_server(lambda _r, _w: asyncio.sleep(60), "127.0.0.1", 0)
        url = f"http://127.0.0.1:{hanging.sockets[0].getsockname()[1]}"
    with Collector(503) as collector:
        url = {"refused": "http://127.0.0.1:9", "503": collector.url}.get(away) or url
        # The SDK alone would wait for half a minute.
        async with asyncio.timeout(20), tracing(url) as bus:
            emit = bus.emitter(CALL)
            for event in STORY:
                emit(event)
    if hanging:
        hanging.close()
    assert bool(collector.requests) == (away == "503")


def test_a_collector_that_stays_away_is_complained_of_once_a_minute():
    now = 0.0
    seldom = Seldom(lambda: now)
    record = logging.makeLogRecord({})
    passed = []
    for now in (0.0, 1.0, 59.0, 60.0, 61.0, 125.0):  # noqa: B007 - the clock reads it
        passed.append(seldom.filter(record))
    assert passed == [True, False, False, True, False, True]


async def test_a_phone_call_leaves_a_trace():
    with Collector() as collector:
        async with (
            model() as emulator,
            service(emulator.url, otel_exporter_otlp_endpoint=collector.url) as running,
        ):
            async with handset(running, "CA1") as phone:
                listening = asyncio.create_task(phone.listens())
                await phone.chunk_heard.wait()
                (call_id,) = running.switchboard.calls.live
            await listening
            await until(lambda: not running.switchboard.calls.live)
    call = collector.named("call")
    assert call.trace_id.hex() == call_id.removeprefix("call_")
    assert attributes(call)["switchboard.channel"] == "phone"
    assert collector.named("session").parent_span_id == call.span_id


def test_without_a_collector_nothing_is_traced(tmp_path: Path):
    settings = chosen(data_dir=tmp_path)
    switchboard = Switchboard(settings, endpoint=endpoint_for(settings), tool_servers={})
    assert switchboard.tracing is None
