"""What garbage leaves behind in a service: nothing, and no line about an error of ours."""

import asyncio
import gc
import logging
import os
import time
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from loguru import logger
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from bot.logs import NOISE
from tests.hardening.live_service import LiveService

BESIDE = ("/mcp/", "/anyio/", "/httpcore", "/httpx", "/processors/mcp_tools/")
"""Code that comes and goes beside the calls: tool servers are looked for now and then."""

SETTLE_S = 60
"""Within which what is ending has ended, also where other tests take the CPU."""

OTHERS = [
    tracemalloc.Filter(False, f"*{place}*")
    for place in ("hypothesis", "frozen importlib", "/tests/", "/json/", "linecache", "tracemalloc")
]
"""What tests allocate for themselves."""

MOST_KIB = 3000
"""So much may stay allocated: what is remembered of the last calls on purpose, and caches."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """What would grow if something were not given back."""

    tasks: Counter[str]
    descriptors: Counter[str]
    model_sessions: int
    subscribers: int
    calls: int
    browsers: int

    def beyond(self, before: "Holdings") -> dict[str, object]:
        """What there is more of than before, with how many more."""
        more: dict[str, object] = {}
        for name in ("tasks", "descriptors"):
            if found := getattr(self, name) - getattr(before, name):
                more[name] = dict(found)
        for name in ("model_sessions", "subscribers", "calls", "browsers"):
            if (found := getattr(self, name) - getattr(before, name)) > 0:
                more[name] = found
        return more


async def held(live: LiveService) -> Holdings:
    """What is held now; runs in the service's loop."""
    places = (
        f"{frame.f_code.co_filename}:{frame.f_code.co_name}"
        for task in asyncio.all_tasks()
        for frame in task.get_stack(limit=1)
    )
    switchboard = live.running.switchboard
    return Holdings(
        tasks=Counter(place for place in places if not any(part in place for part in BESIDE)),
        descriptors=Counter(_descriptors()),
        model_sessions=len(live.model.sessions),
        subscribers=switchboard.bus.subscribers,
        calls=len(switchboard.calls.live),
        browsers=len(switchboard.peers),
    )


def _descriptors() -> Iterator[str]:
    """What each open descriptor is: a socket, a pipe, or which file; without the database's."""
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            target = os.fspath(descriptor.readlink())
        except FileNotFoundError:
            continue  # the one that lists
        if ".db" not in target:
            yield target.partition(":[")[0]


class _Errors(logging.Handler):
    """Keeps what is logged as an error, by us, Pipecat or the web server."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@contextmanager
def nothing_left(live: LiveService, *, most_kib: int = MOST_KIB) -> Iterator[None]:
    """Compares what the service holds before and after the block, which is to be warmed up.

    Raises:
        AssertionError: Something is left, or an error of ours was logged meanwhile.
    """
    errors = _Errors()
    logging.getLogger().addHandler(errors)
    sink = logger.add(lambda line: errors.lines.append(str(line)), level="ERROR", filter=NOISE)
    try:
        before = live.run(held(live))
        gc.collect()
        tracemalloc.start()
        try:
            yield
            left = _left(live, before)
            gc.collect()
            grown = tracemalloc.take_snapshot().filter_traces(OTHERS).statistics("lineno")
        finally:
            tracemalloc.stop()
    finally:
        logger.remove(sink)
        logging.getLogger().removeHandler(errors)
    grown_kib = sum(place.size for place in grown) / 1024
    print(f"{grown_kib:.0f} KiB more are allocated")
    assert not left, left
    assert not errors.lines, "\n".join(errors.lines[:5])
    assert grown_kib < most_kib, "\n".join(map(str, grown[:8]))


def _left(live: LiveService, before: Holdings) -> dict[str, object]:
    """What is held that was not before, once that has had time to end."""
    until = time.monotonic() + SETTLE_S
    while left := live.run(held(live)).beyond(before):
        if time.monotonic() > until:
            break
        time.sleep(0.05)
    return left


async def read_on(socket: ClientConnection) -> None:
    """A peer takes what it is sent, whatever it sends itself."""
    with suppress(ConnectionClosed):
        async for _ in socket:
            pass
