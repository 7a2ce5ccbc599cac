"""The end of a call by its agent: not before the goodbye was heard."""

import asyncio
from collections.abc import Awaitable, Callable

from loguru import logger

from processors.live.agent_voice import AgentVoice
from processors.playback import Playback
from processors.realtime.background import Background
from processors.realtime.ending import GOODBYE_TIMEOUT_S
from processors.tools import EndCall


class Farewell:
    """Waits for a goodbye that was said since the call was to end, and until it was heard."""

    def __init__(
        self,
        voice: AgentVoice,
        playback: Playback,
        background: Background,
        on_end: Callable[[str], Awaitable[None]],
    ) -> None:
        self._voice = voice
        self._playback = playback
        self._background = background
        self._on_end = on_end
        self._waiting: asyncio.Task[None] | None = None
        self._wish: EndCall | None = None

    def begin(self, wish: EndCall) -> None:
        """An agent wants the call to end, or what the wish says ``instead``."""
        if self._waiting is None:
            self._wish = wish
            self._waiting = self._background.start(self._end(wish), "live-farewell")

    def cancel(self) -> None:
        """The caller goes on talking."""
        if self._waiting:
            self._waiting.cancel()
            self._waiting = None
            if self._wish and self._wish.given_up:
                self._wish.given_up()

    async def _end(self, wish: EndCall) -> None:
        try:
            async with asyncio.timeout(GOODBYE_TIMEOUT_S):
                await self._voice.has_spoken()
        except TimeoutError:
            logger.warning("the model said no goodbye within {} s", GOODBYE_TIMEOUT_S)
        if self._voice.is_speaking:
            await self._voice.quiet.calm()
        await self._playback.heard_out()
        self._waiting = None
        await (wish.instead() if wish.instead else self._on_end(wish.reason))
