"""A person takes the agent's place with the caller for a while, and gives it back."""

from processors.realtime.agent_speech import AgentSpeech
from processors.realtime.background import Background
from processors.realtime.coaching import Coaching
from processors.realtime.muting import Muting
from processors.realtime.session import SessionError
from processors.realtime.sessions import Sessions
from processors.realtime.voiceless import Voiceless
from processors.realtime.wording import spoken_line

MANNER = (
    "A colleague has talked with the caller in your place until just now; what was said stands in "
    "the conversation. In the language of the conversation, and fitting to it:"
)


class Relief:
    """Has the agent stand aside, hear what is said, and speak first when it is back.

    Attributes:
        is_due: It is back, and speaks as soon as there is a session.
    """

    def __init__(
        self,
        muting: Muting,
        coaching: Coaching,
        speech: AgentSpeech,
        sessions: Sessions,
        voiceless: Voiceless,
        background: Background,
    ) -> None:
        self.is_due = False
        self._muting = muting
        self._speech = speech
        self._coaching = coaching
        self._sessions = sessions
        self._voiceless = voiceless
        self._background = background

    async def stand_aside(self, told: str) -> None:
        """The agent is cut where it was heard, is told why, and says nothing from now on."""
        await self._muting.stand_aside()
        self._voiceless.hush()
        self._coaching.tell(told, respond=False)

    def come_back(self, told: str, line: str | None) -> None:
        """The agent has the caller again, and opens with ``line`` or the like; None says nothing.

        While the line to the model is down it does so as soon as there is a session, or in writing.
        """
        if not self._muting.is_aside:
            return
        self._muting.come_back()
        # What it says now answers nothing that the caller said to the person.
        self._speech.caller_started()
        self._coaching.tell(told, respond=False)
        if line:
            self._background.start(self._open(line), "realtime-relief")

    async def _open(self, line: str) -> None:
        self.is_due = True
        try:
            session = await self._sessions.ready()
        except SessionError:
            # Without anybody who reads, what is done then is under way already.
            self._voiceless.come_back(line)
            return
        finally:
            self.is_due = False
        session.request_response(spoken_line(line, manner=MANNER))
