"""Keeps the values of a label few: each one is a time series, in Prometheus for months."""

import re
from collections.abc import Callable

OTHER = "other"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,63}")
"""What names look like; a telephone number or an address does not."""


class Vocabulary:
    """The values that a label may take.

    Args:
        limit: How many there may be, besides ``other``.
        known: Whether a value is one of ours; without it the first ``limit`` names are taken.
    """

    def __init__(self, limit: int, known: Callable[[str], bool] | None = None) -> None:
        self._limit = limit
        self._known = known
        self._taken: set[str] = set()

    def label(self, value: str) -> str:
        """``value`` where it is allowed, else ``other``."""
        if value not in self._taken and (self._known is None or self._known(value)):
            self.learn(value)
        return value if value in self._taken else OTHER

    def learn(self, value: str) -> None:
        """Allows a value from now on, if it is a name and there is room."""
        if len(self._taken) < self._limit and _NAME.fullmatch(value):
            self._taken.add(value)
