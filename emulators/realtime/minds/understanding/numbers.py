"""Numbers in words and figures, and digits read out one by one."""

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass

from emulators.realtime.minds.understanding.words import Token

_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ORDINAL_ONES = [
    "zeroth",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
]
_ORDINAL_TENS = [word[:-1] + "ieth" for word in _TENS]

UNITS = {word: value for value, word in enumerate(_ONES)}
TENS = {word: 10 * value for value, word in enumerate(_TENS, start=2)}
ORDINALS = {word: value for value, word in enumerate(_ORDINAL_ONES) if value} | {
    word: 10 * value for value, word in enumerate(_ORDINAL_TENS, start=2)
}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
_DIGIT_WORDS = {word: str(value) for word, value in UNITS.items() if value < 10} | {"oh": "0"}
_REPEATS = {"double": 2, "triple": 3}


@dataclass(frozen=True, slots=True)
class Number:
    """A number and the words (first, end) that say it."""

    value: float
    first: int
    end: int

    @property
    def whole(self) -> int | None:
        """The value if it is a whole number."""
        return int(self.value) if self.value == int(self.value) else None


def find_numbers(tokens: Sequence[Token]) -> list[Number]:
    """All cardinal numbers of a sentence; digits that follow each other stay apart."""
    found = []
    index = 0
    while index < len(tokens):
        number = number_at(tokens, index)
        if number:
            found.append(number)
            index = number.end
        else:
            index += 1
    return found


def ordinal_at(tokens: Sequence[Token], index: int) -> Number | None:
    """The ordinal (``third``, ``3rd``, ``twenty first``) that starts at ``index``."""
    if index >= len(tokens):
        return None
    word = tokens[index].text
    if word[0].isdecimal() and word[-2:] in ("st", "nd", "rd", "th") and word[:-2].isdecimal():
        return Number(int(word[:-2]), index, index + 1)
    if word in TENS and index + 1 < len(tokens):
        unit = ORDINALS.get(tokens[index + 1].text, 0)
        if 0 < unit < 10:
            return Number(TENS[word] + unit, index, index + 2)
    return Number(ORDINALS[word], index, index + 1) if word in ORDINALS else None


def find_digits(tokens: Sequence[Token], shortest: int = 3) -> list[tuple[str, int, int]]:
    """Runs of digits read out: ``four seven one``, ``47 19 32``, ``double four``.

    Returns:
        (digits, first word, end) for each run of at least ``shortest`` digits.
    """
    runs = []
    index = 0
    while index < len(tokens):
        digits, end = "", index
        while end < len(tokens):
            said, words = _digits_at(tokens, end)
            if not said:
                break
            digits += said
            end += words
        if len(digits) >= shortest:
            runs.append((digits, index, end))
        index = max(end, index + 1)
    return runs


def find_codes(
    tokens: Sequence[Token], pattern: str, skipped: Set[str] = frozenset()
) -> list[tuple[str, int, int]]:
    """Words and digits that make a code together: ``maple four eight two one``, ``b x 7``.

    Args:
        tokens: The sentence.
        pattern: Regular expression of a whole code, in capitals.
        skipped: Words that belong to no code, such as those that name it.

    Returns:
        (code, first word, end), the longest one at each place.
    """
    expression = re.compile(pattern)
    found = []
    index = 0
    while index < len(tokens):
        code, end, longest = "", index, None
        words = 0
        while end < len(tokens) and words < 2:
            said, count = _digits_at(tokens, end)
            if not said and tokens[end].text in skipped:
                break
            code += said or tokens[end].text.upper()
            # One whole word at most: what stands before it is the sentence around it.
            words += not said and len(tokens[end].text) > 1
            end += count if said else 1
            if words < 2 and expression.fullmatch(code):
                longest = (code, index, end)
        if longest:
            found.append(longest)
        index = longest[2] if longest else index + 1
    return found


def _digits_at(tokens: Sequence[Token], index: int) -> tuple[str, int]:
    word = tokens[index].text
    if word in _REPEATS and index + 1 < len(tokens):
        digit = _DIGIT_WORDS.get(tokens[index + 1].text) or tokens[index + 1].text
        if len(digit) == 1 and digit.isdecimal():
            return digit * _REPEATS[word], 2
    if word in _DIGIT_WORDS:
        return _DIGIT_WORDS[word], 1
    if word.isdecimal():
        return word, 1
    if word in TENS and index + 1 < len(tokens) and 0 < UNITS.get(tokens[index + 1].text, 0) < 10:
        return str(TENS[word] + UNITS[tokens[index + 1].text]), 2
    value = UNITS.get(word) or TENS.get(word)
    return (str(value), 1) if value else ("", 1)


def number_at(tokens: Sequence[Token], start: int) -> Number | None:
    """The cardinal number that starts at a word."""
    if start >= len(tokens):
        return None
    figures = tokens[start].text.replace(",", "")
    if figures.replace(".", "", 1).isdecimal():
        return Number(float(figures), start, start + 1)
    total = group = 0
    index = start
    last_size = 10**9
    while index < len(tokens):
        word = tokens[index].text
        if word in ("a", "an") and index == start and _word(tokens, index + 1) in _SCALES:
            group, last_size = 1, 1
        elif word in UNITS and _size(UNITS[word]) < last_size:
            group += UNITS[word]
            last_size = 1
        elif word in TENS and last_size > 10:
            group += TENS[word]
            last_size = 10
        elif word in _SCALES and index > start and group:
            if word == "hundred":
                group *= 100
            else:
                total += group * _SCALES[word]
                group = 0
            last_size = 100
        elif word == "and" and last_size == 100 and _starts_number(tokens, index + 1):
            pass
        else:
            break
        index += 1
    return Number(total + group, start, index) if index > start else None


def _size(value: int) -> int:
    """How much room a unit needs: teens take the place of the tens, too."""
    return 1 if value < 10 else 10


def _starts_number(tokens: Sequence[Token], index: int) -> bool:
    return _word(tokens, index) in UNITS or _word(tokens, index) in TENS


def _word(tokens: Sequence[Token], index: int) -> str:
    return tokens[index].text if index < len(tokens) else ""
