"""How much at once, and how often: slots per phone call, and results that need no second call."""

import asyncio
import json
import time
from collections import OrderedDict, defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from processors.tools import ToolResult

_MOST_RESULTS = 256


class CallSlots:
    """At most ``limit`` tools at once in each phone call; the others wait for their turn."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._slots: dict[str, asyncio.Semaphore] = {}
        self._users: defaultdict[str, int] = defaultdict(int)

    @asynccontextmanager
    async def slot(self, call_id: str) -> AsyncIterator[None]:
        """Hold one of the call's slots; what is kept for a call goes with its last user."""
        semaphore = self._slots.setdefault(call_id, asyncio.Semaphore(self._limit))
        self._users[call_id] += 1
        try:
            async with semaphore:
                yield
        finally:
            self._users[call_id] -= 1
            if not self._users[call_id]:
                del self._users[call_id], self._slots[call_id]

    @property
    def calls(self) -> int:
        """How many phone calls use tools right now."""
        return len(self._slots)


class ReadCache:
    """Results of read-only tools, for ``ttl_s`` seconds or until their server changes something.

    Args:
        ttl_s: How long a result is good for; 0 keeps none.
        clock: Seconds that only go forward.
    """

    def __init__(self, ttl_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._ttl_s = ttl_s
        self._clock = clock
        self._results: OrderedDict[tuple[str, str, str], tuple[float, ToolResult]] = OrderedDict()
        self._changes: defaultdict[str, int] = defaultdict(int)

    def changes(self, server: str) -> int:
        """Counts the server's changes: a result that is read across one must not be kept."""
        return self._changes[server]

    def changed(self, server: str) -> None:
        """The server may have changed what it would answer."""
        self._changes[server] += 1
        for key in [key for key in self._results if key[0] == server]:
            del self._results[key]

    def get(self, server: str, tool: str, arguments: dict[str, Any]) -> ToolResult | None:
        """A result that is still good."""
        kept = self._results.get(_key(server, tool, arguments))
        return kept[1] if kept is not None and kept[0] > self._clock() else None

    def put(
        self, server: str, tool: str, arguments: dict[str, Any], result: ToolResult, changes: int
    ) -> None:
        """Keep a result, unless the server changed something since ``changes`` was counted."""
        if self._ttl_s <= 0 or changes != self._changes[server] or result.is_error:
            return
        key = _key(server, tool, arguments)
        self._results[key] = (self._clock() + self._ttl_s, result)
        self._results.move_to_end(key)
        while len(self._results) > _MOST_RESULTS:
            self._results.popitem(last=False)


def _key(server: str, tool: str, arguments: dict[str, Any]) -> tuple[str, str, str]:
    return server, tool, json.dumps(arguments, sort_keys=True, default=str)
