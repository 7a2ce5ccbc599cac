"""Persons in a sentence: somebody's name, and how many travel along."""

from emulators.realtime.minds.understanding.utterance import Utterance
from emulators.realtime.minds.understanding.words import FILLERS, STOP_WORDS, matches_at

_INTRODUCTIONS = (
    ("my", "name", "is"),
    ("my", "name's"),
    ("the", "name", "is"),
    ("name", "is"),
    ("under", "the", "name", "of"),
    ("under", "the", "name"),
    ("in", "the", "name", "of"),
    ("the", "name", "of"),
    ("i", "am", "called"),
    ("this", "is"),
    ("i", "am"),
    ("i'm",),
    ("call", "me"),
)
_WEAK = {("this", "is"), ("i", "am"), ("i'm",)}
_ANSWERS = (("it's",), ("it", "is"), ("that's",), ("that", "is"), ("for",), ("under",))
_LONGEST_NAME = 4
_NO_NAMES = (STOP_WORDS - {"will", "may"}) | frozenset(
    (
        *("looking", "calling", "going", "trying", "planning", "flying", "travelling", "traveling"),
        *("staying", "wondering", "interested", "sorry", "afraid", "done", "good", "fine", "sure"),
        *("not", "don't", "know", "here", "alone", "wrong", "correct", "actually", "instead"),
    )
)
PERSONS = frozenset(
    ("people", "person", "guest", "adult", "passenger", "traveler", "traveller", "driver")
)
"""Stems of words for those who take part: "two people" counts guests as well."""
_ALONE = (("just", "me"), ("only", "me"), ("by", "myself"), ("just", "myself"), ("alone",))
_PAIRS = (
    *(
        ("my", partner, "and", me)
        for partner in ("wife", "husband", "partner")
        for me in ["i", "me"]
    ),
    *(("me", "and", "my", partner) for partner in ("wife", "husband", "partner", "friend")),
    ("a", "couple"),
    ("the", "two", "of", "us"),
    ("both", "of", "us"),
)


def find_person(utterance: Utterance, *, asked: bool) -> str | None:
    """A person's name: introduced ("my name is …"), or the whole answer when it was asked for."""
    tokens = utterance.tokens
    for index in range(len(tokens)):
        for phrase in _INTRODUCTIONS:
            if matches_at(tokens, index, *phrase):
                found = _name_from(utterance, index + len(phrase), strict=phrase in _WEAK)
                if found:
                    return found
    if not asked:
        return None
    start = 0
    while utterance.word(start) in FILLERS | {"yes", "yeah", "sure"}:
        start += 1
    for phrase in _ANSWERS:
        if matches_at(tokens, start, *phrase):
            start += len(phrase)
            break
    found = _name_from(utterance, start, strict=False)
    rest = len(tokens) - start
    return found if found and rest <= _LONGEST_NAME + 2 else None


def _name_from(utterance: Utterance, start: int, *, strict: bool) -> str | None:
    end = start
    while (
        end < len(utterance.tokens)
        and end - start < _LONGEST_NAME
        and utterance.word(end) not in _NO_NAMES
        and not utterance.word(end)[0].isdecimal()
        and not utterance.in_date(end)
    ):
        end += 1
    if end == start or (strict and end < len(utterance.tokens) and utterance.word(end) != "and"):
        return None
    return utterance.titled(start, end)


def counted_people(utterance: Utterance) -> int | None:
    """How many people a sentence means without a number: "just me", "my wife and I"."""
    for index in range(len(utterance.tokens)):
        if any(matches_at(utterance.tokens, index, *phrase) for phrase in _PAIRS):
            return 2
        if any(matches_at(utterance.tokens, index, *phrase) for phrase in _ALONE):
            return 1
    return None
