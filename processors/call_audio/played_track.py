"""Where the agent's audio stands in a call's time, by reports of what was played."""

JUMP_S = 0.1
"""A piece that was played so much later than the one before ended begins anew."""

SLACK_S = 0.005
"""Pieces that are off by more than this for a second are put right."""


class PlayedTrack:
    """Puts pieces that were played one after the other in their places, without seams.

    A report says when a piece ended, to some ms: so the pieces of one stretch of speech follow
    each other sample by sample, and only what all reports of a second agree on moves them.
    """

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._end: int | None = None
        self._seen = 0
        self._least = 0
        self._most = 0

    def place(self, samples: int, end: int) -> tuple[int, int]:
        """Where a piece begins, and how many samples at its start are to be left out.

        Args:
            samples: Of the piece.
            end: The position at which it had been played to its end.
        """
        off = 0 if self._end is None else end - samples - self._end
        if self._end is None or off > JUMP_S * self._rate:
            start = max(0, end - samples)
            self._forget(start + samples)
            return start, 0
        start, skip = self._end, 0
        shift = self._agreed(off, samples)
        if shift > 0:
            start += shift
        else:
            skip = min(samples, -shift)
        self._end = start + samples - skip
        return start, skip

    def _agreed(self, off: int, samples: int) -> int:
        """By how many samples all reports of the last second say the track is off; else 0."""
        self._least = off if not self._seen else min(self._least, off)
        self._most = off if not self._seen else max(self._most, off)
        self._seen += samples
        if self._seen < self._rate:
            return 0
        self._seen = 0
        slack = SLACK_S * self._rate
        if self._least > slack:
            return self._least
        return self._most if self._most < -slack else 0

    def _forget(self, end: int) -> None:
        self._end = end
        self._seen = 0
