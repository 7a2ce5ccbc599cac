"""Says what an event of a session of the Live API leads to."""

from loguru import logger
from pipecat.services.openai.live import events

from processors.events.calls import Problem
from processors.events.event import Emit
from processors.events.figures import Usage
from processors.live.caller import Caller
from processors.live.delegated_work import DelegatedWork
from processors.live.guarding import LiveGuarding
from processors.live.muting import Muting
from processors.live.session import LiveSession
from processors.live.sessions import LiveSessions


class Dispatch:
    """Hands events on; those of a session that has been replaced are billed, and no more."""

    def __init__(
        self,
        sessions: LiveSessions,
        caller: Caller,
        guarding: LiveGuarding,
        muting: Muting,
        work: DelegatedWork,
        emit: Emit,
        *,
        model: str,
    ) -> None:
        self._sessions = sessions
        self._caller = caller
        self._guarding = guarding
        self._muting = muting
        self._work = work
        self._emit = emit
        self._model = model

    async def event(self, session: LiveSession, event: events.ServerEvent) -> None:
        """What a session reports."""
        if isinstance(event, events.SessionUsageUpdatedEvent | events.SessionClosedEvent):
            self._bill(session, event.usage)
            return
        if session is not self._sessions.current:
            return
        match event:
            case events.OutputAudioDeltaEvent():
                await self._guarding.audio(session.agent, event.delta)
            case events.TranscriptDeltaEvent(role="user"):
                if event.delta and not self._muting.is_muted("caller"):
                    await self._caller.words(event.delta)
            case events.TranscriptDeltaEvent():
                if event.delta:
                    await self._guarding.words(session.agent, event.delta)
            case events.ResponseEventEnvelope():
                self._work.take(session, event)
            case events.ErrorEvent(error=error):
                logger.warning("the model reports {}: {}", error.code, error.message)
                code, message = error.code or error.type or "error", error.message or ""
                self._emit(Problem(source="realtime", code=code, message=message))
            case _:
                pass

    def _bill(self, session: LiveSession, usage: events.Usage | None) -> None:
        """The live model costs by time; its figure is that of the whole session so far."""
        seconds = (usage.seconds if usage else None) or 0.0
        if seconds > session.billed_s:
            since, session.billed_s = session.billed_s, seconds
            self._emit(Usage(response_id=session.id, model=self._model, audio_s=seconds - since))
