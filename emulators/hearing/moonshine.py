"""Hearing with Moonshine, small and fast on the CPU; the extra ``moonshine``.

The library fetches its English model at first use. It hears anything and takes no hints.
"""

import numpy as np
import numpy.typing as npt

from emulators.extras import import_extra
from emulators.hearing import Hints
from emulators.hearing.utterances import RATE, Recognize, UtteranceHearing


def moonshine_hearing() -> UtteranceHearing:
    """The engine; raises `MissingExtraError` when the extra is not installed."""
    library = import_extra("moonshine_voice", "moonshine")

    def load() -> Recognize:
        path, architecture = library.get_model_for_language("en")
        transcriber = library.Transcriber(path, architecture)

        def recognize(samples: npt.NDArray[np.float32], _hints: Hints) -> str:
            transcript = transcriber.transcribe_without_streaming(samples.tolist(), RATE)
            return " ".join(line.text for line in transcript.lines)

        return recognize

    return UtteranceHearing(load)
