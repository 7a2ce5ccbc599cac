"""Garbage in the headers by which somebody goes on where they were: a part of a file, a stream."""

import re
from collections import Counter
from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.api.problems import MEDIA_TYPE
from tests.hardening.garbage import OVER_THE_NETWORK
from tests.hardening.leaks import nothing_left
from tests.hardening.live_service import KEY, SERVICES_RANDOM, LiveService, live_service
from tests.patience import PATIENCE_S

EXAMPLES, REQUESTS = 8, 15

NUMBERS = st.one_of(
    st.integers(0, 100),
    st.integers(-2, 2**70),
    st.sampled_from(["", "-", "+1", "1.5", "٣".encode(), "0x10", "NaN", "9" * 5000]),
).map(lambda number: number if isinstance(number, bytes) else str(number).encode())
TEXT = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF), max_size=60)
RAW = TEXT.map(lambda text: text.strip().replace("\x7f", "").encode("latin-1"))
PIECES = st.builds(lambda first, last: first + b"-" + last, NUMBERS, NUMBERS)
RANGES = st.one_of(
    st.lists(PIECES, max_size=4).map(lambda pieces: b"bytes=" + b", ".join(pieces)),
    st.builds(lambda unit, piece: unit + b"=" + piece, RAW, PIECES),
    st.just(b"bytes=" + b",".join([b"0-1"] * 2000)),
    RAW,
)


@pytest.fixture(scope="module")
def live() -> Iterator[LiveService]:
    with live_service() as running:
        running.finished_call()
        yield running


def client_of(live: LiveService) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {KEY}"}
    return httpx.AsyncClient(base_url=live.running.http, headers=headers, timeout=PATIENCE_S)


def check_part(answer: httpx.Response, whole: bytes) -> int:
    """The file, the part of it that the answer says it is, or a problem document."""
    match answer.status_code:
        case 200:
            assert answer.content == whole
        case 206 if answer.headers["content-type"].startswith("multipart/byteranges"):
            assert b"Content-Range: bytes" in answer.content
        case 206:
            told = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", answer.headers["content-range"])
            assert told
            first, last, size = map(int, told.groups())
            assert size == len(whole)
            assert answer.content == whole[first : last + 1] != b""
        case 416:
            assert answer.headers["content-type"] == MEDIA_TYPE
            assert answer.headers["content-range"] == f"bytes */{len(whole)}"
        case status:
            raise AssertionError(f"{status}: {answer.text}")
    return answer.status_code


@pytest.mark.timeout(300)
@pytest.mark.filterwarnings(SERVICES_RANDOM)
def test_a_range_that_is_none_gets_the_file_and_one_that_is_not_there_a_problem(live):
    statuses: Counter[int] = Counter()
    path = f"/api/calls/{live.finished_call()}/recording"

    async def batch(ranges: list[bytes]) -> None:
        async with client_of(live) as client:
            whole = (await client.get(path)).content
            for asked in ranges:
                answer = await client.get(path, headers={b"Range": asked})
                statuses[check_part(answer, whole)] += 1

    @settings(OVER_THE_NETWORK, max_examples=EXAMPLES)
    @given(st.lists(RANGES, min_size=REQUESTS, max_size=REQUESTS))
    def one_after_the_other(ranges: list[bytes]) -> None:
        live.run(batch(ranges))

    with nothing_left(live):
        live.run(batch([b"bytes=0-9", b"bytes=-5", b"bytes=5-", b"BYTES=0-0,2-3", b"bytes=1-0"]))
        live.run(batch([b"bytes=99999999999-", b"rows=0-1", b"bytes", b"bytes=a-b", b""]))
        one_after_the_other()
    assert {200, 206, 416} == set(statuses), statuses


@pytest.mark.timeout(300)
@pytest.mark.filterwarnings(SERVICES_RANDOM)
def test_an_event_that_can_not_have_been_seen_is_refused_and_any_other_gone_on_from(live):
    statuses: Counter[int] = Counter()
    paths = ["/api/events", f"/api/calls/{live.finished_call()}/events"]

    async def batch(seen: list[bytes]) -> None:
        async with client_of(live) as client:
            for last in seen:
                for path in paths:
                    async with client.stream("GET", path, headers={b"Last-Event-ID": last}) as told:
                        statuses[told.status_code] += 1
                        kind = told.headers.get("content-type", "").partition(";")[0]
                        expected = {200: "text/event-stream", 204: "", 422: MEDIA_TYPE}
                        assert kind == expected[told.status_code]

    @settings(OVER_THE_NETWORK, max_examples=EXAMPLES)
    @given(st.lists(NUMBERS | RAW, min_size=REQUESTS, max_size=REQUESTS))
    def one_after_the_other(seen: list[bytes]) -> None:
        live.run(batch(seen))

    with nothing_left(live):
        live.run(batch([b"0", b"1", b"9223372036854775807", b"9223372036854775808", b"-1"]))
        one_after_the_other()
    assert {200, 422} <= set(statuses), statuses
