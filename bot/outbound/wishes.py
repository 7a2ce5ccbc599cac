"""What somebody asks for when they want a call placed, and the plan that it stands for."""

from collections.abc import Callable
from typing import Annotated

import orjson
from pydantic import BaseModel, ConfigDict, Field, JsonValue, field_validator

from agents import Team, UnknownTeamError
from agents.outreach import OutreachTask
from bot.outbound.rules import RefusedCallError
from bot.plan import CallPlan
from bot.plugged_servers import with_plugged
from bot.recording.modes import RecordingMode
from bot.settings import Settings
from bot.voices import Voice

MAX_CONTEXT_BYTES = 8 * 1024


class CallRequest(BaseModel):
    """A call that is to be placed. Either ``team`` or ``task`` says who talks; at most one."""

    model_config = ConfigDict(extra="forbid")

    to: str = Field(
        max_length=20, description="The number to call, in E.164 form.", examples=["+14155550123"]
    )
    team: str | None = Field(
        default=None, max_length=100, description="A team; the one that answers by default."
    )
    task: OutreachTask | None = Field(
        default=None, description="What the call is for: an agent is made for it."
    )
    voice: Voice | None = Field(default=None, description="Of every agent in this call.")
    model: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$")] | None = Field(
        default=None, description="Speaks in this call instead of OPENAI_REALTIME_MODEL."
    )
    context: dict[str, JsonValue] = Field(
        default_factory=dict, description="What is known; the agents are told it. At most 8 KiB."
    )
    max_duration_s: float | None = Field(
        default=None, ge=10, le=14_400, description="After this long the call ends politely."
    )
    max_cost_usd: float | None = Field(
        default=None, gt=0, le=1000, description="US dollars; then the call ends politely."
    )
    recording: RecordingMode | None = Field(
        default=None, description="Whether and how this call is recorded, instead of RECORDING."
    )
    metadata: dict[Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=512)]] = (
        Field(
            default_factory=dict, max_length=16, description="Your own labels, kept with the call."
        )
    )

    @field_validator("context")
    @classmethod
    def _is_small(cls, context: dict[str, JsonValue]) -> dict[str, JsonValue]:
        if len(orjson.dumps(context)) > MAX_CONTEXT_BYTES:
            raise ValueError(f"at most {MAX_CONTEXT_BYTES} bytes of JSON")
        return context


def plan_of(
    wanted: CallRequest, settings: Settings, team_named: Callable[[str | None], Team]
) -> CallPlan:
    """The plan that a request stands for.

    Raises:
        RefusedCallError: It contradicts itself, or names a team that is not offered.
    """
    task = wanted.task
    if task and wanted.team:
        raise RefusedCallError("a call has either a task or a team", field="task")
    try:
        plugged = settings.mcp_servers
        team = with_plugged(task.team(), plugged) if task else team_named(wanted.team)
    except UnknownTeamError as unknown:
        raise RefusedCallError(str(unknown), field="team") from unknown
    return CallPlan(
        team=team,
        direction="outbound",
        to=wanted.to,
        from_=settings.twilio_phone_number,
        voice=wanted.voice,
        model=wanted.model,
        context=wanted.context,
        task=task.type if task else None,
        voicemail=task.voicemail if task else team.voicemail,
        max_duration_s=wanted.max_duration_s or settings.outbound_max_duration_s,
        max_cost_usd=wanted.max_cost_usd,
        recording=wanted.recording,
        metadata=wanted.metadata,
    )
