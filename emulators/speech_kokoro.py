"""Speech from Kokoro, a neural voice of 82 million parameters; the extra ``kokoro``.

The library fetches its weights (330 MB) at first use. Python 3.11 or 3.12.
"""

import numpy as np
import numpy.typing as npt

from emulators.extras import import_extra
from emulators.speech_sentences import SentenceSpeech

VOICES = {
    **{"alloy": "af_alloy", "ash": "am_adam", "ballad": "bm_george", "coral": "af_bella"},
    **{"echo": "am_echo", "sage": "af_nova", "shimmer": "af_sarah", "verse": "am_puck"},
    **{"marin": "af_heart", "cedar": "am_michael", "caller": "am_eric"},
}
"""The Realtime API's voices and a caller, to Kokoro's."""

_RATE = 24000
_REPOSITORY = "hexgrad/Kokoro-82M"


def kokoro_speech() -> SentenceSpeech:
    """The engine; loads the model, so call it off the event loop.

    Raises:
        MissingExtraError: The extra is not installed.
    """
    pipeline = import_extra("kokoro", "kokoro").KPipeline(lang_code="a", repo_id=_REPOSITORY)

    def render(sentence: str, voice: str, speed: float) -> tuple[npt.NDArray[np.float32], int]:
        parts = [
            np.asarray(result.audio, dtype=np.float32)
            for result in pipeline(sentence, voice=voice, speed=speed)
            if result.audio is not None
        ]
        return (np.concatenate(parts) if parts else np.zeros(0, np.float32)), _RATE

    return SentenceSpeech(render, VOICES)
