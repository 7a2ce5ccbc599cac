"""What is measured of a call: latency, tokens, cost, and the quality of its line."""

from typing import Literal

from pydantic import Field

from processors.events.event import Event


class TurnLatency(Event):
    """From the end of the caller's speech to the first audio of the answer, at our side."""

    type: Literal["turn.latency"] = "turn.latency"
    latency_ms: float


class Usage(Event):
    """What one response, or one transcript of the caller's, was billed for.

    Input tokens include the ``cached_tokens``, of which ``cached_audio_tokens`` were audio.
    ``audio_s`` is what models that write transcripts are billed by, where it isn't tokens.
    ``response_id`` is then the item's.
    """

    type: Literal["usage"] = "usage"
    response_id: str
    model: str
    input_text_tokens: int = 0
    input_audio_tokens: int = 0
    cached_tokens: int = 0
    cached_audio_tokens: int = 0
    output_text_tokens: int = 0
    output_audio_tokens: int = 0
    audio_s: float = 0.0


class Cost(Event):
    """What the call has cost so far, in US dollars; every few seconds, and when it is over.

    ``by_kind`` has ``realtime``, ``chat``, ``transcription`` (models) and ``carrier``.
    ``unpriced`` are models whose price is not known: what they cost is missing.
    """

    type: Literal["cost"] = "cost"
    usd: float
    by_kind: dict[str, float]
    unpriced: list[str] = Field(default_factory=list)


class CostLimit(Event):
    """The call comes ``near`` what it may cost (80 %), or has ``reached`` it and is ended."""

    type: Literal["cost.limit"] = "cost.limit"
    state: Literal["near", "reached"]
    usd: float
    limit_usd: float


class Quality(Event):
    """How good the caller's line has been so far: every minute, and at the call's end.

    ``clipped`` is a share of the samples; levels are in dB of full scale, ``speech_dbfs`` is None
    when nobody spoke. ``mos`` is estimated by the E-model, 1 to 4.5.
    """

    type: Literal["quality"] = "quality"
    jitter_ms: float
    worst_jitter_ms: float
    gaps: int
    missing_ms: int
    received_ms: int
    speech_dbfs: float | None
    noise_dbfs: float
    clipped: float
    mos: float


class ThresholdExceeded(Event):
    """A figure of the call is above what the settings warn of; once for each figure."""

    type: Literal["threshold.exceeded"] = "threshold.exceeded"
    figure: Literal["latency_ms", "tool_ms", "cost_usd"]
    value: float
    threshold: float


Measured = TurnLatency | Usage | Cost | CostLimit | Quality | ThresholdExceeded
