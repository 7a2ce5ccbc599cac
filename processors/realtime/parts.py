"""Puts the parts of a call's Realtime side together."""

from collections.abc import Awaitable, Callable, Sequence

from pipecat.frames.frames import Frame

from agents.team import Agent, Team
from processors.events.event import Emit
from processors.holding_line import HoldingLine
from processors.line_probe import LineProbe
from processors.moderation import Moderation
from processors.playback import Playback
from processors.realtime.agent_speech import AgentSpeech
from processors.realtime.announcements import Clip
from processors.realtime.audio import format_for
from processors.realtime.background import Background
from processors.realtime.caller import Caller
from processors.realtime.caller_audio import CallerAudio
from processors.realtime.connection import Connect
from processors.realtime.consultation import SpokenConsultation
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
from processors.realtime.mishaps import Mishaps
from processors.realtime.options import SessionOptions
from processors.realtime.outcomes import Outcomes
from processors.realtime.policy import CallPolicy
from processors.realtime.remote_tools import RemoteToolCalls
from processors.realtime.sessions import Sessions
from processors.realtime.toolbox import Toolbox, ToolSource
from processors.realtime.typed_text import TypedText
from processors.realtime.upkeep import Upkeep
from processors.realtime.voiceless import Voiceless
from processors.realtime.waiting import Waiting
from processors.sensitive_digits import SensitiveDigits
from processors.text_mode.chat import ChatEndpoint
from processors.text_mode.text_mode import TextMode
from processors.tools import Tool


