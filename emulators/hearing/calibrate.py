"""``python -m emulators.hearing.calibrate``: measures the channels and writes calibration.json.

Speaks the sentences below with espeak-ng voices (and flite's, where ``/usr/bin/flite`` is) at
16 kHz and over a telephone (8 kHz, μ-law), learns to widen telephone audio from the pairs, and
takes the cepstral means that pocketsphinx arrives at after hearing all of them. Takes a minute.
"""

import audioop
import subprocess
import sys
import tempfile
import wave
from pathlib import Path

import numpy as np
import soxr
from pocketsphinx import Decoder

from emulators.espeak import shared_espeak
from emulators.hearing.bandwidth import RATE, Pcm, learn, widen
from emulators.hearing.calibration import Calibration
from emulators.hearing.pronunciation import model_path

_FLITE = Path("/usr/bin/flite")
_ESPEAK_VOICES = ("en-us+edward", "en-us+klatt5", "en-us+klatt4", "en-us+f2", "en-us+m3")
_FLITE_VOICES = ("rms", "awb", "slt", "kal16")

# Rich in the sounds that telephones cut: s, z, f, th, sh, ch. None of them is a test sentence.
_SENTENCES = (
    "The quick brown fox jumps over the lazy dog.",
    "She sells sea shells by the sea shore.",
    "Six thick thistle sticks, fish and chips.",
    "My number is seven six five four three two one zero nine eight.",
    "Please cancel my flight to San Francisco on Friday, September sixteenth.",
    "Which hotel has the cheapest rooms for five guests?",
    "Thursday, the fifth of February.",
    "Yes, thank you, that is right.",
    "I would like to change the date of this reservation.",
    "Judge Charles chose fresh orange juice.",
    "Zero six six seven five five nine.",
    "August first to October twenty sixth.",
    "The first, the second, the third, the fourth, the fifth, the sixth, and the last.",
    "The first one is faster than the third one, but the third one costs less.",
    "From the thirteenth to the thirtieth of this month, for fourteen or forty nights.",
    "A fast ship sails south through the straits at sunrise.",
    "Three free throws, then a fierce fight for the first place.",
    "Which witch wished to wash the fresh fish in the kitchen sink?",
    "Seth's father thinks that those things are worth a fortune.",
    "Just six students passed the test last Thursday.",
    "He chose a cheap chair and a huge orange juice jug.",
    "Measure the pleasure of a casual evening with a visual treasure.",
    "Both boys gave their dog a good big bone to bite.",
    "Peter packed a paper cup, a copper pot and a tiny tea kettle.",
)


def main() -> int:
    """Measures and writes; prints where."""
    espeak = [(f"espeak {voice}", _espeak(voice)) for voice in _ESPEAK_VOICES]
    flite = [(f"flite {voice}", _flite(voice)) for voice in _FLITE_VOICES if _FLITE.exists()]
    recordings = [wide for _, sentences in (*espeak, *flite) for wide in sentences]
    telephone = [_telephone(wide) for wide in recordings]
    weights = learn(list(zip(recordings, telephone, strict=True)))
    widened = [widen(narrow, weights) for narrow in telephone]
    path = Calibration(
        voices=[name for name, _ in (*espeak, *flite)],
        telephone_mean=_cepstral_mean(widened),
        wideband_mean=_cepstral_mean(recordings),
        weights=weights.round(5).tolist(),
    ).save()
    sys.stdout.write(f"wrote {path}\n")
    return 0


def _espeak(voice: str) -> list[Pcm]:
    espeak = shared_espeak()
    said = [
        espeak.synthesize(text, voice=voice, words_per_minute=150, pitch=50).samples
        for text in _SENTENCES
    ]
    return [soxr.resample(samples, espeak.sample_rate, RATE) for samples in said]


def _flite(voice: str) -> list[Pcm]:
    said = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "said.wav")
        for text in _SENTENCES:
            command = [str(_FLITE), "-voice", voice, "-t", text, "-o", str(path)]
            subprocess.run(command, check=True)  # noqa: S603 - no shell, constant arguments
            with wave.open(str(path)) as file:
                samples = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)
                said.append(soxr.resample(samples, file.getframerate(), RATE))
    return said


def _telephone(wide: Pcm) -> Pcm:
    narrow = soxr.resample(wide, RATE, RATE // 2).astype(np.int16).tobytes()
    return np.frombuffer(audioop.ulaw2lin(audioop.lin2ulaw(narrow, 2), 2), dtype=np.int16)


def _cepstral_mean(recordings: list[Pcm]) -> str:
    """What the decoder's mean is after all recordings, in its own format."""
    decoder = Decoder(
        hmm=str(model_path("en-us")),
        dict=str(model_path("cmudict-en-us.dict")),
        lm=None,
        allphone=str(model_path("en-us-phone.lm.bin")),
        cmn="live",
        loglevel="FATAL",
    )
    decoder.start_utt()
    decoder.process_raw(np.concatenate(recordings).tobytes(), True, False)
    decoder.end_utt()
    return str(decoder.get_cmn(True))


if __name__ == "__main__":
    sys.exit(main())
