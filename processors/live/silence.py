"""A caller who says nothing is asked whether they are there, and let go in the end."""

import asyncio
from collections.abc import Callable

from processors.live.caller import Caller
from processors.realtime.idle_caller import GOODBYE, GOODBYE_TO_CALLED, PROMPTS, REASON
from processors.tools import EndCall

LOOK_S = 0.5


class SilentCaller:
    """Counts the time in which nobody speaks and nothing is being done.

    Args:
        is_silent: Whether it is so now, on a line that works.
        say: Has the agent say a line.
        let_go: Ends the call after the line that was asked for last.
        idle_s: So long until each prompt; None never asks.
        is_placed: We placed the call.
    """

    def __init__(
        self,
        caller: Caller,
        *,
        is_silent: Callable[[], bool],
        say: Callable[[str], None],
        let_go: Callable[[EndCall], None],
        idle_s: float | None,
        is_placed: bool = False,
    ) -> None:
        self._caller = caller
        self._is_silent = is_silent
        self._say = say
        self._let_go = let_go
        self._idle_s = idle_s
        self._goodbye = GOODBYE_TO_CALLED if is_placed else GOODBYE

    async def watch(self) -> None:
        """Runs until the call ends."""
        if self._idle_s is None:
            return
        clock = asyncio.get_running_loop().time
        prompts, turns, since = iter(PROMPTS), self._caller.turns, clock()
        while True:
            await asyncio.sleep(LOOK_S)
            if self._caller.turns != turns:
                prompts, turns = iter(PROMPTS), self._caller.turns
            if not self._is_silent() or self._caller.is_speaking:
                since = clock()
            elif clock() - since >= self._idle_s:
                since = clock()
                if prompt := next(prompts, None):
                    self._say(prompt)
                else:
                    self._let_go(EndCall("", reason=REASON))
                    self._say(self._goodbye)
