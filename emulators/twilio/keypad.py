"""A line's tones: of ringing and of keys; and collecting keys for ``<Gather>``."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

import numpy as np

from emulators.twilio.frames import SAMPLE_RATE, encode, samples
from emulators.twilio.leg import Leg
from emulators.twilio.twiml import Gather

_ROWS = (697, 770, 852, 941)
_COLUMNS = (1209, 1336, 1477, 1633)
_LAYOUT = ("123A", "456B", "789C", "*0#D")
_TONE_S = 0.1
_PAUSE_S = 0.1
_WAIT_S = {"w": 0.5, "W": 1.0}
_LEVEL = 8000
_RINGING = (440, 480)
_RING_S = 2.0
RING_PAUSE_S = 4.0
"""North America's cadence (ITU-T E.180)."""


def tones(keys: str) -> bytes:
    """The dual tones of ``keys`` as μ-law; ``w`` is half a second of silence, ``W`` a second."""
    parts = []
    for key in keys:
        if key in _WAIT_S:
            parts.append(np.zeros(samples(_WAIT_S[key])))
            continue
        row = next(index for index, keys_of_row in enumerate(_LAYOUT) if key in keys_of_row)
        column = _LAYOUT[row].index(key)
        time = np.arange(samples(_TONE_S)) / SAMPLE_RATE
        row_tone, column_tone = (
            np.sin(2 * np.pi * hertz * time) for hertz in (_ROWS[row], _COLUMNS[column])
        )
        parts += [_LEVEL * (row_tone + column_tone), np.zeros(samples(_PAUSE_S))]
    signal = np.concatenate(parts) if parts else np.zeros(0)
    return encode(signal.astype(np.int16).tobytes())


def ringing_tone() -> bytes:
    """What a caller hears while a telephone rings, once, as μ-law."""
    time = np.arange(samples(_RING_S)) / SAMPLE_RATE
    wave = sum(_LEVEL / 4 * np.sin(2 * np.pi * hertz * time) for hertz in _RINGING)
    return encode(np.asarray(wave).astype(np.int16).tobytes())


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was typed, and the key that ended it, if one did."""

    digits: str
    finished_on: str


async def gather(leg: Leg, verb: Gather, prompts: Coroutine[Any, Any, None]) -> Gathered:
    """Collects keys until there are enough, the finishing key comes, or none for the timeout.

    The prompts stop at the first key; the timeout counts from their end.
    """
    phone = leg.phone
    typed = ""
    finished_on = ""
    idle_since = phone.position
    prompting = asyncio.create_task(prompts)

    def press(key: str) -> None:
        nonlocal typed, finished_on, idle_since
        if not prompting.done():
            prompting.cancel()
            leg.playback.clear()
        idle_since = phone.position
        if key in verb.finish_on_key:
            finished_on = key
        else:
            typed += key

    def complete() -> bool:
        nonlocal idle_since
        if not prompting.done():
            idle_since = phone.position
        enough = verb.num_digits is not None and len(typed) >= verb.num_digits
        late = phone.position - idle_since >= samples(verb.timeout)
        return bool(finished_on) or enough or late

    phone.on_key = press
    try:
        await phone.until(complete, timeout_s=None)
    finally:
        phone.on_key = lambda key: None
        prompting.cancel()
        await asyncio.wait({prompting})
    if not prompting.cancelled():
        prompting.result()
    return Gathered(typed, finished_on)
