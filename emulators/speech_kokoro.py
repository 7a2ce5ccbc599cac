"""Speech from Kokoro, for ears that espeak-ng tires.

Needs the extra: ``.venv/bin/uv pip install -r pyproject.toml --extra kokoro``.
The package fetches the model's weights and voices at the first use, from the hub of its choice.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

import numpy as np
import soxr

from emulators.extras import MissingExtraError
from emulators.speech import SpeechChunk

MODEL_RATE = 24_000
_SENTENCES = r"(?<=[.!?…])\s+"

VOICES = {
    "alloy": "af_alloy",
    "ash": "am_adam",
    "ballad": "bm_fable",
    "coral": "af_bella",
    "echo": "am_echo",
    "sage": "af_sarah",
    "shimmer": "af_nicole",
    "verse": "am_puck",
    "marin": "af_heart",
    "cedar": "am_michael",
    "caller": "am_fenrir",
}
"""The Realtime API's voice names to Kokoro's."""

Synthesise = Callable[[str, str, float], Iterable[tuple[str, Any]]]
"""Text, Kokoro's voice and the speed to pieces of text and their samples (-1 to 1, 24 kHz)."""


class KokoroSpeech:
    """Implements `emulators.speech.Speech` with Kokoro, a sentence a chunk.

    Args:
        synthesise: Speaks; tests bring their own.

    Raises:
        MissingExtraError: The package kokoro is not installed.
    """

    def __init__(self, synthesise: Synthesise | None = None) -> None:
        self._synthesise = synthesise or _kokoro()
        self._turn = asyncio.Lock()

    async def speak(
        self, text: str, *, voice: str, sample_rate: int, speed: float = 1.0
    ) -> AsyncIterator[SpeechChunk]:
        """See `emulators.speech.Speech.speak`."""
        if voice not in VOICES:
            raise ValueError(f"unknown voice {voice!r}; there is {', '.join(VOICES)}")
        async with self._turn:
            pieces = iter(self._synthesise(text, VOICES[voice], speed))
            while piece := await asyncio.to_thread(next, pieces, None):
                words, samples = piece
                audio = soxr.resample(
                    np.asarray(samples, dtype=np.float32), MODEL_RATE, sample_rate
                )
                pcm = (np.clip(audio, -1, 1) * 32767).astype(np.int16).tobytes()
                yield SpeechChunk(pcm, words)


def _kokoro() -> Synthesise:
    try:
        from kokoro import KPipeline
    except ImportError as missing:
        raise MissingExtraError(
            "speaking with Kokoro needs the package kokoro: "
            ".venv/bin/uv pip install -r pyproject.toml --extra kokoro"
        ) from missing
    pipeline = KPipeline(lang_code="a", repo_id="hexgrad/Kokoro-82M")

    def synthesise(text: str, voice: str, speed: float) -> Iterable[tuple[str, Any]]:
        for result in pipeline(text, voice=voice, speed=speed, split_pattern=_SENTENCES):
            yield f"{result.graphemes} ", result.audio

    return synthesise
