"""The end of a call by its agent: not before the goodbye was heard."""

import asyncio
from collections.abc import Awaitable, Callable

from loguru import logger

from processors.playback import STALLED_S, Playback
from processors.realtime.background import Background
from processors.realtime.responses import ResponseRequest
from processors.tools import EndCall

GOODBYE_TIMEOUT_S = 10.0
"""How long the model may take for its goodbye before the call ends without one."""


class Ending:
    """Ends the call once everything said was heard, unless the caller speaks before that."""

    def __init__(
        self,
        playback: Playback,
        background: Background,
        on_end: Callable[[str], Awaitable[None]],
        *,
        may_end: Callable[[], bool] = lambda: True,
    ) -> None:
        self._may_end = may_end
        self._playback = playback
        self._background = background
        self._on_end = on_end
        self._waiting: asyncio.Task[None] | None = None
        self._wish: EndCall | None = None

    def begin(
        self, reason: str, goodbye: ResponseRequest | None, wish: EndCall | None = None
    ) -> asyncio.Task[None] | None:
        """Waits for the goodbye, if it has yet to be said, and until all was heard.

        What ``wish`` wants done ``instead`` is done then; otherwise the call ends.

        Returns what waits; it is cancelled when the caller goes on talking. None when the call may
        not end now: a person talks with the caller.
        """
        if not self._may_end():
            if wish and wish.given_up:
                wish.given_up()
            return None
        if self._waiting is None:
            self._wish = wish
            ending = self._end(reason, goodbye, wish)
            self._waiting = self._background.start(ending, "realtime-ending")
        return self._waiting

    def cancel(self) -> None:
        """The caller goes on talking."""
        if self._waiting:
            self._waiting.cancel()
            self._waiting = None
            if self._wish and self._wish.given_up:
                self._wish.given_up()

    async def _end(
        self, reason: str, goodbye: ResponseRequest | None, wish: EndCall | None
    ) -> None:
        if goodbye:
            try:
                async with asyncio.timeout(GOODBYE_TIMEOUT_S):
                    await asyncio.shield(goodbye.finished)
            except TimeoutError:
                logger.warning("the model said no goodbye within {} s", GOODBYE_TIMEOUT_S)
        if not await self._playback.heard_out():
            logger.warning("nothing was heard for {} s, ending all the same", STALLED_S)
        self._waiting = None
        await (wish.instead() if wish and wish.instead else self._on_end(reason))
