"""Replaces a session before it ends, so that nobody in the call notices (make before break)."""

import asyncio
import time
from dataclasses import dataclass
from typing import Literal, Self

from loguru import logger

from processors.events.conversation import SessionRenewed
from processors.events.event import Emit
from processors.realtime.background import Background
from processors.realtime.caller import Caller
from processors.realtime.failover import UnavailableError
from processors.realtime.floor import Floor
from processors.realtime.interjections import Interjections
from processors.realtime.session import Session
from processors.realtime.sessions import Sessions
from processors.realtime.wording import rest_of_reply

SEEK_S, SEEK_SHARE = 180.0, 0.3
"""So long before a session's end its successor is opened and a pause looked for, but not for more
than this share of the session's life."""

FORCE_S, FORCE_SHARE = 60.0, 0.1
"""So long before its end a session is replaced, whatever goes on; limited in the same way."""

RETRY_S = 10.0
"""Until the next attempt, when no endpoint would open a successor."""

Moment = Literal["pause", "caller_turn", "forced"]


@dataclass(frozen=True, slots=True)
class _Plan:
    """When a session is replaced, in the event loop's time.

    Attributes:
        seek_at: From here on in a pause.
        relax_at: From here on also while the caller has the floor.
        force_at: From here on at any time but while a reply is being made.
        last_at: From here on at any time at all.
    """

    began_at: float
    seek_at: float
    relax_at: float
    force_at: float
    last_at: float

    @classmethod
    def of(cls, began_at: float, life_s: float) -> Self:
        end_at = began_at + life_s
        seek_at = end_at - min(SEEK_S, life_s * SEEK_SHARE)
        force_at = end_at - min(FORCE_S, life_s * FORCE_SHARE)
        return cls(began_at, seek_at, (seek_at + force_at) / 2, force_at, (force_at + end_at) / 2)


class Renewal:
    """Watches the age of the session that the call is in.

    A successor is opened ahead and takes over in a pause: nobody speaks, nobody is owed an answer,
    no tool runs, and the words of all turns are known. In a call without pauses it takes over, in
    the second half of the time that there is for it, while the caller alone has the floor: it
    hears their turn from its beginning, and answers it. In the end it takes over whatever goes on:
    what was not answered is heard again by the successor, and only a reply that is being made is
    waited for, since that takes seconds.
    """

    def __init__(
        self,
        sessions: Sessions,
        floor: Floor,
        caller: Caller,
        interjections: Interjections,
        emit: Emit,
        background: Background,
        *,
        session_s: float,
    ) -> None:
        self._sessions = sessions
        self._floor = floor
        self._caller = caller
        self._interjections = interjections
        self._emit = emit
        self._background = background
        self._session_s = session_s
        self._watching: asyncio.Task[None] | None = None

    def watch(self, session: Session) -> None:
        """The call is in this session from now on, and no longer in the one before."""
        if self._watching and self._watching is not asyncio.current_task():
            self._watching.cancel()
        self._watching = self._background.start(self._watch(session), "realtime-renew")

    async def _watch(self, session: Session) -> None:
        plan = _Plan.of(_now(), self._life_s(session))
        await asyncio.sleep(plan.seek_at - plan.began_at)
        while self._sessions.current is session and not session.is_lost:
            try:
                successor = await self._sessions.open(session.agent)
            except UnavailableError as error:
                logger.warning("a session could not be renewed yet: {}", error)
                await asyncio.sleep(RETRY_S)
                continue
            try:
                await self._replace(session, successor, plan)
            finally:
                if self._sessions.current is not successor:
                    await self._sessions.discard(successor)

    def _life_s(self, session: Session) -> float:
        if session.expires_at is None:
            return self._session_s
        left_s = session.expires_at - time.time()
        if left_s <= 0:
            logger.warning("{}'s sessions end in the past: check the clock", session.endpoint.name)
            return self._session_s
        return min(self._session_s, left_s)

    async def _replace(self, session: Session, successor: Session, plan: _Plan) -> None:
        """Waits for the moment, and uses it unless one of the two is of no use any more."""
        moment: Moment | None = None
        while moment is None:
            await self._floor.until(
                lambda: self._is_off(session, successor) or bool(self._moment(session, plan))
            )
            async with self._sessions.changing:
                if self._is_off(session, successor):
                    return
                # Things may have changed while somebody else was changing the session.
                moment = self._moment(session, plan)
                if moment == "forced":
                    await self._take_over(session, successor)
                elif moment:
                    self._sessions.activate(successor)
        age_s = round(_now() - plan.began_at, 1)
        endpoint = successor.endpoint.name
        self._emit(SessionRenewed(endpoint=endpoint, age_s=age_s, moment=moment))

    def _is_off(self, session: Session, successor: Session) -> bool:
        return (
            self._sessions.current is not session
            or session.is_lost
            or successor.is_lost
            # Another agent with the same voice has taken the session over.
            or successor.agent is not session.agent
        )

    def _moment(self, session: Session, plan: _Plan) -> Moment | None:
        now = _now()
        if not self._caller.has_unknown_words:
            if self._floor.is_silent:
                return "pause"
            if now >= plan.relax_at and self._floor.is_callers and not self._floor.is_agents:
                return "caller_turn"
        if now >= plan.last_at or (now >= plan.force_at and session.active_response is None):
            return "forced"
        return None

    async def _take_over(self, session: Session, successor: Session) -> None:
        """As after a loss: what is owed to the caller is owed by the successor."""
        is_owed = session.owes_answer
        said = await self._interjections.session_ended(session)
        session.cancel_response()
        self._caller.session_ended()
        is_heard_again = self._caller.has_open_turn
        self._sessions.activate(successor)
        if is_owed and not is_heard_again:
            successor.request_response(rest_of_reply(successor.agent, said))


def _now() -> float:
    return asyncio.get_running_loop().time()
