"""Ends the calls of a service that stops: politely, within a limit, faster when asked to."""

import asyncio
from contextlib import suppress
from typing import Any

from loguru import logger

from bot.calls import Call, CallRegistry

FAREWELL = "I am sorry, I have to go now. Please call again in a moment. Goodbye."
FAREWELL_TO_CALLED = "I am sorry, I have to go now. Goodbye."
"""To somebody who did not call us."""

FOLLOW_UP_TIMEOUT_S = 2.0
"""How long a carrier may take to ask what comes after a stream that was closed while draining."""


class Draining:
    """No new calls; the live ones go on for a while, then hear a goodbye, then are cut.

    Args:
        calls: The live ones.
    """

    def __init__(self, calls: CallRegistry) -> None:
        self._calls = calls
        self._goodbye_now = asyncio.Event()
        self._cut_now = asyncio.Event()

    def hurry(self) -> None:
        """Goes over to the next step: the goodbye, and if that is being said, to no more words."""
        if self._goodbye_now.is_set():
            self._cut_now.set()
        self._goodbye_now.set()

    async def run(self, patience_s: float) -> None:
        """Returns when no call is live and the carrier has asked about each.

        Args:
            patience_s: How long calls may go on by themselves.
        """
        self._calls.admit_no_more()
        if patience_s:
            await self._let_finish(patience_s)
        self._goodbye_now.set()
        await self._say_goodbye()
        # Gone too early, the carrier would report an application error to the caller.
        await self._calls.followed_up(FOLLOW_UP_TIMEOUT_S)

    async def _let_finish(self, patience_s: float) -> None:
        if not self._calls.live:
            return
        logger.info("{} live calls may go on for {:g} s", len(self._calls.live), patience_s)
        hurried = asyncio.create_task(self._goodbye_now.wait())
        over = asyncio.create_task(self._all_over())
        await asyncio.wait({hurried, over}, timeout=patience_s, return_when=asyncio.FIRST_COMPLETED)
        hurried.cancel()
        over.cancel()

    async def _all_over(self) -> None:
        await asyncio.gather(*(call.ended.wait() for call in self._calls.live.values()))

    async def _say_goodbye(self) -> None:
        live = list(self._calls.live.values())
        if not live:
            return
        logger.info("saying goodbye on {} live calls", len(live))
        ending = asyncio.gather(*(call.end("shutdown", farewell=_farewell(call)) for call in live))
        cutting = asyncio.create_task(self._cut_now.wait())
        either: set[asyncio.Future[Any]] = {ending, cutting}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not ending.done():
            live = list(self._calls.live.values())
            logger.info("cutting {} live calls", len(live))
            await asyncio.gather(*(call.cut("shutdown") for call in live))
        cutting.cancel()
        with suppress(asyncio.CancelledError):
            await cutting
        await ending


def _farewell(call: Call) -> str:
    return FAREWELL if call.plan.direction == "inbound" else FAREWELL_TO_CALLED
