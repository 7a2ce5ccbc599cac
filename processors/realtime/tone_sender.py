"""Keys that an agent presses: their tones, in order with what it says."""

import asyncio
from itertools import count

from processors.dtmf import keys_heard, tones
from processors.events import DtmfSent, Emit
from processors.playback import Heard, Playback
from processors.realtime.agent_speech import AgentSpeech
from processors.realtime.floor import Floor
from processors.realtime.interjections import Interjections
from processors.realtime.sessions import Sessions

ATTEMPTS = 3


class TonesCutError(Exception):
    """The other side has not heard all keys. The message says how many it has."""


class ToneSender:
    """Plays tones behind what the agent says, and sees to it that all of them are heard.

    A machine that goes on talking does not interrupt them. Where they are cut all the same, the
    keys that the other side can't have noticed are sent again.
    """

    def __init__(
        self,
        sessions: Sessions,
        speech: AgentSpeech,
        playback: Playback,
        floor: Floor,
        interjections: Interjections,
        emit: Emit,
        sample_rate: int,
    ) -> None:
        self._sessions = sessions
        self._speech = speech
        self._playback = playback
        self._floor = floor
        self._interjections = interjections
        self._emit = emit
        self._rate = sample_rate
        self._numbers = count(1)
        self._ends: dict[str, asyncio.Future[Heard]] = {}
        self._one_at_a_time = asyncio.Lock()
        playback.listen(self._ended)

    async def send(self, keys: str, *, shown: str) -> None:
        """Plays the tones of ``keys`` (0-9, ``*``, ``#``, ``w`` waits); returns when heard.

        ``shown`` stands for them in the event.

        Raises:
            TonesCutError: They were cut again and again.
        """
        async with self._one_at_a_time:
            await self._floor.until(self._is_reply_complete)
            self._interjections.is_protected = True
            try:
                left = keys
                for _ in range(ATTEMPTS):
                    left = left[keys_heard(left, await self._play(left)) :]
                    if not left:
                        self._emit(DtmfSent(digits=shown))
                        return
            finally:
                self._interjections.is_protected = False
            heard = len(keys) - len(left)
            raise TonesCutError(f"only the first {heard} of {len(keys)} keys were heard")

    def _is_reply_complete(self) -> bool:
        session = self._sessions.current
        return session is None or session.active_response is None

    async def _play(self, keys: str) -> int:
        """Plays the tones once; how many ms of them were heard."""
        item_id = f"tones_{next(self._numbers)}"
        ended = self._ends[item_id] = asyncio.get_running_loop().create_future()
        try:
            await self._speech.sound(item_id, tones(keys, self._rate))
            heard: Heard = await ended
            return heard.heard_ms
        finally:
            del self._ends[item_id]

    def _ended(self, heard: Heard) -> None:
        ended = self._ends.get(heard.item_id)
        if ended and not ended.done():
            ended.set_result(heard)
