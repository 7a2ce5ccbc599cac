"""Compares what listeners and recordings hold with what the caller's telephone said and heard."""

import audioop
from typing import Any

import numpy as np

from emulators.twilio.live_call import LiveCall

RATE = 8000
LOUD = 500

Sound = np.ndarray[Any, np.dtype[np.int16]]


def said(live: LiveCall) -> Sound:
    """Everything the telephone said, from the moment it was answered."""
    return pcm(bytes(live.phone.said))


def heard(live: LiveCall) -> Sound:
    """Everything the telephone heard, from the same moment."""
    return pcm(bytes(live.playback.heard))


def pcm(mulaw: bytes) -> Sound:
    return np.frombuffer(audioop.ulaw2lin(mulaw, 2), np.int16)


def lag_ms(sound: Sound, of: Sound, *, alike: float = 0.9) -> float:
    """By how much ``sound`` is later than ``of``, by cross-correlation.

    Raises:
        AssertionError: One of them is silent, or they are too different to be the same.
    """
    size = max(len(sound), len(of))
    a, b = (np.pad(each.astype(float), (0, size - len(each))) for each in (sound, of))
    assert a.any(), "there is nothing in it"
    assert b.any(), "there is nothing to compare it with"
    length = 2 ** (2 * size).bit_length()
    correlation = np.fft.irfft(np.fft.rfft(a, length) * np.conj(np.fft.rfft(b, length)), length)
    best = int(np.argmax(correlation))
    best -= length if best > length // 2 else 0
    likeness = correlation[best] / np.sqrt((a**2).sum() * (b**2).sum())
    assert likeness > alike, f"only {likeness:.2f} alike"
    return best * 1000 / RATE


def later(sound: Sound, ms: float) -> Sound:
    """The sound behind so much silence, or without so much of its beginning."""
    samples = round(ms * RATE / 1000)
    return np.pad(sound, (samples, 0)) if samples > 0 else sound[-samples:]


def loud_ms(sound: Sound) -> float:
    """How much of it is loud."""
    return float(np.count_nonzero(_smooth(sound) > LOUD)) * 1000 / RATE


def _smooth(sound: Sound) -> Any:
    return np.convolve(np.abs(sound.astype(float)), np.ones(80) / 80, "same")
