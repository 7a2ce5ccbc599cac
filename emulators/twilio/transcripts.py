"""What the caller heard, in words, as far as an offline ear can tell.

An ear that is bound to hints answers with one of them also when something else was said, which an
agent usually does. So each sentence is heard three times, at slightly different paces, and counts
only where the ear agrees with itself and with what was expected. Then digits come out right, and
free speech comes out as unknown rather than as an invention.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import soxr

from emulators.hearing import Hearing, Hints
from emulators.hearing.grammar import spoken_words
from emulators.twilio.ear import Ear, Span
from emulators.twilio.frames import FRAME_SAMPLES, SAMPLE_RATE, SILENCE, decode, samples

EXPECTED = (
    "your confirmation number is {digits_6}",
    "booking {digits_6} is cancelled",
    "how can i help you",
    "how can i help you today",
    "is there anything else i can do for you",
    "which one would you like",
    "shall i book it",
    "shall i go ahead",
    "is that right",
    "one moment please",
    "thank you for calling",
    "goodbye",
    "thank you for calling goodbye",
)
"""What agents say whatever they are for."""

_SENTENCE_BREAK_S = 0.14
_MARGIN_S = 0.2
_PACES = (1.0, 1.03, 0.97)
_SLOT = re.compile(r"\{(\w+)\}")
_DIGITS = r"(?:(?:zero|oh|one|two|three|four|five|six|seven|eight|nine) ?)+"
_ANYTHING = r"[a-z' ]+"


@dataclass(frozen=True, slots=True)
class Transcript:
    """Words, and whether to rely on them.

    Attributes:
        text: Lower case, numbers written out. A guess is in brackets, ``[goodbye?]``; ``[?]`` is a
            sentence of which nothing is known.
        unsure: Whether there is a bracket.
    """

    text: str
    unsure: bool


class Listener:
    """Puts stretches of speech into words.

    Args:
        hearing: The ear.
        expected: Sentences that may be said, with ``{slots}`` as in `Hints`, beside `EXPECTED`.
    """

    def __init__(self, hearing: Hearing, expected: Iterable[str] = ()) -> None:
        phrases = (*expected, *EXPECTED)
        self._hearing = hearing
        self._hints = Hints(phrases)
        self._allowed = re.compile("|".join(map(_pattern, phrases)))

    async def transcribe(self, heard: bytes, spans: Iterable[Span]) -> Transcript:
        """The words in ``spans`` of a line's μ-law audio."""
        parts = [
            await self._sentence(_with_margin(heard, sentence))
            for span in spans
            for sentence in _sentences(heard, span)
        ]
        return Transcript(" ".join(parts), any(part.startswith("[") for part in parts))

    async def _sentence(self, pcm: bytes) -> str:
        heard = Counter([await self._words(_at_pace(pcm, pace)) for pace in _PACES])
        text, votes = heard.most_common(1)[0]
        if votes == 1 or not self._allowed.fullmatch(text):
            return "[?]"
        return text if votes == len(_PACES) else f"[{text}?]"

    async def _words(self, pcm: bytes) -> str:
        return await self._hearing.transcribe(pcm, sample_rate=SAMPLE_RATE, hints=self._hints)


def _pattern(phrase: str) -> str:
    """What a phrase allows, as a regular expression."""
    parts = []
    for index, part in enumerate(_SLOT.split(phrase)):
        if index % 2:
            parts.append(_DIGITS if part.startswith("digits") else _ANYTHING)
        elif words := " ".join(spoken_words(part)):
            parts.append(re.escape(words))
    # The digits' pattern may have taken the space after them.
    return " ?".join(parts)


def _sentences(heard: bytes, span: Span) -> list[Span]:
    """Cuts a stretch of speech at its pauses: a sentence is easier to hear than several."""
    ear = Ear(breath_s=_SENTENCE_BREAK_S)
    for start in range(span.start, span.end, FRAME_SAMPLES):
        ear.hear(heard[start : start + FRAME_SAMPLES].ljust(FRAME_SAMPLES, SILENCE))
    return [Span(span.start + part.start, span.start + part.end) for part in ear.spans]


def _with_margin(heard: bytes, span: Span) -> bytes:
    """The span as PCM16, with silence around it rather than its neighbours."""
    margin = SILENCE * samples(_MARGIN_S)
    return decode(margin + heard[span.start : span.end] + margin)


def _at_pace(pcm: bytes, pace: float) -> bytes:
    if pace == 1:
        return pcm
    resampled = soxr.resample(np.frombuffer(pcm, np.int16), SAMPLE_RATE * pace, SAMPLE_RATE)
    changed: bytes = resampled.astype(np.int16).tobytes()
    return changed
