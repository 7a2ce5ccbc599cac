"""Notices a turn of the caller's that the model does not answer, and asks for the answer once."""

import asyncio

from processors.events.calls import Problem
from processors.events.event import Emit
from processors.realtime.background import Background
from processors.realtime.responses import ResponseRequest
from processors.realtime.session import Session
from processors.realtime.sessions import Sessions

NO_ANSWER = "no_answer"
"""Code of the `Problem`."""


class StuckTurn:
    """Waits for the answer to each turn: audio, words or a function call.

    Without one for ``answer_s`` a response that has begun is given up, and another one is asked
    for. A session that does not even begin that one, for as long again, is taken for lost.
    """

    def __init__(
        self, sessions: Sessions, emit: Emit, background: Background, *, answer_s: float | None
    ) -> None:
        self._sessions = sessions
        self._emit = emit
        self._background = background
        self._answer_s = answer_s
        self._under_way: str | None = None
        self._waiting: asyncio.Task[None] | None = None

    @property
    def is_answer_due(self) -> bool:
        """Whether a turn waits for its answer."""
        return self._waiting is not None and not self._waiting.done()

    def caller_stopped(self, under_way: str | None) -> None:
        """The caller's turn ended: its answer is due. A response under way is none."""
        self.settled()
        self._under_way = under_way
        if self._answer_s is not None:
            self._waiting = self._background.start(
                self._wait(self._answer_s), "realtime-stuck-turn"
            )

    def answered(self, response_id: str) -> None:
        """The response says or does something."""
        if response_id != self._under_way:
            self.settled()

    def settled(self) -> None:
        """No answer is due any more."""
        if self._waiting:
            self._waiting.cancel()
            self._waiting = None

    def ask_again(self, session: Session, request: ResponseRequest) -> None:
        """Has the model respond instead of what it is doing."""
        self.settled()
        self._under_way = session.active_response
        self._waiting = self._background.start(self._ask(session, request), "realtime-stuck-turn")

    async def _wait(self, answer_s: float) -> None:
        await asyncio.sleep(answer_s)
        session = await self._sessions.ready()
        message = (
            f"the model had no answer {answer_s:g} s after the caller's turn; it is asked again"
        )
        self._emit(Problem(source="realtime", code=NO_ANSWER, message=message))
        await self._ask(session, ResponseRequest())

    async def _ask(self, session: Session, request: ResponseRequest) -> None:
        given_up = session.active_response
        session.cancel_response()
        session.request_response(request)
        if self._answer_s is None:
            return
        await asyncio.sleep(self._answer_s)
        is_stuck = session.active_response in (None, given_up) and not session.is_caller_speaking
        if is_stuck and not request.finished.done():
            await session.drop("it answers nothing any more", is_permanent=False)
