"""In a call that we place, whoever answers speaks first: the agent listens before it opens."""

import asyncio
from contextlib import suppress

from processors.realtime.caller import Caller
from processors.realtime.floor import Floor
from processors.realtime.muting import Muting

LONGEST_S = 30.0
"""After this long the agent opens, whatever is still being said: it would fill any answering
machine's greeting."""

WORDS_TIMEOUT_S = 1.0
"""How long a transcript may take that shows who is speaking."""

ANSWER_TIMEOUT_S = 2.0
"""How long the server's own answer to it may take to begin and be cancelled: it would be taken for
the opening."""


class FirstWords:
    """Holds the agent's opening back for a "Hello?", and through a machine's greeting."""

    def __init__(
        self, muting: Muting, floor: Floor, caller: Caller, *, wait_s: float | None
    ) -> None:
        self._muting = muting
        self._floor = floor
        self._caller = caller
        self._wait_s = wait_s

    def begin(self) -> None:
        """From here on the agent says nothing, not even in answer to what it hears."""
        if self._wait_s is not None:
            self._muting.hold_back()

    async def over(self) -> bool:
        """Returns when it is the agent's turn; False when it is not to open the call any more.

        That is when somebody muted it, or had it say something else, meanwhile.
        """
        if self._wait_s is None:
            return True
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_S):
                await self._listen(self._wait_s)
        return self._muting.let_go()

    async def _listen(self, wait_s: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._floor.until(lambda: self._floor.is_callers)
        if not self._floor.is_callers:
            return
        await self._floor.until(lambda: not self._floor.is_callers)
        with suppress(TimeoutError):
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                await self._floor.until(lambda: self._floor.is_silent)
        if self._caller.has_unknown_words:
            await self._caller.transcribed(WORDS_TIMEOUT_S)
