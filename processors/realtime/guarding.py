"""Keeps from the caller what an agent must not say."""

from collections import deque
from collections.abc import Iterable, Sequence

from agents.team import Agent
from processors.events.conversation import GuardrailTripped
from processors.events.event import Emit
from processors.guardrails import MOST_TRIES, GuardedWords, Trip, flagged
from processors.moderation import Moderation, Sentences
from processors.playback import Playback
from processors.realtime.agent_speech import REMEMBERED_RESPONSES, AgentSpeech
from processors.realtime.background import Background
from processors.realtime.coaching import Coaching
from processors.realtime.interjections import Interjections
from processors.realtime.responses import ResponseRequest
from processors.realtime.server_events import (
    AgentTextDelta,
    AudioDelta,
    AudioDone,
    Committed,
    ResponseDone,
    ServerEvent,
)
from processors.realtime.session import Session
from processors.realtime.sessions import Sessions
from processors.realtime.wording import spoken_line

_Speech = AgentTextDelta | AudioDelta | AudioDone


class _Reply:
    """One message as it is made, and what of it waits for the next words."""

    def __init__(self, event: _Speech, agent: Agent) -> None:
        self.response_id = event.response_id
        self.item_id = event.item_id
        self.agent = agent.name
        self.words = GuardedWords(agent.guardrails)
        self.sentences = Sentences()
        self.held: list[ServerEvent] = []


class Guarding:
    """Lets an agent's speech pass as soon as it is known to be harmless.

    Words come ahead of their audio. While the last of them may be the beginning of something
    forbidden, they and all audio behind them wait for the next words, which takes no time that
    anybody hears: the model speaks faster than it is listened to. What is forbidden is never passed
    on; the model is stopped, told why, and something else is said.

    A moderation model, where there is one, is asked about each sentence meanwhile. It may come too
    late for the first words of one.
    """

    def __init__(
        self,
        sessions: Sessions,
        coaching: Coaching,
        interjections: Interjections,
        speech: AgentSpeech,
        playback: Playback,
        emit: Emit,
        background: Background,
        *,
        moderation: Moderation | None,
    ) -> None:
        self._sessions = sessions
        self._coaching = coaching
        self._interjections = interjections
        self._speech = speech
        self._playback = playback
        self._emit = emit
        self._background = background
        self._moderation = moderation
        self._reply: _Reply | None = None
        self._stopped: deque[str] = deque(maxlen=REMEMBERED_RESPONSES)
        self._tries = 0

    async def passed(self, session: Session, event: ServerEvent) -> Sequence[ServerEvent]:
        """What may happen now that ``event`` has come: it, what waited for it, or nothing."""
        match event:
            case AgentTextDelta() | AudioDelta() | AudioDone():
                if event.response_id in self._stopped:
                    return ()
                if self._moderation or session.agent.guardrails:
                    return await self._speech_came(session, event)
            case ResponseDone(response_id):
                if self._reply and self._reply.response_id == response_id:
                    return [*await self._end(session, self._reply), event]
            case Committed():
                self._tries = 0
        return (event,)

    def session_changed(self) -> None:
        """The call goes on in another session: what waits here is not in the conversation."""
        self._reply = None

    async def _speech_came(self, session: Session, event: _Speech) -> Sequence[ServerEvent]:
        reply, before = self._reply, []
        if reply is None or reply.item_id != event.item_id:
            before = await self._end(session, reply) if reply else []
            if event.response_id in self._stopped:
                return ()
            reply = self._reply = _Reply(event, session.agent)
        reply.held.append(event)
        if isinstance(event, AgentTextDelta):
            if trip := reply.words.add(event.delta):
                await self._stop(session, reply, trip)
                return before
            self._moderate(session, reply, reply.sentences.add(event.delta))
        return before if reply.words.is_open else [*before, *_taken(reply)]

    async def _end(self, session: Session, reply: _Reply) -> list[ServerEvent]:
        """There are no more words of a message: what waited is let go."""
        self._reply = None
        if trip := reply.words.end():
            await self._stop(session, reply, trip)
            return []
        self._moderate(session, reply, reply.sentences.end())
        return _taken(reply)

    def _moderate(self, session: Session, reply: _Reply, sentences: Iterable[str]) -> None:
        if moderation := self._moderation:
            for sentence in sentences:
                asking = self._ask(moderation, session, reply, sentence)
                self._background.start(asking, "realtime-moderation")

    async def _ask(
        self, moderation: Moderation, session: Session, reply: _Reply, sentence: str
    ) -> None:
        flags = await moderation.flags(sentence)
        if not flags or reply.response_id in self._stopped or session.is_lost:
            return
        trip = flagged(sentence, flags)
        if session is self._sessions.current and self._is_unheard(reply):
            await self._stop(session, reply, trip)
        else:
            self._stopped.append(reply.response_id)
            self._report(reply, trip)

    def _is_unheard(self, reply: _Reply) -> bool:
        return reply is self._reply or self._speech.is_saying(reply.item_id)

    async def _stop(self, session: Session, reply: _Reply, trip: Trip) -> None:
        """What is forbidden is dropped, with all that waits to be heard; the model starts anew."""
        if self._reply is reply:
            self._reply = None
        self._stopped.append(reply.response_id)
        self._tries += 1
        heard_ms = self._playback.heard_ms(reply.item_id)
        note_id = self._report(reply, trip)
        await self._interjections.silence(reply.response_id)
        session.cancel_response()
        if not heard_ms:
            session.delete_item(reply.item_id)
        if self._tries <= MOST_TRIES:
            self._ask_instead(session, trip, note_id)

    def _report(self, reply: _Reply, trip: Trip) -> str:
        """Tells everybody; the id of the item by which the agent is told."""
        self._emit(
            GuardrailTripped(
                guardrail=trip.guardrail,
                source=trip.source,
                agent=reply.agent,
                item_id=reply.item_id,
                words=trip.words,
                heard_ms=self._playback.heard_ms(reply.item_id),
                instead=trip.line(self._tries) or "",
            )
        )
        return self._coaching.tell(trip.told, respond=False)

    def _ask_instead(self, session: Session, trip: Trip, note_id: str) -> None:
        line = trip.line(self._tries)
        session.request_response(
            spoken_line(line, is_exact=True) if line else ResponseRequest(about=[note_id])
        )
        if trip.then and trip.then in session.tools:
            choice = {"type": "function", "name": trip.then}
            session.request_response(ResponseRequest({"tool_choice": choice}, is_exact=True))


def _taken(reply: _Reply) -> list[ServerEvent]:
    held, reply.held = reply.held, []
    return held
