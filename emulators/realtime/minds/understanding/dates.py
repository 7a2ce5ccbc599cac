"""Dates as people say them, relative to today: "June third", "next Friday", "in two weeks"."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from emulators.realtime.minds.understanding.numbers import TENS, UNITS, number_at, ordinal_at
from emulators.realtime.minds.understanding.words import Token, matches_at

MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name} | {
    name.lower(): number for number, name in enumerate(calendar.month_abbr) if name
}
WEEKDAYS = {name.lower(): number for number, name in enumerate(calendar.day_name)}
_SPANS = {"day": 1, "days": 1, "night": 1, "nights": 1, "week": 7, "weeks": 7}

_LINKS = ("to", "until", "till", "through", "or", "and")
_BEHIND_A_DAY = ("", "for", "in", "at", "on", "with", "please")
"""What may follow a bare number that is a day: "June 4 or 5 please", but not "and 2 people"."""

_LONGEST_SPAN = 3660
"""Days; what is longer is no stay, and the calendar ends somewhere."""


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date somebody said.

    Attributes:
        day: The date; ``None`` when there is no such date.
        first: First word of the mention.
        end: The word after it.
        problem: What is wrong with it, as a sentence to say, or nothing.
    """

    day: date | None
    first: int
    end: int
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Duration:
    """A number of days ("three nights", "a week") and the words that say it."""

    days: int
    first: int
    end: int


def find_dates(tokens: Sequence[Token], today: date) -> list[DateMention]:
    """All dates of a sentence, in order.

    A date without a year is the next one in the future; after another date in the same sentence,
    the next one after that. A day without a month ("the sixth", or "to sixth" and "or sixth" right
    behind a date) takes the month of the date before it and is not a date without one; one right
    before a date ("the fifth or the sixth of June") takes that one's.
    """
    found: list[DateMention] = []
    index = 0
    while index < len(tokens):
        after = next((m.day for m in reversed(found) if m.day), None)
        is_linked = bool(found) and found[-1].end == index - 1 and tokens[index - 1].text in _LINKS
        mention = _date_at(tokens, index, today, after, is_linked=is_linked)
        if mention:
            earlier = _day_before(tokens, mention, found[-1].end if found else 0, today)
            found += (earlier, mention) if earlier else (mention,)
            index = mention.end
        else:
            index += 1
    return found


def find_durations(tokens: Sequence[Token]) -> list[Duration]:
    """All lengths of time in days, nights or weeks; "in two weeks" is a date instead."""
    found: list[Duration] = []
    for index in range(len(tokens)):
        if index and tokens[index - 1].text == "in":
            continue
        span = _span_at(tokens, index)
        if span and not (found and span.first < found[-1].end):
            found.append(span)
    return found


def spoken_date(day: date, today: date) -> str:
    """A date to say: ``June 3rd``, with its year when it is not within the next twelve months."""
    ending = "th" if 10 < day.day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")
    said = f"{calendar.month_name[day.month]} {day.day}{ending}"
    return said if today <= day < today + timedelta(days=365) else f"{said} {day.year}"


def _date_at(
    tokens: Sequence[Token], index: int, today: date, after: date | None, *, is_linked: bool
) -> DateMention | None:
    return (
        _figures(tokens, index, today)
        or _relative(tokens, index, today)
        or _weekday(tokens, index, after or today)
        or _month_and_day(tokens, index, today, after)
        or _day_alone(tokens, index, after, is_linked=is_linked)
    )


def _figures(tokens: Sequence[Token], index: int, today: date) -> DateMention | None:
    """``2027-06-03``, ``6/3`` or ``6/3/2027`` (month first)."""
    text = tokens[index].text
    if text.count("-") == 2:
        year, month, day = (int(part) for part in text.split("-"))
    elif "/" in text and text.replace("/", "").isdecimal() and text.count("/") <= 2:
        month, day, *rest = (int(part) for part in text.split("/"))
        year = rest[0] if rest else 0
        year += 2000 if 0 < year < 100 else 0
    else:
        return None
    return _dated(year or None, month, day, (index, index + 1), today, None)


def _relative(tokens: Sequence[Token], index: int, today: date) -> DateMention | None:
    phrases = (
        (("the", "day", "after", "tomorrow"), 2),
        (("day", "after", "tomorrow"), 2),
        (("a", "week", "from", "today"), 7),
        (("a", "week", "from", "now"), 7),
        (("next", "week"), 7),
        (("tomorrow",), 1),
        (("today",), 0),
        (("tonight",), 0),
        (("yesterday",), -1),
    )
    for words, days in phrases:
        if matches_at(tokens, index, *words):
            return _checked(today + timedelta(days=days), (index, index + len(words)), today)
    if tokens[index].text == "in" and (span := _span_at(tokens, index + 1)):
        return DateMention(today + timedelta(days=span.days), index, span.end)
    return None


def _weekday(tokens: Sequence[Token], index: int, after: date) -> DateMention | None:
    first = index
    upcoming = tokens[index].text in ("next", "this", "coming")
    if upcoming:
        index += 1
    if index >= len(tokens) or tokens[index].text not in WEEKDAYS:
        return None
    # "Friday, June fourth": the date says it, the weekday only repeats it.
    ahead = [token.text for token in tokens[index + 1 : index + 4]]
    if any(word in MONTHS and word != "may" for word in ahead[:1]) or ahead[:1] == ["the"]:
        return None
    days = (WEEKDAYS[tokens[index].text] - after.weekday()) % 7 or 7
    if tokens[first].text == "next" and days < 3:
        days += 7  # said two days before, "next Friday" is the one of next week
    return DateMention(after + timedelta(days=days), first, index + 1)


