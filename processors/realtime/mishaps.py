"""What the API reports as an error, and what is done about it."""

import asyncio

from loguru import logger

from processors.events.calls import Problem
from processors.events.event import Emit
from processors.realtime.background import Background
from processors.realtime.errors import ApiError, Severity
from processors.realtime.responses import REQUEST_EVENT
from processors.realtime.server_events import ResponseDone
from processors.realtime.session import Session
from processors.realtime.sessions import Sessions
from processors.realtime.wording import rest_of_reply

RETRY_DELAYS_S = (0.5, 2.0, 4.0)
"""Before a response that failed is asked for again. After that it is asked for in another session,
at another endpoint where there is one; an endpoint whose session fails as well is not asked any
more. So the caller hears an answer in the end, or an apology."""


class Mishaps:
    """Acts by an error's severity; a response that failed or was refused is asked for again."""

    def __init__(self, sessions: Sessions, emit: Emit, background: Background) -> None:
        self._sessions = sessions
        self._emit = emit
        self._background = background
        self._failures = 0
        self._retrying: asyncio.Task[None] | None = None

    def error(self, session: Session, error: ApiError) -> None:
        """An ``error`` event, or the error of a response."""
        if error.severity is Severity.HARMLESS:
            logger.debug("the model refused what was not needed any more: {}", error.message)
            return
        logger.warning("the model reports {}: {}", error.code, error.message)
        if error.severity is Severity.REQUEST:
            self._emit(Problem(source="realtime", code=error.code, message=error.message))
            if error.event_id and error.event_id.startswith(REQUEST_EVENT):
                self._try_again()
            return
        drop = session.drop(
            f"{error.code}: {error.message}", is_permanent=error.severity is Severity.PERMANENT
        )
        self._background.start(drop, "realtime-drop")

    def response_done(self, session: Session, response: ResponseDone, said: str) -> None:
        """A response ended, well or not; ``said`` is what was said of one that failed."""
        if response.status == "completed":
            self._failures = 0
        if response.error is None:
            return
        self.error(session, response.error)
        if not response.calls:
            # Calls lead to a response of their own.
            self._try_again(said)

    def _try_again(self, said: str = "") -> None:
        if self._retrying and not self._retrying.done():
            return
        self._failures += 1
        self._retrying = self._background.start(self._retry(said, self._failures), "realtime-retry")

    async def _retry(self, said: str, failures: int) -> None:
        is_given_up = failures > len(RETRY_DELAYS_S)
        await asyncio.sleep(RETRY_DELAYS_S[0 if is_given_up else failures - 1])
        session = await self._sessions.ready()
        session.request_response(rest_of_reply(session.agent, said))
        if is_given_up:
            # What was asked for just now will be asked for in the next one.
            self._sessions.ask_last(session.endpoint)
            told = f"{failures} responses in a row have failed"
            is_permanent = failures > len(RETRY_DELAYS_S) + 1
            await session.drop(told, is_permanent=is_permanent)
