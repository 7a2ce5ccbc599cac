"""Digits that tools may use and nobody may see: card numbers, codes, dates of birth."""

import re
from itertools import count
from typing import Any

_REFERENCE = re.compile(r"\{\{digits_\d+\}\}")
SHORTEST_MASKED = 3
"""One or two digits stand for too much else in a tool's output to be taken for a secret."""


class SensitiveDigits:
    """Keeps the digits of one call, and gives out references such as ``{{digits_1}}``.

    The model, the transcript, events and logs know the reference only. A tool that is called with
    it gets the digits; in what the tool answers they become the reference again.
    """

    def __init__(self) -> None:
        self._digits: dict[str, str] = {}
        self._numbers = count(1)

    def keep(self, digits: str) -> str:
        """Remembers digits as long as the call lasts; returns the reference to them."""
        reference = f"{{{{digits_{next(self._numbers)}}}}}"
        self._digits[reference] = digits
        return reference

    def reveal(self, value: Any) -> Any:
        """A JSON value with the digits in place of each known reference."""
        match value:
            case str():
                return _REFERENCE.sub(lambda found: self._digits.get(found[0], found[0]), value)
            case dict():
                return {name: self.reveal(inner) for name, inner in value.items()}
            case list():
                return [self.reveal(inner) for inner in value]
            case _:
                return value

    def mask(self, text: str) -> str:
        """A text with the references in place of all digits that are kept."""
        for reference, digits in self._digits.items():
            if len(digits) >= SHORTEST_MASKED:
                # Also where a tool spells them out to be said.
                spaced = r"[\s-]?".join(re.escape(digit) for digit in digits)
                text = re.sub(rf"(?<!\d){spaced}(?!\d)", reference, text)
        return text
