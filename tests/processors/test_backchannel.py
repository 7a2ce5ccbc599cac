"""Which words only say that the caller listens."""

import pytest

from processors.realtime.backchannel import is_backchannel


@pytest.mark.parametrize(
    "text",
    ["uh-huh", "Mm-hmm.", "mhm", "OK", "okay, okay", "Hmm…", "Yeah, I see.", "got it", "Uh huh!"],
)
def test_sounds_of_attention_are_backchannels(text):
    assert is_backchannel(text)


@pytest.mark.parametrize(
    "text",
    ["", "no", "yes", "stop", "okay stop", "I", "see you", "hm what", "umbrella", "right?no"],
)
def test_words_are_not(text):
    assert not is_backchannel(text)
