"""How many requests somebody may make: a moving window, shared over Redis where there is one."""

import math
import time
from typing import Any

from limits import RateLimitItem, parse
from limits.aio.storage import RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter as SharedWindow
from limits.errors import StorageError
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from loguru import logger

FEWEST_TO_TIDY = 10_000
"""So many clients may have been counted before those of the past are looked for."""

REDIS_TIMEOUT_S = 0.25
REDIS_PAUSE_S = 10.0
"""For so long Redis is not asked after it failed: a request that waits for it helps nobody."""


class RateLimiter:
    """Counts requests by who makes them.

    Without Redis, and while it is away, each process counts for itself.
    """

    def __init__(self, redis_url: str | None = None) -> None:
        """Prepares; ``redis_url`` is a ``redis://`` URL, and nothing is connected yet."""
        # The library's own asyncio memory store hands each key to a thread on every request.
        self._counts = MemoryStorage()
        self._own = MovingWindowRateLimiter(self._counts)
        self._tidy_at = FEWEST_TO_TIDY
        self._shared: SharedWindow | None = None
        self._paused_until = 0.0
        if redis_url:
            options: dict[str, Any] = {
                "socket_timeout": REDIS_TIMEOUT_S,
                "socket_connect_timeout": REDIS_TIMEOUT_S,
            }
            storage = RedisStorage(
                f"async+{redis_url}",
                wrap_exceptions=True,
                implementation="redispy",
                key_prefix="switchboard:limits",
                **options,
            )
            self._shared = SharedWindow(storage)

    async def hit(self, limit: RateLimitItem, who: str) -> int | None:
        """Counts one request; the seconds to wait when it is one too many, ``None`` when not."""
        if self._shared and time.monotonic() >= self._paused_until:
            try:
                if await self._shared.hit(limit, who):
                    return None
                stats = await self._shared.get_window_stats(limit, who)
                return _wait(stats.reset_time)
            except StorageError as error:
                self._paused_until = time.monotonic() + REDIS_PAUSE_S
                logger.warning("rate limits are counted here: Redis is away: {}", error)
        if len(self._counts.events) >= self._tidy_at:
            self._tidy()
        if self._own.hit(limit, who):
            return None
        return _wait(self._own.get_window_stats(limit, who).reset_time)

    def _tidy(self) -> None:
        """Forgets clients of the past: the library empties their lists and keeps them."""
        for who in [who for who, requests in list(self._counts.events.items()) if not requests]:
            self._counts.clear(who)
        self._tidy_at = max(FEWEST_TO_TIDY, 2 * len(self._counts.events))


def _wait(reset_time: float) -> int:
    return max(1, math.ceil(reset_time - time.time()))


def read_limit(value: str) -> str:
    """Checks a limit such as ``600/minute``. Raises ``ValueError``."""
    try:
        parse(value)
    except ValueError:
        raise ValueError("a number per time, such as 600/minute or 5/10 seconds") from None
    return value
