"""Puts the parts of a call's Realtime side together and hands each event to the one it concerns."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from pipecat.frames.frames import Frame, UserStartedSpeakingFrame, UserStoppedSpeakingFrame

from agents.team import Agent, Team
from processors.events import AgentChanged, Emit
from processors.handoff import transfer_target
from processors.playback import Playback
from processors.realtime import server_events
from processors.realtime.agent_speech import AgentSpeech
from processors.realtime.audio import format_for
from processors.realtime.background import Background
from processors.realtime.caller import Caller
from processors.realtime.caller_audio import CallerAudio
from processors.realtime.connection import Connect
from processors.realtime.consultation import Consultation
from processors.realtime.ending import Ending
from processors.realtime.endpoints import Endpoint
from processors.realtime.function_calls import FunctionCalls, ToolRunner
from processors.realtime.handover import Handover
from processors.realtime.history import History
from processors.realtime.interjections import Interjections
from processors.realtime.interruptions import Interruptions
from processors.realtime.mishaps import Mishaps
from processors.realtime.options import SessionOptions
from processors.realtime.outcomes import Outcomes
from processors.realtime.policy import CallPolicy
from processors.realtime.responses import ResponseRequest
from processors.realtime.server_events import ResponseDone, ServerEvent, SpeechStarted
from processors.realtime.session import Session
from processors.realtime.sessions import Sessions
from processors.realtime.toolbox import Toolbox, ToolSource
from processors.realtime.typed_text import TypedText
from processors.realtime.upkeep import Upkeep
from processors.realtime.usage import usage_of
from processors.realtime.wording import spoken_line
from processors.tools import Tool


class Conductor:
    """One call's Realtime side. See `processors.realtime.service.RealtimeService` for arguments.

    ``push`` sends a frame downstream, ``broadcast`` one of a class in both directions.
    """

    def __init__(
        self,
        team: Team,
        *,
        call_id: str,
        endpoints: Sequence[Endpoint],
        options: SessionOptions,
        policy: CallPolicy,
        tools: ToolSource,
        playback: Playback,
        emit: Emit,
        sample_rate: int,
        on_end: Callable[[str], Awaitable[None]],
        on_unavailable: Callable[[str], Awaitable[None]],
        rtvi: bool,
        connect: Connect,
        push: Callable[[Frame], Awaitable[None]],
        broadcast: Callable[[type[Frame]], Awaitable[None]],
    ) -> None:
        self._team = team
        options = options.without_turns() if policy.resumes else options
        self._server_interrupts = options.turn_detection.interrupt_response
        self._playback = playback
        self._emit = emit
        self._broadcast = broadcast
        self._background = Background()
        self._history = History()
        audio_format = format_for(sample_rate)
        self._caller = Caller(
            CallerAudio(audio_format),
            self._history,
            emit,
            push,
            transcribes=options.transcription_model is not None,
            rtvi=rtvi,
        )
        self._speech = AgentSpeech(playback, self._history, audio_format, emit, push, rtvi=rtvi)
        self._toolbox = Toolbox(team, tools)
        runner = ToolRunner(call_id, emit)
        self._sessions = Sessions(
            endpoints,
            options,
            audio_format,
            tools=self._tools_of,
            history=self._history,
            caller=self._caller,
            emit=emit,
            background=self._background,
            on_event=self._on_event,
            on_current=self._on_session,
            on_unavailable=on_unavailable,
            connect=connect,
        )
        self._consultation = Consultation(
            self._toolbox, runner, lambda: self._sessions.working, emit
        )
        self._handover = Handover(
            team,
            self._sessions,
            self._history,
            self._caller,
            self._speech,
            tools=self._tools_of,
            emit=emit,
        )
        self._ending = Ending(playback, self._background, on_end)
        outcomes = Outcomes(
            self._sessions, self._history, self._handover, self._ending, self._speech
        )
        self._calls = FunctionCalls(
            runner,
            self._background,
            on_begun=self._history.calling,
            on_result=outcomes.tell,
            on_round=outcomes.act,
        )
        self._mishaps = Mishaps(self._sessions, emit, self._background)
        self._interruptions = Interruptions(self._speech, playback, self._ending, emit, broadcast)
        self._interjections = Interjections(
            self._interruptions,
            self._caller,
            self._speech,
            playback,
            options,
            emit,
            self._background,
            broadcast,
            resumes=policy.resumes,
            dispatch=self._on_current,
            on_resumed=lambda: self._upkeep.silenced(),
        )
        self._typed = TypedText(self._sessions, self._history, self._caller, self._interjections)
        self._upkeep = Upkeep(
            policy,
            self._sessions,
            self._caller,
            self._speech,
            playback,
            self._calls,
            self._ending,
            emit,
            self._background,
        )
        self._closing: asyncio.Task[None] | None = None

    # What the pipeline does.

    @property
    def agent(self) -> Agent:
        """Who has the caller now."""
        current = self._sessions.current
        return current.agent if current else self._team.entry

    def start(self) -> None:
        """Opens the first session and has the first agent greet, beside everything else."""
        self._background.start(self._begin(), "realtime-begin")

    def hear(self, pcm: bytes) -> None:
        """The caller's audio; kept as long as no session may have understood it."""
        payload = self._caller.audio.append(pcm)
        if session := self._sessions.current:
            session.append_audio(payload)

    def append(self, messages: Sequence[Any], *, respond: bool) -> None:
        """Typed text. With ``respond`` it interrupts the agent, as speech does."""
        self._background.start(self._typed.append(messages, respond=respond), "realtime-append")

    async def say(self, text: str) -> None:
        """Has the agent say a line as soon as nobody else speaks; returns when it was heard."""
        session = await self._sessions.ready()
        request = spoken_line(text, is_exact=True)
        session.request_response(request)
        await request.finished
        await self._playback.drained()

    def stop_talking(self) -> None:
        """A client interrupted the agent; the frame that said so drops what waits to be heard."""
        if session := self._sessions.current:
            self._interjections.drop(session)
            session.cancel_response()
            self._upkeep.silenced()

    def stop(self) -> None:
        """The call ends: nothing more is said or heard, what was said may still be played."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close(), name="realtime-close")

    async def close(self) -> None:
        """Frees everything; what was not heard by now never will be."""
        self.stop()
        if self._closing:
            await self._closing
        self._playback.cut()

    async def _close(self) -> None:
        await self._background.close()
        await self._handover.close()
        await self._sessions.close()

    # What the model does.

    async def _begin(self) -> None:
        entry = self._team.entry
        self._emit(AgentChanged(from_agent=None, to_agent=entry.name, voice=entry.voice))
        session = await self._sessions.begin(entry)
        if session is None:
            return
        session.request_response(
            spoken_line(entry.greeting) if entry.greeting else ResponseRequest()
        )
        self._upkeep.start()

    async def _on_event(self, session: Session, event: ServerEvent) -> None:
        if self._closing:
            return
        # A session that was replaced may still finish transcripts and report errors.
        match event:
            case server_events.CallerTextDelta():
                await self._caller.said_more(event)
                await self._interjections.said_more(event)
            case server_events.CallerText():
                await self._caller.said(event)
                await self._interjections.said(event)
            case server_events.Refused(error):
                self._mishaps.error(session, error)
            case _ if session is self._sessions.current and not self._interjections.holds(event):
                await self._on_current(session, event)
        if session is self._sessions.current:
            self._upkeep.note(session, event)

    async def _on_current(self, session: Session, event: ServerEvent) -> None:
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
                await self._speech.begins(response_id)
            case server_events.CallBegun(_, name):
                if target := transfer_target(name):
                    self._handover.prepare(session.agent, target)
            case server_events.CallMade(response_id, call):
                self._calls.made(response_id, call, session.tools, session.agent.name)
            case server_events.ResponseDone():
                await self._on_response_done(session, event)
            case server_events.Lost():
                self._interjections.session_changed()
                await self._speech.abandon(session.active_response)
                self._calls.responses_lost()
                self._background.start(self._sessions.recover(session, event), "realtime-recover")

    async def _on_speech_started(self, session: Session, event: SpeechStarted) -> None:
        self._caller.started(event)
        self._speech.caller_started()
        await self._interjections.started(session, event)
        await self._broadcast(UserStartedSpeakingFrame)

    async def _on_response_done(self, session: Session, response: ResponseDone) -> None:
        await self._speech.done(response)
        self._caller.answered()
        self._calls.response_done(response, session.tools, session.agent.name)
        if usage := usage_of(response, session.endpoint.model):
            self._emit(usage)
        self._mishaps.response_done(session, response)

    def _on_session(self, session: Session) -> None:
        """The call is in this session from now on."""
        self._interjections.session_changed()
        self._calls.responses_lost()
        self._upkeep.session_changed(session)

    async def _tools_of(self, agent: Agent) -> list[Tool]:
        return await self._toolbox.tools(agent, self._consultation.ask)
