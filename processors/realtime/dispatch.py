"""Hands each event of the sessions to the parts that it concerns."""

from collections.abc import Awaitable, Callable

from pipecat.frames.frames import Frame, UserStartedSpeakingFrame, UserStoppedSpeakingFrame

from processors.events.event import Emit
from processors.handoff import transfer_target
from processors.realtime import server_events
from processors.realtime.agent_speech import AgentSpeech
from processors.realtime.background import Background
from processors.realtime.caller import Caller
from processors.realtime.controls import Controls
from processors.realtime.function_calls import FunctionCalls
from processors.realtime.guarding import Guarding
from processors.realtime.handover import Handover
from processors.realtime.history import History
from processors.realtime.interjections import Interjections
from processors.realtime.interruptions import Interruptions
from processors.realtime.mishaps import Mishaps
from processors.realtime.remote_events import RemoteEvent
from processors.realtime.remote_tools import RemoteToolCalls
from processors.realtime.server_events import ResponseDone, ServerEvent, SpeechStarted
from processors.realtime.session import Session
from processors.realtime.sessions import Sessions
from processors.realtime.upkeep import Upkeep
from processors.realtime.usage import usage_of
from processors.realtime.waiting import Waiting


class Dispatch:
    """Knows which part acts on which event, and in which order; it decides nothing by itself.

    Args:
        server_interrupts: Whether the server cancels a response when the caller speaks.

    Attributes:
        is_ending: The call is over: only what the caller said last is still of interest.
    """

    def __init__(
        self,
        *,
        sessions: Sessions,
        history: History,
        caller: Caller,
        speech: AgentSpeech,
        guarding: Guarding,
        calls: FunctionCalls,
        remote_calls: RemoteToolCalls,
        handover: Handover,
        interruptions: Interruptions,
        interjections: Interjections,
        mishaps: Mishaps,
        controls: Controls,
        upkeep: Upkeep,
        waiting: Waiting,
        emit: Emit,
        background: Background,
        broadcast: Callable[[type[Frame]], Awaitable[None]],
        server_interrupts: bool,
    ) -> None:
        self.is_ending = False
        self._sessions = sessions
        self._history = history
        self._caller = caller
        self._speech = speech
        self._guarding = guarding
        self._calls = calls
        self._remote_calls = remote_calls
        self._handover = handover
        self._interruptions = interruptions
        self._interjections = interjections
        self._mishaps = mishaps
        self._controls = controls
        self._upkeep = upkeep
        self._waiting = waiting
        self._emit = emit
        self._background = background
        self._broadcast = broadcast
        self._server_interrupts = server_interrupts

    async def event(self, session: Session, event: ServerEvent) -> None:
        """Any session's event. One that was replaced may still finish transcripts, or fail."""
        if self.is_ending:
            if isinstance(event, server_events.CallerText):
                await self._caller.said(event)
            return
        is_current = session is self._sessions.current
        match event:
            case server_events.CallerTextDelta(item_id) | server_events.CallerText(item_id) if not (
                is_current or self._caller.is_owed_words(item_id)
            ):
                # The session was replaced, and its successor hears the turn again.
                pass
            case server_events.CallerTextDelta():
                await self._caller.said_more(event)
                await self._interjections.said_more(event)
            case server_events.CallerText():
                await self._caller.said(event)
                await self._interjections.said(event)
                self._controls.keypad.caller_said(event.text)
            case server_events.Refused(error):
                self._mishaps.error(session, error)
            case _ if is_current and not self._interjections.holds(event):
                await self.current(session, event)
        if session is self._sessions.current:
            self._upkeep.note(session, event)
            if self._controls.muting.is_aside:
                self._upkeep.silenced()

    async def current(self, session: Session, event: ServerEvent) -> None:
        """An event of the session that the call is in, now or after it was held."""
        for passed in await self._guarding.passed(session, event):
            await self._act(session, passed)

    async def _act(self, session: Session, event: ServerEvent) -> None:
        match event:
            case server_events.AudioDelta():
                await self._speech.audio(session, event)
            case server_events.AgentTextDelta():
                await self._speech.words(session, event)
            case server_events.AudioDone():
                await self._speech.audio_done(event)
            case server_events.SpeechStarted():
                await self._on_speech_started(session, event)
            case server_events.SpeechStopped():
                self._caller.stopped(event)
                self._interjections.stopped(event)
                self._speech.caller_stopped()
                await self._broadcast(UserStoppedSpeakingFrame)
            case server_events.Committed():
                self._caller.committed(event)
                if not self._controls.muting.is_aside:
                    await self._interjections.committed(session, event)
            case server_events.ItemAdded():
                self._history.added(event)
            case server_events.ItemDeleted(item_id):
                self._history.removed(item_id)
            case server_events.ResponseCreated(response_id):
                self._caller.response_began()
                if session.is_caller_speaking and self._server_interrupts:
                    # Asked for just before the server heard the caller: it had nothing to cancel.
                    await self._interruptions.cut(session)
                    session.cancel_response()
                if self._controls.muting.silences_agent:
                    await self._controls.muting.suppress(session)
                    self._upkeep.silenced()
                await self._speech.begins(response_id)
            case server_events.CallBegun(_, name):
                if target := transfer_target(name):
                    self._handover.prepare(session.agent, target)
            case server_events.CallMade(response_id, call):
                self._calls.made(response_id, call, session.tools, session.agent.name)
            case _ if isinstance(event, RemoteEvent):
                self._remote_calls.note(session, event)
            case server_events.ResponseDone():
                await self._on_response_done(session, event)
            case server_events.Lost():
                self._waiting.session_lost(session)
                said = await self._interjections.session_ended(session)
                self._calls.responses_lost()
                recover = self._sessions.recover(session, event, said)
                self._background.start(recover, "realtime-recover")

    def session_changed(self, session: Session) -> None:
        """The call is in this session from now on."""
        self._interjections.session_changed(session)
        self._guarding.session_changed()
        self._calls.responses_lost()
        self._remote_calls.session_changed(session)
        self._upkeep.session_changed(session)

    async def _on_speech_started(self, session: Session, event: SpeechStarted) -> None:
        self._caller.started(event)
        self._speech.caller_started()
        self._controls.keypad.caller_speaks()
        await self._interjections.started(session, event)
        await self._broadcast(UserStartedSpeakingFrame)

    async def _on_response_done(self, session: Session, response: ResponseDone) -> None:
        said = await self._speech.done(response)
        self._caller.answered()
        self._calls.response_done(response, session.tools, session.agent.name)
        if usage := usage_of(response, session.endpoint.model):
            self._emit(usage)
        self._remote_calls.response_done(session, response)
        self._mishaps.response_done(session, response, said)
