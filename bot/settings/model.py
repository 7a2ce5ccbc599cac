"""Which model answers, where it is reached, and how it listens and speaks."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

from bot.engines import engine_names
from bot.fallbacks import Fallback, FallbackKey, check_keys, read_fallbacks, read_keys
from bot.settings.forms import HttpUrl, WebSocketUrl
from processors.realtime.policy import DEFAULT_HISTORY_TOKENS, MIN_HISTORY_TOKENS


def _known_engine(name: str) -> str:
    if name not in engine_names():
        raise ValueError(f"one of {', '.join(engine_names())}")
    return name


class ModelSettings(BaseModel):
    """Which model answers, where it is reached, and how it listens and speaks."""

    voice_engine: Annotated[str, AfterValidator(_known_engine)] = Field(
        default="realtime", description="The API that calls are held by: a module of bot/engines."
    )
    openai_api_key: SecretStr | None = Field(
        default=None, description="Key for the model. Without it the offline engine answers."
    )
    openai_realtime_url: WebSocketUrl | None = Field(
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
    openai_live_url: WebSocketUrl | None = Field(
        default=None,
        description="live: endpoint to use as it is, instead of OpenAI's; no emulator starts.",
    )
    openai_live_model: str = Field(
        default="gpt-live-1", min_length=1, description="live: the model that speaks."
    )
    openai_live_backend_model: str = Field(
        default="gpt-5.4-mini", min_length=1, description="live: the model that uses the tools."
    )
    openai_chat_url: HttpUrl | None = Field(
        default=None,
        description="Chat completions for when no endpoint serves; OpenAI's with its key, or none.",
    )
    openai_chat_key: SecretStr | None = Field(
        default=None, description="Their key; OpenAI's own is used there without it."
    )
    openai_chat_model: str = Field(
        default="gpt-5.4-mini", min_length=1, description="The model that writes."
    )
    moderation_model: str | None = Field(
        default=None,
        min_length=1,
        description="Asked about what agents say, such as omni-moderation-latest; none: nobody.",
    )
    moderation_url: HttpUrl | None = Field(
        default=None, description="Where it is; where chat completions are by default."
    )
    moderation_key: SecretStr | None = Field(
        default=None, description="Its key; OpenAI's own is used there without it."
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
    hold_line_after_s: float = Field(
        default=2.0,
        ge=0,
        le=60,
        description="Seconds in which somebody may wait in silence until a recorded line; 0: any.",
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
