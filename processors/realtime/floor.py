"""Who has the floor in a call: the caller, the agent, or nobody, and since when."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from processors.playback import Playback
from processors.realtime.caller import Caller
from processors.realtime.function_calls import FunctionCalls
from processors.realtime.remote_tools import RemoteToolCalls
from processors.realtime.sessions import Sessions

LOOK_S = 1.0
"""Some changes have no event, such as the end of a grace period: they are seen this often."""


class Floor:
    """Puts together what the parts of a call know; whoever changes it calls `note`.

    The agent has the floor while it is heard, while the model responds or is about to, and while
    a tool runs.

    Attributes:
        is_held: Silence counts for nothing at the moment, since somebody may not be heard.
    """

    def __init__(
        self,
        sessions: Sessions,
        caller: Caller,
        playback: Playback,
        calls: FunctionCalls,
        remote_calls: RemoteToolCalls,
    ) -> None:
        self._sessions = sessions
        self._caller = caller
        self._playback = playback
        self._calls = calls
        self._remote_calls = remote_calls
        self.is_held = False
        self._free_since: float | None = None
        self._changed = asyncio.Event()
        playback.listen(lambda _heard: self.note())

    @property
    def is_agents(self) -> bool:
        """Whether the agent speaks, thinks or looks something up."""
        session = self._sessions.current
        return bool(
            self._playback.is_playing
            or self._calls.is_busy
            or self._remote_calls.is_busy
            or (session and session.is_responding)
        )

    @property
    def is_quiet(self) -> bool:
        """Whether nobody is heard or about to be on a line that works; a tool may run."""
        session = self._sessions.current
        if session is None or session.is_lost or self.is_held:
            return False
        return not (session.owes_answer or self._playback.is_playing or self.is_callers)

    @property
    def is_callers(self) -> bool:
        """Whether the caller speaks."""
        return self._caller.is_speaking or self._caller.has_open_turn

    @property
    def is_silent(self) -> bool:
        """Whether nobody has it, and nobody is owed an answer."""
        session = self._sessions.current
        is_owed = session is not None and session.owes_answer
        return not (is_owed or self.is_agents or self.is_callers)

    @property
    def is_free(self) -> bool:
        """Whether nobody has it on a line that works."""
        session = self._sessions.current
        is_heard = session and not session.is_lost and not session.is_behind
        is_working = is_heard and not self._sessions.changing.locked()
        return bool(is_working and self.is_silent and not self.is_held)

    def note(self) -> None:
        """Something happened that may have changed who has the floor."""
        if not self.is_free:
            self._free_since = None
        elif self._free_since is None:
            self._free_since = asyncio.get_running_loop().time()
        self._changed.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Returns when ``condition`` holds; it is asked whenever something happened."""
        while not condition():
            self._changed.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._changed.wait()

    async def free_for(self, seconds: float) -> None:
        """Returns when nobody has had the floor for so long without a break."""
        while True:
            await self.until(lambda: self.is_free)
            self.note()
            now = asyncio.get_running_loop().time()
            since = now if self._free_since is None else self._free_since
            if now >= since + seconds:
                return
            await asyncio.sleep(since + seconds - now)
