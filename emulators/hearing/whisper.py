"""Hearing with Whisper (faster-whisper, on the CPU); the extra ``whisper``.

The library fetches the model (75 MB for ``base.en``) at first use. It hears anything, needs about
half of real time on two cores, and takes the hints' values for likely words.
"""

from itertools import islice

import numpy as np
import numpy.typing as npt

from emulators.extras import import_extra
from emulators.hearing import Hints
from emulators.hearing.utterances import Recognize, UtteranceHearing

_MOST_HOTWORDS = 80
"""Whisper's prompt holds 224 tokens."""


def whisper_hearing(model: str = "base.en") -> UtteranceHearing:
    """The engine.

    Args:
        model: A name such as ``tiny.en``, ``base.en`` or ``small.en``, or a folder.

    Raises:
        MissingExtraError: The extra is not installed.
    """
    library = import_extra("faster_whisper", "whisper")

    def load() -> Recognize:
        engine = library.WhisperModel(model, device="cpu", compute_type="int8")

        def recognize(samples: npt.NDArray[np.float32], hints: Hints) -> str:
            segments, _ = engine.transcribe(
                samples,
                language="en",
                beam_size=1,
                condition_on_previous_text=False,
                hotwords=hotwords(hints) or None,
            )
            # It invents words for silence, and says itself that it doubts them.
            return " ".join(part.text for part in segments if part.no_speech_prob < 0.6)

        return recognize

    return UtteranceHearing(load)


def hotwords(hints: Hints) -> str:
    """Values that slots can have: the names that nobody spells right by ear."""
    values = dict.fromkeys(value for words in hints.vocabulary.values() for value in words)
    return ", ".join(islice(values, _MOST_HOTWORDS))
