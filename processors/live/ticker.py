"""Noticing that nothing happens: turns of the Live API have no end but silence."""

import asyncio
from collections.abc import Awaitable, Callable


class Quiet:
    """Calls ``on_quiet`` when nothing has disturbed it for a while since it was disturbed."""

    def __init__(self, seconds: float, on_quiet: Callable[[], Awaitable[None]]) -> None:
        self._seconds = seconds
        self._on_quiet = on_quiet
        self._timer: asyncio.TimerHandle | None = None
        self._running: set[asyncio.Task[None]] = set()
        self._calm = asyncio.Event()
        self._calm.set()

    def disturb(self) -> None:
        """Something happened."""
        self.stop()
        self._calm.clear()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._seconds, self._fire)

    def stop(self) -> None:
        """Nothing is waited for any more."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        self._calm.set()

    @property
    def is_calm(self) -> bool:
        """Whether it is quiet."""
        return self._calm.is_set()

    async def calm(self) -> None:
        """Returns once it is quiet."""
        await self._calm.wait()

    def _fire(self) -> None:
        self._timer = None
        task = asyncio.ensure_future(self._report())
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _report(self) -> None:
        await self._on_quiet()
        if self._timer is None:
            self._calm.set()
