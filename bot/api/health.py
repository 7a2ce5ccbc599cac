"""For load balancers and operators: is the process alive, can it take calls."""

from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

from bot.api.access import SwitchboardOf
from bot.version import version

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """The process answers; ``uptime_s`` seconds since it started.

    ``flags`` are the percent of the callers for whom each flag is on.
    """

    status: Literal["ok"] = "ok"
    version: str
    uptime_s: float
    live_calls: int
    features: dict[str, bool]
    flags: dict[str, float]


class RecordsState(BaseModel):
    """Whether the records' database answers, and how much waits for it on disk."""

    up: bool
    waiting_bytes: int


class Readiness(BaseModel):
    """Whether calls can be taken, and what stands in the way.

    A tool server that is away does not make the service unready: calls go on without its tools.
    Nor does the records' database: events wait on disk.
    """

    ready: bool
    reasons: list[str]
    engine: Literal["openai", "custom", "emulator"]
    tool_servers: dict[str, str]
    records: RecordsState


@router.get("/health")
async def health(switchboard: SwitchboardOf) -> Health:
    """200 as long as the process runs."""
    settings = switchboard.settings
    return Health(
        version=version(),
        uptime_s=round(switchboard.uptime_s, 1),
        live_calls=len(switchboard.calls.live),
        features={
            "emulator": settings.engine == "emulator",
            "phone": settings.twilio_enabled,
            "webhook_signatures": settings.twilio_auth_token is not None,
            "webrtc": True,
            "websocket": True,
            "outbound": switchboard.carrier is not None,
            "recording": settings.recording != "off",
            "transfers": settings.transfer_number is not None,
            "tracing": switchboard.tracing is not None,
            "api_keys": bool(settings.api_keys),
        },
        flags=switchboard.rollout.flags.shares(),
    )


@router.get("/ready", responses={503: {"model": Readiness}})
async def ready(switchboard: SwitchboardOf, response: Response) -> Readiness:
    """200 when calls can be taken, 503 with the reasons otherwise."""
    reasons = switchboard.unready_reasons()
    if reasons:
        response.status_code = 503
    return Readiness(
        ready=not reasons,
        reasons=reasons,
        engine=switchboard.settings.engine,
        tool_servers=switchboard.tool_server_states(),
        records=RecordsState(
            up=switchboard.records.is_up, waiting_bytes=switchboard.records.waiting_bytes
        ),
    )
