"""How values are said on the telephone: a voice reads these strings out as they are."""

from collections.abc import Sequence
from datetime import date, time

from num2words import num2words

ORDINALS = ("First", "Second", "Third")
"""What up to three choices are introduced with."""


def number(value: int) -> str:
    """``120`` as ``one hundred and twenty``."""
    return str(num2words(value))


def count(value: int, noun: str) -> str:
    """``3, "night"`` as ``three nights``."""
    return f"{number(value)} {noun}{'' if abs(value) == 1 else 's'}"


def money(dollars: int) -> str:
    """``120`` as ``one hundred and twenty dollars``."""
    return count(dollars, "dollar")


def cents(value: int) -> str:
    """``67450`` as ``six hundred and seventy-four dollars and fifty cents``."""
    dollars, rest = divmod(abs(value), 100)
    said = count(rest, "cent") if rest and not dollars else money(dollars)
    if rest and dollars:
        said += f" and {count(rest, 'cent')}"
    return f"minus {said}" if value < 0 else said


def day(value: date) -> str:
    """A date as ``June third``."""
    return f"{value:%B} {num2words(value.day, to='ordinal')}"


def weekday(value: date) -> str:
    """A date as ``Wednesday, June third``."""
    return f"{value:%A}, {day(value)}"


def clock(value: time) -> str:
    """A time of day as ``eight oh five in the morning``."""
    hour, minute = value.hour, value.minute
    part = "in the morning" if hour < 12 else "in the afternoon" if hour < 18 else "in the evening"
    said = number(hour % 12 or 12)
    if minute == 0:
        return f"{said} o'clock {part}"
    return f"{said} {'oh ' if minute < 10 else ''}{number(minute)} {part}"


def digits(value: str) -> str:
    """``"471932"`` as ``4 7 1 9 3 2``, so that it is read digit by digit."""
    return " ".join(value)


def either(names: Sequence[str]) -> str:
    """``["a", "b", "c"]`` as ``a, b or c``."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} or {names[-1]}"


def choices(sentences: Sequence[str]) -> str:
    """Up to three offers, numbered so that a caller can say which: ``First, … Second, …``."""
    if len(sentences) == 1:
        return f"{sentences[0]}."
    return " ".join(
        f"{ordinal}, {sentence}." for ordinal, sentence in zip(ORDINALS, sentences, strict=False)
    )
