"""One sentence of a caller, with the numbers, dates and digits in it."""

import re
from datetime import date
from functools import cached_property

from emulators.realtime.minds.understanding.dates import MONTHS, find_dates, find_durations
from emulators.realtime.minds.understanding.numbers import Number, find_digits, find_numbers
from emulators.realtime.minds.understanding.words import tokenize

_LONGEST_FIGURE = 4
"""Digits; a longer one that is written in one is a code, not an amount."""


_ASIDE = re.compile(r"^\([^()]*\)\s*")
"""How something was said, such as (pressed on the keypad): no words of the caller's."""


_DAYS = re.compile(
    rf"\b({'|'.join(MONTHS)})\.? (\d{{1,2}})(?:st|nd|rd|th)?\s?[-–—]\s?(\d{{1,2}})(?![\d-])",
    re.IGNORECASE,
)
"""June 4–5, as it is written."""


class Utterance:
    """A sentence, tokenised once.

    Attributes:
        text: As it was said.
        today: What its dates are relative to.
        tokens: Its words.
        dates: The dates in it, in order.
        durations: Lengths of time in days or nights.
    """

    def __init__(self, text: str, today: date) -> None:
        self.text = _DAYS.sub(r"\1 \2 to \3", _ASIDE.sub("", text))
        self.today = today
        self.tokens = tokenize(self.text)
        self.dates = find_dates(self.tokens, today)
        self.durations = find_durations(self.tokens)

    @cached_property
    def digits(self) -> list[tuple[str, int, int]]:
        """Digits read out in a row (digits, first word, end), except years of dates."""
        return [run for run in find_digits(self.tokens) if not self.in_date(run[1])]

    @cached_property
    def numbers(self) -> list[Number]:
        """Numbers that belong to no date, duration or row of digits."""
        return [
            number
            for number in find_numbers(self.tokens)
            if not self.in_date(number.first)
            and not any(span.first <= number.first < span.end for span in self.durations)
            and not any(
                first <= number.first < end
                for run, first, end in self.digits
                if end - first > 1 or len(run) > _LONGEST_FIGURE
            )
        ]

    def in_date(self, index: int) -> bool:
        """Whether the word at ``index`` belongs to a date."""
        return any(mention.first <= index < mention.end for mention in self.dates)

    def word(self, index: int) -> str:
        """The word at ``index``; nothing before the first and after the last."""
        return self.tokens[index].text if 0 <= index < len(self.tokens) else ""

    def original(self, first: int, end: int) -> str:
        """The words ``first`` to ``end`` as they were written."""
        return self.text[self.tokens[first].start : self.tokens[end - 1].end]

    def titled(self, first: int, end: int) -> str:
        """The words as a name: as they were written, or with capitals if there were none."""
        said = self.original(first, end)
        if said != said.lower():
            return said
        return re.sub(r"(?:^|(?<=[\s-]))\w", lambda match: match.group().upper(), said)
