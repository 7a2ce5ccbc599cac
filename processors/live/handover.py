"""Gives the caller to another agent: a session of its own, since a voice is fixed in one."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from agents.team import Agent, Team
from processors.events.conversation import AgentChanged
from processors.events.event import Emit
from processors.handoff import briefing
from processors.live.agent_voice import AgentVoice
from processors.live.session import LiveSession
from processors.live.sessions import LiveSessions
from processors.realtime.failover import UnavailableError
from processors.realtime.items import Message, new_item_id
from processors.tools import Handoff

ACKNOWLEDGEMENT_S = 0.6
"""What an agent says to a transfer begins this long after the call of the tool, or not at all."""

LAST_WORDS_S = 3.0
"""How long a colleague waits for the end of what the one before is saying."""

TAKE_OVER = (
    "You have just taken the call over from a colleague. Go on with what the caller wants now, "
    "without a greeting and without asking again for what is known."
)


class Handover:
    """Carries transfers out; in silence while ``may_speak`` says that a person has the caller.

    Attributes:
        agent: Who has the caller now.
    """

    def __init__(
        self,
        team: Team,
        sessions: LiveSessions,
        history: list[Message],
        voice: AgentVoice,
        emit: Emit,
        *,
        may_speak: Callable[[], bool],
    ) -> None:
        self.agent: Agent = team.entry
        self._team = team
        self._sessions = sessions
        self._history = history
        self._voice = voice
        self._emit = emit
        self._may_speak = may_speak

    async def carry_out(self, session: LiveSession, handoff: Handoff) -> str | None:
        """Makes the transfer; returns what went wrong, as the backend is told it."""
        target = self._team.agent(handoff.to_agent)
        note = Message(new_item_id(), "system", briefing(session.agent, target, handoff))
        async with self._sessions.changing:
            if session is not self._sessions.current:
                return "The session was lost during the transfer."
            self._history.append(note)
            acknowledged = asyncio.ensure_future(asyncio.sleep(ACKNOWLEDGEMENT_S))
            try:
                successor = await self._sessions.open(target)
            except UnavailableError as error:
                self._history.remove(note)
                return f"The transfer to {target.name} failed: {error}. Go on yourself."
            await acknowledged
            if self._voice.is_speaking:
                with suppress(TimeoutError):
                    async with asyncio.timeout(LAST_WORDS_S):
                        await self._voice.quiet.calm()
            await self._voice.finish()
            self.agent = target
            self._sessions.activate(successor)
        self._emit(
            AgentChanged(
                from_agent=session.agent.name,
                to_agent=target.name,
                voice=target.voice,
                reason=handoff.reason,
                context=handoff.context,
            )
        )
        if self._may_speak():
            successor.tell("commentary", TAKE_OVER)
        return None
