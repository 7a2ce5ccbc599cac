"""What the API shows of the records of calls."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from bot.records.projection import TOKENS
from bot.records.reading import FullRecord, percentile
from bot.records.tables import Usage


class CallSummary(BaseModel):
    """One call of a list. A live one has no ``ended_at``."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    call_sid: str | None
    status: str
    reason: str | None
    answered_by: str | None
    outcome: str | None
    direction: str
    channel: str | None
    team: str | None
    task: str | None
    agent: str | None
    from_number: str | None
    to_number: str | None
    intent: str | None
    summary: str | None
    cost_usd: float | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    duration_s: float | None


class CallPage(BaseModel):
    """Calls, newest first; ``next`` gets the page after this one, if there is one."""

    calls: list[CallSummary]
    next: str | None


class _Row(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class HandoffView(_Row):
    """The caller was handed from one agent to another."""

    from_agent: str | None
    to_agent: str
    voice: str | None
    reason: str
    context: str
    at: datetime


class UtteranceView(_Row):
    """What the caller or an agent said; of an agent, what was heard."""

    speaker: str
    agent: str | None
    text: str
    interrupted: bool
    at: datetime


class ToolCallView(_Row):
    """A tool call and its answer, if there was one."""

    tool_call_id: str
    agent: str | None
    tool: str
    arguments: dict[str, Any]
    output: str | None
    is_error: bool | None
    duration_ms: float | None
    called_at: datetime
    finished_at: datetime | None


class ModelUsage(BaseModel):
    """Tokens that a model billed in the call."""

    model: str | None
    responses: int
    input_text_tokens: int
    input_audio_tokens: int
    cached_tokens: int
    output_text_tokens: int
    output_audio_tokens: int


class Latency(BaseModel):
    """From the end of the caller's speech to the first audio of the answer, over all turns."""

    turns: int
    p50_ms: float | None
    p95_ms: float | None
    max_ms: float | None


class ConsentView(_Row):
    """What the caller agreed to, or didn't."""

    kind: str
    granted: bool
    at: datetime


class Recording(BaseModel):
    """The recording of a call, the last one if it was stopped in between.

    ``available`` is false once the file is gone, its time being over or by an operator's wish.
    """

    file: str
    available: bool
    duration_s: float | None
    bytes: int | None


class CallRecord(CallSummary):
    """All that is known of a call. ``missed_events`` were dropped for want of disk space."""

    agents: list[str]
    handoffs: list[HandoffView]
    transcript: list[UtteranceView]
    tool_calls: list[ToolCallView]
    data: dict[str, Any]
    meta: dict[str, Any]
    usage: list[ModelUsage]
    latency: Latency
    consents: list[ConsentView]
    recording: Recording | None
    missed_events: int


def view_of(found: FullRecord, files: set[str]) -> CallRecord:
    """All that is known of a call, as the API shows it."""
    call = found.call
    recording = None
    if call.recording_file:
        recording = Recording(
            file=call.recording_file,
            available=call.recording_file in files,
            duration_s=call.recording_duration_s,
            bytes=call.recording_bytes,
        )
    latencies = found.latencies_ms
    return CallRecord(
        **CallSummary.model_validate(call).model_dump(),
        agents=list(dict.fromkeys(handoff.to_agent for handoff in found.handoffs)),
        handoffs=[
            HandoffView.model_validate(handoff) for handoff in found.handoffs if handoff.from_agent
        ],
        transcript=[UtteranceView.model_validate(each) for each in found.utterances],
        tool_calls=[ToolCallView.model_validate(each) for each in found.tool_calls],
        data=call.data,
        meta=call.meta,
        usage=_by_model(found.usage),
        latency=Latency(
            turns=len(latencies),
            p50_ms=percentile(latencies, 0.5),
            p95_ms=percentile(latencies, 0.95),
            max_ms=max(latencies, default=None),
        ),
        consents=[ConsentView.model_validate(each) for each in found.consents],
        recording=recording,
        missed_events=call.missed_events,
    )


def _by_model(usage: Sequence[Usage]) -> list[ModelUsage]:
    models = dict.fromkeys(each.model for each in usage)
    return [
        ModelUsage(
            model=model,
            responses=sum(each.model == model for each in usage),
            **{
                name: sum(getattr(each, name) for each in usage if each.model == model)
                for name in TOKENS
            },
        )
        for model in models
    ]
