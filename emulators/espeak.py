"""The espeak-ng library, loaded from the package ``espeakng_loader`` (no system package needed).

espeak-ng keeps its state in globals and has crashed when two threads used it, so a process has
one `Espeak` (from `shared_espeak`) and every call into the library holds its lock.
"""

import ctypes
import threading
from dataclasses import dataclass
from functools import cache
from typing import Any

import espeakng_loader
import numpy as np
import numpy.typing as npt

# Numbers from espeak-ng's speak_lib.h (API revision 12).
_AUDIO_OUTPUT_SYNCHRONOUS = 2
_CHARS_UTF8 = 1
_END_PAUSE = 0x1000
_POSITION_CHARACTER = 1
_PARAMETER_RATE, _PARAMETER_PITCH = 1, 3
_EVENT_LIST_TERMINATED, _EVENT_WORD, _EVENT_CLAUSE_END = 0, 1, 5
_LOWEST_RATE_WPM, _HIGHEST_RATE_WPM = 80, 450
_PHONEMES_IPA = 0x02


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position_ms", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    )


_SynthCallback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


class EspeakError(RuntimeError):
    """espeak-ng could not be loaded or refused a request."""


@dataclass(frozen=True, slots=True)
class Boundary:
    """Where a word starts, or where a clause has ended, in text and in audio.

    Attributes:
        character: Index into the text.
        sample: Index into the audio.
        ends_clause: A pause follows; otherwise a word starts here.
    """

    character: int
    sample: int
    ends_clause: bool


@dataclass(frozen=True, slots=True)
class Utterance:
    """What espeak-ng made of a text: mono PCM16 samples at `Espeak.sample_rate`."""

    samples: npt.NDArray[np.int16]
    boundaries: tuple[Boundary, ...]


class Espeak:
    """The library. Use `shared_espeak`; a second instance in one process is an error of ours.

    Raises:
        EspeakError: The library or its data cannot be loaded.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        try:
            library = ctypes.CDLL(espeakng_loader.get_library_path())
        except OSError as error:
            raise EspeakError(f"cannot load espeak-ng from espeakng-loader: {error}") from error
        library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        data = espeakng_loader.get_data_path().encode()
        self.sample_rate: int = library.espeak_Initialize(_AUDIO_OUTPUT_SYNCHRONOUS, 0, data, 0)
        if self.sample_rate <= 0:
            raise EspeakError(f"espeak-ng cannot use its data at {data.decode()}")
        self._library = library
        self._audio: list[bytes] = []
        self._boundaries: list[Boundary] = []
        self._voice = ""
        # The callback must live as long as the library may call it.
        self._callback = _SynthCallback(self._collect)
        library.espeak_SetSynthCallback(self._callback)

    def synthesize(self, text: str, *, voice: str, words_per_minute: int, pitch: int) -> Utterance:
        """Speaks a text; about a thousand times faster than real time.

        Args:
            text: One sentence or more.
            voice: espeak-ng's name, with a variant: ``en-us+f3``.
            words_per_minute: 80 to 450; values outside are brought to the nearest.
            pitch: 0 to 99, where 50 is the voice's own.

        Raises:
            EspeakError: There is no such voice, or synthesis failed.
        """
        rate = min(max(words_per_minute, _LOWEST_RATE_WPM), _HIGHEST_RATE_WPM)
        data = text.replace("\0", " ").encode() + b"\0"
        with self._lock:
            self._use_voice(voice)
            self._library.espeak_SetParameter(_PARAMETER_RATE, rate, 0)
            self._library.espeak_SetParameter(_PARAMETER_PITCH, pitch, 0)
            self._audio.clear()
            self._boundaries.clear()
            status = self._library.espeak_Synth(
                data, len(data), 0, _POSITION_CHARACTER, 0, _CHARS_UTF8 | _END_PAUSE, None, None
            )
            if status != 0:
                raise EspeakError(f"espeak-ng failed with status {status} to say {text!r}")
            samples = np.frombuffer(b"".join(self._audio), dtype=np.int16)
            return Utterance(samples, tuple(self._boundaries))

    def phonemes(self, text: str, *, voice: str = "en-us") -> list[list[str]]:
        """How a text is pronounced: IPA phonemes, with stress marks, word by word."""
        with self._lock:
            self._use_voice(voice)
            pointer = ctypes.c_char_p(text.encode() + b"\0")
            clauses = []
            while pointer.value:
                clause = self._library.espeak_TextToPhonemes(
                    ctypes.byref(pointer), _CHARS_UTF8, _PHONEMES_IPA | ord("_") << 8
                )
                clauses.append((clause or b"").decode())
        words = " ".join(clauses).split()
        return [[phoneme for phoneme in word.split("_") if phoneme] for word in words]

    def _use_voice(self, voice: str) -> None:
        if voice != self._voice:
            if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
                raise EspeakError(f"espeak-ng has no voice {voice!r}")
            self._voice = voice

    def _collect(self, wave: Any, count: int, events: Any) -> int:
        index = 0
        while (event := events[index]).type != _EVENT_LIST_TERMINATED:
            if event.type in (_EVENT_WORD, _EVENT_CLAUSE_END):
                ends = event.type == _EVENT_CLAUSE_END
                self._boundaries.append(Boundary(event.text_position - 1, event.sample, ends))
            index += 1
        if wave and count:
            self._audio.append(ctypes.string_at(wave, 2 * count))
        return 0


@cache
def shared_espeak() -> Espeak:
    """The process's one instance; loading it takes a few milliseconds."""
    return Espeak()
