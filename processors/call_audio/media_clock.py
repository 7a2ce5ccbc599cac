"""A call's time in samples, as the caller's audio counts it."""

import math

ALIVE_S = 0.04
"""So soon after the caller's audio came, the position is where that audio ended."""

SETTLE_S = 2.0
"""Half of the time over which the quickest arrival says how late the others are."""

SUSPECT_S = 0.06
"""Audio that stays so late for `CONVINCED_S` was not delayed: some before it is missing."""

CONVINCED_S = 0.5
CERTAIN_S = 1.0
"""Audio that is so late follows a gap, without further waiting."""

STAMP_SLACK_S = 1.0
"""How much more than the clock shows a time stamp may say is missing; beyond, it is wrong."""


class MediaClock:
    """Numbers the caller's samples, gaps included, and says which number is now.

    The count follows the caller's own clock: two clocks differ by up to 100 ms in half an hour,
    and a recording by ours would have to cut or stretch what the caller says. Where the carrier
    stamps its frames the stamps tell what is missing. Where nothing does, audio that stays late
    follows a gap, and audio that catches up was only delayed.

    Positions are samples of ``sample_rate`` since the first use, ``now`` seconds of one
    monotonic clock.
    """

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._origin: float | None = None
        self._quickest = math.inf
        self._quickest_before = math.inf
        self._settled_at = 0.0
        self._late_since: float | None = None
        self._least_late = 0.0
        self._stamp_offset: float | None = None
        self._last_arrival = -math.inf
        self.position = 0
        self.gaps = 0
        self.missing = 0

    def arrived(self, samples: int, now: float, sent_ms: int | None = None) -> int:
        """The caller's next frame came; returns the position of its first sample.

        Args:
            samples: In the frame.
            now: When it came.
            sent_ms: The sender's time stamp of its first sample, where there is one.
        """
        if self._last_arrival == -math.inf:
            self.position = max(0, self.at(now) - samples)
            self._quickest = now - (self.position + samples) / self._rate
            self._settled_at = now
        elif hole := self._hole(samples, now, sent_ms):
            self.gaps += 1
            self.missing += hole
            self.position += hole
        if sent_ms is not None:
            self._stamp_offset = self.position - sent_ms * self._rate / 1000
        start = self.position
        self.position += samples
        self._last_arrival = now
        self._note_quickest(now - self.position / self._rate, now)
        return start

    def at(self, now: float) -> int:
        """The position of this moment."""
        if self._origin is None:
            self._origin = now
        if now - self._last_arrival <= ALIVE_S:
            return self.position
        return max(self.position, round((now - self._origin) * self._rate))

    def _hole(self, samples: int, now: float, sent_ms: int | None) -> int:
        late = now - (self.position + samples) / self._rate - (self._origin or 0.0)
        if sent_ms is not None and self._stamp_offset is not None:
            hole = sent_ms * self._rate / 1000 + self._stamp_offset - self.position
            if samples / 2 <= hole <= (max(0.0, late) + STAMP_SLACK_S) * self._rate:
                return round(hole)
            return 0
        return round(self._gap(late, now) * self._rate)

    def _gap(self, late: float, now: float) -> float:
        """How many seconds are missing, as far as lateness tells."""
        if late < SUSPECT_S:
            self._late_since = None
            return 0.0
        if self._late_since is None:
            self._late_since, self._least_late = now, late
        self._least_late = min(self._least_late, late)
        if late < CERTAIN_S and now - self._late_since < CONVINCED_S:
            return 0.0
        self._late_since = None
        return late if late >= CERTAIN_S else self._least_late

    def _note_quickest(self, origin: float, now: float) -> None:
        self._quickest = min(self._quickest, origin)
        if now - self._settled_at >= SETTLE_S:
            self._quickest_before, self._quickest = self._quickest, origin
            self._settled_at = now
        self._origin = min(self._quickest, self._quickest_before)
