"""Long work in a thread, a slice at a time: tells how far it is, and stops when its time is up."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator

SLICE_S = 0.5
LONGEST_S = 20.0
"""After this long a caller has waited enough: what is done by then is the answer."""

Report = Callable[[float, float | None], Awaitable[None]]
"""Takes how much is done, and of how much, where that is known."""

Steps = Iterator[tuple[int, int | None]]
"""Work that stops after each small step and says how much is done, and of how much."""


async def in_slices(steps: Steps, report: Report, *, longest_s: float = LONGEST_S) -> bool:
    """Whether the work was done to its end within ``longest_s`` seconds.

    Args:
        steps: Blocks; a step that takes long is waited for.
        report: Told after each slice but the last one.
        longest_s: How long all of it may take.
    """
    ends = time.monotonic() + longest_s

    def work() -> tuple[int, int | None] | None:
        pause = min(time.monotonic() + SLICE_S, ends)
        for done in steps:
            if time.monotonic() >= pause:
                return done
        return None

    while done := await asyncio.to_thread(work):
        if time.monotonic() >= ends:
            return False
        await report(*done)
    return True
