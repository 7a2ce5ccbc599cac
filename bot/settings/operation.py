"""How many calls there are at once, and how they are watched."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

from bot.flags import Flag, read_flags
from bot.settings.forms import HttpUrl


def _upper_case(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


class OperationSettings(BaseModel):
    """How many calls there are at once, and how they are watched."""

    flags: Annotated[tuple[Flag, ...], NoDecode, BeforeValidator(read_flags)] = Field(
        default=(),
        description="What is on, off or on for a share of callers: name=on|off|25%, with commas.",
    )
    max_calls: int = Field(
        default=50, ge=1, le=10_000, description="Calls at once; further ones hear that it's busy."
    )
    drain_timeout_s: float = Field(
        default=0.0,
        ge=0,
        le=3600,
        description="Seconds that live calls may go on after SIGTERM before they are told goodbye.",
    )
    warn_latency_ms: float = Field(
        default=1000.0,
        ge=0,
        description="Warns of calls whose answers begin later, in milliseconds; 0: never.",
    )
    warn_tool_ms: float = Field(
        default=2000.0,
        ge=0,
        description="Warns of calls with a tool that takes longer, in milliseconds; 0: never.",
    )
    warn_cost_usd: float = Field(
        default=0.5, ge=0, description="Warns of calls that cost more, in US dollars; 0: never."
    )
    otel_exporter_otlp_endpoint: HttpUrl | None = Field(
        default=None, description="OpenTelemetry collector (OTLP over HTTP) that gets traces."
    )
    otel_exporter_otlp_headers: SecretStr | None = Field(
        default=None, description="Headers that it asks for: name=value, comma-separated."
    )
    otel_service_name: str = Field(
        default="switchboard", min_length=1, description="What traces call this service."
    )
    log_level: Annotated[
        Literal["TRACE", "DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_upper_case)
    ] = Field(default="INFO", description="DEBUG and TRACE show what callers say.")
    log_format: Literal["auto", "console", "json"] = Field(
        default="auto", description="Lines for people or for machines; auto: by the terminal."
    )
