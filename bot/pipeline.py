"""One call's data flow, from the caller's line through the model and back."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker, ProcessorUnusablePolicy

from agents import Agent, Team
from bot.settings import Settings
from bot.transports.line import Channel, Line
from processors.call_control import end_call_tool
from processors.events import Emit
from processors.mcp_tools import McpHost
from processors.playback import Playback
from processors.realtime.endpoints import Endpoint
from processors.realtime.options import SemanticVad, ServerVad, SessionOptions
from processors.realtime.policy import CallPolicy
from processors.realtime.service import RealtimeService
from processors.tools import Tool

EndReason = Literal["caller", "agent", "operator", "error", "shutdown"]
End = Callable[[EndReason], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Conversation:
    """A call's pipeline, not running yet, and the model in it."""

    worker: PipelineWorker
    model: RealtimeService


def build(
    line: Line,
    *,
    call_id: str,
    emit: Emit,
    end: End,
    team: Team,
    endpoints: Sequence[Endpoint],
    settings: Settings,
    mcp: McpHost,
) -> Conversation:
    """Wires one call up.

    ::

        line.input() ▶ RealtimeService ▶ line.output()
          caller's      model's session      │ paced audio
          audio         agents, tools        └▶ Playback: what the caller has heard

    What happens goes out by ``emit``, beside the pipeline; ``end`` is asked to end it.
    """
    playback = Playback(line.sample_rate)

    async def tools_of(agent: Agent) -> Sequence[Tool]:
        return [*mcp.tools(agent.tool_servers, agent.tools), end_call_tool()]

    async def agent_ended(_why: str) -> None:
        await end("agent")

    async def model_unavailable(why: str) -> None:
        if line.rtvi:
            await worker.rtvi.send_error(why)
        await end("error")

    model = RealtimeService(
        team,
        call_id=call_id,
        endpoints=endpoints,
        options=session_options(settings),
        policy=call_policy(settings, line.channel),
        tools=tools_of,
        playback=playback,
        emit=emit,
        sample_rate=line.sample_rate,
        on_end=agent_ended,
        on_unavailable=model_unavailable,
        rtvi=line.rtvi,
    )
    worker = PipelineWorker(
        Pipeline([line.input(), model, line.output(playback)]),
        name=call_id,
        params=PipelineParams(
            audio_in_sample_rate=line.sample_rate, audio_out_sample_rate=line.sample_rate
        ),
        enable_rtvi=line.rtvi,
        enable_turn_tracking=False,
        idle_timeout_secs=None,
        cancel_runner_on_idle_timeout=False,
        # A browser that has stopped reading, say: there is nobody left to talk to.
        processor_unusable_policy=ProcessorUnusablePolicy.CANCEL,
    )
    return Conversation(worker, model)


def session_options(settings: Settings) -> SessionOptions:
    """How sessions with the model behave, by the settings."""
    if settings.vad_type == "semantic_vad":
        return SessionOptions(turn_detection=SemanticVad(eagerness=settings.vad_eagerness))
    return SessionOptions(
        turn_detection=ServerVad(
            threshold=settings.vad_threshold,
            prefix_padding_ms=settings.vad_prefix_padding_ms,
            silence_duration_ms=settings.vad_silence_duration_ms,
        )
    )


def call_policy(settings: Settings, channel: Channel) -> CallPolicy:
    """What is done to keep a call of this kind going, by the settings."""
    kinds = settings.resume_after_noise
    return CallPolicy(
        session_s=settings.realtime_session_minutes * 60,
        idle_s=settings.caller_idle_s or None,
        answer_s=settings.answer_timeout_s or None,
        resumes=kinds == "always" or kinds == channel,
    )
