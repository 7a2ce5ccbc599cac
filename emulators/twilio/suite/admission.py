"""How many calls at a time: no more than the machine can hold in real time."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

LEAST = 2
"""So many calls are made however busy the machine is."""

LOAD_PER_CORE = 1.5
"""Processes that want to run, for each core, from which on fewer calls are made."""

LOOK_EVERY_S = 1.0


class Admission:
    """Lets up to ``most`` calls in, and fewer while the machine has other things to do.

    Args:
        most: How many at a time.
        load: How many processes want to run.
        cores: How many can.
    """

    def __init__(
        self,
        most: int,
        *,
        load: Callable[[], float] = lambda: os.getloadavg()[0],
        cores: int = os.cpu_count() or 1,
    ) -> None:
        self._most = most
        self._load = load
        self._cores = cores
        self._inside = 0
        self._left = asyncio.Event()

    @property
    def places(self) -> int:
        """How many calls there may be now."""
        share = LOAD_PER_CORE * self._cores / max(self._load(), 0.01)
        return min(self._most, max(LEAST, int(self._most * share)))

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Waits for a place and holds it until the block ends."""
        while self._inside >= self.places:
            self._left.clear()
            try:
                await asyncio.wait_for(self._left.wait(), LOOK_EVERY_S)
            except TimeoutError:
                continue  # the machine may have more time by now
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1
            self._left.set()
