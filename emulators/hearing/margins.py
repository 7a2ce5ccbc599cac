"""Cuts noise off before and after what was said: a grammar makes words of it."""

import numpy as np

from emulators.hearing.bandwidth import Pcm

_FRAME_S = 0.02
_MARGIN_FRAMES = 2
_AUDIBLE = 32768 * 10 ** (-65 / 20)
"""RMS below which the quiet around speech is no noise: nothing is cut then."""
_LOUD = 10 ** (-25 / 20)
"""Of the level of speech: what is quieter is none of it."""
_ABOVE_NOISE = 10 ** (8 / 20)


def without_margins(samples: Pcm, sample_rate: int) -> Pcm:
    """The utterance from its first to its last word, where there is noise around it.

    A turn comes with some 0.3 s before its first word and 0.5 s behind its last one. With pink
    noise at -48 dB of full scale, 28 dB below the voice, 16 of 32 short sentences were heard with
    those margins and 30 without.

    Args:
        samples: Of one utterance.
        sample_rate: In Hz.
    """
    size = round(_FRAME_S * sample_rate)
    count = len(samples) // size
    if not count:
        return samples
    frames = samples[: count * size].reshape(count, size).astype(np.float64)
    levels = np.sqrt((frames**2).mean(axis=1))
    noise, speech = np.percentile(levels, (5, 90))
    if noise < _AUDIBLE:
        return samples
    [loud] = np.nonzero(levels > max(speech * _LOUD, noise * _ABOVE_NOISE))
    if not len(loud):
        return samples
    first, last = max(0, loud[0] - _MARGIN_FRAMES), loud[-1] + 1 + _MARGIN_FRAMES
    kept: Pcm = samples[first * size : last * size]
    return kept
