"""The optional engines around what their packages do; weights are not to be had in CI."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from emulators.extras import MissingExtraError
from emulators.hearing import Hints
from emulators.hearing.whisper import WhisperHearing
from emulators.speech_kokoro import KokoroSpeech


class Whisper:
    def transcribe(self, audio, **options):
        self.audio, self.options = audio, options
        return iter(
            [SimpleNamespace(text=" A table for 2,"), SimpleNamespace(text=" please.")]
        ), None


async def test_whisper_gets_wideband_audio_and_phrases_and_gives_plain_words():
    whisper = Whisper()
    hearing = WhisperHearing(load=lambda _: whisper)
    hints = Hints(["a table please", "for {number} people"])
    words = await hearing.transcribe(b"\0\x40" * 8000, sample_rate=8000, hints=hints)
    assert words == "a table for two please"
    assert whisper.audio.dtype == np.float32
    assert len(whisper.audio) == 16_000
    assert np.isclose(whisper.audio[8000], 0.5, atol=0.01)
    assert whisper.options["initial_prompt"] == "a table please"


async def test_nothing_is_no_words():
    hearing = WhisperHearing(load=lambda _: Whisper())
    assert await hearing.transcribe(b"", sample_rate=8000, hints=Hints()) == ""


async def test_kokoro_speaks_sentence_by_sentence_at_the_rate_that_is_asked_for():
    asked = []

    def synthesise(text, voice, speed):
        asked.append((text, voice, speed))
        yield "One. ", np.full(24_000, 0.5)
        yield "Two. ", np.full(12_000, 2.0)

    speech = KokoroSpeech(synthesise)
    chunks = [
        c async for c in speech.speak("One. Two.", voice="cedar", sample_rate=8000, speed=1.2)
    ]
    assert asked == [("One. Two.", "am_michael", 1.2)]
    assert [(chunk.text, len(chunk.pcm)) for chunk in chunks] == [("One. ", 16000), ("Two. ", 8000)]
    assert np.frombuffer(chunks[1].pcm, np.int16).max() == 32767


async def test_an_unknown_voice_is_named():
    speech = KokoroSpeech(lambda *_: [])
    with pytest.raises(ValueError, match=r"unknown voice 'tom'; there is alloy"):
        [chunk async for chunk in speech.speak("Hello", voice="tom", sample_rate=8000)]


def test_a_missing_extra_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    monkeypatch.setitem(sys.modules, "kokoro", None)
    with pytest.raises(MissingExtraError, match=r"--extra whisper"):
        WhisperHearing()
    with pytest.raises(MissingExtraError, match=r"--extra kokoro"):
        KokoroSpeech()
