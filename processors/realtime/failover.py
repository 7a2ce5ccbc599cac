"""Which endpoint is asked for a session, how often, and with what pauses."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from itertools import count
from typing import TypeVar

from loguru import logger

from processors.realtime.connection import ConnectError
from processors.realtime.endpoints import Endpoint
from processors.realtime.session import SessionError

ATTEMPTS = 3
FIRST_DELAY_S = 0.25
"""Before the second attempt; it doubles with each, and up to as much again is added by chance."""

MAX_DELAY_S = 1.0
"""Up to which it doubles: while a caller waits, a server that is back is to be found soon."""

OUTAGE_PATIENCE_S = 6.0
"""For so long at least a lost session's successor is sought: servers restart within seconds."""

LOSSES_WINDOW_S = 60.0
MAX_LOSSES = 6
"""Sessions that may be lost within the window before the call is given up."""

Opened = TypeVar("Opened")


class UnavailableError(Exception):
    """No endpoint serves us. The message says why, for each."""


class Failover:
    """Knows which endpoints of a call may still work, in the order in which they are asked."""

    def __init__(self, endpoints: Sequence[Endpoint]) -> None:
        self._endpoints = tuple(endpoints)
        self._usable = list(endpoints)
        self._losses: list[float] = []

    async def first(
        self, open_at: Callable[[Endpoint], Awaitable[Opened]], *, patience_s: float = 0.0
    ) -> Opened:
        """What the first endpoint that serves us has opened.

        Args:
            open_at: Opens something, or raises `ConnectError` or `SessionError`.
            patience_s: For so long at least it goes on.

        Raises:
            UnavailableError: After `ATTEMPTS` rounds over the endpoints that may still work, but
                not before ``patience_s``.
        """
        problems: list[str] = []
        give_up_at = asyncio.get_running_loop().time() + patience_s
        for attempt in count():
            if attempt >= ATTEMPTS and asyncio.get_running_loop().time() >= give_up_at:
                break
            if attempt:
                delay = min(FIRST_DELAY_S * 2 ** (attempt - 1), MAX_DELAY_S)
                await asyncio.sleep(delay * (1 + random.random()))
            for endpoint in list(self._usable):
                try:
                    return await open_at(endpoint)
                except (ConnectError, SessionError) as error:
                    logger.warning("no session at {}: {}", endpoint.name, error)
                    problems.append(str(error))
                    self._failed(endpoint, is_permanent=error.is_permanent)
            if not self._usable:
                break
        raise UnavailableError("; ".join(dict.fromkeys(problems)) or "every endpoint refused")

    def rule_out(self, endpoint: Endpoint) -> None:
        """It has said that another session there is pointless."""
        if endpoint in self._usable:
            self._usable.remove(endpoint)

    def ask_last(self, endpoint: Endpoint) -> None:
        """It opens sessions that are of no use: the others first, from now on."""
        self._failed(endpoint, is_permanent=False)

    def forgive(self) -> None:
        """All may be asked again, also those that were ruled out."""
        self._usable = list(self._endpoints)
        self._losses.clear()

    async def lost(self) -> None:
        """A session was lost: returns when another one may be opened.

        That keeps a server that drops sessions as fast as it opens them from being hammered. After
        too many losses no endpoint is asked any more.
        """
        now = asyncio.get_running_loop().time()
        self._losses = [at for at in self._losses if now - at < LOSSES_WINDOW_S]
        if self._losses:
            await asyncio.sleep(FIRST_DELAY_S * 2 ** len(self._losses) * (1 + random.random()))
        self._losses.append(now)
        if len(self._losses) > MAX_LOSSES:
            self._usable.clear()

    def _failed(self, endpoint: Endpoint, *, is_permanent: bool) -> None:
        if endpoint not in self._usable:
            # Another attempt, at the same time, has ruled it out.
            return
        self._usable.remove(endpoint)
        if not is_permanent:
            # The others first, from now on: trying it again may take long each time.
            self._usable.append(endpoint)
