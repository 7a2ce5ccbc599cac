"""How long tests wait for what has to come: nobody judges by it how soon it came."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

PATIENCE_S = 60.0
"""Seconds. A busy machine is slow, and no test waits longer than it must for what comes."""

LOOK_S = 0.02

T = TypeVar("T")


async def until(condition: Callable[[], bool], *, timeout_s: float = PATIENCE_S) -> None:
    """Returns once something that announces itself to nobody is so."""
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 - that is the point
            await asyncio.sleep(LOOK_S / 2)


async def answered(
    ask: Callable[[], Awaitable[T]], fits: Callable[[T], object] = lambda answer: answer
) -> T:
    """Asks again and again until an answer fits, or is not empty, and returns that one."""
    async with asyncio.timeout(PATIENCE_S):
        while not fits(answer := await ask()):  # noqa: ASYNC110 - that is the point
            await asyncio.sleep(LOOK_S)
    return answer
