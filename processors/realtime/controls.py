"""How others act on a conversation: coaching, muting, keys in and out."""

from processors.events.event import Emit
from processors.playback import Playback
from processors.realtime.agent_speech import AgentSpeech
from processors.realtime.background import Background
from processors.realtime.caller import Caller
from processors.realtime.coaching import Coaching
from processors.realtime.first_words import FirstWords
from processors.realtime.floor import Floor
from processors.realtime.history import History
from processors.realtime.interjections import Interjections
from processors.realtime.keypad import Keypad
from processors.realtime.muting import Muting
from processors.realtime.relief import Relief
from processors.realtime.sessions import Sessions
from processors.realtime.tone_sender import ToneSender
from processors.realtime.voiceless import Voiceless


class Controls:
    """Puts together what operators, tools and keys do to one call's conversation."""

    def __init__(
        self,
        sessions: Sessions,
        history: History,
        caller: Caller,
        speech: AgentSpeech,
        interjections: Interjections,
        voiceless: Voiceless,
        playback: Playback,
        floor: Floor,
        emit: Emit,
        background: Background,
        *,
        sample_rate: int,
        first_words_s: float | None,
    ) -> None:
        self.coaching = Coaching(sessions, history, voiceless, background)
        self.muting = Muting(sessions, interjections, floor)
        self.relief = Relief(self.muting, self.coaching, speech, sessions, voiceless, background)
        self.first_words = FirstWords(self.muting, floor, caller, wait_s=first_words_s)
        self.keypad = Keypad(
            sessions, history, caller, interjections, playback, floor, emit, background
        )
        self.tones = ToneSender(sessions, speech, playback, floor, interjections, emit, sample_rate)

    async def press(self, key: str) -> None:
        """The caller pressed a key; a muted one's are not heard either."""
        if not self.muting.is_muted("caller"):
            await self.keypad.press(key)
