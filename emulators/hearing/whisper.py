"""Hearing with Whisper, for what no grammar expects.

Needs the extra: ``.venv/bin/uv pip install -r pyproject.toml --extra whisper``.
faster-whisper fetches the model's weights at the first use, from the hub of its own choice.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np
import soxr

from emulators.extras import MissingExtraError
from emulators.hearing import Hints
from emulators.hearing.grammar import spoken_words

MODEL_RATE = 16_000
MODEL = "base.en"
_PROMPT_PHRASES = 12
"""Whisper reads a prompt of at most 224 tokens; a few phrases set the subject."""


class WhisperHearing:
    """Implements `emulators.hearing.Hearing` with faster-whisper: free English, no grammar.

    Decoding releases the interpreter's lock, so a thread is enough; one utterance at a time.

    Args:
        model: A name or a folder that faster-whisper knows.
        load: Makes the model; tests bring their own.

    Raises:
        MissingExtraError: The package faster-whisper is not installed.
    """

    def __init__(self, model: str = MODEL, load: Callable[[str], Any] | None = None) -> None:
        self._model = (load or _load)(model)
        self._turn = asyncio.Lock()

    async def transcribe(self, pcm: bytes, *, sample_rate: int, hints: Hints) -> str:
        """See `emulators.hearing.Hearing.transcribe`; ``hints`` become Whisper's prompt."""
        async with self._turn:
            return await asyncio.to_thread(self._transcribe, pcm, sample_rate, hints)

    def _transcribe(self, pcm: bytes, sample_rate: int, hints: Hints) -> str:
        samples = np.frombuffer(pcm, dtype=np.int16).astype(np.float32) / 32768
        if not len(samples):
            return ""
        audio = soxr.resample(samples, sample_rate, MODEL_RATE)
        prompt = ". ".join(phrase for phrase in hints.phrases if "{" not in phrase)
        segments, _info = self._model.transcribe(
            audio,
            language="en",
            initial_prompt=". ".join(prompt.split(". ")[:_PROMPT_PHRASES]) or None,
            condition_on_previous_text=False,
        )
        return " ".join(spoken_words(" ".join(segment.text for segment in segments)))

    async def warm_up(self, hints: Hints) -> None:
        """Hears a moment of silence, so that the first caller does not wait."""
        await self.transcribe(bytes(2 * MODEL_RATE), sample_rate=MODEL_RATE, hints=hints)

    async def close(self) -> None:
        """Nothing runs between utterances."""


def _load(model: str) -> Any:
    try:
        from faster_whisper import WhisperModel
    except ImportError as missing:
        raise MissingExtraError(
            "hearing with Whisper needs the package faster-whisper: "
            ".venv/bin/uv pip install -r pyproject.toml --extra whisper"
        ) from missing
    return WhisperModel(model, device="cpu", compute_type="int8")
