"""The engines for speech and hearing by name; the first of each needs nothing to be installed."""

from emulators.hearing import Hearing
from emulators.hearing.sphinx import PocketSphinxHearing
from emulators.speech import Speech
from emulators.speech_espeak import EspeakSpeech

SPEECH = ("espeak", "kokoro", "piper")
HEARING = ("pocketsphinx", "whisper", "moonshine")


def speech_engine(name: str) -> Speech:
    """A voice box by its name in `SPEECH`; raises `MissingExtraError` if it is not installed."""
    # Imported when chosen: the extras' libraries take seconds to load.
    match name:
        case "espeak":
            return EspeakSpeech()
        case "kokoro":
            from emulators.speech_kokoro import kokoro_speech

            return kokoro_speech()
        case "piper":
            from emulators.speech_piper import piper_speech

            return piper_speech()
    raise ValueError(f"unknown speech engine {name!r}; known are {', '.join(SPEECH)}")


def hearing_engine(name: str, *, workers: int = 1) -> Hearing:
    """An ear by its name in `HEARING`; raises `MissingExtraError` if it is not installed.

    Args:
        name: The engine.
        workers: Processes that ``pocketsphinx`` uses; others bring threads of their own.
    """
    match name:
        case "pocketsphinx":
            return PocketSphinxHearing(workers)
        case "whisper":
            from emulators.hearing.whisper import whisper_hearing

            return whisper_hearing()
        case "moonshine":
            from emulators.hearing.moonshine import moonshine_hearing

            return moonshine_hearing()
    raise ValueError(f"unknown hearing engine {name!r}; known are {', '.join(HEARING)}")
