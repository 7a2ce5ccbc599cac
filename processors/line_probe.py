"""Finds out soon that a model's connection is dead: it is asked while a caller may be waiting."""

import asyncio
from collections.abc import Callable
from typing import Protocol

LOOK_S = 0.5

QUIET_S = 1.5
"""A server that has said nothing for so long, while the caller hears nothing, is asked."""

PAUSE_S = 30.0
"""After a connection that was found dead none is asked for so long. A line that is slow rather than
dead takes a session after the other, and the pings that go out anyhow are more patient."""


class Probed(Protocol):
    """A session, as far as it can be asked for a sign of life."""

    @property
    def quiet_s(self) -> float:
        """How long nothing has come from the server."""
        ...

    async def probe(self) -> bool:
        """Asks; the session is lost when that is in vain: False."""
        ...


class LineProbe:
    """Watches the line to the model for as long as it runs.

    Nobody tells of a half-open connection. Pings find it, which take their time; a caller who is
    waiting hears nothing meanwhile. So the server is asked at once when it has gone quiet.

    Args:
        session: The one that the call is in; None without one that works.
        is_hearing: Whether the caller hears somebody: then nothing is urgent.
    """

    def __init__(
        self, session: Callable[[], Probed | None], is_hearing: Callable[[], bool]
    ) -> None:
        self._session = session
        self._is_hearing = is_hearing

    async def watch(self) -> None:
        """Runs until it is cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            session = self._session()
            if session is None or self._is_hearing() or session.quiet_s < QUIET_S:
                continue
            if not await session.probe():
                await asyncio.sleep(PAUSE_S)
