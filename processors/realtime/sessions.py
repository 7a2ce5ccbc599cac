"""Which session a call is in, and how it gets from one into another."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal

from agents.team import Agent
from processors.events.calls import Problem
from processors.events.conversation import SessionState
from processors.events.event import Emit
from processors.playback import Heard
from processors.realtime.audio import AudioFormat
from processors.realtime.background import Background
from processors.realtime.caller import Caller
from processors.realtime.connection import Connect
from processors.realtime.endpoints import Endpoint
from processors.realtime.failover import OUTAGE_PATIENCE_S, Failover, UnavailableError
from processors.realtime.history import History
from processors.realtime.items import to_wire
from processors.realtime.options import SessionOptions
from processors.realtime.server_events import Lost
from processors.realtime.session import OnEvent, Session, SessionError
from processors.realtime.wording import rest_of_reply
from processors.tools import Tool

TRANSCRIPTS_AFTER_RETIREMENT_S = 3.0
"""How long a session that was replaced may finish the transcripts of what it heard."""


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
        self._failover = Failover(endpoints)
        self._options = options
        self._answers_turns = True
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
        self._is_awaited = False
        self._all: set[Session] = set()
        self._spares: set[Session] = set()
        self._ready = asyncio.Event()
        self._is_given_up = False

    @property
    def current(self) -> Session | None:
        """The session that the call is in; None before the first one."""
        return self._current

    @property
    def is_given_up(self) -> bool:
        """Whether no endpoint serves the call any more."""
        return self._is_given_up

    @property
    def working(self) -> Session:
        """The current session; raises `SessionError` while there is none that works."""
        if self._current is None or self._current.is_lost:
            raise SessionError("there is no connection to the model at the moment")
        return self._current

    async def ready(self) -> Session:
        """The current session, once there is one that works.

        Raises:
            SessionError: No endpoint serves the call.
        """
        while True:
            await self._ready.wait()
            if self._is_given_up:
                raise SessionError("no model can be spoken with")
            if self._current and not self._current.is_lost:
                return self._current
            self._ready.clear()

    async def begin(self, agent: Agent) -> Session | None:
        """Opens the first session of the call; None when there is none to be had."""
        self._await("connecting")
        async with self.changing:
            return await self._open_and_activate(agent)

    async def open(self, agent: Agent, *, patience_s: float = 0.0) -> Session:
        """A configured session for ``agent``, without any items yet.

        Raises:
            UnavailableError: There is none to be had: see `Failover.first`.
        """
        session = await self._failover.first(
            lambda endpoint: self._open_at(endpoint, agent), patience_s=patience_s
        )
        self._spares.add(session)
        return session

    def activate(self, session: Session) -> None:
        """Makes ``session`` the current one: it gets the history and what it has to hear.

        The one before keeps running for the transcripts that it owes, and is closed then.
        """
        previous, self._current = self._current, session
        self._spares.discard(session)
        session.detect_turns(self._options_now.turn_detection)
        session.catch_up(self._history.seed())
        start_ms, payloads = self._caller.audio.since(self._caller.replay_from_ms)
        if self._caller.has_open_turn or (previous and previous.is_caller_speaking):
            session.expect_speech()
        self._caller.session_begins(start_ms)
        for payload in payloads:
            session.append_audio(payload)
        self._is_given_up = False
        self._ready.set()
        self._on_current(session)
        if self._is_awaited:
            self._is_awaited = False
            self._emit(SessionState(state="ready", detail=session.endpoint.name))
        if previous:
            self._background.start(self._retire(previous), "realtime-retire")
        if session.loss:
            # It was lost before anybody would have noticed.
            self._background.start(self.recover(session, session.loss), "realtime-recover")

    def answer_turns(self, answers: bool) -> None:
        """Whether sessions, this one and those to come, answer the caller's turns by themselves.

        With True they do as their options say.
        """
        self._answers_turns = answers
        if self._current:
            self._current.detect_turns(self._options_now.turn_detection)

    async def reopen(self, agent: Agent) -> Session | None:
        """A session after the call was given up, at any endpoint, also one that had refused."""
        self._failover.forgive()
        try:
            return await self.open(agent)
        except UnavailableError:
            return None

    def ask_last(self, endpoint: Endpoint) -> None:
        """Its sessions are of no use: the next one is sought at the others first."""
        self._failover.ask_last(endpoint)

    async def discard(self, session: Session) -> None:
        """Closes a session."""
        self._all.discard(session)
        self._spares.discard(session)
        await session.close()

    def was_cut(self, spoken_in: Session, heard: Heard) -> None:
        """An item was heard in part: the model has to know, also one in a session since then."""
        current = self._current
        if current is None or current is spoken_in:
            spoken_in.truncate(heard.item_id, heard.content_index, heard.heard_ms)
        elif not current.is_lost and (item := self._history.renamed(heard.item_id)):
            current.replace_item(heard.item_id, to_wire(item))

    async def recover(self, lost: Session, event: Lost, said: str = "") -> None:
        """Replaces the current session after its loss, as the caller left it.

        A successor that is open already is taken at once. Each outage is one `Problem` in the end,
        unless no session could be had.

        Args:
            lost: The session.
            event: How it was lost.
            said: What the caller hears of the reply that ended with it; empty without one.
        """
        async with self.changing:
            if self._current is not lost:
                return
            self._emit(SessionState(state="lost", detail=event.reason))
            if event.is_permanent:
                self._failover.rule_out(lost.endpoint)
            self._caller.session_ended()
            is_heard_again = self._caller.has_open_turn or lost.is_caller_speaking
            self._await("reconnecting")
        # Meanwhile a transfer may change into the session that was opened for it.
        try:
            session = await self._successor(lost.agent)
        except UnavailableError as error:
            if self._current is lost:
                await self._give_up(error)
            return
        async with self.changing:
            if self._current is not lost:
                await self.discard(session)
            else:
                self.activate(session)
                if lost.owes_answer and not is_heard_again:
                    session.request_response(rest_of_reply(session.agent, said))
        self._emit(Problem(source="realtime", code="connection_lost", message=event.reason))

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
            await self._give_up(error)
            return None
        self.activate(session)
        return session

    @property
    def _options_now(self) -> SessionOptions:
        return self._options if self._answers_turns else self._options.without_turns()

    def _await(self, state: Literal["connecting", "reconnecting"]) -> None:
        """There is no session; whichever comes next is announced, also one for another agent."""
        self._is_awaited = True
        self._emit(SessionState(state=state))

    async def _give_up(self, error: UnavailableError) -> None:
        self._is_given_up = True
        self._ready.set()
        await self._on_unavailable(str(error))

    async def _successor(self, agent: Agent) -> Session:
        """A session that was opened for the agent and is not used yet, or a new one."""
        for spare in self._spares:
            if spare.agent is agent and not spare.is_lost:
                return spare
        await self._failover.lost()
        return await self.open(agent, patience_s=OUTAGE_PATIENCE_S)

    async def _open_at(self, endpoint: Endpoint, agent: Agent) -> Session:
        listing = asyncio.ensure_future(self._tools(agent))
        try:
            connection = await self._connect(endpoint)
        except BaseException:
            listing.cancel()
            raise
        options = self._options_now
        session = Session(
            connection,
            endpoint,
            agent,
            self._on_event,
            turn_detection=options.turn_detection,
        )
        self._all.add(session)
        try:
            tools = await listing
            await session.configure(options.session(agent, tools, self._format), tools)
        except BaseException:
            listing.cancel()
            await self.discard(session)
            raise
        return session

    async def _retire(self, session: Session) -> None:
        if not session.is_lost:
            await self._caller.transcribed(TRANSCRIPTS_AFTER_RETIREMENT_S)
        await self.discard(session)
