"""Recognises keys in audio by their tones, as a telephone exchange does (ITU-T Q.23, Q.24)."""

import audioop

import numpy as np

from emulators.twilio.frames import FRAME_SAMPLES, SAMPLE_RATE, SILENT_FRAME, decode

_ROWS = (697, 770, 852, 941)
_COLUMNS = (1209, 1336, 1477, 1633)
_LAYOUT = ("123A", "456B", "789C", "*0#D")

_QUIETEST_RMS = 300
"""About −40 dB of full scale; Q.24 asks for less, and lines are noisy."""

_PURITY = 0.8
"""How much of a frame's energy its two tones hold at least: speech is never that pure."""

_TWIST_DB = 8.0
"""How much louder one tone may be than the other."""

_FRAMES = 2
"""A tone counts from 40 ms on; after as long without it, the same key is a new one."""

_TIME = np.arange(FRAME_SAMPLES) / SAMPLE_RATE
_PROBES = np.exp(-2j * np.pi * np.outer((*_ROWS, *_COLUMNS), _TIME))
"""One Goertzel filter's worth per tone: the correlation with it over a frame of 20 ms."""


class ToneDetector:
    """Takes a line's audio frame by frame, and tells each key once."""

    def __init__(self) -> None:
        self._key = ""
        self._seen = 0
        self._missed = _FRAMES
        self._told = ""

    def hear(self, frame: bytes) -> str | None:
        """The key that is recognised with the next 20 ms of μ-law, if one is."""
        key = _key_in(frame)
        self._seen = self._seen + 1 if key and key == self._key else int(bool(key))
        self._key = key
        self._missed = 0 if key and key == self._told else self._missed + 1
        if self._missed >= _FRAMES:
            self._told = ""
        if key and self._seen >= _FRAMES and key != self._told:
            self._told, self._missed = key, 0
            return key
        return None


def _key_in(frame: bytes) -> str:
    if frame == SILENT_FRAME:
        return ""
    pcm = decode(frame)
    if audioop.rms(pcm, 2) < _QUIETEST_RMS:
        return ""
    signal = np.frombuffer(pcm, "<i2").astype(float)
    powers = np.abs(_PROBES @ signal) ** 2 * 2 / FRAME_SAMPLES
    row, column = int(np.argmax(powers[:4])), int(np.argmax(powers[4:]))
    row_power, column_power = powers[row], powers[4 + column]
    if row_power + column_power < _PURITY * float(signal @ signal):
        return ""
    if abs(10 * np.log10(max(row_power, 1e-9) / max(column_power, 1e-9))) > _TWIST_DB:
        return ""
    return _LAYOUT[row][column]
