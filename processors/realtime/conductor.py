"""Puts the parts of a call's Realtime side together, and does what the pipeline wants of them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from pipecat.frames.frames import Frame

from agents.team import Agent, Team
from processors.events import AgentChanged, Emit
from processors.moderation import Moderation
from processors.playback import Playback
from processors.realtime.agent_speech import AgentSpeech
from processors.realtime.announcements import Clip
from processors.realtime.audio import format_for
from processors.realtime.background import Background
from processors.realtime.caller import Caller
from processors.realtime.caller_audio import CallerAudio
from processors.realtime.connection import Connect
from processors.realtime.consultation import Consultation
from processors.realtime.controls import Controls
from processors.realtime.dispatch import Dispatch
from processors.realtime.ending import Ending
from processors.realtime.endpoints import Endpoint
from processors.realtime.function_calls import FunctionCalls, ToolRunner
from processors.realtime.guarding import Guarding
from processors.realtime.handover import Handover
from processors.realtime.history import History
from processors.realtime.interjections import Interjections
from processors.realtime.interruptions import Interruptions
from processors.realtime.items import Message
from processors.realtime.last_words import hear_last_words
from processors.realtime.mishaps import Mishaps
from processors.realtime.options import SessionOptions
from processors.realtime.outcomes import Outcomes
from processors.realtime.policy import CallPolicy
from processors.realtime.remote_tools import RemoteToolCalls
from processors.realtime.responses import ResponseRequest
from processors.realtime.session import SessionError
from processors.realtime.sessions import Sessions
from processors.realtime.toolbox import Toolbox, ToolSource
from processors.realtime.typed_text import TypedText
from processors.realtime.upkeep import Upkeep
from processors.realtime.uplink import Uplink
from processors.realtime.voiceless import Voiceless
from processors.realtime.wording import spoken_line
from processors.sensitive_digits import SensitiveDigits
from processors.text_mode.chat import ChatEndpoint
from processors.text_mode.text_mode import TextMode
from processors.tools import Tool

WORDS_TIMEOUT_S = 3.0
"""How long the transcript of a yes may take before it counts as none."""


class Conductor:
    """One call's Realtime side. See `processors.realtime.service.RealtimeService` for arguments.

    ``push`` sends a frame downstream, ``broadcast`` one of a class in both directions. ``controls``
    are how others act on the conversation.
    """

    def __init__(
        self,
        team: Team,
        *,
        call_id: str,
        endpoints: Sequence[Endpoint],
        options: SessionOptions,
        policy: CallPolicy,
        chat: ChatEndpoint | None,
        moderation: Moderation | None,
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
        self._playback = playback
        self._emit = emit
        self._background = Background()
        self._history = History(policy.history_tokens)
        audio_format = format_for(sample_rate)
        self._caller = Caller(
            CallerAudio(audio_format),
            self._history,
            emit,
            push,
            transcription_model=options.transcription_model,
            rtvi=rtvi,
        )
        self._speech = AgentSpeech(
            playback,
            self._history,
            audio_format,
            emit,
            push,
            on_cut=lambda session, heard: self._sessions.was_cut(session, heard),
            rtvi=rtvi,
        )
        self._toolbox = Toolbox(team, tools)
        self.secrets = SensitiveDigits()
        runner = ToolRunner(call_id, emit, self.secrets)
        self._sessions = Sessions(
            endpoints,
            options,
            audio_format,
            tools=self._tools_of,
            history=self._history,
            caller=self._caller,
            emit=emit,
            background=self._background,
            on_event=lambda session, event: self._dispatch.event(session, event),
            on_current=lambda session: self._dispatch.session_changed(session),
            on_unavailable=self._on_unvoiced,
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
        ending = Ending(
            playback,
            self._background,
            on_end,
            may_end=lambda: not self.controls.muting.is_aside,
        )
        outcomes = Outcomes(
            self._sessions, self._history, self._handover, ending, self._speech, emit
        )
        calls = FunctionCalls(
            runner,
            self._background,
            turns=lambda: self._caller.turns,
            on_begun=self._history.calling,
            on_result=outcomes.tell,
            on_round=lambda round_: self._voiceless.act(round_),
        )
        text_mode = (
            TextMode(
                chat,
                team=team,
                sessions=self._sessions,
                history=self._history,
                caller=self._caller,
                calls=calls,
                toolbox=self._toolbox,
                runner=runner,
                emit=emit,
                push=push,
                background=self._background,
                on_end=on_end,
                on_failed=lambda why: self._voiceless.give_up(why),
            )
            if chat
            else None
        )
        self._voiceless = Voiceless(text_mode, outcomes, emit, on_unavailable)
        remote_calls = RemoteToolCalls(
            self._history,
            emit,
            self._background,
            permitted=policy.permitted_servers,
            timeout_s=policy.remote_tool_s,
            ask_again=lambda session, request: self._upkeep.ask_again(session, request),
        )
        mishaps = Mishaps(self._sessions, emit, self._background)
        interruptions = Interruptions(self._speech, playback, ending, emit, broadcast)
        self._interjections = Interjections(
            interruptions,
            self._caller,
            self._speech,
            playback,
            options,
            emit,
            self._background,
            broadcast,
            resumes=policy.resumes,
            dispatch=lambda session, event: self._dispatch.current(session, event),
            on_resumed=lambda: self._upkeep.silenced(),
        )
        self._typed = TypedText(
            self._sessions, self._history, self._caller, self._interjections, text_mode
        )
        self._upkeep = Upkeep(
            policy,
            self._sessions,
            self._history,
            self._caller,
            self._interjections,
            playback,
            calls,
            remote_calls,
            ending,
            emit,
            self._background,
        )
        self.controls = Controls(
            self._sessions,
            self._history,
            self._caller,
            self._speech,
            self._interjections,
            playback,
            self._upkeep.floor,
            emit,
            self._background,
            sample_rate=sample_rate,
            first_words_s=policy.first_words_s,
        )
        self._dispatch = Dispatch(
            sessions=self._sessions,
            history=self._history,
            caller=self._caller,
            speech=self._speech,
            guarding=Guarding(
                self._sessions,
                self.controls.coaching,
                self._interjections,
                self._speech,
                playback,
                emit,
                self._background,
                moderation=moderation,
            ),
            calls=calls,
            remote_calls=remote_calls,
            handover=self._handover,
            interruptions=interruptions,
            interjections=self._interjections,
            mishaps=mishaps,
            controls=self.controls,
            upkeep=self._upkeep,
            emit=emit,
            background=self._background,
            broadcast=broadcast,
            server_interrupts=options.turn_detection.interrupt_response,
        )
        self._uplink = Uplink(emit)
        self._closing: asyncio.Task[None] | None = None

    # What the pipeline does.

    @property
    def agent(self) -> Agent:
        """Who has the caller now."""
        if agent := self._voiceless.agent:
            return agent
        current = self._sessions.current
        return current.agent if current else self._team.entry

    def start(self) -> None:
        """Opens the first session and has the first agent greet, beside everything else."""
        self._background.start(self._begin(), "realtime-begin")

    def hear(self, pcm: bytes) -> None:
        """The caller's audio; kept as long as no session may have understood it."""
        payload = self._caller.audio.append(self.controls.muting.audible(pcm))
        if session := self._sessions.current:
            self._uplink.send(session, payload)

    def append(self, messages: Sequence[Any], *, respond: bool) -> None:
        """Typed text. With ``respond`` it interrupts the agent, as speech does."""
        if self.controls.muting.is_muted("caller"):
            return
        self._background.start(self._typed.append(messages, respond=respond), "realtime-append")

    async def say(self, text: str) -> None:
        """Has the agent say a line as soon as nobody else speaks; returns when it was heard."""
        try:
            session = await self._sessions.ready()
        except SessionError:
            await self._voiceless.say(text)
            return
        self.controls.muting.let_go()
        request = spoken_line(text, is_exact=True)
        session.request_response(request)
        await request.finished
        await self._playback.drained()

    def fill(self, text: str) -> bool:
        """Has the agent say a line if nobody speaks, or is about to; whether it does."""
        session = self._sessions.current
        if session is None or not self._upkeep.floor.is_quiet:
            return False
        session.request_response(spoken_line(text))
        return True

    async def play(self, clip: Clip) -> bool:
        """Plays a line of ours, and whether it was heard before the line fell silent for good."""
        await self._speech.announce(self.agent.name, clip.text, clip.pcm)
        return await self._playback.heard_out()

    async def spoken(self) -> list[Message]:
        """What was said so far, once the words of the caller's last turn are known."""
        if self._caller.has_unknown_words:
            await self._caller.transcribed(WORDS_TIMEOUT_S)
        return [item for item in self._history.items if isinstance(item, Message)]

    async def press(self, key: str) -> None:
        """The caller pressed a key."""
        await self.controls.press(key)

    async def interrupted(self) -> None:
        """A client interrupted the agent; the frame that said so drops what waits to be heard."""
        if session := self._sessions.current:
            self._interjections.drop(session)
            session.cancel_response()
            self._upkeep.silenced()

    def stop(self) -> None:
        """The call ends: nothing more is said or heard, what was said may still be played."""
        if self._closing is None:
            self._dispatch.is_ending = True
            self.controls.keypad.close()
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
        await hear_last_words(self._sessions.current, self._caller)
        await self._sessions.close()
        await self._voiceless.close()

    # What the model does.

    async def _begin(self) -> None:
        entry = self._team.entry
        self._emit(AgentChanged(from_agent=None, to_agent=entry.name, voice=entry.voice))
        self.controls.first_words.begin()
        session = await self._sessions.begin(entry)
        if session is None or not await self.controls.first_words.over():
            return
        (self._sessions.current or session).request_response(
            spoken_line(entry.greeting) if entry.greeting else ResponseRequest()
        )

    async def _tools_of(self, agent: Agent) -> list[Tool]:
        return await self._toolbox.tools(agent, self._consultation.ask)

    async def _on_unvoiced(self, why: str) -> None:
        self._interjections.unvoiced()
        await self._voiceless.begin(self.agent, why)
