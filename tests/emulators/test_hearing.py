"""What the offline ear hears of synthetic voices; nothing here says how it hears people."""

import audioop
import os
import signal

import numpy as np
import pytest

from emulators.hearing import Hints
from emulators.hearing.grammar import Grammar, spoken_words
from emulators.hearing.margins import without_margins
from emulators.hearing.pronunciation import pronunciations
from emulators.hearing.sphinx import HearingError, PocketSphinxHearing
from emulators.speech_espeak import EspeakSpeech
from emulators.twilio.suite.mouth import TELEPHONE, Mouth
from emulators.twilio.suite.persona import Persona

HINTS = Hints(
    phrases=[
        "I need a hotel in {city} from {date} to {date} for {number} people",
        "cancel my booking {digits_6}",
        "book the {ordinal} one",
        "my name is {name}",
        "the {hotel} please",
        "how much is it",
    ],
    vocabulary={
        "city": ["Paris", "Rome", "São Paulo", "New York", "Reykjavik"],
        "hotel": ["Grand Zyloria", "Station Hotel", "Harbor Lights"],
    },
)


async def spoken(text: str, sample_rate: int) -> bytes:
    silence = bytes(2 * int(0.3 * sample_rate))
    speech = EspeakSpeech().speak(text, voice="caller", sample_rate=sample_rate)
    pcm = b"".join([chunk.pcm async for chunk in speech])
    if sample_rate == 8000:
        pcm = audioop.ulaw2lin(audioop.lin2ulaw(pcm, 2), 2)
    return silence + pcm + silence


@pytest.fixture
async def hearing():
    ear = PocketSphinxHearing()
    yield ear
    await ear.close()


@pytest.mark.parametrize("sample_rate", [8000, 24000])
async def test_expected_sentences_are_heard(hearing, sample_rate):
    for text in (
        "I need a hotel in Paris from June third to June sixth for two people",
        "I need a hotel in New York from the second of May to May fifth for four people",
        "cancel my booking four seven one nine three two",
        "book the second one",
        "my name is Anna Smith",
        "yes please",
    ):
        heard = await hearing.transcribe(
            await spoken(text, sample_rate), sample_rate=sample_rate, hints=HINTS
        )
        assert heard == text.lower()


async def test_noise_around_what_was_said_is_no_word(hearing):
    noise = Mouth(Persona(noise_dbfs=-48), TELEPHONE, "street")
    room = noise.room
    for text in ("book the second one", "no thank you", "how much is it"):
        line = room[:6000] + await noise.say(text) + room[6000:11000]
        pcm = audioop.ulaw2lin(line, 2)
        assert await hearing.transcribe(pcm, sample_rate=8000, hints=HINTS) == text


def test_the_margins_of_what_was_said_are_cut_where_there_is_noise():
    chance = np.random.default_rng(1)
    voice = np.concatenate((np.zeros(3000), chance.normal(0, 3000, 8000), np.zeros(5000)))
    quiet = voice.astype(np.int16)
    assert len(without_margins(quiet, 8000)) == 16000
    noisy = (voice + chance.normal(0, 100, 16000)).astype(np.int16)
    assert 8000 <= len(without_margins(noisy, 8000)) <= 9000
    assert len(without_margins(noisy[:0], 8000)) == 0
    assert len(without_margins(noisy[:2000], 8000)) == 2000, "nobody spoke"


async def test_invented_names_are_heard(hearing):
    pcm = await spoken("the Grand Zyloria please", 8000)
    assert await hearing.transcribe(pcm, sample_rate=8000, hints=HINTS) == (
        "the grand zyloria please"
    )


async def test_silence_is_nothing(hearing):
    for pcm in (b"", bytes(1), bytes(2 * 8000)):
        assert await hearing.transcribe(pcm, sample_rate=8000, hints=HINTS) == ""


async def test_one_ear_serves_different_hints(hearing):
    pcm = await spoken("book the first one", 24000)
    others = Hints(["book a table for {number}", "book the {ordinal} table"])
    assert await hearing.transcribe(pcm, sample_rate=24000, hints=HINTS) == "book the first one"
    assert await hearing.transcribe(pcm, sample_rate=24000, hints=others) != "book the first one"
    assert await hearing.transcribe(pcm, sample_rate=24000, hints=HINTS) == "book the first one"


async def test_unexpected_sentence_is_not_taken_for_an_expected_one(hearing):
    pcm = await spoken("can I bring my dog to the restaurant on the roof", 24000)
    heard = await hearing.transcribe(pcm, sample_rate=24000, hints=HINTS)
    assert not heard.startswith(("i need a hotel", "cancel my booking", "book the", "my name"))


async def test_unsupported_rate_is_refused(hearing):
    with pytest.raises(ValueError, match="44100"):
        await hearing.transcribe(b"", sample_rate=44100, hints=HINTS)


async def test_a_process_that_died_is_replaced(hearing):
    pcm = await spoken("how much is it", 24000)
    await hearing.warm_up(HINTS)
    (worker,) = hearing.pids
    os.kill(worker, signal.SIGKILL)
    with pytest.raises(HearingError):
        await hearing.transcribe(pcm, sample_rate=24000, hints=HINTS)
    assert await hearing.transcribe(pcm, sample_rate=24000, hints=HINTS) == "how much is it"


async def test_closing_leaves_no_process():
    ear = PocketSphinxHearing(workers=2)
    await ear.warm_up(HINTS)
    pids = ear.pids
    assert len(pids) == 2
    await ear.close()
    assert ear.pids == []
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_hearing_needs_a_worker():
    with pytest.raises(ValueError, match="at least one worker"):
        PocketSphinxHearing(workers=0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I'd like 2 rooms, please!", "i'd like two rooms please"),
        ("São Paulo", "sao paulo"),
        ("check-in on the 21", "check in on the twenty one"),
        ("…", ""),
    ],
)
def test_text_becomes_the_words_that_are_said(text, words):
    assert " ".join(spoken_words(text)) == words


def test_same_hints_make_the_same_grammar():
    assert Grammar(HINTS).key == Grammar(HINTS).key
    assert Grammar(HINTS).key != Grammar(Hints(HINTS.phrases)).key


def test_phrase_with_an_unknown_slot_is_left_out():
    grammar = Grammar(Hints(["to {planet} please", "to the moon"]))
    assert "moon" in grammar.words
    assert "planet" not in grammar.words


def test_sentences_are_drawn_from_the_grammar():
    for words in Grammar(HINTS).sentences(300):
        assert set(words) <= Grammar(HINTS).words


def test_every_word_has_a_pronunciation():
    found = pronunciations(["hotel", "zyloria", "the"])
    assert found["hotel"] == ["HH OW T EH L"]
    assert found["zyloria"][0].split()[0] == "Z"
    assert len(found["the"]) > 1
