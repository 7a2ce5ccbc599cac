"""Long tools tell how far they are; the agent says so now and then: nobody hears silence."""

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

from processors.events.event import Emit
from processors.events.tools import ToolProgressed
from processors.mcp_tools.under_way import Progress
from processors.tools import ToolCall

FIRST_S = 4.0
"""After so long a tool has kept the caller waiting."""

EVERY_S = 8.0
"""Between two fillers."""

MOST_FILLERS = 3
"""For one call of a tool; who has heard so many has understood."""

LOOK_S = 0.5
"""While somebody speaks the filler waits; it is out of date soon, so that it is never queued."""

EVENTS_S = 1.0
"""A tool may report a hundred times a second: an event is emitted this often at most."""


class Talk(Protocol):
    """What is needed of the conversation; every `processors.voice_model.VoiceModel` has it."""

    async def fill(self, text: str) -> bool:
        """Says a line if nobody speaks now, and whether it did."""
        ...


@dataclass(slots=True)
class _Running:
    """A tool that runs, and what is known of it."""

    call: ToolCall
    latest: Progress | None = None
    told_at: float = 0.0
    filling: asyncio.Task[None] | None = field(default=None, repr=False)


class ToolProgress:
    """What the tools of one call report.

    Nothing is said for a tool that does not report: it is over soon, or given up.
    """

    def __init__(self, talk: Talk, emit: Emit) -> None:
        self._talk = talk
        self._emit = emit
        self._running: dict[str, _Running] = {}

    def began(self, call: ToolCall) -> None:
        """A tool begins to run."""
        self._running[call.id] = _Running(call)

    def ended(self, call: ToolCall) -> None:
        """It has a result, or asks something: silence is not its doing any more."""
        running = self._running.pop(call.id, None)
        if running and running.filling:
            running.filling.cancel()

    def progressed(self, progress: Progress) -> None:
        """It has come further."""
        running = self._running.get(progress.call.id)
        if running is None:
            return
        now = asyncio.get_running_loop().time()
        is_first, running.latest = running.latest is None, progress
        if is_first:
            running.filling = asyncio.create_task(self._fill(running), name="tool-filler")
        if is_first or now >= running.told_at + EVENTS_S or progress.share == 1:
            running.told_at = now
            self._emit(
                ToolProgressed(
                    tool_call_id=progress.call.id,
                    tool=progress.call.name,
                    done=progress.done,
                    total=progress.total,
                    message=progress.message,
                )
            )

    def close(self) -> None:
        """The call is over."""
        for running in list(self._running.values()):
            self.ended(running.call)

    async def _fill(self, running: _Running) -> None:
        await asyncio.sleep(FIRST_S)
        said = 0
        while said < MOST_FILLERS:
            if await self._talk.fill(filler(running.latest, said)):
                said += 1
                await asyncio.sleep(EVERY_S)
            else:
                await asyncio.sleep(LOOK_S)


def filler(progress: Progress | None, said: int) -> str:
    """What is said for the next time while a tool runs; ``said`` times something was before."""
    share = progress.share if progress else None
    begin = "I am still working on it" if said == 0 else "It still takes a moment"
    if share is None:
        return f"{begin}."
    for least, words in ((0.85, "almost done"), (0.6, "well past half way"), (0.4, "half way")):
        if share >= least:
            return f"{begin}, I am {words}."
    return f"{begin}, this takes a moment." if said == 0 else f"{begin}."
