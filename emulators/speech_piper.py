"""Speech from Piper, small neural voices that run anywhere; the extra ``piper``.

A voice (60 MB) is fetched by the library at its first use, into ``~/.cache/switchboard/piper``.
"""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from emulators.extras import import_extra
from emulators.speech_sentences import SentenceSpeech

VOICES = {
    **{"alloy": "en_US-amy-medium", "ash": "en_US-joe-medium", "ballad": "en_GB-alan-medium"},
    **{"coral": "en_US-kristin-medium", "echo": "en_US-john-medium", "sage": "en_GB-cori-medium"},
    **{"shimmer": "en_US-hfc_female-medium", "verse": "en_US-bryce-medium"},
    **{"marin": "en_US-lessac-medium", "cedar": "en_US-ryan-medium"},
    **{"caller": "en_US-hfc_male-medium"},
}
"""The Realtime API's voices and a caller, to Piper's."""

_FOLDER = Path("~/.cache/switchboard/piper").expanduser()


def piper_speech(folder: Path = _FOLDER) -> SentenceSpeech:
    """The engine.

    Args:
        folder: Where voices are kept.

    Raises:
        MissingExtraError: The extra is not installed.
    """
    piper = import_extra("piper", "piper")
    downloads = import_extra("piper.download_voices", "piper")

    @cache
    def load(voice: str) -> Any:
        folder.mkdir(parents=True, exist_ok=True)
        downloads.download_voice(voice, folder)
        return piper.PiperVoice.load(folder / f"{voice}.onnx")

    def render(sentence: str, voice: str, speed: float) -> tuple[npt.NDArray[np.float32], int]:
        loaded = load(voice)
        settings = piper.SynthesisConfig(length_scale=1 / speed)
        parts = [
            np.frombuffer(chunk.audio_int16_bytes, dtype=np.int16)
            for chunk in loaded.synthesize(sentence, settings)
        ]
        samples = np.concatenate(parts) if parts else np.zeros(0, np.int16)
        return (samples / 32768).astype(np.float32), loaded.config.sample_rate

    return SentenceSpeech(render, VOICES)
