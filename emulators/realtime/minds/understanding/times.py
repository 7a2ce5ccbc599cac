"""Times of day in a sentence: ``half past two``, ``ten thirty in the morning``, ``noon``."""

import re
from dataclasses import dataclass

from emulators.realtime.minds.understanding.numbers import number_at
from emulators.realtime.minds.understanding.utterance import Utterance
from emulators.realtime.minds.understanding.words import matches_at

_FIGURES = re.compile(r"(\d{1,2})[:.](\d{2})")
_NAMED = {"noon": 12 * 60, "midnight": 0}
_PAST = {("half", "past"): 30, ("quarter", "past"): 15, ("quarter", "to"): -15}
_HALVES = (
    (("in", "the", "morning"), 0),
    (("a", "m"), 0),
    (("am",), 0),
    (("in", "the", "afternoon"), 12),
    (("in", "the", "evening"), 12),
    (("at", "night"), 12),
    (("p", "m"), 12),
    (("pm",), 12),
)
_EARLIEST_HOUR = 7
"""Without a half of the day, an hour before it is meant in the afternoon."""


@dataclass(frozen=True, slots=True)
class Time:
    """A time of day, and the words (first, end) that say it."""

    value: str
    first: int
    end: int


def find_times(utterance: Utterance, *, bare: bool) -> list[Time]:
    """All times of a sentence.

    Args:
        utterance: The sentence.
        bare: A time was asked for, so that a number alone is one.

    Returns:
        Values as ``HH:MM``.
    """
    found = []
    index = 0
    while index < len(utterance.tokens):
        time = None if utterance.in_date(index) else _time_at(utterance, index, bare=bare)
        if time:
            found.append(time)
        index = time.end if time else index + 1
    return found


def _time_at(utterance: Utterance, first: int, *, bare: bool) -> Time | None:
    tokens, word = utterance.tokens, utterance.word(first)
    if word in _NAMED:
        return _made(_NAMED[word], first, first + 1)
    index, shift = first, 0
    for phrase, minutes in _PAST.items():
        if matches_at(tokens, first, *phrase):
            index, shift = first + 2, minutes
    minutes = 0
    if figures := _FIGURES.fullmatch(utterance.word(index)):
        hour, minutes, index = int(figures[1]), int(figures[2]), index + 1
        is_told = True
    else:
        number = number_at(tokens, index)
        if number is None or number.whole is None or not 0 <= number.whole < 24:
            return None
        hour, index = number.whole, number.end
        oh = utterance.word(index) == "oh"
        after = number_at(tokens, index + oh)
        is_told = shift != 0 or utterance.word(first - 1) in ("at", "around")
        if after and after.whole is not None and after.whole < 60 and not utterance.in_date(index):
            minutes, index, is_told = after.whole, after.end, True
        if utterance.word(index) == "o'clock":
            index, is_told = index + 1, True
    for words, later in _HALVES:
        if matches_at(tokens, index, *words):
            whole = hour % 12 + later
            return _made(whole * 60 + minutes + shift, first, index + len(words))
    if not is_told and not bare:
        return None
    if 0 < hour < _EARLIEST_HOUR:
        hour += 12
    return _made(hour * 60 + minutes + shift, first, index)


def _made(minutes: int, first: int, end: int) -> Time:
    return Time(f"{minutes // 60 % 24:02}:{minutes % 60:02}", first, end)


def spoken_time(value: str) -> str:
    """``14:30`` as ``2:30 PM``."""
    hour, minute = (int(part) for part in value.split(":")[:2])
    half = "AM" if hour < 12 else "PM"
    return f"{hour % 12 or 12}{f':{minute:02}' if minute else ''} {half}"
