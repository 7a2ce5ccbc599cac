"""Widens telephone audio from 4 to 7 kHz, for a recogniser that was trained on wide audio.

Telephones cut off everything above 4 kHz, where "s", "f" and "sh" differ; the recogniser's
features for it are then noise. Here each frame's energy in seven bands from 3.7 to 7 kHz is
estimated from the energies of its lower bands (and of two frames before and after it) by linear
regression, and the bands are filled with noise of that energy. The weights were learned from
synthetic voices, see `emulators.hearing.calibrate`.
"""

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import soxr

Pcm = npt.NDArray[np.int16]
Floats = npt.NDArray[np.float64]

RATE = 16000
_WINDOW, _HOP = 512, 160
_CONTEXT = 2
"""Frames before and after that an estimate looks at."""

_SHAPE = np.hanning(_WINDOW + 1)[:_WINDOW]
_FREQUENCIES = np.arange(_WINDOW // 2 + 1) * RATE / _WINDOW
_LOW_EDGES = np.geomspace(150, 3700, 19)
_HIGH_EDGES = np.linspace(3700, 7000, 8)
_FLOOR = 10.0

FEATURES = (len(_LOW_EDGES) - 1) * (2 * _CONTEXT + 1) + 1
BANDS = len(_HIGH_EDGES) - 1


def widen(telephone: Pcm, weights: Floats) -> Pcm:
    """Telephone audio at 8 kHz as wide audio at 16 kHz.

    Args:
        telephone: Samples at 8 kHz.
        weights: ``FEATURES`` × ``BANDS``, from `learn`.
    """
    upsampled = _upsample(telephone)
    spectra = _spectra(upsampled)
    amplitudes = np.sqrt(np.exp(_features(spectra) @ weights))
    random = np.random.default_rng(len(telephone))
    for band, amplitude in zip(_bands(_HIGH_EDGES), amplitudes.T, strict=True):
        shape = (len(spectra), int(band.sum()))
        noise = random.normal(size=shape) + 1j * random.normal(size=shape)
        spectra[:, band] = amplitude[:, None] * noise / np.sqrt(2)
    return _overlap_add(spectra, len(upsampled))


def learn(pairs: list[tuple[Pcm, Pcm]]) -> Floats:
    """Weights from recordings of the same speech: wide at 16 kHz, telephone at 8 kHz."""
    inputs, outputs = [], []
    for wide, telephone in pairs:
        narrow_spectra, wide_spectra = _spectra(_upsample(telephone)), _spectra(wide)
        count = min(len(narrow_spectra), len(wide_spectra))
        inputs.append(_features(narrow_spectra[:count]))
        outputs.append(_energies(wide_spectra[:count], _HIGH_EDGES))
    x, y = np.vstack(inputs), np.vstack(outputs)
    ridge = 1e-4 * len(x) * np.eye(x.shape[1])
    return np.asarray(np.linalg.solve(x.T @ x + ridge, x.T @ y), dtype=np.float64)


def _upsample(telephone: Pcm) -> Pcm:
    wide: Pcm = soxr.resample(telephone, RATE // 2, RATE)
    return wide


def _spectra(samples: Pcm) -> npt.NDArray[np.complex128]:
    padded = np.concatenate([np.zeros(_WINDOW // 2), samples.astype(np.float64), np.zeros(_WINDOW)])
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP]
    return np.fft.rfft(frames * _SHAPE, axis=1)


def _bands(edges: Floats) -> list[npt.NDArray[np.bool_]]:
    return [(low <= _FREQUENCIES) & (high > _FREQUENCIES) for low, high in pairwise(edges)]


def _energies(spectra: npt.NDArray[np.complex128], edges: Floats) -> Floats:
    """Log energy of each frame in each band."""
    power = np.abs(spectra) ** 2
    return np.stack(
        [np.log(power[:, band].mean(axis=1) + _FLOOR) for band in _bands(edges)], axis=1
    )


def _features(spectra: npt.NDArray[np.complex128]) -> Floats:
    """Low-band energies of each frame and its neighbours, and a constant."""
    energies = np.pad(_energies(spectra, _LOW_EDGES), ((_CONTEXT, _CONTEXT), (0, 0)), mode="edge")
    count = len(spectra)
    shifted = [energies[offset : offset + count] for offset in range(2 * _CONTEXT + 1)]
    return np.hstack([*shifted, np.ones((count, 1))])


def _overlap_add(spectra: npt.NDArray[np.complex128], length: int) -> Pcm:
    frames = np.fft.irfft(spectra, _WINDOW, axis=1) * _SHAPE
    total = np.zeros(len(frames) * _HOP + _WINDOW)
    weight = np.zeros_like(total)
    for index, frame in enumerate(frames):
        start = index * _HOP
        total[start : start + _WINDOW] += frame
        weight[start : start + _WINDOW] += _SHAPE**2
    samples = (total / np.maximum(weight, 1e-3))[_WINDOW // 2 : _WINDOW // 2 + length]
    return np.clip(samples, -32768, 32767).astype(np.int16)
