"""The engines of the extras, with stand-ins for their libraries: these are not installed here."""

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from emulators.engines import HEARING, SPEECH, hearing_engine, speech_engine
from emulators.extras import MissingExtraError
from emulators.hearing import Hints
from emulators.hearing.utterances import words_only

TEXT = "Good morning. How can I help you?"


def install(monkeypatch, name: str, **contents: object) -> None:
    module = ModuleType(name)
    vars(module).update(contents)
    monkeypatch.setitem(sys.modules, name, module)


@pytest.mark.parametrize("name", SPEECH[1:])
def test_a_speech_engine_that_is_not_installed_says_how_to_install_it(monkeypatch, name):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtraError, match=f"--extra {name}"):
        speech_engine(name)


@pytest.mark.parametrize(
    ("name", "module"), [("whisper", "faster_whisper"), ("moonshine", "moonshine_voice")]
)
def test_a_hearing_engine_that_is_not_installed_says_how_to_install_it(monkeypatch, name, module):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=f"--extra {name}"):
        hearing_engine(name)


def test_unknown_engines_are_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=r"unknown speech engine 'x'.*kokoro"):
        speech_engine("x")
    with pytest.raises(ValueError, match=r"unknown hearing engine 'x'.*whisper"):
        hearing_engine("x")


@pytest.fixture(params=["kokoro", "piper"])
def rendered(request, monkeypatch, tmp_path):
    """A speech engine whose library renders half a second a sentence, and what it was asked."""
    asked = []

    def kokoro(sentence, *, voice, speed):
        asked.append((sentence, voice, speed))
        return [SimpleNamespace(audio=np.full(12000, 0.5, np.float32))]

    def piper_voice(path: Path):
        def synthesize(sentence, settings):
            asked.append((sentence, path.stem, 1 / settings.length_scale))
            return [SimpleNamespace(audio_int16_bytes=np.full(11025, 16384, "<i2").tobytes())]

        return SimpleNamespace(synthesize=synthesize, config=SimpleNamespace(sample_rate=22050))

    install(monkeypatch, "kokoro", KPipeline=lambda **_: kokoro)
    install(
        monkeypatch,
        "piper",
        PiperVoice=SimpleNamespace(load=piper_voice),
        SynthesisConfig=lambda length_scale: SimpleNamespace(length_scale=length_scale),
    )
    install(monkeypatch, "piper.download_voices", download_voice=lambda voice, folder: None)
    monkeypatch.setattr("pathlib.Path.home", lambda: tmp_path)
    if request.param == "piper":
        from emulators.speech_piper import piper_speech

        return piper_speech(tmp_path), asked
    return speech_engine(request.param), asked


async def test_a_neural_voice_speaks_sentence_by_sentence(rendered):
    speech, asked = rendered
    chunks = [c async for c in speech.speak(TEXT, voice="marin", sample_rate=8000, speed=1.25)]
    assert [chunk.text for chunk in chunks] == ["Good morning. ", "How can I help you?"]
    for chunk in chunks:
        samples = np.frombuffer(chunk.pcm, dtype=np.int16)
        assert len(samples) == pytest.approx(4000, abs=2)
        assert np.median(samples) == pytest.approx(16384, rel=0.01)
    assert [speed for _, _, speed in asked] == pytest.approx([1.25, 1.25])


async def test_a_neural_voice_refuses_unknown_names(rendered):
    speech, _ = rendered
    with pytest.raises(ValueError, match="unknown voice 'nova'"):
        [chunk async for chunk in speech.speak(TEXT, voice="nova", sample_rate=8000)]


async def test_a_neural_voice_has_another_voice_for_each_name(rendered):
    speech, asked = rendered
    for voice in ("marin", "cedar", "alloy", "verse"):
        [chunk async for chunk in speech.speak("Hi", voice=voice, sample_rate=24000)]
    assert len({voice for _, voice, _ in asked}) == 4


@pytest.fixture(params=["whisper", "moonshine"])
async def ear(request, monkeypatch):
    """A hearing engine whose library hears the same in anything, and what it was given."""
    given = []

    class WhisperModel:
        def __init__(self, *_: object, **__: object) -> None:
            pass

        def transcribe(self, samples, *, hotwords, **_):
            given.append((len(samples), hotwords))
            return [
                SimpleNamespace(text=" [Music] Book it, please!", no_speech_prob=0.1),
                SimpleNamespace(text=" Thanks for watching.", no_speech_prob=0.9),
            ], None

    class Transcriber:
        def __init__(self, *_: object) -> None:
            pass

        def transcribe_without_streaming(self, samples, rate):
            given.append((len(samples), None))
            return SimpleNamespace(lines=[SimpleNamespace(text="Book it, please!")])

    install(monkeypatch, "faster_whisper", WhisperModel=WhisperModel)
    install(
        monkeypatch,
        "moonshine_voice",
        Transcriber=Transcriber,
        get_model_for_language=lambda language: ("/model", language),
    )
    engine = hearing_engine(request.param)
    yield engine, given
    await engine.close()


async def test_an_ear_that_hears_anything_gives_plain_words(ear):
    engine, given = ear
    hints = Hints(["book {hotel}"], {"hotel": ["Zyloria"]})
    await engine.warm_up(hints)
    assert await engine.transcribe(bytes(2 * 8000), sample_rate=8000, hints=hints) == (
        "book it please"
    )
    length, hotwords = given[-1]
    assert length == pytest.approx(16000, abs=2)
    assert hotwords in (None, "Zyloria")
    assert await engine.transcribe(b"", sample_rate=8000, hints=hints) == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I’d like 2 rooms, at 10:30!", "i'd like 2 rooms at 10:30"),
        ("[BLANK_AUDIO] (sighs)", ""),
    ],
)
def test_words_only(text, words):
    assert words_only(text) == words


def test_the_first_of_each_needs_no_extra():
    assert (SPEECH[0], HEARING[0]) == ("espeak", "pocketsphinx")
