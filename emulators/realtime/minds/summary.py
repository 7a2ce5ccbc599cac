"""Summaries: how minds without a model write one when asked out of band, and read it again."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from emulators.realtime.mind import Prompt

_REQUEST = re.compile(r"\bsummar(y|ize|ise)\b", re.IGNORECASE)
_HEADING = re.compile(r"^summary\b", re.IGNORECASE)
_KNOWN = re.compile(r"^Known: (.+)\.$", re.MULTILINE)
_SAID = "The caller said: "

MOST_QUOTES = 5
"""Of what the caller said last; the rest is in what is known, or lost."""


def asks_for_summary(prompt: Prompt) -> bool:
    """Whether a response outside the conversation is told to summarise."""
    return prompt.out_of_band and bool(_REQUEST.search(prompt.instructions))


def write_summary(quotes: Sequence[str], facts: Mapping[str, Any]) -> str:
    """What the caller said last, and everything that is known by name."""
    said = " ".join(f'"{quote}"' for quote in quotes[-MOST_QUOTES:])
    known = "; ".join(f"{name.replace('_', ' ')}: {value}" for name, value in facts.items())
    parts = (f"{_SAID}{said}." if said else "", f"Known: {known}." if known else "")
    return "\n".join(part for part in parts if part) or "Nothing was said yet."


def read_summary(text: str) -> dict[str, Any] | None:
    """What a system message says is known, by name; None when it is no summary."""
    if not _HEADING.match(text):
        return None
    known = _KNOWN.search(text)
    facts: dict[str, Any] = {}
    for fact in known[1].split("; ") if known else ():
        name, _, value = fact.partition(": ")
        is_count = value.isdecimal() and str(int(value)) == value
        facts[name.replace(" ", "_")] = int(value) if is_count else value
    return facts


def caller_words(items: Iterable[Mapping[str, Any]]) -> list[str]:
    """What the caller said or wrote, turn by turn."""
    turns = (item for item in items if item.get("role") == "user")
    texts = (
        " ".join(part.get("text") or part.get("transcript") or "" for part in turn["content"])
        for turn in turns
    )
    return [text.strip() for text in texts if text.strip()]
