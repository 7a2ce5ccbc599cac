"""What the caller heard, in words, as far as an offline ear can tell."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import soxr

from emulators.hearing import Hearing, Hints
from emulators.twilio.ear import Span
from emulators.twilio.frames import SAMPLE_RATE, SILENCE, decode, samples

EXPECTED = Hints(
    phrases=(
        "your confirmation number is {digits_6}",
        "booking {digits_6} is cancelled",
        "the number is {digits}",
        "{digits}",
        "how can i help you",
        "how can i help you today",
        "is there anything else i can do for you",
        "which one would you like",
        "shall i book it",
        "is that right",
        "one moment please",
        "thank you for calling goodbye",
        "thank you for calling",
        "goodbye",
        "i'm sorry",
    )
)
"""What agents say whatever they are for; `--expect` adds to it."""

_MARGIN_S = 0.2
_STRETCH = 1.03


@dataclass(frozen=True, slots=True)
class Transcript:
    """Words, and whether to rely on them.

    Attributes:
        text: Lower case; a stretch of speech that is unsure is in square brackets.
        unsure: Whether any stretch is.
    """

    text: str
    unsure: bool


class Listener:
    """Puts stretches of speech into words.

    An ear that is bound to hints always answers with one of them, also when something else was
    said. So each stretch is heard twice, the second time a little faster: where the two differ, or
    where nothing was understood, it is unsure.
    """

    def __init__(self, hearing: Hearing, hints: Hints = EXPECTED) -> None:
        self._hearing = hearing
        self._hints = hints

    async def transcribe(self, heard: bytes, spans: Iterable[Span]) -> Transcript:
        """The words in ``spans`` of a line's μ-law audio."""
        parts = []
        unsure = False
        for span in spans:
            pcm = _with_margin(heard, span)
            text = await self._words(pcm)
            if text and text == await self._words(_faster(pcm)):
                parts.append(text)
            else:
                unsure = True
                parts.append(f"[{text or '?'}]")
        return Transcript(" ".join(parts), unsure)

    async def _words(self, pcm: bytes) -> str:
        return await self._hearing.transcribe(pcm, sample_rate=SAMPLE_RATE, hints=self._hints)


def _with_margin(heard: bytes, span: Span) -> bytes:
    """The span as PCM16, with silence around it rather than its neighbours."""
    margin = SILENCE * samples(_MARGIN_S)
    return decode(margin + bytes(heard[span.start : span.end]) + margin)


def _faster(pcm: bytes) -> bytes:
    resampled = soxr.resample(np.frombuffer(pcm, np.int16), SAMPLE_RATE * _STRETCH, SAMPLE_RATE)
    faster: bytes = resampled.astype(np.int16).tobytes()
    return faster
