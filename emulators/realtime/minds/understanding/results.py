"""What tools answered, and which of the things in an answer a caller means."""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rapidfuzz import fuzz

from emulators.realtime.minds.understanding.numbers import UNITS, ordinal_at
from emulators.realtime.minds.understanding.parameters import Parameter
from emulators.realtime.minds.understanding.words import (
    STOP_WORDS,
    Token,
    matches_at,
    name_words,
    plain,
)

_LEAST_NAME_SCORE = 80
_CHOICE_NOUNS = frozenset(["one", "option", "choice", "number", "offer", "result"])
_LOWEST = frozenset(
    ["cheapest", "lowest", "cheaper", "least", "earliest", "shortest", "fastest", "nearest"]
)
_HIGHEST = frozenset(["best", "highest", "dearest", "latest", "biggest", "largest", "longest"])
COMPARISONS = _LOWEST | _HIGHEST
"""Words that pick one of several things."""
_PRICE = ("price", "cost", "total", "rate", "fare", "amount")
_RATING = ("rating", "stars", "score")
_TIME = ("depart", "time", "start")


@dataclass(frozen=True, slots=True)
class Result:
    """A tool's answer.

    Attributes:
        tool: Its name.
        summary: What to say.
        is_error: The tool says that it did not do it.
        rows: The things that it lists, empty when it lists nothing.
        next_page: What its list goes on with, empty when that was all.
        facts: Numbers in it that identify something, by name: a confirmation number.
    """

    tool: str
    summary: str
    is_error: bool = False
    rows: Sequence[Mapping[str, Any]] = ()
    next_page: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


def read_result(tool: str, output: str) -> Result:
    """Understands a function call's output: JSON with a ``summary`` or ``error``, or plain text."""
    try:
        value = json.loads(output)
    except ValueError:
        return Result(tool, output.strip(), is_error=_sounds_failed(output))
    if isinstance(value, str):
        return Result(tool, value, is_error=_sounds_failed(value))
    if isinstance(value, list):
        value = {"results": value}
    if not isinstance(value, dict):
        return Result(tool, str(value))
    error = value.get("error")
    is_error = bool(error) or value.get("is_error") is True
    if isinstance(error, Mapping):
        error = error.get("message") or error.get("code")
    rows = next((item for item in value.values() if _is_rows(item)), ())
    summary = value.get("summary")
    if not isinstance(summary, str) or not summary:
        summary = error if isinstance(error, str) else value.get("answer", value.get("message"))
    if not isinstance(summary, str) or not summary:
        summary = _rendered(value)
    if is_error and tool:
        summary = summary.replace(tool, "that")  # a caller knows no tools by name
    page = value.get("next_page")
    return Result(
        tool,
        summary[:1].upper() + summary[1:],
        is_error,
        rows,
        page if isinstance(page, str) else "",
        _facts(value),
    )


def identifier(row: Mapping[str, Any], parameter: Parameter) -> str | int | None:
    """A row's value for an id parameter: under its own name, or plainly as ``id``."""
    value = row.get(parameter.name, row.get("id"))
    return value if isinstance(value, str | int) else None


def row_name(row: Mapping[str, Any]) -> str:
    """What people call a row."""
    for key in ("name", "title", "label"):
        if isinstance(row.get(key), str):
            return str(row[key])
    named = (value for key, value in row.items() if "name" in key and isinstance(value, str))
    return next(named, "")


def find_row(
    tokens: Sequence[Token], rows: Sequence[Mapping[str, Any]], *, bare: bool = False
) -> Mapping[str, Any] | None:
    """The row that a sentence points at: "the first one", "the cheapest", or by its name.

    Args:
        tokens: The sentence.
        rows: To choose from.
        bare: The sentence answers "which one?", so that "two" and "yes" point as well.
    """
    if not rows:
        return None
    return (
        _by_name(tokens, rows)
        or _by_position(tokens, rows, bare=bare)
        or _by_measure(tokens, rows)
        or (rows[0] if len(rows) == 1 and bare else None)
    )


def _by_position(
    tokens: Sequence[Token], rows: Sequence[Mapping[str, Any]], *, bare: bool
) -> Mapping[str, Any] | None:
    for index, token in enumerate(tokens):
        following = tokens[index + 1].text if index + 1 < len(tokens) else ""
        before = tokens[index - 1].text if index else ""
        if token.text == "last" and before == "the":
            return rows[-1]
        if ordinal := ordinal_at(tokens, index):
            after = tokens[ordinal.end].text if ordinal.end < len(tokens) else ""
            position = ordinal.whole or 0
            if (before == "the" or after in _CHOICE_NOUNS or bare) and 0 < position <= len(rows):
                return rows[position - 1]
        number = UNITS.get(token.text) or (int(token.text) if token.text.isdecimal() else 0)
        chosen = before in ("number", "option") or (bare and following in ("", "please"))
        if number and chosen and 0 < number <= len(rows):
            return rows[number - 1]
        if len(rows) == 1 and matches_at(tokens, index, "that", "one"):
            return rows[0]
    return None


