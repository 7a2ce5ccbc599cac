"""The two sides of a call next to each other, sample by sample."""

from collections import deque
from collections.abc import Iterator
from typing import Any

import numpy as np

from processors.call_audio.tap import SAMPLE_WIDTH, Piece, Side

Stereo = np.ndarray[Any, np.dtype[np.int16]]
"""Shape (samples, 2): the caller on the left, the agent on the right."""

CHANNELS: tuple[Side, Side] = ("caller", "agent")
BLOCK_S = 1.0
"""The most that is put together at once, so that a long silence takes no memory."""


class Aligner:
    """Puts pieces in their places in two channels; where there are none there is silence.

    Args:
        sample_rate: Of the pieces.
        start: The position that the first sample has.

    Attributes:
        position: Everything before it has been taken.
    """

    def __init__(self, sample_rate: int, start: int) -> None:
        self.position = start
        self._block = int(sample_rate * BLOCK_S)
        self._pieces: dict[Side, deque[Piece]] = {"caller": deque(), "agent": deque()}

    def add(self, piece: Piece) -> None:
        """Adds a piece; what of it lies before `position` comes too late and is left out."""
        self._pieces[piece.side].append(piece)

    def take(self, until: int) -> Iterator[Stereo]:
        """Both channels from `position` up to ``until``, in blocks of a second at most."""
        while self.position < until:
            end = min(until, self.position + self._block)
            block = np.zeros((end - self.position, len(CHANNELS)), np.int16)
            for channel, side in enumerate(CHANNELS):
                self._lay(self._pieces[side], block[:, channel], end)
            self.position = end
            yield block

    def _lay(self, pieces: deque[Piece], channel: Stereo, end: int) -> None:
        while pieces and pieces[0].start < end:
            piece = pieces.popleft()
            pcm = piece.pcm[max(0, self.position - piece.start) * SAMPLE_WIDTH :]
            at = max(piece.start, self.position)
            fits = (end - at) * SAMPLE_WIDTH
            if len(pcm) > fits:
                pieces.appendleft(Piece(piece.side, end, pcm[fits:]))
                pcm = pcm[:fits]
            samples = np.frombuffer(pcm, np.int16)
            channel[at - self.position : at - self.position + len(samples)] = samples