class Parts:
    """See `processors.realtime.service.RealtimeService` for arguments.

    ``push`` sends a frame downstream, ``broadcast`` one of a class in both directions.

    Attributes:
        controls: How others act on the conversation.
        secrets: Digits that nobody may see.
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
        hold: Callable[[], Clip] | None,
        rtvi: bool,
        connect: Connect,
        push: Callable[[Frame], Awaitable[None]],
        broadcast: Callable[[type[Frame]], Awaitable[None]],
    ) -> None:
        self.team = team
        options = options.without_turns() if policy.resumes else options
        self.playback = playback
        self.emit = emit
        self.background = Background()
        self.history = History(policy.history_tokens)
        audio_format = format_for(sample_rate)
        self.caller = Caller(
            CallerAudio(audio_format),
            self.history,
            emit,
            push,
            transcription_model=options.transcription_model,
            rtvi=rtvi,
        )
        self.speech = AgentSpeech(
            playback,
            self.history,
            audio_format,
            emit,
            push,
            on_cut=lambda session, heard: self.sessions.was_cut(session, heard),
            rtvi=rtvi,
        )
        self._toolbox = Toolbox(team, tools)
        self.secrets = SensitiveDigits()
        runner = ToolRunner(call_id, emit, self.secrets)
        self.sessions = Sessions(
            endpoints,
            options,
            audio_format,
            tools=self._tools_of,
            history=self.history,
            caller=self.caller,
            emit=emit,
            background=self.background,
            on_event=lambda session, event: self.dispatch.event(session, event),
            on_current=lambda session: self.dispatch.session_changed(session),
            on_unavailable=self._on_unvoiced,
            connect=connect,
        )
        self._consultation = SpokenConsultation(
            self._toolbox, runner, lambda: self.sessions.working, emit
        )
        self.handover = Handover(
            team,
            self.sessions,
            self.history,
            self.caller,
            self.speech,
            tools=self._tools_of,
            emit=emit,
        )
        ending = Ending(
            playback,
            self.background,
            on_end,
            may_end=lambda: not self.controls.muting.is_aside,
        )
        outcomes = Outcomes(self.sessions, self.history, self.handover, ending, self.speech, emit)
        calls = FunctionCalls(
            runner,
            self.background,
            turns=lambda: self.caller.turns,
            on_begun=self.history.calling,
            on_result=outcomes.tell,
            on_round=lambda round_: self.voiceless.act(round_),
        )
        text_mode = (
            TextMode(
                chat,
                team=team,
                sessions=self.sessions,
                history=self.history,
                caller=self.caller,
                calls=calls,
                toolbox=self._toolbox,
                runner=runner,
                emit=emit,
                push=push,
                background=self.background,
                may_write=lambda: not self.controls.muting.is_aside,
                on_end=on_end,
                on_failed=lambda why: self.voiceless.give_up(why),
                moderation=moderation,
            )
            if chat
            else None
        )
        self.voiceless = Voiceless(text_mode, outcomes, emit, on_unavailable)
        remote_calls = RemoteToolCalls(
            self.history,
            emit,
            self.background,
            permitted=policy.permitted_servers,
            timeout_s=policy.remote_tool_s,
            ask_again=lambda session, request: self.upkeep.ask_again(session, request),
        )
        mishaps = Mishaps(self.sessions, emit, self.background)
        interruptions = Interruptions(self.speech, playback, ending, emit, broadcast)
        self.interjections = Interjections(
            interruptions,
            self.caller,
            self.speech,
            playback,
            options,
            emit,
            self.background,
            broadcast,
            resumes=policy.resumes,
            dispatch=lambda session, event: self.dispatch.current(session, event),
            on_resumed=lambda: self.upkeep.silenced(),
        )
        self.typed = TypedText(
            self.sessions, self.history, self.caller, self.interjections, text_mode
        )
        self.upkeep = Upkeep(
            policy,
            self.sessions,
            self.history,
            self.caller,
            self.interjections,
            playback,
            calls,
            remote_calls,
            ending,
            emit,
            self.background,
        )
        self.controls = Controls(
            self.sessions,
            self.history,
            self.caller,
            self.speech,
            self.interjections,
            self.voiceless,
            playback,
            self.upkeep.floor,
            emit,
            self.background,
            sample_rate=sample_rate,
            first_words_s=policy.first_words_s,
        )
        self.waiting = Waiting(
            self.sessions,
            self.caller,
            self.upkeep,
            self.controls.keypad,
            playback,
            audio_format,
            is_voiceless=lambda: self.voiceless.agent is not None,
            is_working=lambda: calls.is_busy or remote_calls.is_busy,
            is_opening=lambda: self.controls.coaching.is_due or self.controls.relief.is_due,
        )
        self.holding_line = HoldingLine(
            hold,
            after_s=policy.hold_s,
            waits_for=self.waiting.waits_for,
            play=self.hold,
            emit=emit,
        )
        self.line_probe = LineProbe(lambda: self.waiting.session, lambda: self.waiting.is_hearing)
        self.dispatch = Dispatch(
            sessions=self.sessions,
            history=self.history,
            caller=self.caller,
            speech=self.speech,
            guarding=Guarding(
                self.sessions,
                self.controls.coaching,
                self.interjections,
                self.speech,
                playback,
                emit,
                self.background,
                moderation=moderation,
            ),
            calls=calls,
            remote_calls=remote_calls,
            handover=self.handover,
            interruptions=interruptions,
            interjections=self.interjections,
            mishaps=mishaps,
            controls=self.controls,
            upkeep=self.upkeep,
            waiting=self.waiting,
            emit=emit,
            background=self.background,
            broadcast=broadcast,
            server_interrupts=options.turn_detection.interrupt_response,
        )

    @property
    def agent(self) -> Agent:
        """Who has the caller now."""
        if agent := self.voiceless.agent:
            return agent
        current = self.sessions.current
        return current.agent if current else self.team.entry

    async def hold(self, clip: Clip) -> None:
        """Has the caller hear that somebody is there; the model is not told of it."""
        await self.speech.announce(self.agent.name, clip.text, clip.pcm, is_remembered=False)

    async def _tools_of(self, agent: Agent) -> list[Tool]:
        return await self._toolbox.tools(agent, self._consultation.ask)

    async def _on_unvoiced(self, why: str) -> None:
        self.interjections.unvoiced()
        await self.voiceless.begin(self.agent, why)
