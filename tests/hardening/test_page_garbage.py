"""Garbage on the browser's socket: what is no message ends the call, and nothing stays."""

import asyncio
import base64
import json
from collections import Counter
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pipecat.frames.protobufs import frames_pb2
from websockets.asyncio.client import connect

from bot.transports.websocket import BrowserSerializer
from tests.bot.browser import READY, protobuf, protobuf_audio, socket_page, typed
from tests.hardening.garbage import OVER_THE_NETWORK, RAW, mutated
from tests.hardening.leaks import nothing_left, read_on
from tests.hardening.live_service import SERVICES_RANDOM, LiveService, live_service

EXAMPLES = 20
CLOSE_S = 60
RATES = [8000, 16_000, 24_000, 44_100, 48_000]
PCM = base64.b64encode(bytes(321)).decode()


def rtvi(kind: str, **data: Any) -> dict[str, Any]:
    return {"label": "rtvi-ai", "type": kind, "id": "9", "data": data}


KNOWN = [
    READY,
    typed("hello"),
    rtvi("dtmf", buttons=["1", "#"]),
    rtvi("client-message", t="x", d={"y": [1]}),
    rtvi("ui-event", event="click", payload={"a": 1}),
    rtvi("ui-snapshot", tree={"a": []}),
    rtvi("ui-cancel-job-group", job_id="7", reason="why"),
    rtvi("raw-audio", base64Audio=PCM, sampleRate=24_000, numChannels=1),
    rtvi("raw-audio-batch", base64AudioBatch=[PCM, "?"], sampleRate=0, numChannels=-7),
    rtvi("llm-function-call-result", function_name="f", tool_call_id="c", arguments={}, result=1),
    rtvi(
        "send-file",
        content="look",
        file={
            "name": "a.png",
            "format": "image/png",
            "source": {"type": "bytes", "bytes": PCM, "width": -1, "height": 10**9},
        },
    ),
]
"""A message of each type that Pipecat's processor knows."""


def framed(text: str) -> bytes:
    frame = frames_pb2.Frame()
    frame.message.data = text
    return bytes(frame.SerializeToString())


@st.composite
def audio(draw: st.DrawFn) -> bytes:
    samples = draw(st.sampled_from([0, 1, 160, 4800]))
    return protobuf_audio(draw(st.sampled_from([b"\0\0", b"\x80\x7f"])) * samples, draw(RATE))


def is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


RATE = st.sampled_from(RATES)
MUTATED = st.sampled_from(KNOWN).flatmap(mutated)
ODD = st.one_of(
    st.sampled_from(KNOWN).map(protobuf), MUTATED.filter(is_object).map(framed), audio()
)
"""Within the protocol, by a hair: the call goes on."""

BROKEN = st.one_of(
    RAW,
    MUTATED,
    RAW.filter(lambda data: isinstance(data, str)).map(framed),
    st.integers(-(2**31), 2**31 - 1).map(lambda rate: protobuf_audio(b"\0\0", abs(rate))),
    st.just(protobuf_audio(b"\0\0\0", 24_000)),
)
CALL = st.tuples(st.lists(ODD, min_size=49, max_size=49), BROKEN)
CALLS, MESSAGES = 2, 100
LEAVES = ["close", "abort", "bye"]


async def is_refused(message: str | bytes) -> bool:
    """Whether a message ends the call."""
    line = SimpleNamespace(refuse=lambda why: refusals.append(why))
    refusals: list[str] = []
    await BrowserSerializer(line).deserialize(message)
    return bool(refusals)


async def played(live: LiveService, messages: list[str | bytes], leaves: str) -> int:
    """A call of such messages, up to the first that ends it; how many that were."""
    sent = 0
    async with connect(f"{live.running.ws}/ws", compression=None, max_size=None) as socket:
        reading = asyncio.create_task(read_on(socket))
        for message in messages:
            await socket.send(message)
            sent += 1
            if await is_refused(message):
                break
        else:
            await leave(socket, leaves)
        async with asyncio.timeout(CLOSE_S):
            await socket.wait_closed()
            await reading
    return sent


async def leave(socket, how: str) -> None:
    match how:
        case "close":
            await socket.close()
        case "abort":
            socket.transport.abort()
        case "bye":
            await socket.send(protobuf(rtvi("disconnect-bot")))


async def good_call(live: LiveService) -> None:
    """A visitor whose page keeps to the protocol hears the agent and is answered in writing."""
    async with socket_page(live.running) as page:
        await page.tell(READY)
        await page.tell(typed("hello"))
        await page.sees("agent.transcript", text="Very well then", final=True)


@pytest.fixture(scope="module")
def live() -> Iterator[LiveService]:
    with live_service(recording="off", talk_access="local") as running:
        running.run(good_call(running))
        yield running


@pytest.mark.timeout(600)
@pytest.mark.filterwarnings(SERVICES_RANDOM)
def test_garbage_from_a_page_ends_its_call_only_and_leaves_nothing(live):
    sent = Counter()

    @settings(OVER_THE_NETWORK, max_examples=EXAMPLES)
    @given(st.lists(CALL, min_size=CALLS, max_size=CALLS), st.sampled_from(LEAVES))
    def one_after_the_other(calls, leaves) -> None:
        for odd, last in calls:
            waiting = [*odd, last]
            while waiting:
                count = live.run(played(live, waiting, leaves))
                del waiting[:count]
                sent.update(messages=count, calls=1)
        live.run(good_call(live))

    with nothing_left(live):
        one_after_the_other()
    print(dict(sent))
    assert sent["messages"] >= EXAMPLES * MESSAGES
