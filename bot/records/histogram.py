"""Times in milliseconds, counted in bins: small enough to be summed, fine enough for percentiles.

A database sorts a million times for an exact percentile; counting them in some 200 bins, and the
percentile of the counts, takes a fraction of that. What is lost is half a bin.
"""

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Float, Integer, case, cast, func

BINS = 256
"""More than there are: what comes before a bin in a number that names both is a multiple of it."""

_SCALE = ((0, 500, 10), (500, 2_000, 25), (2_000, 10_000, 200), (10_000, 120_000, 2_000))
"""From, below, and how wide the bins are there, in ms."""


def _first_bins() -> tuple[int, ...]:
    firsts = [0]
    for begin, end, width in _SCALE:
        firsts.append(firsts[-1] + (end - begin) // width)
    return tuple(firsts)


_FIRST = _first_bins()
_LAST = _FIRST[-1]
"""All that is longer."""


def bin_of(milliseconds: ColumnElement[Any], dialect: str) -> ColumnElement[int]:
    """SQL for the number of the bin that a time is in."""

    def whole(value: ColumnElement[Any]) -> ColumnElement[int]:
        # PostgreSQL rounds in a cast, SQLite cuts.
        return cast(func.floor(value) if dialect == "postgresql" else value, Integer)

    return case(
        *(
            (milliseconds < end, first + whole(cast(milliseconds - begin, Float) / width))
            for (begin, end, width), first in zip(_SCALE, _FIRST, strict=False)
        ),
        else_=_LAST,
    )


def percentile(counts: Mapping[int, int], share: float) -> float | None:
    """The time in ms that ``share`` (0 to 1) of those counted are not above, to half a bin.

    By the nearest rank, and the middle of the bin; None where nothing was counted.
    """
    rank = math.ceil(share * sum(counts.values()))
    passed = 0
    for number in sorted(counts):
        passed += counts[number]
        if passed >= max(1, rank):
            return _middle(number)
    return None


def _middle(number: int) -> float:
    for (begin, _end, width), first, after in zip(_SCALE, _FIRST, _FIRST[1:], strict=False):
        if number < after:
            return begin + (number - first + 0.5) * width
    return float(_SCALE[-1][1])


Histogram = Counter[int]
"""How many times fell into each bin."""
