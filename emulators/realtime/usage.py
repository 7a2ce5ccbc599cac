"""Tokens: what a response is billed for.

Audio counts as documented: one token per 100 ms of the caller's audio and per 50 ms of the
assistant's. Text is estimated at four characters a token, which is near enough for costs and
limits to behave as they do with the real service.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from emulators.realtime.conversation import Item, ItemAudio

USER_TOKEN_MS = 100
ASSISTANT_TOKEN_MS = 50
_IMAGE_TOKENS = 85
_CACHE_BLOCK = 64
"""The service caches prefixes in blocks of this many tokens."""


@dataclass(slots=True)
class Tokens:
    """Tokens by kind."""

    text: int = 0
    audio: int = 0
    image: int = 0

    @property
    def total(self) -> int:
        """All kinds together."""
        return self.text + self.audio + self.image

    def cached_of(self, previous: "Tokens") -> "Tokens":
        """The part that the previous prompt had too, in whole blocks."""
        return Tokens(
            *(
                min(now, before) // _CACHE_BLOCK * _CACHE_BLOCK
                for now, before in (
                    (self.text, previous.text),
                    (self.audio, previous.audio),
                    (self.image, previous.image),
                )
            )
        )


def text_tokens(text: str) -> int:
    """An estimate of a text's tokens."""
    return math.ceil(len(text) / 4)


def assistant_audio_tokens(duration_ms: float) -> int:
    """Tokens of audio that the assistant speaks."""
    return math.ceil(duration_ms / ASSISTANT_TOKEN_MS)


def prompt_tokens(instructions: str, tools: Sequence[Any], items: Iterable[Item]) -> Tokens:
    """What a response reads: instructions, tools and items."""
    tokens = Tokens(text=text_tokens(instructions))
    if tools:
        tokens.text += text_tokens(orjson.dumps(list(tools)).decode())
    for item in items:
        _add_item(tokens, item)
    return tokens


def _add_item(tokens: Tokens, item: Item) -> None:
    wire = item.wire
    per_token = ASSISTANT_TOKEN_MS if wire.get("role") == "assistant" else USER_TOKEN_MS
    for index, part in enumerate(wire.get("content", ())):
        if index in item.audio:
            tokens.audio += math.ceil(item.audio[index].duration_ms / per_token)
        elif part.get("type") == "input_image":
            tokens.image += _IMAGE_TOKENS
        tokens.text += text_tokens(part.get("text") or "")
    for name in ("name", "arguments", "output"):
        if isinstance(wire.get(name), str):
            tokens.text += text_tokens(wire[name])


def response_usage(read: Tokens, cached: Tokens, written: Tokens) -> dict[str, Any]:
    """The ``usage`` of a finished response."""
    return {
        "total_tokens": read.total + written.total,
        "input_tokens": read.total,
        "output_tokens": written.total,
        "input_token_details": {
            "text_tokens": read.text,
            "audio_tokens": read.audio,
            "image_tokens": read.image,
            "cached_tokens": cached.total,
            "cached_tokens_details": {
                "text_tokens": cached.text,
                "audio_tokens": cached.audio,
                "image_tokens": cached.image,
            },
        },
        "output_token_details": {"text_tokens": written.text, "audio_tokens": written.audio},
    }


def transcription_usage(model: str | None, audio: ItemAudio, transcript: str) -> dict[str, Any]:
    """The ``usage`` of a transcription: tokens, or seconds for models billed by duration."""
    if model in ("whisper-1", "gpt-realtime-whisper"):
        return {"type": "duration", "seconds": math.ceil(audio.duration_ms / 1000)}
    read, written = math.ceil(audio.duration_ms / USER_TOKEN_MS), text_tokens(transcript)
    return {
        "type": "tokens",
        "total_tokens": read + written,
        "input_tokens": read,
        "input_token_details": {"text_tokens": 0, "audio_tokens": read},
        "output_tokens": written,
    }
