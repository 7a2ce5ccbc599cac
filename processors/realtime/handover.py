"""Gives the caller to another agent, in the same session or, for another voice, in the next."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from loguru import logger

from agents.team import Agent, Team
from processors.events.conversation import AgentChanged
from processors.events.event import Emit
from processors.handoff import briefing
from processors.realtime.agent_speech import AgentSpeech
from processors.realtime.caller import Caller
from processors.realtime.failover import UnavailableError
from processors.realtime.history import History
from processors.realtime.items import Item, to_wire
from processors.realtime.options import persona
from processors.realtime.responses import ResponseRequest
from processors.realtime.server_events import FunctionCall
from processors.realtime.session import Session, SessionError
from processors.realtime.sessions import Sessions
from processors.realtime.wording import last_word
from processors.tools import Handoff, Tool

TRANSCRIPT_TIMEOUT_S = 1.0
"""The next agent is to know what the caller said last, but the caller is not to wait for it."""


class Handover:
    """Carries transfers out. One at a time."""

    def __init__(
        self,
        team: Team,
        sessions: Sessions,
        history: History,
        caller: Caller,
        speech: AgentSpeech,
        *,
        tools: Callable[[Agent], Awaitable[Sequence[Tool]]],
        emit: Emit,
    ) -> None:
        self._team = team
        self._sessions = sessions
        self._history = history
        self._caller = caller
        self._speech = speech
        self._tools = tools
        self._emit = emit
        self._prepared: tuple[Agent, asyncio.Task[Session]] | None = None
        self._prepared_in: Session | None = None

    def prepare(self, from_agent: Agent, target: str) -> None:
        """The model begins a transfer: a session for another voice opens while it still speaks."""
        try:
            agent = self._team.agent(target)
        except KeyError:
            return
        if agent.voice == from_agent.voice or self._prepared:
            return
        opening = asyncio.create_task(self._sessions.open(agent), name=f"realtime-open-{target}")
        self._prepared = (agent, opening)
        self._prepared_in = self._sessions.current

    async def carry_out(
        self, call: FunctionCall, handoff: Handoff, *, must_speak: bool = False
    ) -> None:
        """Makes the transfer; when that fails the agent is told and goes on with the caller.

        With ``must_speak`` whoever has the caller then may not call a tool before they have spoken.
        """
        agent = self._team.agent(handoff.to_agent)
        session = self._sessions.current
        if session is None or not self._is_prepared(agent):
            session = await self._sessions.ready()
        from_agent = session.agent
        note = briefing(from_agent, agent, handoff)
        try:
            if agent.voice == from_agent.voice:
                session, about = await self._stay(session, agent, call, handoff, note)
            else:
                session, about = await self._change(agent, call, handoff, note), []
        except (SessionError, UnavailableError) as error:
            logger.warning("the transfer to {} failed: {}", agent.name, error)
            session, about = await self._fail(call, agent, error)
        else:
            self._emit(
                AgentChanged(
                    from_agent=from_agent.name,
                    to_agent=agent.name,
                    voice=agent.voice,
                    reason=handoff.reason,
                    context=handoff.context,
                )
            )
        session.request_response(
            last_word(session.agent, about) if must_speak else ResponseRequest(about=about)
        )

    async def close(self) -> None:
        """Closes what was prepared and not used."""
        prepared, self._prepared = self._prepared, None
        if prepared is None:
            return
        prepared[1].cancel()
        outcome = (await asyncio.gather(prepared[1], return_exceptions=True))[0]
        if isinstance(outcome, Session):
            await self._sessions.discard(outcome)

    def _is_prepared(self, agent: Agent) -> bool:
        """Whether a session for the agent is open: the one before is not needed any more."""
        if self._prepared is None or self._prepared[0] is not agent or not self._prepared[1].done():
            return False
        opening = self._prepared[1]
        return not opening.cancelled() and not opening.exception() and not opening.result().is_lost

    async def _stay(
        self, session: Session, agent: Agent, call: FunctionCall, handoff: Handoff, note: str
    ) -> tuple[Session, list[str]]:
        tools = await self._tools(agent)
        await session.configure(persona(agent, tools), tools)
        session.agent = agent
        return session, self._tell(session, call, handoff, note)

    async def _change(
        self, agent: Agent, call: FunctionCall, handoff: Handoff, note: str
    ) -> Session:
        successor = await self._successor(agent)
        await self._caller.transcribed(TRANSCRIPT_TIMEOUT_S)
        async with self._sessions.changing:
            if successor.is_lost:
                raise SessionError("the next agent's connection was lost")
            if (previous := self._sessions.current) and not previous.is_lost:
                # Whatever the agent who has just said goodbye still begins is not for the caller.
                await self._speech.abandon(previous.active_response)
                previous.cancel_response()
            self._history.drop_notes()
            self._history.answered(call.call_id, handoff.output)
            self._history.wrote("system", note, is_note=True)
            self._sessions.activate(successor)
        return successor

    async def _successor(self, agent: Agent) -> Session:
        """The session that was prepared, if it is for this agent and still works, or a new one.

        In an outage there is none to be had; when it is over there is.
        """
        opening: asyncio.Task[Session] | None = None
        current = self._sessions.current
        if self._prepared and self._prepared[0] is agent:
            opening, current = self._prepared[1], self._prepared_in
            self._prepared = None
        await self.close()
        while True:
            try:
                session = await (opening or self._sessions.open(agent))
            except UnavailableError:
                if self._sessions.current is current and not (current and current.is_lost):
                    raise
                current = await self._sessions.ready()
            else:
                if opening is None or not session.is_lost:
                    return session
            opening = None

    def _tell(self, session: Session, call: FunctionCall, handoff: Handoff, note: str) -> list[str]:
        self._history.drop_notes()
        items: list[Item] = [
            self._history.answered(call.call_id, handoff.output),
            self._history.wrote("system", note, is_note=True),
        ]
        session.catch_up(wire for item in items if (wire := to_wire(item)))
        return [item.id for item in items]

    async def _fail(
        self, call: FunctionCall, agent: Agent, error: Exception
    ) -> tuple[Session, list[str]]:
        output = self._history.answered(
            call.call_id, f"The transfer to {agent.name} failed: {error}. Go on yourself."
        )
        session = await self._sessions.ready()
        if wire := to_wire(output):
            session.catch_up([wire])
        return session, [output.id]
