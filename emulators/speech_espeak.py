"""Speech from espeak-ng: every voice of the Realtime API, and callers, without a download."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

import soxr

from emulators.espeak import Utterance, shared_espeak
from emulators.speech import SpeechChunk
from emulators.speech_sentences import sentences

_WORDS_PER_CHUNK = 3


@dataclass(frozen=True, slots=True)
class EspeakVoice:
    """An espeak-ng voice and how it speaks.

    Attributes:
        name: With its variant, such as ``en-us+f3``.
        words_per_minute: At speed 1.
        pitch: 0 to 99, where 50 is the variant's own.
    """

    name: str
    words_per_minute: int = 170
    pitch: int = 50


VOICES = {
    # The Realtime API's names.
    "alloy": EspeakVoice("en-us+shelby", pitch=40),
    "ash": EspeakVoice("en-us+m3"),
    "ballad": EspeakVoice("en-gb-x-rp+m7", pitch=55),
    "coral": EspeakVoice("en-us+f5", pitch=55),
    "echo": EspeakVoice("en-us+m8"),
    "sage": EspeakVoice("en-us+f4", pitch=45),
    "shimmer": EspeakVoice("en-us+linda", pitch=60),
    "verse": EspeakVoice("en-us+rob", pitch=60),
    "marin": EspeakVoice("en-us+f2", words_per_minute=160, pitch=35),
    "cedar": EspeakVoice("en-us+klatt4"),
    # Callers: the voices that the offline ear is calibrated with.
    "caller": EspeakVoice("en-us+edward", words_per_minute=150),
    "edward": EspeakVoice("en-us+edward", words_per_minute=150),
    "klatt5": EspeakVoice("en-us+klatt5", words_per_minute=150),
}
"""Voice names to espeak-ng's voices."""


class EspeakSpeech:
    """Implements `emulators.speech.Speech` with espeak-ng, from the package espeakng-loader.

    The texts of the chunks, joined, are the text that was given. A pace below 80 words a minute
    is more than espeak-ng can do: slower speeds sound like that one.
    """

    async def speak(
        self, text: str, *, voice: str, sample_rate: int, speed: float = 1.0
    ) -> AsyncIterator[SpeechChunk]:
        """See `emulators.speech.Speech.speak`; a chunk is a clause or up to three words."""
        if voice not in VOICES:
            raise ValueError(f"unknown voice {voice!r}; known are {', '.join(sorted(VOICES))}")
        if not 0.25 <= speed <= 1.5:
            raise ValueError(f"speed is 0.25 to 1.5, not {speed}")
        loop = asyncio.get_running_loop()
        for sentence in sentences(text):
            for chunk in await loop.run_in_executor(
                _thread(), _speak_sentence, sentence, VOICES[voice], sample_rate, speed
            ):
                yield chunk


@cache
def _thread() -> ThreadPoolExecutor:
    """The one thread that talks to espeak-ng."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="espeak")


def _speak_sentence(
    sentence: str, voice: EspeakVoice, sample_rate: int, speed: float
) -> list[SpeechChunk]:
    espeak = shared_espeak()
    utterance = espeak.synthesize(
        sentence,
        voice=voice.name,
        words_per_minute=round(voice.words_per_minute * speed),
        pitch=voice.pitch,
    )
    if not len(utterance.samples):
        return [SpeechChunk(b"", sentence)]
    samples = soxr.resample(utterance.samples, espeak.sample_rate, sample_rate)
    chunks = []
    first_character = first_sample = 0
    cuts = _cuts(sentence, utterance)
    for character, sample in [*cuts, (len(sentence), len(utterance.samples))]:
        end_sample = round(sample * sample_rate / espeak.sample_rate)
        pcm = samples[first_sample:end_sample].tobytes()
        chunks.append(SpeechChunk(pcm, sentence[first_character:character]))
        first_character, first_sample = character, end_sample
    return chunks


def _cuts(sentence: str, utterance: Utterance) -> Iterator[tuple[int, int]]:
    """Starts of words (character, sample) to cut at: after a clause, or every few words."""
    words = 0
    clause_ended = False
    last = 0
    for boundary in utterance.boundaries:
        if boundary.ends_clause:
            clause_ended = words > 0
            continue
        # A number read in several words yields events between its digits: no place to cut.
        starts_word = boundary.character > last and sentence[boundary.character - 1].isspace()
        if starts_word and (clause_ended or words >= _WORDS_PER_CHUNK):
            yield boundary.character, boundary.sample
            words, clause_ended, last = 0, False, boundary.character
        words += 1
