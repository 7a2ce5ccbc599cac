"""How sessions behave, typed, and the session object that the API takes for it.

Fields and ranges: https://platform.openai.com/docs/api-reference/realtime-client-events/session
(``openai.types.realtime.realtime_session_create_request_param`` states the same).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from agents.team import Agent
from processors.realtime.audio import AudioFormat
from processors.realtime.wording import instructions
from processors.tools import Tool

MIN_SPEED, MAX_SPEED = 0.25, 1.5
MIN_IDLE_TIMEOUT_MS, MAX_IDLE_TIMEOUT_MS = 5000, 30_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerVad:
    """The server ends a turn after silence.

    Attributes:
        threshold: 0 to 1; higher needs louder speech.
        prefix_padding_ms: Audio before the detected start that belongs to the turn.
        silence_duration_ms: Silence that ends a turn.
        create_response: Answer a turn by itself.
        interrupt_response: Cancel the response under way when the caller starts to speak.
        idle_timeout_ms: Prompt a silent caller after this long; None never does.
    """

    threshold: float = 0.5
    prefix_padding_ms: int = 300
    silence_duration_ms: int = 500
    create_response: bool = True
    interrupt_response: bool = True
    idle_timeout_ms: int | None = None

    def __post_init__(self) -> None:
        """Check the ranges that the API states."""
        if not 0 <= self.threshold <= 1:
            raise ValueError(f"threshold is {self.threshold}; it must be from 0 to 1")
        for name in ("prefix_padding_ms", "silence_duration_ms"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} is {getattr(self, name)}; it must not be negative")
        idle = self.idle_timeout_ms
        if idle is not None and not MIN_IDLE_TIMEOUT_MS <= idle <= MAX_IDLE_TIMEOUT_MS:
            raise ValueError(
                f"idle_timeout_ms is {idle}; it must be from "
                f"{MIN_IDLE_TIMEOUT_MS} to {MAX_IDLE_TIMEOUT_MS}"
            )

    @property
    def padding_ms(self) -> int | None:
        """How much longer a turn is by the server's figures than the speech in it."""
        return self.prefix_padding_ms + self.silence_duration_ms

    @property
    def payload(self) -> dict[str, Any]:
        """As ``turn_detection``."""
        payload: dict[str, Any] = {
            "type": "server_vad",
            "threshold": self.threshold,
            "prefix_padding_ms": self.prefix_padding_ms,
            "silence_duration_ms": self.silence_duration_ms,
            "create_response": self.create_response,
            "interrupt_response": self.interrupt_response,
        }
        if self.idle_timeout_ms is not None:
            payload["idle_timeout_ms"] = self.idle_timeout_ms
        return payload


@dataclass(frozen=True, slots=True, kw_only=True)
class SemanticVad:
    """The server ends a turn when the words sound finished.

    Attributes:
        eagerness: How soon: ``low``, ``medium``, ``high`` wait at most 8, 4, 2 s.
        create_response: Answer a turn by itself.
        interrupt_response: Cancel the response under way when the caller starts to speak.
    """

    eagerness: Literal["low", "medium", "high", "auto"] = "auto"
    create_response: bool = True
    interrupt_response: bool = True

    @property
    def prefix_padding_ms(self) -> int:
        """What server VAD keeps by default; semantic VAD states no figure."""
        return 300

    @property
    def padding_ms(self) -> int | None:
        """None: how much silence ends a turn depends on the words."""
        return None

    @property
    def payload(self) -> dict[str, Any]:
        """As ``turn_detection``."""
        return {
            "type": "semantic_vad",
            "eagerness": self.eagerness,
            "create_response": self.create_response,
            "interrupt_response": self.interrupt_response,
        }


