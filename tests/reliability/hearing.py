"""The caller's words, and an ear at the model's end that hears each of them whole or not at all."""

from collections.abc import Iterator

from emulators.hearing import Hints
from emulators.speech_espeak import EspeakSpeech
from emulators.twilio.ear import trimmed
from emulators.twilio.frames import SAMPLE_RATE, SAMPLE_WIDTH, SILENCE, decode, encode
from tests.reliability.words import words_of

PAUSE = SILENCE * round(0.03 * SAMPLE_RATE)
"""Between two words."""

VOICE, SPEED = "caller", 1.4


class Vocabulary:
    """Words as the caller says them: real speech, the same samples each time."""

    def __init__(self) -> None:
        self._audio: dict[str, bytes] = {}

    async def learn(self, line: str) -> bytes:
        """How the caller says a line, μ-law."""
        return PAUSE.join([await self._word(word) for word in words_of(line)])

    def found_in(self, pcm: bytes) -> list[str]:
        """The words that are in some audio with all their samples, in order."""
        return [word for _, word, _ in sorted(self._places(pcm))]

    def end_in(self, pcm: bytes) -> int | None:
        """Where the last of these words ends, in samples; None without any."""
        return max((end for _, _, end in self._places(pcm)), default=None)

    def _places(self, pcm: bytes) -> Iterator[tuple[int, str, int]]:
        """Words with the samples at which they begin and end."""
        for word, ulaw in self._audio.items():
            sound = decode(ulaw)
            at = pcm.find(sound)
            while at >= 0:
                end = at + len(sound)
                yield at // SAMPLE_WIDTH, word, end // SAMPLE_WIDTH
                at = pcm.find(sound, end)

    async def _word(self, word: str) -> bytes:
        if word not in self._audio:
            if word not in _spoken:
                _spoken[word] = await _say(word)
            self._audio[word] = _spoken[word]
        return self._audio[word]


async def _say(word: str) -> bytes:
    chunks = EspeakSpeech().speak(word, voice=VOICE, sample_rate=SAMPLE_RATE, speed=SPEED)
    pcm = trimmed(b"".join([chunk.pcm async for chunk in chunks]))
    # Encoded twice: μ-law has two bytes for a sample of 0, of which only one comes back.
    return encode(decode(encode(pcm)))


_spoken: dict[str, bytes] = {}
"""Every word so far, in all calls of this process."""


class ExactHearing:
    """Implements `emulators.hearing.Hearing` for one call: a word with a missing sample is lost.

    Args:
        vocabulary: What the caller says.
        deaf_to: A word that is not heard.
    """

    def __init__(self, vocabulary: Vocabulary, *, deaf_to: str = "") -> None:
        self._vocabulary = vocabulary
        self._deaf_to = deaf_to

    async def transcribe(self, pcm: bytes, *, sample_rate: int, hints: Hints) -> str:
        """See `emulators.hearing.Hearing.transcribe`."""
        heard = self._vocabulary.found_in(pcm)
        return " ".join(word for word in heard if word != self._deaf_to)

    async def warm_up(self, hints: Hints) -> None:
        """There is nothing to load."""

    async def close(self) -> None:
        """There is nothing to stop."""
