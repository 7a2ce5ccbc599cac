"""Garbage on the carrier's media socket: closed with the code that says why, and nothing stays."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.asyncio.client import ClientConnection, connect

from bot.transports.media_streams import (
    POLICY_VIOLATION,
    Start,
    Stop,
    StreamError,
    StreamReader,
)
from tests.bot.phone import CONNECTED, STOP, dtmf, mark, media, start
from tests.hardening.garbage import OVER_THE_NETWORK, RAW, mutated
from tests.hardening.leaks import nothing_left, read_on
from tests.hardening.live_service import SERVICES_RANDOM, LiveService, live_service

EXAMPLES = 50
CLOSE_S = 60
SILENCE = b"\xff" * 160

ODD = st.one_of(
    st.binary(max_size=400).map(media),
    st.sampled_from([0, 1, 159, 8000, 40_000]).map(lambda size: media(SILENCE[:1] * size)),
    st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=500).map(mark),
    st.sampled_from("0123456789*#ABCD").map(dtmf),
    st.sampled_from(["-1", "0", "١", "9" * 12, "9" * 400, "", None, 7, {}]).map(
        lambda when: {**media(SILENCE), "media": {**media(SILENCE)["media"], "timestamp": when}}
    ),
    st.just({**media(SILENCE), "sequenceNumber": -1, "unknown": [{}]}),
).map(json.dumps)
"""Within the protocol, by a hair: the call goes on."""

BROKEN = st.one_of(
    RAW,
    st.sampled_from([CONNECTED, start(), media(SILENCE), mark("1"), dtmf("1")]).flatmap(mutated),
    st.sampled_from([CONNECTED, start()]).map(json.dumps),
)
"""Most of it ends the stream."""

LEAVES = ["stop", "close", "abort", "frame"]


@dataclass(frozen=True, slots=True)
class Stream:
    """What a peer does on one socket, and how it leaves if it is not sent away."""

    is_let_in: bool
    messages: list[str | bytes]
    leaves: str


def stream(odd: int | None) -> st.SearchStrategy[Stream]:
    """A call with so many odd messages before the garbage; None begins with it."""
    before = st.lists(ODD, min_size=odd or 0, max_size=odd or 0)
    return st.builds(
        lambda messages, last, leaves: Stream(odd is not None, [*messages, last], leaves),
        before,
        BROKEN,
        st.sampled_from(LEAVES),
    )


STREAMS = st.tuples(*map(stream, [0, 10, 80] + [None] * 7))
MESSAGES = 100


async def played(live: LiveService, stream: Stream) -> int:
    """Plays a stream; checks that it is closed for the reason that there is, if there is one."""
    running, due = live.running, None
    reader, token = StreamReader(), running.stream_parameters("CA1")
    opening = [CONNECTED, start("CA1", **token)] if stream.is_let_in else []
    async with connect(f"{running.ws}/twilio/media", compression=None, max_size=None) as socket:
        reading = asyncio.create_task(read_on(socket))
        for message in [*map(json.dumps, opening), *stream.messages]:
            assert due is None, "only the last message is garbage"
            await socket.send(message)
            due = refused(reader, message, token)
        if due is None:
            await leave(socket, stream.leaves)
        async with asyncio.timeout(CLOSE_S):
            await socket.wait_closed()
            await reading
    if due:
        assert socket.close_code == due
    return len(stream.messages)


def refused(reader: StreamReader, message: str | bytes, token: dict[str, str]) -> int | None:
    """The code that a message is refused with; None for one that the stream goes on after."""
    try:
        read = reader.read(message)
    except StreamError as error:
        return error.code
    if isinstance(read, Start):
        its_own = {**read.parameters, **token} == read.parameters and read.call_sid == "CA1"
        return None if its_own else POLICY_VIOLATION
    return 1000 if isinstance(read, Stop) else None


async def leave(socket: ClientConnection, how: str) -> None:
    """The peer ends a stream that nobody has ended."""
    match how:
        case "stop":
            await socket.send(json.dumps(STOP))
            await socket.close()
        case "close":
            await socket.close()
        case "abort":
            socket.transport.abort()
        case "frame":  # of an opcode that there is not, and not masked
            socket.transport.write(b"\x83\x05hello")


async def good_call(live: LiveService, call_sid: str) -> None:
    """A caller who keeps to the protocol hears the agent."""
    running = live.running
    async with connect(f"{running.ws}/twilio/media", compression=None) as socket:
        opening = [CONNECTED, start(call_sid, **running.stream_parameters(call_sid))]
        for message in [*opening, media(SILENCE)]:
            await socket.send(json.dumps(message))
        async with asyncio.timeout(CLOSE_S):
            async for text in socket:
                if json.loads(text)["event"] == "media":
                    break


@pytest.fixture(scope="module")
def live() -> Iterator[LiveService]:
    with live_service(recording="off", twilio_account_sid=None, twilio_auth_token=None) as running:
        running.run(good_call(running, "CA0"))
        yield running


@pytest.mark.timeout(600)
@pytest.mark.filterwarnings(SERVICES_RANDOM)
def test_a_stream_of_garbage_is_closed_for_a_reason_and_leaves_nothing(live):
    sent = Counter()

    @settings(OVER_THE_NETWORK, max_examples=EXAMPLES)
    @given(STREAMS)
    def one_after_the_other(found: tuple[Stream, ...]) -> None:
        for stream in found:
            sent["messages"] += live.run(played(live, stream))
            sent["streams"] += 1
        live.run(good_call(live, "CA2"))

    with nothing_left(live):
        one_after_the_other()
    print(dict(sent))
    assert sent["messages"] >= EXAMPLES * MESSAGES
