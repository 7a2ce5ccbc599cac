"""A caller who says nothing is asked whether they are there, and let go in the end."""

import asyncio

from processors.realtime.background import Background
from processors.realtime.caller import Caller
from processors.realtime.ending import Ending
from processors.realtime.floor import Floor
from processors.realtime.sessions import Sessions
from processors.realtime.wording import spoken_line

PROMPTS = ("Are you still there?", "I can't hear you. Are you still there?")
GOODBYE = "I can't hear you any more, so I will end the call. Please call again any time. Goodbye."
GOODBYE_TO_CALLED = "I can't hear you any more, so I will end the call. Goodbye."
"""To somebody who did not call us."""
REASON = "the caller was silent"

MANNER = "The caller says nothing. In the language of the conversation:"


class IdleCaller:
    """Counts silence: time in which nobody has the floor, beginning when the agent was heard."""

    def __init__(
        self,
        sessions: Sessions,
        floor: Floor,
        caller: Caller,
        ending: Ending,
        background: Background,
        *,
        idle_s: float | None,
        is_placed: bool = False,
    ) -> None:
        self._sessions = sessions
        self._floor = floor
        self._caller = caller
        self._ending = ending
        self._background = background
        self._idle_s = idle_s
        self._goodbye = GOODBYE_TO_CALLED if is_placed else GOODBYE

    def start(self) -> None:
        """Watches until the call ends, unless the policy is not to."""
        if self._idle_s is not None:
            self._background.start(self._watch(self._idle_s), "realtime-idle-caller")

    async def _watch(self, idle_s: float) -> None:
        prompts = iter(PROMPTS)
        heard_before = self._caller.utterances
        while True:
            await self._floor.free_for(idle_s)
            if self._caller.utterances != heard_before:
                heard_before = self._caller.utterances
                prompts = iter(PROMPTS)
            prompt = next(prompts, None)
            if prompt is None:
                if await self._let_go():
                    return
            else:
                request = spoken_line(prompt, manner=MANNER)
                (await self._sessions.ready()).request_response(request)
                await request.finished

    async def _let_go(self) -> bool:
        """Says goodbye and ends the call; False when the caller spoke into it after all."""
        goodbye = spoken_line(self._goodbye, manner=MANNER)
        (await self._sessions.ready()).request_response(goodbye)
        ending = self._ending.begin(REASON, goodbye)
        if ending is None:
            return False
        await asyncio.wait((ending,))
        return not ending.cancelled()
