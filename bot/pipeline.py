"""One call's data flow, from the caller's line through the model and back."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker, ProcessorUnusablePolicy

from agents import Agent
from bot.announcements import HOLD, Announcements
from bot.browser_messages import BrowserMessages
from bot.engines.engine import Engine, Wiring
from bot.follow_up import EndReason, FollowUp
from bot.plan import CallPlan
from bot.recording.call_recording import CallRecording
from bot.recording.library import RecordingLibrary
from bot.recording.wording import briefed
from bot.settings import Settings
from bot.takeover import TakeOver
from bot.transfer_tool import transfer_tools
from bot.transports.line import Line
from bot.unavailable import apologise
from processors.answers import record_answers_tool
from processors.approval import Approvals
from processors.call_audio.tap import AudioTap, CallerTap
from processors.call_control import end_call_tool
from processors.events.event import Emit
from processors.keypad_tools import keypad_tools
from processors.mcp_tools import McpHost
from processors.operator_voice import OperatorVoice
from processors.playback import Playback
from processors.realtime.transcriber import Transcriber
from processors.tool_talk import ToolTalk
from processors.tools import Tool
from processors.voice_model import VoiceModel


class End(Protocol):
    """Ends the call once everything that was said has been heard."""

    async def __call__(self, reason: EndReason, follow_up: FollowUp | None = None) -> None:
        """Without ``follow_up`` the carrier does what the reason suggests."""
        ...


@dataclass(frozen=True, slots=True)
class Conversation:
    """A call's pipeline, not running yet, and the model in it."""

    worker: PipelineWorker
    model: VoiceModel
    audio: AudioTap
    recording: CallRecording
    approvals: Approvals
    takeover: TakeOver
    tool_talk: ToolTalk


def build(
    line: Line,
    *,
    call_id: str,
    plan: CallPlan,
    emit: Emit,
    end: End,
    engine: Engine,
    settings: Settings,
    mcp: McpHost,
    announcements: Announcements,
    recordings: RecordingLibrary,
) -> Conversation:
    """Wires one call up.

    ::

        line.input() ▶ CallerTap ▶   VoiceModel    ▶ OperatorVoice ▶ line.output()
          caller's        │         model's session        ▲          │ paced audio
          audio           ▼         agents, tools       TakeOver      └▶ Playback: what the
                       AudioTap ◀────────────────────────────────────────┘ caller has heard
                 listeners, recording, an operator who has taken over

    What happens goes out by ``emit``, beside the pipeline; ``end`` is asked to end it.
    """
    playback = Playback(line.sample_rate)
    audio = AudioTap(line.sample_rate)
    playback.show(audio.played)
    recording = recordings.recording_of(
        call_id, audio, emit, mode=plan.recording, is_allowed=plan.is_recorded
    )

    async def tools_of(agent: Agent) -> Sequence[Tool]:
        colleague = plan.team.transfer_number or settings.transfer_number
        keys = keypad_tools(model) if line.channel == "phone" else []
        ours = [end_call_tool(), *keys, *transfer_tools(line, colleague, model)]
        ours += recording.tools()
        if plan.team.answers:
            ours.append(record_answers_tool(plan.team.answers, emit))
        return [*approvals.guarded(agent, tool_talk.tools(mcp, agent)), *ours]

    async def agent_ended(_why: str) -> None:
        await end("agent")

    async def model_unavailable(why: str) -> None:
        await takeover.agent_is_back()
        follow_up = await apologise(model, line, announcements, settings, plan.direction)
        if line.rtvi:
            # After the apology: a client may hang up on it.
            await worker.rtvi.send_error(why)
        await end("error", follow_up)

    model = engine.voice_model(
        Wiring(
            team=briefed(plan.briefed_team, recording.mode),
            call_id=call_id,
            line=line,
            model=plan.model,
            tools=tools_of,
            playback=playback,
            emit=emit,
            on_end=agent_ended,
            on_unavailable=model_unavailable,
            hold=partial(announcements.clip, HOLD, line.sample_rate),
            direction=plan.direction,
        )
    )
    voice = OperatorVoice(playback, line.sample_rate, Transcriber.sample_rate)
    takeover = TakeOver(model, voice, emit, engine.transcriber)
    needs = settings.destructive_tools
    tool_talk = ToolTalk(model, emit)
    approvals = Approvals(model, emit, destructive=None if needs == "free" else needs)
    worker = PipelineWorker(
        Pipeline([line.input(), CallerTap(audio), model, voice, line.output(playback)]),
        name=call_id,
        params=PipelineParams(
            audio_in_sample_rate=line.sample_rate, audio_out_sample_rate=line.sample_rate
        ),
        enable_rtvi=line.rtvi,
        rtvi_processor=BrowserMessages(lambda: takeover.by is None) if line.rtvi else None,
        enable_turn_tracking=False,
        idle_timeout_secs=None,
        cancel_runner_on_idle_timeout=False,
        # A browser that has stopped reading, say: there is nobody left to talk to.
        processor_unusable_policy=ProcessorUnusablePolicy.CANCEL,
    )
    return Conversation(worker, model, audio, recording, approvals, takeover, tool_talk)
