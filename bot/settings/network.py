"""Where the service listens, and how others reach it."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from bot.settings.forms import HttpUrl, Words


def _ice_servers(value: tuple[str, ...]) -> tuple[str, ...]:
    for server in value:
        if not re.match(r"(stun|turn)s?:[^/]", server):
            raise ValueError(
                f"a comma-separated list of STUN or TURN servers such as "
                f"stun:stun.example.com:3478, not {server!r}"
            )
    return value


class NetworkSettings(BaseModel):
    """Where the service listens, and how others reach it."""

    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="Address to listen on; 0.0.0.0 lets other machines in.",
    )
    port: int = Field(default=7860, ge=0, le=65535, description="Port to listen on; 0 picks one.")
    public_url: HttpUrl | None = Field(
        default=None,
        description="How the internet reaches this service; needed behind a proxy or a tunnel.",
    )
    ice_servers: Annotated[Words, AfterValidator(_ice_servers)] = Field(
        default=(),
        description="STUN/TURN servers for WebRTC, comma-separated; needed beyond one network.",
    )