def _by_measure(
    tokens: Sequence[Token], rows: Sequence[Mapping[str, Any]]
) -> Mapping[str, Any] | None:
    words = {token.text for token in tokens}
    low, high = words & _LOWEST, words & _HIGHEST
    if not low and not high:
        return None
    keys: tuple[str, ...] = _TIME
    if not words & {"earliest", "latest"}:
        keys = _RATING if high and not words & {"dearest", "highest"} else _PRICE
    for wanted in (keys, _PRICE):
        for key in rows[0]:
            if any(part in wanted for part in name_words(key)) or key.startswith(wanted):
                values = [row.get(key) for row in rows]
                if all(isinstance(value, int | float) for value in values) or all(
                    isinstance(value, str) for value in values
                ):
                    pick = min if low else max
                    return rows[values.index(pick(values))]  # type: ignore[type-var]  # of one type
    return None


def _by_name(
    tokens: Sequence[Token], rows: Sequence[Mapping[str, Any]]
) -> Mapping[str, Any] | None:
    said = [token.text for token in tokens if token.text not in STOP_WORDS]
    words = [_name_words(row) for row in rows]
    # What several rows have in common ("hotel", the city) points at none of them.
    counts = Counter(word for names in words for word in names)
    kinds = {word for row in rows for key in row for word in name_words(key)}
    scores = []
    for names in words:
        telling = {word for word in names if counts[word] == 1 and word not in kinds}
        heard = sum(any(fuzz.ratio(word, o) >= _LEAST_NAME_SCORE for o in said) for word in telling)
        scores.append(heard / len(telling) if telling else 0.0)
    best = max(scores)
    return rows[scores.index(best)] if best >= 0.5 and scores.count(best) == 1 else None


def _name_words(row: Mapping[str, Any]) -> set[str]:
    return {
        word
        for text in _texts(row)
        for word in plain(text).split()
        if word not in STOP_WORDS and len(word) > 2
    }


def _texts(row: Mapping[str, Any]) -> list[str]:
    """Names in a row: short texts that are no dates, times or codes."""
    return [
        value
        for key, value in row.items()
        if isinstance(value, str)
        and not any(character.isdecimal() for character in value)
        and len(value.split()) <= 6
        and "currency" not in key
        and not {"id", "city", "summary"} & set(name_words(key))
    ]


def _facts(value: Mapping[str, Any]) -> dict[str, str]:
    """Numbers that identify something, such as a confirmation number; also one level down."""
    inner = [item for item in value.values() if isinstance(item, Mapping)]
    return {
        name: fact
        for part in (*inner, value)
        for name, fact in part.items()
        if isinstance(fact, str) and fact.isdecimal() and len(fact) > 3
    }


def _is_rows(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)


def _sounds_failed(text: str) -> bool:
    return bool(
        re.match(
            r"(error|failed|failure|invalid|unknown|unable|cannot|can't|could not|couldn't|sorry"
            r"|no such|not found|there (is|are) no)\b",
            text.strip(),
            re.IGNORECASE,
        )
    )


def _rendered(value: Mapping[str, Any]) -> str:
    """A dictionary as a sentence: what it says of itself, then what its lists hold."""
    parts = [
        f"{' '.join(name_words(key))} {_said(item)}"
        for key, item in value.items()
        if isinstance(item, str | int | float | bool) and item not in ("", None)
    ]
    for item in value.values():
        if _is_rows(item):
            parts += [_rendered_row(index, row) for index, row in enumerate(item[:3], start=1)]
    if not parts:
        return "That is done."
    text = ", ".join(parts)
    return f"{text[0].upper()}{text[1:]}."


def _rendered_row(index: int, row: Mapping[str, Any]) -> str:
    name = row_name(row)
    facts = [
        f"{' '.join(name_words(key))} {_said(item)}"
        for key, item in row.items()
        if isinstance(item, str | int | float) and item != name and "id" not in name_words(key)
    ]
    return f"number {index}, {', '.join([name, *facts[:3]] if name else facts[:3])}"


def _said(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
