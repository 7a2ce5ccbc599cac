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

RETRY_DELAY_S = 0.5
"""Before a response that failed is asked for once more."""


class Mishaps:
    """Acts by an error's severity; a response that failed or was refused gets a second chance."""

    def __init__(self, sessions: Sessions, emit: Emit, background: Background) -> None:
        self._sessions = sessions
        self._emit = emit
        self._background = background
        self._has_retried = False

    def error(self, session: Session, error: ApiError) -> None:
        """An ``error`` event, or the error of a response."""
        if error.severity is Severity.HARMLESS:
            logger.debug("the model refused what was not needed any more: {}", error.message)
            return
        logger.warning("the model reports {}: {}", error.code, error.message)
        if error.severity is Severity.REQUEST:
            self._emit(Problem(source="realtime", code=error.code, message=error.message))
            if error.event_id and error.event_id.startswith(REQUEST_EVENT):
                self._retry_once()
            return
        drop = session.drop(
            f"{error.code}: {error.message}", is_permanent=error.severity is Severity.PERMANENT
        )
        self._background.start(drop, "realtime-drop")

    def response_done(self, session: Session, response: ResponseDone, said: str) -> None:
        """A response ended, well or not; ``said`` is what was said of one that failed."""
        if response.status == "completed":
            self._has_retried = False
        if response.error is None:
            return
        self.error(session, response.error)
        if not response.calls:
            # Calls lead to a response of their own.
            self._retry_once(said)

    def _retry_once(self, said: str = "") -> None:
        if not self._has_retried:
            self._has_retried = True
            self._background.start(self._retry(said), "realtime-retry")

    async def _retry(self, said: str) -> None:
        await asyncio.sleep(RETRY_DELAY_S)
        session = await self._sessions.ready()
        rest = rest_of_reply(session.agent, said)
        session.request_response(rest)
