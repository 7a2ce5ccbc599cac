"""Words for what was heard, and honesty about them."""

from collections.abc import Mapping

from emulators.hearing import Hints
from emulators.twilio.ear import Span
from emulators.twilio.transcripts import Listener, Transcript
from tests.emulators.twilio_app import tone


class EarByLength:
    """Hears a text for each length of audio, in tenths of a second."""

    def __init__(self, texts: Mapping[int, str]) -> None:
        self.texts = texts
        self.hints: list[Hints] = []

    async def transcribe(self, pcm: bytes, *, sample_rate: int, hints: Hints) -> str:
        self.hints.append(hints)
        return self.texts.get(round(len(pcm) / 2 / sample_rate * 10), "")

    async def close(self) -> None: ...


HEARD = b"\xff" * 8000 + tone(0.6) + b"\xff" * 8000 + tone(2)


async def test_each_stretch_of_speech_is_put_into_words_with_the_hints():
    ear = EarByLength({10: "hello", 24: "goodbye", 23: "goodbye"})
    hints = Hints(("hello", "goodbye"))
    spans = [Span(8000, 12_800), Span(20_800, 36_800)]
    assert await Listener(ear, hints).transcribe(HEARD, spans) == Transcript("hello goodbye", False)
    assert set(map(id, ear.hints)) == {id(hints)}


async def test_what_sounds_different_when_heard_again_is_unsure():
    ear = EarByLength({10: "hello", 24: "one", 23: "two"})
    spans = [Span(8000, 12_800), Span(20_800, 36_800)]
    assert await Listener(ear).transcribe(HEARD, spans) == Transcript("hello [one]", True)


async def test_what_was_not_understood_is_unsure():
    assert await Listener(EarByLength({})).transcribe(HEARD, [Span(8000, 12_800)]) == Transcript(
        "[?]", True
    )


async def test_nothing_said_is_nothing_heard():
    assert await Listener(EarByLength({})).transcribe(HEARD, []) == Transcript("", False)
