"""Every environment variable that the service reads, typed, checked and described.

``docs/settings.md`` and ``.env.example`` list the same names; tests hold the three together.
"""

import re
import sys
from collections.abc import Mapping
from typing import Annotated, Any, Literal, NoReturn
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from agents import UnknownTeamError, load_team
from bot.fallbacks import Fallback, FallbackKey, check_keys, read_fallbacks, read_keys

E164 = re.compile(r"\+[1-9]\d{6,14}")
"""A telephone number as ITU-T E.164 writes it."""


def _url(*schemes: str) -> AfterValidator:
    """Checks for a URL of one of ``schemes`` with a host; drops a slash at its end."""

    def check(value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in schemes or not parts.hostname or parts.query or parts.fragment:
            raise ValueError(f"a URL such as {schemes[0]}://example.com, without a query")
        return value.rstrip("/")

    return AfterValidator(check)


def _known_team(name: str) -> str:
    try:
        load_team(name)
    except UnknownTeamError as unknown:
        raise ValueError(f"the name of a team: {unknown}") from None
    return name


def _phone_number(value: str) -> str:
    if not E164.fullmatch(value):
        raise ValueError("a number in E.164 form, such as +14155550100")
    return value


def _account_sid(value: str) -> str:
    if not re.fullmatch(r"AC[0-9a-f]{32}", value):
        raise ValueError("an account SID: AC and 32 hexadecimal digits")
    return value


def _database_url(value: str) -> str:
    if not re.match(r"(sqlite(\+aiosqlite)?|postgres(ql)?(\+asyncpg)?)://", value):
        raise ValueError(
            "sqlite+aiosqlite:///path/to/file.db or postgresql://user:password@host/database"
        )
    return value


def _comma_separated(value: Any) -> Any:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _upper_case(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


def _ice_servers(value: tuple[str, ...]) -> tuple[str, ...]:
    for server in value:
        if not re.match(r"(stun|turn)s?:[^/]", server):
            raise ValueError(
                f"a comma-separated list of STUN or TURN servers such as "
                f"stun:stun.example.com:3478, not {server!r}"
            )
    return value


class Settings(BaseSettings):
    """The service's configuration: the process environment, then ``.env``, then defaults.

    An empty variable counts as one that is not set.
    """

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    openai_api_key: SecretStr | None = Field(
        default=None, description="Key for the model. Without it the offline engine answers."
    )
    openai_realtime_url: Annotated[str, _url("wss", "ws")] | None = Field(
        default=None,
        description="Realtime endpoint to use as it is, instead of OpenAI's; no emulator starts.",
    )
    openai_realtime_fallbacks: Annotated[
        tuple[Fallback, ...], NoDecode, BeforeValidator(read_fallbacks)
    ] = Field(
        default=(),
        description="Other Realtime endpoints, tried in this order: [name=]url, comma-separated.",
    )
    openai_realtime_fallback_keys: Annotated[
        tuple[FallbackKey, ...], NoDecode, BeforeValidator(read_keys), AfterValidator(check_keys)
    ] = Field(default=(), description="Their keys: name=key, comma-separated.")
    openai_realtime_model: str = Field(
        default="gpt-realtime-2.1", min_length=1, description="The model that speaks."
    )
    realtime_session_minutes: float = Field(
        default=14.0,
        gt=0,
        le=60,
        description="Minutes after which a session with the model is renewed, unheard by callers.",
    )
    vad_type: Literal["server_vad", "semantic_vad"] = Field(
        default="server_vad", description="How the model notices that the caller has finished."
    )
    vad_threshold: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="server_vad: how sure of speech it must be, 0 to 1. Noisy lines need more.",
    )
    vad_prefix_padding_ms: int = Field(
        default=300,
        ge=0,
        le=5000,
        description="server_vad: milliseconds of audio kept from before speech was noticed.",
    )
    vad_silence_duration_ms: int = Field(
        default=500,
        ge=50,
        le=10_000,
        description="server_vad: milliseconds of silence that end the caller's turn.",
    )
    vad_eagerness: Literal["low", "medium", "high", "auto"] = Field(
        default="auto", description="semantic_vad: how soon it takes the turn."
    )
    answer_timeout_s: float = Field(
        default=6.0,
        ge=0,
        le=120,
        description="Seconds that the model may take to begin an answer until asked again; 0: any.",
    )
    resume_after_noise: Literal["phone", "always", "never"] = Field(
        default="phone",
        description="Calls in which the agent goes on after a cough, an uh-huh or line noise.",
    )
    caller_idle_s: float = Field(
        default=8.0,
        ge=0,
        le=600,
        description="Seconds of silence after which callers are asked if they are there; 0: never.",
    )
    team: Annotated[str, AfterValidator(_known_team)] = Field(
        default="travel", description="The team that answers: a module of the package agents."
    )
    tool_timeout_s: float = Field(
        default=5.0, gt=0, le=120, description="Seconds a tool may take before the call goes on."
    )
    tool_calls_at_once: int = Field(
        default=3, ge=1, le=32, description="Tool calls that one phone call may have running."
    )
    database_url: Annotated[str, AfterValidator(_database_url)] | None = Field(
        default=None,
        description="Database of the tool servers (SQLAlchemy URL); their own file by default.",
    )
    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="Address to listen on; 0.0.0.0 lets other machines in.",
    )
    port: int = Field(default=7860, ge=0, le=65535, description="Port to listen on; 0 picks one.")
    public_url: Annotated[str, _url("https", "http")] | None = Field(
        default=None,
        description="How the internet reaches this service; needed behind a proxy or a tunnel.",
    )
    ice_servers: Annotated[
        tuple[str, ...],
        NoDecode,
        BeforeValidator(_comma_separated),
        AfterValidator(_ice_servers),
    ] = Field(
        default=(),
        description="STUN/TURN servers for WebRTC, comma-separated; needed beyond one network.",
    )
    twilio_enabled: bool = Field(default=True, description="Whether the phone routes answer.")
    twilio_account_sid: Annotated[str, AfterValidator(_account_sid)] | None = Field(
        default=None,
        description="The account of the phone calls: others are refused, hang-ups go through it.",
    )
    twilio_auth_token: SecretStr | None = Field(
        default=None, description="Checks the signature of every webhook as soon as it is set."
    )
    twilio_phone_number: Annotated[str, AfterValidator(_phone_number)] | None = Field(
        default=None, description="The number to dial, shown at the start and on the page."
    )
    twilio_api_url: Annotated[str, _url("https", "http")] = Field(
        default="https://api.twilio.com", description="The carrier's REST API, for hanging up."
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
    log_level: Annotated[
        Literal["TRACE", "DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_upper_case)
    ] = Field(default="INFO", description="DEBUG and TRACE show what callers say.")

    @property
    def engine(self) -> Literal["openai", "custom", "emulator"]:
        """Which model answers: the one at a URL, OpenAI's by key, else the emulator."""
        if self.openai_realtime_url:
            return "custom"
        return "openai" if self.openai_api_key else "emulator"


def read_settings(**overrides: Any) -> Settings:
    """The settings, or the end of the process: a line on stderr per wrong one, exit code 2."""
    try:
        return Settings(**overrides)
    except ValidationError as invalid:
        refuse(invalid)


def refuse(invalid: ValidationError) -> NoReturn:
    """Names each wrong setting and what it should be, and exits with code 2."""
    for error in invalid.errors(include_url=False):
        sys.stderr.write(f"{describe(error)}\n")
    raise SystemExit(2)


def describe(error: Mapping[str, Any]) -> str:
    """One line for one validation error; the value of a secret is not repeated."""
    name = str(error["loc"][0]).upper() if error["loc"] else "the environment"
    expected = str(error["msg"]).removeprefix("Value error, ")
    secret = any(word in name for word in ("KEY", "TOKEN", "DATABASE"))
    got = "" if secret else f" (it is {error['input']!r})"
    return f"{name} should be {expected.removeprefix('Input should be ')}{got}"
