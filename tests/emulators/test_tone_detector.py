"""Keys are recognised by their tones, and nothing else is."""

import numpy as np
import pytest

from emulators.speech_espeak import EspeakSpeech
from emulators.twilio.frames import FRAME_SAMPLES, SILENCE, encode
from emulators.twilio.keypad import tones as carriers_tones
from emulators.twilio.tone_detector import ToneDetector
from emulators.twilio.voices import spoken
from processors.dtmf import KEYS, tones


def heard(audio: bytes) -> str:
    detector = ToneDetector()
    whole = audio + SILENCE * (-len(audio) % FRAME_SAMPLES)
    frames = (whole[i : i + FRAME_SAMPLES] for i in range(0, len(whole), FRAME_SAMPLES))
    return "".join(key for frame in frames if (key := detector.hear(frame)))


@pytest.mark.parametrize("offset", [0, 37, 80, 159])
def test_every_key_is_recognised_wherever_it_falls_between_frames(offset):
    keys = f"{KEYS}{KEYS[::-1]}1122"
    assert heard(SILENCE * offset + encode(tones(keys, 8000))) == keys
    assert heard(SILENCE * offset + carriers_tones(keys)) == keys


def test_keys_are_recognised_on_a_noisy_and_quiet_line():
    pcm = np.frombuffer(tones("159#", 8000), "<i2") * 0.1
    noise = np.random.default_rng(1).normal(0, 60, len(pcm))
    assert heard(encode((pcm + noise).astype("<i2").tobytes())) == "159#"


def test_a_tone_that_is_too_short_is_no_key():
    assert heard(encode(tones("5", 8000)[: 2 * 8 * 30])) == ""


async def test_speech_is_no_key():
    speech = EspeakSpeech()
    text = "For sales press one, for support press two, and for everything else stay on the line."
    for voice in ("caller", "shimmer"):
        assert heard(await spoken(speech, text, voice)) == ""
