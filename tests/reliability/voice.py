"""The agent's voice: every word is a sound of its own, so that a recording says what was heard."""

import math
from collections.abc import AsyncIterator

import numpy as np

from emulators.speech import SpeechChunk
from emulators.twilio.ear import LOUD, Ear
from emulators.twilio.frames import FRAME_SAMPLES, SAMPLE_RATE, decode
from tests.reliability.words import words_of

LETTER_S = 0.04
"""How long a letter takes, the space after a word included."""

# Whole periods in a frame of 20 ms, so that two tones do not disturb each other in a spectrum.
BIN_HZ = SAMPLE_RATE // FRAME_SAMPLES
LOW = [BIN_HZ * number for number in range(6, 21, 2)]
HIGH = [BIN_HZ * number for number in range(28, 57, 4)]
OWN_SHARE = 0.2
"""Of a frame's energy, which is a word's if it is in the two tones of that word."""

WORD_FRAMES = 2
"""A word is heard when this much of it was."""

FOREIGN = "?"
"""What is heard and is no word."""


class ToneWords:
    """A voice box for one call. Two tones are a word; the longer the word, the longer they last.

    Args:
        mute: A word that has no sound, though the voice claims to say it.
        pause_before: A word, and the silence before it in seconds.
    """

    def __init__(self, *, mute: str = "", pause_before: tuple[str, float] = ("", 0.0)) -> None:
        self._tones: dict[str, tuple[int, int]] = {}
        self._mute = mute
        self._pause_before = pause_before

    async def speak(
        self, text: str, *, voice: str, sample_rate: int, speed: float = 1.0
    ) -> AsyncIterator[SpeechChunk]:
        """See `emulators.speech.Speech.speak`; all voices sound the same."""
        for word in text.split():
            (key,) = words_of(word)
            samples = self.samples(key, sample_rate)
            time = np.arange(samples) * 2 * math.pi / sample_rate
            wave = sum(np.sin(time * hertz) for hertz in self.tones(key)) * 6000
            if key == self._mute:
                wave = np.zeros(samples)
            if key == self._pause_before[0]:
                silence = np.zeros(round(self._pause_before[1] * sample_rate))
                wave = np.concatenate((silence, wave))
            yield SpeechChunk(wave.astype(np.int16).tobytes(), word)

    def tones(self, word: str) -> tuple[int, int]:
        """The word's two frequencies in Hz."""
        number = len(self._tones)
        if word not in self._tones and number == len(LOW) * len(HIGH):
            raise ValueError(f"{word!r} is one word too many for one call")
        return self._tones.setdefault(word, (LOW[number % len(LOW)], HIGH[number // len(LOW) % 8]))

    def samples(self, word: str, sample_rate: int = SAMPLE_RATE) -> int:
        """How long the word is."""
        return round(LETTER_S * (len(word) + 1) * sample_rate)

    def word_at(self, tones: tuple[int, int]) -> str | None:
        """The word that has these frequencies."""
        return next((word for word, known in self._tones.items() if known == tones), None)


class Piece:
    """A word, or a part of one, as it was heard.

    Samples ``start`` to ``end``; ``sounded`` of them were sound, the others silence in its middle.
    """

    def __init__(self, word: str, start: int) -> None:
        self.word = word
        self.start = start
        self.end = start
        self.sounded = 0


class WordEar(Ear):
    """The caller's ear, which understands `ToneWords`, frame by frame.

    Attributes:
        silences: Stretches in which nothing was heard, samples (start, end), in order.
    """

    def __init__(self, voice: ToneWords) -> None:
        super().__init__()
        self.silences: list[tuple[int, int]] = []
        self._voice = voice
        self._runs: list[list[int | str]] = []

    def hear(self, frame: bytes) -> None:
        """Takes the next 20 ms of μ-law."""
        start = self.position
        super().hear(frame)
        word = self._judge(np.frombuffer(decode(frame), dtype=np.int16).astype(float))
        if word is None:
            if self.silences and self.silences[-1][1] == start:
                self.silences[-1] = (self.silences[-1][0], self.position)
            else:
                self.silences.append((start, self.position))
        if self._runs and self._runs[-1][0] == word and self._runs[-1][2] == start:
            self._runs[-1][2] = self.position
        elif word is not None:
            self._runs.append([word, start, self.position])

    @property
    def pieces(self) -> list[Piece]:
        """The words that were heard so far, whole ones and parts, and sounds that were none."""
        pieces: list[Piece] = []
        for number, (word, start, end) in enumerate(self._runs):
            frames = (end - start) // FRAME_SAMPLES
            if frames < WORD_FRAMES and (self._is_seam(number) or self._continues(pieces, number)):
                continue
            if frames < WORD_FRAMES:
                word = FOREIGN
            last = pieces[-1] if pieces else None
            longest = self._voice.samples(word) * 1.2 if word != FOREIGN else 0
            if last and last.word == word and last.sounded + end - start <= longest:
                last.end, last.sounded = end, last.sounded + end - start
            else:
                pieces.append(Piece(word, start))
                pieces[-1].end, pieces[-1].sounded = end, end - start
        return pieces

    @property
    def words(self) -> list[str]:
        """What was heard so far."""
        return [piece.word for piece in self.pieces]

    def _judge(self, samples: np.ndarray) -> str | None:
        if math.sqrt(float(np.mean(samples**2))) < LOUD:
            return None
        energy = np.abs(np.fft.rfft(samples)) ** 2
        low = max(LOW, key=lambda hertz: energy[hertz // BIN_HZ])
        high = max(HIGH, key=lambda hertz: energy[hertz // BIN_HZ])
        own = energy[low // BIN_HZ] + energy[high // BIN_HZ]
        word = self._voice.word_at((low, high)) if own >= OWN_SHARE * energy.sum() else None
        return word or FOREIGN

    def _is_seam(self, number: int) -> bool:
        """Whether a frame touches a word before or behind it: it is part of both, or of one."""
        _, start, end = self._runs[number]
        before = number > 0 and self._runs[number - 1][2] == start
        behind = number + 1 < len(self._runs) and self._runs[number + 1][1] == end
        return before or behind

    def _continues(self, pieces: list[Piece], number: int) -> bool:
        """Whether a frame on its own is of the word before it: speech that comes in bits."""
        return bool(pieces) and pieces[-1].word == self._runs[number][0]
