"""Which session a call is in: the first, the next one in good time, another one after a loss."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from loguru import logger
from pipecat.services.openai.live import events

from agents.team import Agent
from processors.events.calls import Problem
from processors.events.conversation import SessionRenewed, SessionState
from processors.events.event import Emit
from processors.live.caller import Caller
from processors.live.session import LiveSession, LiveSessionError
from processors.live.wording import seed
from processors.realtime.audio import AudioFormat
from processors.realtime.background import Background
from processors.realtime.connection import Connect
from processors.realtime.endpoints import Endpoint
from processors.realtime.failover import (
    LOSSES_WINDOW_S,
    MAX_LOSSES,
    OUTAGE_PATIENCE_S,
    Failover,
    UnavailableError,
)
from processors.realtime.items import Message
from processors.tools import Tool

RENEWAL_LEAD_S = 60.0
"""So long before its end a session's successor takes over, at the latest."""

RENEWAL_PATIENCE_S = 30.0
"""How long a renewal waits for a pause."""


class LiveSessions:
    """Opens sessions, each with the conversation so far, and holds the current one.

    Args:
        endpoint: Where they are; ``model`` is the one that talks.
        backend_model: The one that it delegates to.
        pause: Returns when nobody speaks.
        on_event: Takes the current session's events.
        on_lost_call: Told once, with the reason, when there is no session to be had any more.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        backend_model: str,
        session_s: float,
        audio_format: AudioFormat,
        tools: Callable[[Agent], Awaitable[Sequence[Tool]]],
        history: list[Message],
        caller: Caller,
        emit: Emit,
        background: Background,
        pause: Callable[[], Awaitable[None]],
        on_event: Callable[[LiveSession, events.ServerEvent], Awaitable[None]],
        on_lost: Callable[[], None],
        on_replaced: Callable[[LiveSession], None],
        on_unavailable: Callable[[str], Awaitable[None]],
        connect: Connect,
    ) -> None:
        self.current: LiveSession | None = None
        self.changing = asyncio.Lock()
        self._endpoint = endpoint
        self._backend_model = backend_model
        self._session_s = session_s
        self._format = audio_format
        self._tools = tools
        self._history = history
        self._caller = caller
        self._emit = emit
        self._background = background
        self._pause = pause
        self._on_event = on_event
        self._on_lost = on_lost
        self._on_replaced = on_replaced
        self._on_unavailable = on_unavailable
        self._connect = connect
        self._ready = asyncio.Event()
        self._losses: list[float] = []
        self._given_up = False

    @property
    def is_given_up(self) -> bool:
        """Whether there is none to be had any more."""
        return self._given_up

    async def ready(self) -> LiveSession:
        """The current session, once there is one.

        Raises:
            LiveSessionError: There is none to be had any more.
        """
        while True:
            await self._ready.wait()
            if self._given_up:
                raise LiveSessionError("no model can be spoken with")
            if self.current:
                return self.current
            self._ready.clear()

    async def begin(self, agent: Agent) -> LiveSession | None:
        """Opens the first session of the call; None when there is none to be had."""
        self._emit(SessionState(state="connecting"))
        async with self.changing:
            return await self._replace(agent)

    async def open(self, agent: Agent, *, patience_s: float = 0.0) -> LiveSession:
        """A session that knows the conversation, but is not the current one yet.

        Raises:
            UnavailableError: There is none to be had.
        """
        tools = await self._tools(agent)
        # One that was ruled out is asked again the next time: there is no other.
        return await Failover([self._endpoint]).first(
            lambda _endpoint: self._open_once(agent, tools), patience_s=patience_s
        )

    async def start_over(self) -> bool:
        """Changes into a session that knows the conversation, and says nothing by itself.

        Returns:
            Whether the call is in another session now.
        """
        before = self.current
        async with self.changing:
            if before is None or self.current is not before:
                return self.current is not None
            try:
                successor = await self.open(before.agent)
            except UnavailableError as error:
                logger.warning("no session could take another's place: {}", error)
                return False
            if self.current is not before:
                await successor.close()
                return False
            self.activate(successor)
            return True

    def activate(self, session: LiveSession) -> None:
        """Makes ``session`` the current one; the one before ends."""
        previous, self.current = self.current, session
        self._caller.deliver(session)
        self._ready.set()
        self._background.start(self._renew_in_time(session), "live-renewal")
        if previous:
            self._background.start(previous.close(), "live-retire")

    async def close(self) -> None:
        """Ends the session."""
        if self.current:
            await self.current.close()
            self._emit(SessionState(state="closed"))

    async def _replace(self, agent: Agent, *, patience_s: float = 0.0) -> LiveSession | None:
        try:
            session = await self.open(agent, patience_s=patience_s)
        except UnavailableError as error:
            await self._give_up(str(error))
            return None
        self.activate(session)
        self._emit(SessionState(state="ready", detail=self._endpoint.name))
        return session

    async def _open_once(self, agent: Agent, tools: Sequence[Tool]) -> LiveSession:
        connection = await self._connect(self._endpoint)
        session = LiveSession(connection, agent, tools, self._on_event, self._lost)
        try:
            await session.start(
                model=self._endpoint.model,
                backend_model=self._backend_model,
                audio_format=self._format,
                history=seed(self._history),
            )
        except BaseException:
            await session.close()
            raise
        return session

    def _lost(self, session: LiveSession, why: str) -> None:
        if session is self.current:
            self.current = None
            self._on_lost()
            self._background.start(self._recover(session, why), "live-recover")

    async def _recover(self, lost: LiveSession, why: str) -> None:
        async with self.changing:
            if self.current:
                return
            self._ready.clear()
            self._emit(SessionState(state="lost", detail=why))
            await lost.close()
            now = asyncio.get_running_loop().time()
            self._losses = [at for at in self._losses if at > now - LOSSES_WINDOW_S] + [now]
            if len(self._losses) >= MAX_LOSSES:
                await self._give_up(f"{len(self._losses)} sessions were lost in a minute: {why}")
                return
            self._emit(SessionState(state="reconnecting"))
            session = await self._replace(lost.agent, patience_s=OUTAGE_PATIENCE_S)
        if session:
            self._emit(Problem(source="realtime", code="connection_lost", message=why))
            self._on_replaced(session)

    async def _give_up(self, why: str) -> None:
        self._given_up = True
        self._ready.set()
        self._emit(SessionState(state="failed", detail=why))
        self._emit(Problem(source="realtime", code="unavailable", message=why, fatal=True))
        await self._on_unavailable(why)

    async def _renew_in_time(self, session: LiveSession) -> None:
        began = time.time()
        ends_at = min(session.expires_at or began + self._session_s, began + self._session_s)
        life_s = ends_at - began
        await asyncio.sleep(max(0.0, life_s - min(RENEWAL_LEAD_S, life_s / 5)))
        if session is not self.current:
            return
        moment = "pause"
        try:
            async with asyncio.timeout(min(RENEWAL_PATIENCE_S, life_s / 10)):
                await self._pause()
        except TimeoutError:
            moment = "forced"
        async with self.changing:
            if session is not self.current:
                return
            try:
                successor = await self.open(session.agent)
            except UnavailableError as error:
                # It may still be had when this one has ended.
                logger.warning("a session could not be renewed: {}", error)
                return
            self.activate(successor)
        self._emit(
            SessionRenewed(
                endpoint=self._endpoint.name,
                age_s=round(time.time() - began, 1),
                moment="pause" if moment == "pause" else "forced",
            )
        )
