"""The keys of a telephone and the tones that they make."""

import math
import re
from collections.abc import Sequence

import numpy as np

KEYS = "0123456789*#"
"""What a caller's telephone has. A to D are signals between exchanges, not keys of people."""

SENDABLE = re.compile(r"[0-9*#w]{1,64}")
"""What can be sent: keys, and ``w`` for half a second of silence."""

TONE_MS = 100
PAUSE_MS = 100
WAIT_MS = 500
NOTICED_MS = 40
"""A receiver takes a tone of 40 ms for a key (ITU-T Q.24); less of one was not sent."""

_ROWS = (697, 770, 852, 941)
_COLUMNS = (1209, 1336, 1477)
_LAYOUT = ("123", "456", "789", "*0#")
"""ITU-T Q.23: a key is the tone of its row together with the one of its column."""

_ROW_DBM0 = -9.0
_COLUMN_DBM0 = -7.0
"""Lines weaken high tones more, so that the column's is sent 2 dB louder (ETSI ES 201 235-2)."""

_FULL_SCALE_DBM0 = 3.17
"""Of a sine that just fits into μ-law (ITU-T G.711)."""


def tones(keys: str, sample_rate: int) -> bytes:
    """The dual tones of ``keys`` as mono PCM16: 100 ms each, and 100 ms of silence after it.

    Raises:
        ValueError: There are other characters in it than `KEYS` and ``w``.
    """
    return b"".join(_sound(key, sample_rate) for key in keys)


def keys_heard(keys: str, heard_ms: int) -> int:
    """How many of ``keys`` the other side has noticed when it heard so much of their tones."""
    start = 0
    for count, key in enumerate(keys):
        needed = WAIT_MS if key == "w" else NOTICED_MS
        if heard_ms < start + needed:
            return count
        start += WAIT_MS if key == "w" else TONE_MS + PAUSE_MS
    return len(keys)


def masked(keys: Sequence[str]) -> str:
    """As many dots as there are keys: for events and logs of what is nobody's business."""
    return "•" * len(keys)


def _sound(key: str, sample_rate: int) -> bytes:
    if key == "w":
        return bytes(2 * sample_rate * WAIT_MS // 1000)
    row = next((index for index, keys in enumerate(_LAYOUT) if key in keys), None)
    if row is None or len(key) != 1:
        raise ValueError(f"no key {key!r} on a telephone; there is 0-9, * and #")
    column = _LAYOUT[row].index(key)
    time = np.arange(sample_rate * TONE_MS // 1000) / sample_rate
    wave = _amplitude(_ROW_DBM0) * np.sin(2 * math.pi * _ROWS[row] * time)
    wave += _amplitude(_COLUMN_DBM0) * np.sin(2 * math.pi * _COLUMNS[column] * time)
    return wave.astype("<i2").tobytes() + bytes(2 * sample_rate * PAUSE_MS // 1000)


def _amplitude(dbm0: float) -> float:
    return 32_767 * 10 ** ((dbm0 - _FULL_SCALE_DBM0) / 20)
