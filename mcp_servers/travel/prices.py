"""What a night, a seat or a day costs on a given date."""

import zlib
from collections.abc import Iterator
from datetime import date, timedelta

_SEASON = {6: 1.1, 7: 1.2, 8: 1.2, 12: 1.15, 1: 0.9, 2: 0.9, 11: 0.92}
_WEEKEND = {4: 1.1, 5: 1.15}  # Friday and Saturday
_SPREAD = 0.06


def price_on(item_id: str, rate: int, day: date) -> int:
    """Dollars for one unit of an item on one day; the same whenever it is asked.

    Seasons are those of the northern summer and the holidays, weekends cost more, and a few
    percent differ from day to day so that dates are worth comparing.
    """
    wobble = zlib.crc32(f"{item_id} {day}".encode()) / 0xFFFFFFFF * 2 - 1
    factor = _SEASON.get(day.month, 1.0) * _WEEKEND.get(day.weekday(), 1.0) * (1 + _SPREAD * wobble)
    return round(rate * factor)


def days_between(first: date, last: date) -> Iterator[date]:
    """Every day from ``first`` up to, not including, ``last``."""
    for offset in range((last - first).days):
        yield first + timedelta(days=offset)


def total_price(item_id: str, rate: int, days: Iterator[date]) -> int:
    """Dollars for one unit of an item on all of ``days``."""
    return sum(price_on(item_id, rate, day) for day in days)
