"""Words for what was heard, and honesty about them."""

from collections.abc import Iterable

import pytest

from emulators.hearing import Hints
from emulators.twilio.ear import Span
from emulators.twilio.transcripts import EXPECTED, Listener, Transcript
from tests.emulators.twilio_app import tone


class Ear:
    """Hears the given texts one after the other."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.texts = list(texts)
        self.seconds: list[float] = []
        self.phrases: set[str] = set()

    async def transcribe(self, pcm: bytes, *, sample_rate: int, hints: Hints) -> str:
        self.seconds.append(len(pcm) / 2 / sample_rate)
        self.phrases.update(hints.phrases)
        return self.texts.pop(0)

    async def close(self) -> None: ...


async def hear(*texts: str, audio: bytes = tone(1), expected: Iterable[str] = ()) -> Transcript:
    heard = b"\xff" * 8000 + audio
    return await Listener(Ear(texts), expected).transcribe(heard, [Span(8000, len(heard))])


async def test_what_is_heard_three_times_alike_and_expected_is_sure():
    assert await hear(*["goodbye"] * 3) == Transcript("goodbye", False)


async def test_digits_are_heard_within_an_expected_sentence():
    number = "your confirmation number is four seven one nine three two"
    assert await hear(*[number] * 3) == Transcript(number, False)
    cancelled = "booking four seven one nine three two is cancelled"
    assert await hear(*[cancelled] * 3) == Transcript(cancelled, False)


async def test_what_two_of_three_agree_on_is_a_guess():
    assert await hear("goodbye", "good", "goodbye") == Transcript("[goodbye?]", True)


@pytest.mark.parametrize(
    "texts", [("a", "b", "c"), ("hello there",) * 3, ("",) * 3, ("goodbye instead",) * 3]
)
async def test_disagreement_and_what_nobody_expected_is_not_passed_off_as_heard(texts: list[str]):
    assert await hear(*texts) == Transcript("[?]", True)


async def test_more_can_be_expected():
    texts = ["i found four hotels in paris"] * 3
    expected = ["I found {number} hotels in {city}."]
    assert await hear(*texts, expected=expected) == Transcript(texts[0], False)


async def test_sentences_are_heard_one_by_one():
    audio = tone(1) + b"\xff" * 1600 + tone(0.5)
    said = await hear(*["thank you for calling"] * 3, *["?"] * 3, audio=audio)
    assert said == Transcript("thank you for calling [?]", True)


async def test_a_sentence_is_heard_at_three_paces_with_silence_around_it():
    ear = Ear(["goodbye"] * 3)
    await Listener(ear).transcribe(tone(1), [Span(0, 8000)])
    assert ear.seconds == pytest.approx([1.4, 1.4 / 1.03, 1.4 / 0.97], abs=0.01)
    assert ear.phrases == set(EXPECTED)


async def test_nothing_said_is_nothing_heard():
    assert await Listener(Ear([])).transcribe(tone(1), []) == Transcript("", False)
