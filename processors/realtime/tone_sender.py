"""Keys that an agent presses: their tones, in order with what it says."""

import asyncio

from processors.events.conversation import DtmfSent
from processors.events.event import Emit
from processors.playback import Playback
from processors.realtime.agent_speech import AgentSpeech
from processors.realtime.floor import Floor
from processors.realtime.interjections import Interjections
from processors.realtime.sessions import Sessions
from processors.tone_player import TonePlayer, TonesCutError

ATTEMPTS = 3


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
        self._floor = floor
        self._interjections = interjections
        self._emit = emit
        self._tones = TonePlayer(speech.sound, playback, sample_rate)
        self._one_at_a_time = asyncio.Lock()

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
                    left = left[await self._tones.play(left) :]
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
