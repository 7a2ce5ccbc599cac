"""How long something that is due may take until it is given up."""

import asyncio
from collections.abc import Callable


class Grace:
    """One deadline at a time: a new one replaces the one before."""

    def __init__(self) -> None:
        self._timer: asyncio.TimerHandle | None = None

    def give(self, seconds: float, over: Callable[[], None]) -> None:
        """Calls ``over`` in so many seconds, unless `end` comes first."""
        self.end()
        self._timer = asyncio.get_running_loop().call_later(seconds, over)

    def end(self) -> None:
        """What was due is there, or of no interest any more."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
