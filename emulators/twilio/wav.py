"""WAV files in and out."""

import io
import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr

from emulators.twilio.frames import SAMPLE_RATE, SAMPLE_WIDTH, decode, encode


def write_recording(path: Path, *, said: bytes, heard: bytes) -> None:
    """Writes both sides of a call, μ-law from the same start: caller left, agent right."""
    length = max(len(said), len(heard))
    channels = [
        np.frombuffer(decode(side.ljust(length, b"\xff")), dtype=np.int16) for side in (said, heard)
    ]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(SAMPLE_WIDTH)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(np.stack(channels, axis=1).tobytes())


def read_pcm(data: bytes) -> tuple[npt.NDArray[np.int16], int]:
    """The first channel of a PCM16 WAV file, and its sample rate.

    Raises:
        ValueError: It is no WAV file, or not PCM16.
    """
    try:
        with wave.open(io.BytesIO(data)) as file:
            if file.getsampwidth() != SAMPLE_WIDTH:
                raise ValueError("a sound file for the telephone is PCM16 WAV")
            frames = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)
            return frames[:: file.getnchannels()], file.getframerate()
    except (wave.Error, EOFError) as error:
        raise ValueError(f"a sound file for the telephone is PCM16 WAV: {error}") from error


def read_ulaw(data: bytes) -> bytes:
    """A PCM16 WAV file as telephone audio. Raises ``ValueError`` as `read_pcm` does."""
    pcm, rate = read_pcm(data)
    resampled = pcm if rate == SAMPLE_RATE else soxr.resample(pcm, rate, SAMPLE_RATE)
    return encode(resampled.astype(np.int16).tobytes())
