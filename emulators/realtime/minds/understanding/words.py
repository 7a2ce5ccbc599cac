"""Words of a sentence: where they are, what they stand for, which ones carry no meaning."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_TOKEN = re.compile(
    r"\d{4}-\d{2}-\d{2}"
    r"|\d+(?:[.,:/]\d+)*(?:st|nd|rd|th)?"
    r"|[^\W\d_]+(?:['’][^\W\d_]+)*"
    r"|[$€£%]",
    re.IGNORECASE,
)

_FILLERS = "um uh er erm ah oh hm hmm well so okay ok please thanks like"
_FUNCTION_WORDS = """
    a about am an and any are as at be been but by can could d did do does for from get give go
    had has have he hello her hers hey hi him his how i i'd i'll i'm i've if in into is it it's its
    just kind let let's ll m make many may me might mine more much my need no not now of off on one
    or our ours out really right s shall she should some t tell than thank that that's the their
    them then there these they this those to too up us ve very wanna want was we we'd we're were
    what what's when where which who why will with would yeah yes you your yours
"""

FILLERS = frozenset(_FILLERS.split())
"""What people say while they think, and politeness."""

STOP_WORDS = FILLERS | frozenset(_FUNCTION_WORDS.split())
"""Words that say nothing about the topic."""

# Everyday synonyms, so that a tool called "search" is found by "look for". Keys are stems.
_SYNONYMS = {
    **dict.fromkeys(("find", "look", "show", "list", "seek", "check"), "search"),
    **dict.fromkeys(("reserv", "reserve"), "book"),
    **dict.fromkeys(("annul", "revoke", "cancell"), "cancel"),
    **dict.fromkeys(("modify", "alter", "reschedul", "reschedule"), "change"),
    **dict.fromkeys(("cost", "rate", "fare"), "price"),
    **dict.fromkeys(("remove", "erase"), "delete"),
}

_SUFFIXES = ("ellations", "ellation", "ations", "ation", "ings", "ing", "ies", "ed", "es", "s")


@dataclass(frozen=True, slots=True)
class Token:
    """A word: lower case, and where it stands in the text."""

    text: str
    start: int
    end: int


def tokenize(text: str) -> list[Token]:
    """The words, numbers and currency signs of a text."""
    return [
        Token(match.group().lower().replace("’", "'"), match.start(), match.end())
        for match in _TOKEN.finditer(text)
    ]


def plain(text: str) -> str:
    """Lower-case words with single spaces, nothing else."""
    return " ".join(token.text for token in tokenize(text))


def name_words(name: str) -> list[str]:
    """The words of an identifier: ``check_in``, ``search-hotel`` or ``checkIn``."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return re.sub(r"[^A-Za-z0-9]+", " ", spaced).lower().split()


def stem(word: str) -> str:
    """A word without its ending, and the most common of its everyday synonyms."""
    base = word.removesuffix("'s")
    for suffix in _SUFFIXES:
        if base.endswith(suffix) and len(base) - len(suffix) >= 3 and not base.endswith("ss"):
            base = base.removesuffix(suffix) + ("y" if suffix == "ies" else "")
            if suffix in ("ellations", "ellation"):
                base += "el"
            break
    return _SYNONYMS.get(base, base)


def content_stems(words: Iterable[str]) -> list[str]:
    """Stems of the words that carry meaning, in order."""
    return [stem(word) for word in words if word not in STOP_WORDS and not word[0].isdecimal()]


def matches_at(tokens: Sequence[Token], index: int, *phrase: str) -> bool:
    """Whether the words of ``phrase`` stand at ``index``."""
    there = tokens[index : index + len(phrase)]
    return len(there) == len(phrase) and all(
        token.text == word for token, word in zip(there, phrase, strict=True)
    )
