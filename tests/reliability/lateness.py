"""How late the machine was: what a busy one adds to silences is not the service's doing."""

import asyncio
from typing import Self

BEAT_S = 0.02
NOTICED_S = 0.01
"""Lateness up to here is usual."""


class Lateness:
    """``async with Lateness() as lateness``: adds up by how much this process misses its beats.

    Attributes:
        ms: The sum so far.
    """

    def __init__(self) -> None:
        self.ms = 0

    async def __aenter__(self) -> Self:
        self._beating = asyncio.create_task(self._beat())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._beating.cancel()

    async def _beat(self) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            due = clock() + BEAT_S
            await asyncio.sleep(BEAT_S)
            if (late_s := clock() - due) > NOTICED_S:
                self.ms += round(late_s * 1000)