def _month_and_day(
    tokens: Sequence[Token], index: int, today: date, after: date | None
) -> DateMention | None:
    word = tokens[index].text
    first = index
    if word in MONTHS:
        month = MONTHS[word]
        index += 2 if matches_at(tokens, index + 1, "the") else 1
        day = _day_at(tokens, index)
        if not day:
            return None
        number, end = day
    else:
        index += 1 if word == "the" else 0
        day = _day_at(tokens, index)
        if not day:
            return None
        number, end = day
        end += 1 if matches_at(tokens, end, "of") else 0
        if end >= len(tokens) or tokens[end].text not in MONTHS:
            return None
        month = MONTHS[tokens[end].text]
        end += 1
    year, end = _year_at(tokens, end)
    return _dated(year, month, number, (first, end), today, after)


def _day_alone(
    tokens: Sequence[Token], index: int, after: date | None, *, is_linked: bool
) -> DateMention | None:
    """``the sixth`` after a full date, and ``to sixth`` or ``or 6`` right behind one."""
    has_article = matches_at(tokens, index, "the")
    if after is None or not (has_article or is_linked):
        return None
    first = index + 1 if has_article else index
    ordinal = ordinal_at(tokens, first)
    number = ordinal or (number_at(tokens, first) if is_linked and not has_article else None)
    following = tokens[number.end].text if number and number.end < len(tokens) else ""
    if not number or not number.whole or following in ("one", "hotel", "option"):
        return None
    if number is not ordinal and following not in _BEHIND_A_DAY:
        return None
    return _dated(None, after.month, number.whole, (index, number.end), after, after)


def _day_before(
    tokens: Sequence[Token], mention: DateMention, free_from: int, today: date
) -> DateMention | None:
    """``the fifth`` of ``the fifth or the sixth of June``."""
    link = mention.first - 1
    if mention.day is None or link <= free_from or tokens[link].text not in _LINKS:
        return None
    said = [token.text for token in tokens[mention.first : mention.end]]
    if not any(word in MONTHS for word in said):
        return None
    for first in range(max(free_from, link - 3), link):
        ordinal = ordinal_at(tokens, first)
        if ordinal and ordinal.whole and ordinal.end == link:
            year, month = mention.day.year, mention.day.month
            return _dated(year, month, ordinal.whole, (first, link), today, None)
    return None


def _day_at(tokens: Sequence[Token], index: int) -> tuple[int, int] | None:
    """A day of the month, ordinal or cardinal, and the word after it."""
    number = ordinal_at(tokens, index) or number_at(tokens, index)
    if number is None or number.whole is None or not 1 <= number.whole <= 99:
        return None
    return number.whole, number.end


def _year_at(tokens: Sequence[Token], index: int) -> tuple[int | None, int]:
    """``2027``, ``two thousand twenty seven`` or ``twenty twenty seven``."""
    number = number_at(tokens, index)
    if number is None:
        return None, index
    if number.whole and 1900 <= number.whole < 2200:
        return number.whole, number.end
    if number.whole in (19, 20) and number.end < len(tokens):
        rest = number_at(tokens, number.end)
        word = tokens[number.end].text
        if rest and rest.whole and rest.whole < 100 and (word in TENS or UNITS.get(word, 0) > 9):
            return number.whole * 100 + rest.whole, rest.end
    return None, index


def _dated(
    year: int | None,
    month: int,
    day: int,
    words: tuple[int, int],
    today: date,
    after: date | None,
) -> DateMention:
    if not 1 <= month <= 12:
        return DateMention(None, *words, problem=f"There is no month number {month}.")
    name = calendar.month_name[month]
    # In a leap year where no year is said: February 29th is then in the next leap year.
    longest = 29 if month == 2 and year is None else calendar.monthrange(year or 2024, month)[1]
    if not 1 <= day <= longest:
        in_year = f" in {year}" if year and month == 2 else ""
        return DateMention(None, *words, problem=f"{name}{in_year} has no day {day}.")
    if year is not None:
        return _checked(date(year, month, day), words, today)
    earliest = after or today
    candidate = earliest.year
    while True:
        if not (month == 2 and day == 29 and not calendar.isleap(candidate)):
            found = date(candidate, month, day)
            # After another date, the same month and an earlier day is a slip, not next year.
            if found >= earliest or (after and found >= today and found.month == after.month):
                return DateMention(found, *words)
        candidate += 1


def _checked(day: date, words: tuple[int, int], today: date) -> DateMention:
    if day < today:
        return DateMention(None, *words, problem=f"{spoken_date(day, today)} is in the past.")
    return DateMention(day, *words)


def _span_at(tokens: Sequence[Token], index: int) -> Duration | None:
    number = number_at(tokens, index)
    if number and number.whole is not None:
        count, end = number.whole, number.end
    elif index < len(tokens) and tokens[index].text in ("a", "one"):
        count, end = 1, index + 1
    else:
        return None
    unit = tokens[end].text if end < len(tokens) else ""
    days = count * _SPANS.get(unit, 0)
    return Duration(days, index, end + 1) if 0 < days <= _LONGEST_SPAN else None
