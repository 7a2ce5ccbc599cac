"""Every environment variable that the service reads, typed, checked and described.

``docs/settings.md`` and ``.env.example`` list the same names; tests hold the three together.
"""

import ipaddress
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn
from urllib.parse import urlsplit

import phonenumbers
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from agents import UnknownTeamError, load_team
from bot.costs.prices import check_prices
from bot.engines import engine_names
from bot.fallbacks import Fallback, FallbackKey, check_keys, read_fallbacks, read_keys
from bot.flags import Flag, read_flags
from bot.keys import ApiKey, read_api_keys
from bot.outbound.quiet_hours import check_quiet_hours
from bot.rate_limits import read_limit
from bot.recording.modes import RecordingFormat, RecordingMode
from bot.webhooks.receiver import Receiver, read_receivers
from bot.webhooks.signature import read_secret
from processors.realtime.policy import DEFAULT_HISTORY_TOKENS, MIN_HISTORY_TOKENS

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


def _known_engine(name: str) -> str:
    if name not in engine_names():
        raise ValueError(f"one of {', '.join(engine_names())}")
    return name


def _known_team(name: str) -> str:
    try:
        load_team(name)
    except UnknownTeamError as unknown:
        raise ValueError(f"the name of a team: {unknown}") from None
    return name


def _known_teams(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_known_team(name) for name in names)


def _phone_number(value: str) -> str:
    if not E164.fullmatch(value):
        raise ValueError("a number in E.164 form, such as +14155550100")
    return value


def _transfers_somewhere(choice: str, info: ValidationInfo) -> str:
    if choice == "transfer" and info.data.get("transfer_number", "wrong") is None:
        raise ValueError("end, unless TRANSFER_NUMBER says where to transfer to")
    return choice


def _account_sid(value: str) -> str:
    if not re.fullmatch(r"AC[0-9a-f]{32}", value):
        raise ValueError("an account SID: AC and 32 hexadecimal digits")
    return value


def _countries(codes: tuple[str, ...]) -> tuple[str, ...]:
    upper = tuple(code.upper() for code in codes)
    for code in upper:
        if code not in phonenumbers.SUPPORTED_REGIONS:
            raise ValueError(f"a comma-separated list of countries such as US,GB, not {code!r}")
    return upper


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


def _origins(value: tuple[str, ...]) -> tuple[str, ...]:
    for origin in value:
        if not re.fullmatch(r"https?://[^/\s*]+", origin):
            raise ValueError(
                f"a comma-separated list of origins such as https://www.example.com, not {origin!r}"
            )
    return value


def _signing_key(secret: SecretStr) -> SecretStr:
    read_secret(secret.get_secret_value())
    return secret


def _signed(receivers: tuple[Receiver, ...], info: ValidationInfo) -> tuple[Receiver, ...]:
    if receivers and info.data.get("webhook_secret", "wrong") is None:
        raise ValueError("empty, unless WEBHOOK_SECRET says what their posts are signed with")
    return receivers


def _networks(value: tuple[str, ...]) -> tuple[str, ...]:
    for network in value:
        try:
            ipaddress.ip_network(network)
        except ValueError:
            raise ValueError(
                f"a comma-separated list of addresses and networks such as 10.0.0.0/8, "
                f"not {network!r}"
            ) from None
    return value


