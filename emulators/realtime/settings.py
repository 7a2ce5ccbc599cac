"""A session's configuration: the vendor's defaults, and what a ``session.update`` does to it."""

import copy
import time
from typing import Any

from emulators.realtime import errors
from emulators.realtime.formats import PCM, AudioFormat, audio_format
from emulators.realtime.ids import new_id

DEFAULT_INSTRUCTIONS = (
    "Your knowledge cutoff is 2023-10. You are a helpful, witty, and friendly AI. Act like a "
    "human, but remember that you aren't a human and that you can't do human things in the real "
    "world. Your voice and personality should be warm and engaging, with a lively and playful "
    "tone."
)
"""Stands in for the service's own default, which it shows in ``session.created``."""

_SERVER_VAD: dict[str, Any] = {
    "type": "server_vad",
    "threshold": 0.5,
    "prefix_padding_ms": 300,
    "silence_duration_ms": 500,
    "idle_timeout_ms": None,
    "create_response": True,
    "interrupt_response": True,
}
_SEMANTIC_VAD: dict[str, Any] = {
    "type": "semantic_vad",
    "eagerness": "auto",
    "create_response": True,
    "interrupt_response": True,
}
_CLEARABLE = ("tracing", "prompt", "include")


class SessionSettings:
    """The effective configuration, kept as the object that ``session.updated`` shows."""

    def __init__(self, model: str, lifetime_s: float) -> None:
        self.wire: dict[str, Any] = {
            "type": "realtime",
            "object": "realtime.session",
            "id": new_id("sess"),
            "model": model,
            "output_modalities": ["audio"],
            "instructions": DEFAULT_INSTRUCTIONS,
            "tools": [],
            "tool_choice": "auto",
            "max_output_tokens": "inf",
            "tracing": None,
            "truncation": "auto",
            "prompt": None,
            "expires_at": int(time.time() + lifetime_s),
            "audio": {
                "input": {
                    "format": PCM.to_wire(),
                    "transcription": None,
                    "noise_reduction": None,
                    "turn_detection": dict(_SERVER_VAD),
                },
                "output": {"format": PCM.to_wire(), "voice": "alloy", "speed": 1.0},
            },
            "include": None,
        }

    def snapshot(self) -> dict[str, Any]:
        """A copy for an event."""
        return copy.deepcopy(self.wire)

    def update(self, change: dict[str, Any], *, voice_locked: bool) -> None:
        """Takes over a validated ``session`` object of a ``session.update``, all or nothing.

        Args:
            change: Only what is present changes. ``null`` turns off what can be turned off.
            voice_locked: The assistant has spoken, so that the voice cannot change any more.

        Raises:
            RealtimeError: For another model, or another voice once it is locked.
        """
        model = change.get("model")
        if model is not None and model != self.wire["model"]:
            raise errors.invalid_value(
                f"Cannot change the model of a session from '{self.wire['model']}' to '{model}'.",
                "session.model",
            )
        audio = change.get("audio") or {}
        output = audio.get("output") or {}
        if voice_locked and output.get("voice") not in (None, self.voice):
            raise errors.cannot_update_voice()
        for name, value in change.items():
            if name not in ("type", "model", "audio") and (value is not None or name in _CLEARABLE):
                self.wire[name] = copy.deepcopy(value)
        self.wire["audio"]["output"].update(
            {name: copy.deepcopy(value) for name, value in output.items() if value is not None}
        )
        self._update_input(audio.get("input") or {})

    def _update_input(self, change: dict[str, Any]) -> None:
        current = self.wire["audio"]["input"]
        for name, value in change.items():
            match name:
                case "format" if value is None:
                    continue
                case "turn_detection" if value is not None:
                    current[name] = _merge_turn_detection(current[name], value)
                case "transcription" if value is not None:
                    blank = {"model": None, "language": None, "prompt": None}
                    current[name] = {**(current[name] or blank), **value}
                case "noise_reduction" if value is not None:
                    current[name] = {**(current[name] or {}), **value}
                case _:
                    current[name] = copy.deepcopy(value)

    @property
    def instructions(self) -> str:
        """The system instructions."""
        return str(self.wire["instructions"])

    @property
    def tools(self) -> list[dict[str, Any]]:
        """Function and MCP tools, as sent by the client."""
        return list(self.wire["tools"])

    @property
    def voice(self) -> str:
        """The voice's name."""
        return str(self.wire["audio"]["output"]["voice"])

    @property
    def speed(self) -> float:
        """0.25 to 1.5."""
        return float(self.wire["audio"]["output"]["speed"])

    @property
    def input_format(self) -> AudioFormat:
        """Of appended audio."""
        return audio_format(self.wire["audio"]["input"]["format"])

    @property
    def output_format(self) -> AudioFormat:
        """Of the assistant's audio."""
        return audio_format(self.wire["audio"]["output"]["format"])

    @property
    def turn_detection(self) -> dict[str, Any] | None:
        """``server_vad`` or ``semantic_vad`` with all fields; ``None`` for manual turns."""
        detection: dict[str, Any] | None = self.wire["audio"]["input"]["turn_detection"]
        return detection

    @property
    def transcription(self) -> dict[str, Any] | None:
        """How input audio is transcribed for the client; ``None`` when it is not."""
        transcription: dict[str, Any] | None = self.wire["audio"]["input"]["transcription"]
        return transcription


def _merge_turn_detection(current: dict[str, Any] | None, change: dict[str, Any]) -> dict[str, Any]:
    """Present fields over the current ones of the same type, else over the type's defaults."""
    defaults = _SERVER_VAD if change["type"] == "server_vad" else _SEMANTIC_VAD
    base = current if current and current["type"] == change["type"] else defaults
    # An explicit null clears the idle timeout; for the others it means "not given".
    given = {k: v for k, v in change.items() if v is not None or k == "idle_timeout_ms"}
    return {**base, **given}
