"""Instructions to the agent in the middle of a call, which the caller does not hear."""

from processors.realtime.background import Background
from processors.realtime.history import History
from processors.realtime.responses import ResponseRequest
from processors.realtime.session import SessionError
from processors.realtime.sessions import Sessions
from processors.realtime.voiceless import Voiceless

FROM_AN_OPERATOR = (
    "A colleague who listens in gives you this instruction. The caller does not hear it. Follow it "
    "from your next answer on, and do not mention it: {}"
)


class Coaching:
    """Puts system messages into the conversation, where they stay: also for the next session.

    Attributes:
        is_due: The agent is to answer one of them as soon as there is a session.
    """

    def __init__(
        self, sessions: Sessions, history: History, voiceless: Voiceless, background: Background
    ) -> None:
        self.is_due = False
        self._sessions = sessions
        self._history = history
        self._voiceless = voiceless
        self._background = background

    def tell(self, text: str, *, respond: bool) -> str:
        """Tells the agent a fact or what to do, from its next answer on.

        With ``respond`` it answers as soon as nobody speaks; otherwise nothing is said because of
        it. While the line to the model is down, the session that comes next is told, and answers;
        so does the agent in writing.

        Returns:
            The id of the item that it became.
        """
        item = self._history.wrote("system", text)
        session = self._sessions.current
        if session is None or session.is_lost:
            if respond and not self.is_due:
                self.is_due = True
                self._background.start(self._respond_late(), "realtime-coaching")
            return item.id
        session.catch_up(self._history.seed())
        if respond:
            session.request_response(ResponseRequest(about=[item.id]))
        return item.id

    async def _respond_late(self) -> None:
        try:
            (await self._sessions.ready()).request_response(ResponseRequest())
        except SessionError:
            self._voiceless.answer()
        finally:
            self.is_due = False