def _redis_url(value: str) -> str:
    if not re.match(r"(rediss?|redis\+unix)://\S+$", value):
        raise ValueError("redis://host:6379/0, or rediss:// with TLS")
    return value


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

    voice_engine: Annotated[str, AfterValidator(_known_engine)] = Field(
        default="realtime", description="The API that calls are held by: a module of bot/engines."
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
    azure_token_command: str | None = Field(
        default=None,
        min_length=1,
        description="Prints a Microsoft Entra token, which Azure is shown instead of a key.",
    )
    openai_realtime_model: str = Field(
        default="gpt-realtime-2.1", min_length=1, description="The model that speaks."
    )
    openai_realtime_transcription_model: str = Field(
        default="gpt-4o-mini-transcribe",
        min_length=1,
        description="Writes down what callers say; at Azure the name of a deployment.",
    )
    openai_live_url: Annotated[str, _url("wss", "ws")] | None = Field(
        default=None,
        description="live: endpoint to use as it is, instead of OpenAI's; no emulator starts.",
    )
    openai_live_model: str = Field(
        default="gpt-live-1", min_length=1, description="live: the model that speaks."
    )
    openai_live_backend_model: str = Field(
        default="gpt-5.4-mini", min_length=1, description="live: the model that uses the tools."
    )
    openai_chat_url: Annotated[str, _url("https", "http")] | None = Field(
        default=None,
        description="Chat completions for when no endpoint serves; OpenAI's with its key, or none.",
    )
    openai_chat_key: SecretStr | None = Field(
        default=None, description="Their key; OpenAI's own is used there without it."
    )
    openai_chat_model: str = Field(
        default="gpt-5.4-mini", min_length=1, description="The model that writes."
    )
    realtime_session_minutes: float = Field(
        default=14.0,
        gt=0,
        le=60,
        description="Minutes after which a session with the model is renewed, unheard by callers.",
    )
    realtime_history_tokens: int = Field(
        default=DEFAULT_HISTORY_TOKENS,
        ge=MIN_HISTORY_TOKENS,
        le=100_000,
        description="Tokens of a call that a new session is told; older turns are summarised.",
    )
    realtime_reasoning_effort: Literal["minimal", "low", "medium", "high", "xhigh"] | None = Field(
        default=None,
        description="How long the model may think before it answers; only for models that reason.",
    )
    realtime_retention_ratio: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="Share of the context kept when a session outgrows it; else the model decides.",
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
    teams: Annotated[
        tuple[str, ...],
        NoDecode,
        BeforeValidator(_comma_separated),
        AfterValidator(_known_teams),
    ] = Field(
        default=(),
        description="Teams that a call may ask for besides, comma-separated; all when empty.",
    )
    tool_timeout_s: float = Field(
        default=5.0, gt=0, le=120, description="Seconds a tool may take before the call goes on."
    )
    tool_calls_at_once: int = Field(
        default=3, ge=1, le=32, description="Tool calls that one phone call may have running."
    )
    permitted_mcp_servers: Annotated[
        tuple[str, ...], NoDecode, BeforeValidator(_comma_separated)
    ] = Field(
        default=(),
        description="MCP servers, by label, that the model's own server may call when it asks.",
    )
    database_url: Annotated[str, AfterValidator(_database_url)] | None = Field(
        default=None,
        description="Database of records and tool servers (SQLAlchemy URL); files by default.",
    )
    data_dir: Path = Field(
        default=Path("data"),
        description="Where files are kept: databases that have no URL, and events until stored.",
    )
    records_retention_days: float = Field(
        default=0,
        ge=0,
        le=36_500,
        description="Days after which the record of a call is deleted; 0 keeps it.",
    )
    call_summaries: bool = Field(
        default=True,
        description="Whether OPENAI_CHAT_MODEL sums calls up when they are over, with their data.",
    )
    webhook_secret: Annotated[SecretStr, AfterValidator(_signing_key)] | None = Field(
        default=None,
        description="Signs webhooks; 24 characters or more, or whsec_ and Base64.",
    )
    webhook_urls: Annotated[
        tuple[Receiver, ...], NoDecode, BeforeValidator(read_receivers), AfterValidator(_signed)
    ] = Field(
        default=(),
        description="Who is told of events: url [event …], comma-separated; all events by default.",
    )
    records_spool_mb: float = Field(
        default=256,
        ge=1,
        le=1_000_000,
        description="Megabytes of events that may wait on disk while the database is away.",
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
    recording: RecordingMode = Field(
        default="off",
        description="Calls on disk: off, on, announce (callers are told) or consent (asked first).",
    )
    recording_format: RecordingFormat = Field(
        default="opus", description="opus (in Ogg, some 240 KB a minute) or wav."
    )
    recordings_dir: Path | None = Field(
        default=None, description="Where recordings go; recordings in DATA_DIR by default."
    )
    recordings_retention_days: int = Field(
        default=90,
        ge=0,
        le=36_500,
        description="Days after which a recording is deleted; 0: never.",
    )
    api_keys: Annotated[tuple[ApiKey, ...], NoDecode, BeforeValidator(read_api_keys)] = Field(
        default=(),
        description="Who may control calls: name:scope:key, comma-separated. None: this machine.",
    )
    secret_key: SecretStr | None = Field(
        default=None,
        min_length=32,
        description="Signs sessions and stream tokens; 32 characters or more. None: a new one.",
    )
    session_hours: float = Field(
        default=12.0,
        gt=0,
        le=720,
        description="Hours after which the console asks for a key again.",
    )
    talk_access: Literal["local", "public", "key"] = Field(
        default="local",
        description="Who may call from a browser: this machine, anybody, or holders of a key.",
    )
    cors_origins: Annotated[
        tuple[str, ...], NoDecode, BeforeValidator(_comma_separated), AfterValidator(_origins)
    ] = Field(
        default=(),
        description="Other sites whose pages may use this service, comma-separated. None: no site.",
    )
    rate_limit: Annotated[str, AfterValidator(read_limit)] = Field(
        default="600/minute", description="Requests of one key, or of one address without a key."
    )
    call_rate_limit: Annotated[str, AfterValidator(read_limit)] = Field(
        default="20/minute", description="Calls from a browser that one address may start."
    )
    trusted_proxies: Annotated[
        tuple[str, ...], NoDecode, BeforeValidator(_comma_separated), AfterValidator(_networks)
    ] = Field(
        default=("127.0.0.1", "::1"),
        description="Proxies whose X-Forwarded-For and -Proto are believed: addresses, networks.",
    )
    redis_url: Annotated[str, AfterValidator(_redis_url)] | None = Field(
        default=None, description="Redis that several instances share, for the rate limits."
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
        default="https://api.twilio.com",
        description="The carrier's REST API, for placing calls and hanging up.",
    )
    transfer_number: Annotated[str, AfterValidator(_phone_number)] | None = Field(
        default=None, description="Whom phone callers are connected to when they need a person."
    )
    destructive_tools: Literal["caller", "operator", "free"] = Field(
        default="caller",
        description="Whose yes a tool that is marked destructive needs; free asks nobody.",
    )
    when_unavailable: Annotated[
        Literal["end", "transfer"], AfterValidator(_transfers_somewhere)
    ] = Field(
        default="end",
        description="After the apology, when no model answers: end, or transfer to that number.",
    )
    outbound_countries: Annotated[
        tuple[str, ...],
        NoDecode,
        BeforeValidator(_comma_separated),
        AfterValidator(_countries),
    ] = Field(
        default=(),
        description="Countries that are called, such as US,GB; that of our number when empty.",
    )
    outbound_quiet_hours: Annotated[str, AfterValidator(check_quiet_hours)] = Field(
        default="21:00-08:00",
        description="When nobody is called, by the clock of who is called; none for never.",
    )
    outbound_calls_per_minute: int = Field(
        default=10, ge=1, le=10_000, description="Outbound calls that are placed in any minute."
    )
    outbound_calls_at_once: int = Field(
        default=5, ge=1, le=10_000, description="Outbound calls at once, ringing ones included."
    )
    outbound_ring_s: int = Field(
        default=30, ge=5, le=600, description="Seconds that an outbound call may ring."
    )
    outbound_first_words_s: float = Field(
        default=2.0,
        ge=0,
        le=10,
        description="Seconds that who is called has to say hello before they are greeted.",
    )
    outbound_max_duration_s: float = Field(
        default=600.0,
        ge=10,
        le=14_400,
        description="Seconds that an outbound call may last that asks for no other limit.",
    )
    max_cost_usd: float = Field(
        default=0.0,
        ge=0,
        le=1000,
        description="US dollars that a call may cost before it is ended politely; 0: any.",
    )
    prices_file: Annotated[Path, AfterValidator(check_prices)] | None = Field(
        default=None, description="Prices of models (TOML) that replace or extend the shipped ones."
    )
    carrier_usd_per_minute: float = Field(
        default=0.0,
        ge=0,
        le=100,
        description="What the carrier takes for each minute of a phone call, in US dollars.",
    )
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
    otel_exporter_otlp_endpoint: Annotated[str, _url("https", "http")] | None = Field(
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

    def secrets(self) -> list[str]:
        """The values that nobody is to read, for the log to keep out."""
        found = [value.get_secret_value() for _, value in self if isinstance(value, SecretStr)]
        found += [key.key.get_secret_value() for key in self.openai_realtime_fallback_keys]
        urls = [value for _, value in self if isinstance(value, str) and "://" in value]
        return found + [password for url in urls if (password := urlsplit(url).password)]

    @property
    def engine(self) -> Literal["openai", "custom", "emulator"]:
        """Which model answers: the one at a URL, OpenAI's by key, else the emulator."""
        live = self.voice_engine == "live"
        if self.openai_live_url if live else self.openai_realtime_url:
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
    secret = any(word in name for word in ("KEY", "TOKEN", "DATABASE", "REDIS", "WEBHOOK"))
    got = "" if secret else f" (it is {error['input']!r})"
    return f"{name} should be {expected.removeprefix('Input should be ')}{got}"
