"""Text to audio for the emulators: OpenAI's voice names and the callers' voices, offline."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SpeechChunk:
    """A stretch of speech: mono PCM16 little-endian and the words that it says (may be empty)."""

    pcm: bytes
    text: str


class Speech(Protocol):
    """A voice box. Implementations say in their docstring what they need."""

    def speak(
        self, text: str, *, voice: str, sample_rate: int, speed: float = 1.0
    ) -> AsyncIterator[SpeechChunk]:
        """Speaks ``text``, chunk by chunk, far faster than real time.

        Args:
            text: What to say.
            voice: A voice name; an unknown one raises ``ValueError`` that lists the known ones.
            sample_rate: Of the audio that comes out, in Hz (8000, 16000 or 24000).
            speed: 0.25 to 1.5, 1 is the voice's own pace.
        """
        ...
