"""The end of a call by its agent: not before the goodbye was heard."""

import asyncio
from collections.abc import Awaitable, Callable

from loguru import logger

from processors.playback import Playback
from processors.realtime.background import Background
from processors.realtime.responses import ResponseRequest

GOODBYE_TIMEOUT_S = 10.0
"""How long the model may take for its goodbye before the call ends without one."""

STALLED_S = 5.0
"""Without anything being heard for so long, the line is taken for dead."""


class Ending:
    """Ends the call once everything said was heard, unless the caller speaks before that."""

    def __init__(
        self,
        playback: Playback,
        background: Background,
        on_end: Callable[[str], Awaitable[None]],
    ) -> None:
        self._playback = playback
        self._background = background
        self._on_end = on_end
        self._waiting: asyncio.Task[None] | None = None

    def begin(self, reason: str, goodbye: ResponseRequest | None) -> asyncio.Task[None] | None:
        """Waits for the goodbye, if it has yet to be said, and until all was heard.

        Returns what waits; it is cancelled when the caller goes on talking.
        """
        if self._waiting is None:
            self._waiting = self._background.start(self._end(reason, goodbye), "realtime-ending")
        return self._waiting

    def cancel(self) -> None:
        """The caller goes on talking."""
        if self._waiting:
            self._waiting.cancel()
            self._waiting = None

    async def _end(self, reason: str, goodbye: ResponseRequest | None) -> None:
        if goodbye:
            try:
                async with asyncio.timeout(GOODBYE_TIMEOUT_S):
                    await asyncio.shield(goodbye.finished)
            except TimeoutError:
                logger.warning("the model said no goodbye within {} s", GOODBYE_TIMEOUT_S)
        await self._heard()
        self._waiting = None
        await self._on_end(reason)

    async def _heard(self) -> None:
        while self._playback.is_playing:
            waiting_ms = self._playback.waiting_ms
            try:
                async with asyncio.timeout(STALLED_S):
                    await self._playback.drained()
            except TimeoutError:
                if self._playback.waiting_ms >= waiting_ms and not self._playback.is_suspended:
                    logger.warning("nothing was heard for {} s, ending all the same", STALLED_S)
                    return
