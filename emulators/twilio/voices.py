"""The voices that callers can have."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soxr

from emulators.speech import Speech, SpeechChunk
from emulators.speech_espeak import EspeakSpeech
from emulators.twilio.ear import trimmed
from emulators.twilio.frames import SAMPLE_RATE, SAMPLE_WIDTH, encode
from emulators.twilio.wav import read_pcm

FLITE = Path("/usr/bin/flite")
FLITE_VOICES = frozenset({"awb", "kal", "kal16", "rms", "slt"})


class FliteSpeech:
    """Implements `emulators.speech.Speech` with the system's flite; its voices are clearer."""

    async def speak(
        self, text: str, *, voice: str, sample_rate: int, speed: float = 1.0
    ) -> AsyncIterator[SpeechChunk]:
        """See `emulators.speech.Speech.speak`; the text comes as one chunk."""
        pcm = await asyncio.to_thread(_flite, text, voice, sample_rate, speed)
        yield SpeechChunk(pcm, text)


def _flite(text: str, voice: str, sample_rate: int, speed: float) -> bytes:
    if voice not in FLITE_VOICES:
        raise ValueError(f"flite has no voice {voice!r}; it has {', '.join(sorted(FLITE_VOICES))}")
    if not FLITE.exists():
        raise ValueError(f"the voice {voice!r} needs flite: apt-get install flite")
    with TemporaryDirectory() as folder:
        path = Path(folder, "speech.wav")
        pace = f"duration_stretch={1 / speed}"
        command = [str(FLITE), "-voice", voice, "--setf", pace, "-t", text, "-o", str(path)]
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - no shell
        pcm, rate = read_pcm(path.read_bytes())
    resampled = pcm if rate == sample_rate else soxr.resample(pcm, rate, sample_rate)
    return resampled.astype(np.int16).tobytes()


def speech_of(voice: str) -> Speech:
    """The engine that has a voice: flite for its own, otherwise espeak-ng."""
    return FliteSpeech() if voice in FLITE_VOICES else EspeakSpeech()


async def spoken(speech: Speech, text: str, voice: str) -> bytes:
    """A line as μ-law, without silence around it, so that its ends are the speech's."""
    chunks = speech.speak(text, voice=voice, sample_rate=SAMPLE_RATE)
    pcm = trimmed(b"".join([chunk.pcm async for chunk in chunks]))
    if len(pcm) < SAMPLE_WIDTH:
        raise ValueError(f"the voice {voice!r} says nothing for {text!r}")
    return encode(pcm)
