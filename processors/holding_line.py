"""A caller who waits in silence is told that somebody is still there, by a recorded line."""

import asyncio
from collections.abc import Awaitable, Callable

from processors.events.conversation import LineHeld, WaitsFor
from processors.events.event import Emit
from processors.realtime.announcements import Clip

LOOK_S = 0.25

EVERY_S = 6.0
"""From one such line to the next: four seconds of silence between them."""

TOOL_S = 5.0
"""A tool has this long at the least: agents say themselves that they look something up, and tools
that take long are bridged by the agent (`processors.tool_progress`) before that."""


class HoldingLine:
    """Plays the line when somebody has waited for ``after_s``, and again while they go on waiting.

    What the agent says meanwhile follows behind it. The model knows nothing of it.

    Args:
        clip: The line; None where there is none, so that nothing is ever played.
        after_s: Silence for so long is too long; None keeps it.
        waits_for: What the caller is waiting for in silence now, if for anything. Nobody waits
            who is speaking, or hears somebody.
        play: Puts the line on its way to the caller.
        emit: Takes events.
    """

    def __init__(
        self,
        clip: Callable[[], Clip] | None,
        *,
        after_s: float | None,
        waits_for: Callable[[], WaitsFor | None],
        play: Callable[[Clip], Awaitable[None]],
        emit: Emit,
    ) -> None:
        self._clip = clip
        self._after_s = after_s
        self._waits_for = waits_for
        self._play = play
        self._emit = emit

    async def watch(self) -> None:
        """Runs until it is cancelled; at once when there is nothing to do."""
        if self._clip is None or self._after_s is None:
            return
        clock = asyncio.get_running_loop().time
        since: float | None = None
        rests_until = 0.0
        while True:
            await asyncio.sleep(LOOK_S)
            waits_for = self._waits_for()
            now = clock()
            if waits_for is None:
                since = None
                continue
            since = now if since is None else since
            bound_s = max(self._after_s, TOOL_S) if waits_for == "tool" else self._after_s
            if now - since >= bound_s and now >= rests_until:
                self._emit(LineHeld(waits_for=waits_for, waited_ms=round((now - since) * 1000)))
                rests_until = now + EVERY_S
                await self._play(self._clip())
