import audioop

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.realtime.audio import PCM, PCMU, format_for
from processors.realtime.caller_audio import KEPT_MS, MAX_KEPT_MS, OUTAGE, CallerAudio
from processors.realtime.pace import heard_words

FRAME = bytes(320)
"""20 ms at 8 kHz."""


@given(st.binary(max_size=4000))
def test_mu_law_from_the_wire_arrives_bit_for_bit(data):
    payload = PCMU.encode(audioop.ulaw2lin(data, 2))
    again = PCMU.decode(payload)
    assert again == audioop.ulaw2lin(data, 2)


@given(st.binary(max_size=4000).filter(lambda data: len(data) % 2 == 0))
def test_linear_audio_goes_through_untouched(pcm):
    assert PCM.decode(PCM.encode(pcm)) == pcm


def test_half_a_sample_is_left_out():
    assert PCM.decode("AAAA") == b"\0\0"


def test_rates_without_a_format_are_refused():
    assert format_for(8000) is PCMU
    assert format_for(24_000) is PCM
    with pytest.raises(ValueError, match="16000 Hz"):
        format_for(16_000)


def listening(ms):
    audio = CallerAudio(PCMU)
    audio.release(OUTAGE)
    for _ in range(ms // 20):
        audio.append(FRAME)
    return audio


def test_while_nobody_speaks_only_a_little_is_kept():
    start, payloads = listening(60_000).since(0)
    assert start == 48_000, "as long as a ping takes to find a dead peer"
    assert len(payloads) == 600


def test_what_is_held_is_kept_until_it_is_released():
    audio = listening(2000)
    audio.hold("turn", 1500)
    for _ in range(1000):
        audio.append(FRAME)
    assert audio.since(0)[0] == 1500
    audio.release("turn")
    audio.append(FRAME)
    assert audio.since(0)[0] == audio.position_ms - KEPT_MS


def test_nothing_is_kept_for_ever():
    audio = listening(1000)
    audio.hold("turn", 0)
    for _ in range(5000):
        audio.append(FRAME)
    assert audio.since(0)[0] == audio.position_ms - MAX_KEPT_MS


def test_audio_from_a_position_that_has_not_come_is_none():
    audio = listening(100)
    assert audio.since(audio.position_ms) == (100, [])


@pytest.mark.parametrize(
    ("share", "words"),
    [(0, ""), (0.1, "one"), (0.4, "one two"), (0.99, "one two three"), (1, "one two three")],
)
def test_words_are_heard_in_proportion_to_the_audio(share, words):
    assert heard_words("one two three", share) == words