TurnDetection = ServerVad | SemanticVad


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """What the server keeps of a conversation that outgrew the context.

    Attributes:
        ratio: Share of the allowed tokens that is kept, 0 to 1; below 1 truncates less often
            and keeps the prompt cache warm.
        post_instructions: Token limit for what follows the instructions; None is the model's.
    """

    ratio: float = 0.8
    post_instructions: int | None = None

    def __post_init__(self) -> None:
        """Check the range that the API states."""
        if not 0 <= self.ratio <= 1:
            raise ValueError(f"ratio is {self.ratio}; it must be from 0 to 1")

    @property
    def payload(self) -> dict[str, Any]:
        """As ``truncation``."""
        payload: dict[str, Any] = {"type": "retention_ratio", "retention_ratio": self.ratio}
        if self.post_instructions is not None:
            payload["token_limits"] = {"post_instructions": self.post_instructions}
        return payload


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOptions:
    """Everything about a session that neither the agent nor the line decides.

    Attributes:
        turn_detection: Who ends a turn, and how.
        transcription_model: Writes down what the caller says; None goes without transcripts.
        transcription_language: ISO 639-1, such as ``en``; None lets the model find out.
        transcription_prompt: Words to expect; not every model takes one.
        noise_reduction: For a microphone ``near_field`` or ``far_field``; None is off.
        speed: Of speech, 0.25 to 1.5.
        reasoning_effort: For models that reason; None leaves it to the model.
        truncation: ``auto``, ``disabled`` or how much to retain.
        max_output_tokens: Of one response; None is the model's limit.
        parallel_tool_calls: For models that reason; None leaves it to the model.
    """

    turn_detection: TurnDetection = field(default_factory=ServerVad)
    transcription_model: str | None = "gpt-4o-mini-transcribe"
    transcription_language: str | None = None
    transcription_prompt: str | None = None
    noise_reduction: Literal["near_field", "far_field"] | None = None
    speed: float = 1.0
    reasoning_effort: Literal["minimal", "low", "medium", "high", "xhigh"] | None = None
    truncation: Literal["auto", "disabled"] | Retention = "auto"
    max_output_tokens: int | None = None
    parallel_tool_calls: bool | None = None

    def __post_init__(self) -> None:
        """Check the ranges that the API states."""
        if not MIN_SPEED <= self.speed <= MAX_SPEED:
            raise ValueError(f"speed is {self.speed}; it must be from {MIN_SPEED} to {MAX_SPEED}")
        if self.max_output_tokens is not None and self.max_output_tokens < 1:
            raise ValueError(f"max_output_tokens is {self.max_output_tokens}; it must be positive")

    def without_turns(self) -> "SessionOptions":
        """The server only tells when the caller speaks: it answers and interrupts nothing."""
        turns = replace(self.turn_detection, create_response=False, interrupt_response=False)
        return replace(self, turn_detection=turns)

    def session(
        self, agent: Agent, tools: Sequence[Tool], audio_format: AudioFormat
    ) -> dict[str, Any]:
        """The whole ``session`` object for ``session.update`` of a fresh session."""
        audio_input: dict[str, Any] = {
            "format": audio_format.payload,
            "turn_detection": self.turn_detection.payload,
        }
        if self.transcription_model:
            audio_input["transcription"] = self._transcription()
        if self.noise_reduction:
            audio_input["noise_reduction"] = {"type": self.noise_reduction}
        output: dict[str, Any] = {"format": audio_format.payload, "voice": agent.voice}
        if self.speed != 1.0:
            output["speed"] = self.speed
        session: dict[str, Any] = {
            **persona(agent, tools),
            "output_modalities": ["audio"],
            "audio": {"input": audio_input, "output": output},
        }
        if self.truncation != "auto":
            retention = self.truncation
            session["truncation"] = (
                retention.payload if isinstance(retention, Retention) else retention
            )
        if self.max_output_tokens is not None:
            session["max_output_tokens"] = self.max_output_tokens
        if self.reasoning_effort:
            session["reasoning"] = {"effort": self.reasoning_effort}
        if self.parallel_tool_calls is not None:
            session["parallel_tool_calls"] = self.parallel_tool_calls
        return session

    def _transcription(self) -> dict[str, Any]:
        transcription: dict[str, Any] = {"model": self.transcription_model}
        if self.transcription_language:
            transcription["language"] = self.transcription_language
        if self.transcription_prompt:
            transcription["prompt"] = self.transcription_prompt
        return transcription


def persona(agent: Agent, tools: Sequence[Tool]) -> dict[str, Any]:
    """The part of the ``session`` object that changes with the agent; the voice can't."""
    return {
        "type": "realtime",
        "instructions": instructions(agent),
        "tools": [function(tool) for tool in tools],
        "tool_choice": "auto",
    }


def function(tool: Tool) -> dict[str, Any]:
    """A tool as the API takes it."""
    return {
        "type": "function",
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.parameters,
    }
