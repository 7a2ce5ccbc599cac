"""Instructions to the agent in the middle of a call, which the caller does not hear."""

from processors.realtime.history import History
from processors.realtime.responses import ResponseRequest
from processors.realtime.sessions import Sessions

FROM_AN_OPERATOR = (
    "A colleague who listens in gives you this instruction. The caller does not hear it. Follow it "
    "from your next answer on, and do not mention it: {}"
)


class Coaching:
    """Puts system messages into the conversation, where they stay: also for the next session."""

    def __init__(self, sessions: Sessions, history: History) -> None:
        self._sessions = sessions
        self._history = history

    def tell(self, text: str, *, respond: bool) -> str:
        """Tells the agent a fact or what to do, from its next answer on.

        With ``respond`` it answers as soon as nobody speaks; otherwise nothing is said because of
        it. While the line to the model is down, the session that comes next is told.

        Returns:
            The id of the item that it became.
        """
        item = self._history.wrote("system", text)
        session = self._sessions.current
        if session is None or session.is_lost:
            return item.id
        session.catch_up(self._history.seed())
        if respond:
            session.request_response(ResponseRequest(about=[item.id]))
        return item.id
