"""Which session a call is in, and how it gets from one into another."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence

from loguru import logger

from agents.team import Agent
from processors.events import Emit, Problem, SessionState
from processors.realtime.audio import AudioFormat
from processors.realtime.background import Background
from processors.realtime.caller import Caller
from processors.realtime.connection import Connect, ConnectError
from processors.realtime.endpoints import Endpoint
from processors.realtime.history import History
from processors.realtime.options import SessionOptions
from processors.realtime.responses import ResponseRequest
from processors.realtime.server_events import Lost
from processors.realtime.session import OnEvent, Session, SessionError
from processors.tools import Tool

ATTEMPTS = 3
FIRST_DELAY_S = 0.25
"""Before the second attempt; it doubles with each, and up to as much again is added by chance."""

TRANSCRIPTS_AFTER_RETIREMENT_S = 3.0
"""How long a session that was replaced may finish the transcripts of what it heard."""


LOSSES_WINDOW_S = 60.0
MAX_LOSSES = 6
"""Sessions that may be lost within the window before the call is given up."""


class UnavailableError(Exception):
    """No endpoint serves us. The message says why, for each."""


class Sessions:
    """Opens sessions, holds the current one and replaces it when it is lost.

    Attributes:
        changing: Held while the current session is being replaced.
    """

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        options: SessionOptions,
        audio_format: AudioFormat,
        *,
        tools: Callable[[Agent], Awaitable[Sequence[Tool]]],
        history: History,
        caller: Caller,
        emit: Emit,
        background: Background,
        on_event: OnEvent,
        on_current: Callable[[Session], None],
        on_unavailable: Callable[[str], Awaitable[None]],
        connect: Connect,
    ) -> None:
        if not endpoints:
            raise ValueError("a Realtime service needs at least one endpoint")
        self.changing = asyncio.Lock()
        self._usable = list(endpoints)
        self._options = options
        self._format = audio_format
        self._tools = tools
        self._history = history
        self._caller = caller
        self._emit = emit
        self._background = background
        self._on_event = on_event
        self._on_current = on_current
        self._on_unavailable = on_unavailable
        self._connect = connect
        self._current: Session | None = None
        self._all: set[Session] = set()
        self._ready = asyncio.Event()
        self._losses: list[float] = []

    @property
    def current(self) -> Session | None:
        """The session that the call is in; None before the first one."""
        return self._current

    @property
    def working(self) -> Session:
        """The current session; raises `SessionError` while there is none that works."""
        if self._current is None or self._current.is_lost:
            raise SessionError("there is no connection to the model at the moment")
        return self._current

    async def ready(self) -> Session:
        """The current session, once there is one that works."""
        while True:
            await self._ready.wait()
            if self._current and not self._current.is_lost:
                return self._current
            self._ready.clear()

    async def begin(self, agent: Agent) -> Session | None:
        """Opens the first session of the call; None when there is none to be had."""
        self._emit(SessionState(state="connecting"))
        async with self.changing:
            return await self._open_and_activate(agent)

    async def open(self, agent: Agent) -> Session:
        """A configured session for ``agent``, without any items yet.

        Raises:
            UnavailableError: After `ATTEMPTS` rounds over the endpoints that may still work.
        """
        problems: list[str] = []
        for attempt in range(ATTEMPTS):
            if attempt:
                delay = FIRST_DELAY_S * 2 ** (attempt - 1)
                await asyncio.sleep(delay * (1 + random.random()))
            for endpoint in list(self._usable):
                try:
                    return await self._open_at(endpoint, agent)
                except (ConnectError, SessionError) as error:
                    logger.warning("no session at {}: {}", endpoint.name, error)
                    problems.append(str(error))
                    self._usable.remove(endpoint)
                    if not error.is_permanent:
                        # The others first, from now on: trying it again may take long each time.
                        self._usable.append(endpoint)
            if not self._usable:
                break
        raise UnavailableError("; ".join(dict.fromkeys(problems)) or "every endpoint refused")

    def activate(self, session: Session) -> None:
        """Makes ``session`` the current one: it gets the history and what it has to hear.

        The one before keeps running for the transcripts that it owes, and is closed then.
        """
        previous, self._current = self._current, session
        session.catch_up(self._history.seed())
        start_ms, payloads = self._caller.audio.since(self._caller.replay_from_ms)
        if self._caller.has_open_turn:
            session.expect_speech()
        self._caller.session_begins(start_ms)
        for payload in payloads:
            session.append_audio(payload)
        self._ready.set()
        self._on_current(session)
        if previous:
            self._background.start(self._retire(previous), "realtime-retire")
        if session.loss:
            # It was lost before anybody would have noticed.
            self._background.start(self.recover(session, session.loss), "realtime-recover")

    async def discard(self, session: Session) -> None:
        """Closes a session."""
        self._all.discard(session)
        await session.close()

    async def recover(self, lost: Session, event: Lost) -> None:
        """Replaces the current session after its loss, as the caller left it.

        Each outage is one `Problem` in the end: fatal when no session could be had.
        """
        async with self.changing:
            if self._current is not lost:
                return
            self._emit(SessionState(state="lost", detail=event.reason))
            if event.is_permanent and lost.endpoint in self._usable:
                self._usable.remove(lost.endpoint)
            self._caller.session_lost()
            is_heard_again = self._caller.has_open_turn
            self._emit(SessionState(state="reconnecting"))
            await self._rest()
            session = await self._open_and_activate(lost.agent)
            if session is None:
                return
            self._emit(Problem(source="realtime", code="connection_lost", message=event.reason))
            if lost.owes_answer and not is_heard_again:
                session.request_response(ResponseRequest())

    async def close(self) -> None:
        """Closes every session."""
        sessions, self._all = self._all, set()
        await asyncio.gather(*(session.close() for session in sessions))
        if self._current:
            self._emit(SessionState(state="closed"))

    async def _open_and_activate(self, agent: Agent) -> Session | None:
        try:
            session = await self.open(agent)
        except UnavailableError as error:
            self._emit(SessionState(state="failed", detail=str(error)))
            self._emit(
                Problem(source="realtime", code="unavailable", message=str(error), fatal=True)
            )
            await self._on_unavailable(str(error))
            return None
        self.activate(session)
        self._emit(SessionState(state="ready", detail=session.endpoint.name))
        return session

    async def _rest(self) -> None:
        """Keeps a server that drops sessions as fast as it opens them from being hammered."""
        now = asyncio.get_running_loop().time()
        self._losses = [at for at in self._losses if now - at < LOSSES_WINDOW_S]
        if self._losses:
            await asyncio.sleep(FIRST_DELAY_S * 2 ** len(self._losses) * (1 + random.random()))
        self._losses.append(now)
        if len(self._losses) > MAX_LOSSES:
            self._usable.clear()

    async def _open_at(self, endpoint: Endpoint, agent: Agent) -> Session:
        listing = asyncio.ensure_future(self._tools(agent))
        try:
            connection = await self._connect(endpoint)
        except BaseException:
            listing.cancel()
            raise
        session = Session(
            connection,
            endpoint,
            agent,
            self._on_event,
            answers_turns=self._options.turn_detection.create_response,
        )
        self._all.add(session)
        try:
            tools = await listing
            await session.configure(self._options.session(agent, tools, self._format), tools)
        except BaseException:
            listing.cancel()
            await self.discard(session)
            raise
        return session

    async def _retire(self, session: Session) -> None:
        if not session.is_lost:
            await self._caller.transcribed(TRANSCRIPTS_AFTER_RETIREMENT_S)
        await self.discard(session)
