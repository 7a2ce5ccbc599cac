"""How loud each side of a recording is over time: what a waveform is drawn from."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

PEAKS_PER_S = 10
MOST_PEAKS = 20_000
"""A page draws no more of them: those of a longer recording are put together."""

READER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="peaks")
"""Decoding takes seconds for half an hour of audio: one at a time, beside everything else."""

_RATE = 8_000
_FULL_SCALE = 32_768
_KEPT = 32


@dataclass(frozen=True, slots=True)
class Peaks:
    """The largest sample of each stretch, 0 to 100 % of the scale, for either side.

    Attributes:
        duration_s: Of the recording.
        per_s: Peaks in a second.
        caller: Of the left channel.
        agent: Of the right channel.
    """

    duration_s: float
    per_s: float
    caller: tuple[int, ...]
    agent: tuple[int, ...]


def read_peaks(path: Path) -> Peaks:
    """The peaks of a finished recording, from memory if it was read lately.

    Raises:
        OSError: It is gone, or no audio.
    """
    status = path.stat()
    try:
        return _read(path, status.st_mtime_ns, status.st_size)
    except av.FFmpegError as error:
        raise OSError(f"{path.name} is no audio") from error


@lru_cache(maxsize=_KEPT)
def _read(path: Path, _changed: int, _size: int) -> Peaks:
    stretch = _RATE // PEAKS_PER_S
    rows: list[npt.NDArray[np.int16]] = []
    left = np.zeros((2, 0), dtype=np.int16)
    samples = 0
    for block in _blocks(path):
        samples += block.shape[1]
        left = np.concatenate((left, block), axis=1)
        whole = left.shape[1] // stretch * stretch
        rows.append(_largest(left[:, :whole], stretch))
        left = left[:, whole:]
    if left.shape[1]:
        rows.append(_largest(left, left.shape[1]))
    peaks = np.concatenate(rows, axis=1) if rows else np.zeros((2, 0), dtype=np.int16)
    together = max(1, -(-peaks.shape[1] // MOST_PEAKS))
    if together > 1:
        missing = -peaks.shape[1] % together
        peaks = _largest(np.pad(peaks, ((0, 0), (0, missing))), together)
    percent = np.rint(peaks.astype(np.float32) * (100 / _FULL_SCALE)).astype(int)
    return Peaks(
        duration_s=samples / _RATE,
        per_s=PEAKS_PER_S / together,
        caller=tuple(percent[0].tolist()),
        agent=tuple(percent[1].tolist()),
    )


def _blocks(path: Path) -> Iterator[npt.NDArray[np.int16]]:
    """The audio, some seconds at a time: two channels of PCM16."""
    resampler = av.AudioResampler(format="s16p", layout="stereo", rate=_RATE)
    pieces: list[npt.NDArray[np.int16]] = []
    size = 0
    with av.open(str(path)) as container:
        # The last None has the resampler give what it holds.
        for decoded in chain(container.decode(audio=0), (None,)):
            for frame in resampler.resample(decoded):
                pieces.append(frame.to_ndarray().astype(np.int16, copy=False))
                size += frame.samples
            if size > 10 * _RATE:
                yield np.concatenate(pieces, axis=1)
                pieces, size = [], 0
    if pieces:
        yield np.concatenate(pieces, axis=1)


def _largest(block: npt.NDArray[np.int16], stretch: int) -> npt.NDArray[np.int16]:
    shaped = np.abs(block.astype(np.int32)).reshape(2, -1, stretch).max(axis=2)
    largest: npt.NDArray[np.int16] = shaped.clip(max=np.iinfo(np.int16).max).astype(np.int16)
    return largest
