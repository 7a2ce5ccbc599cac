"""Places in a sentence: by the names that a schema gives, or by the word before them."""

from collections.abc import Iterator, Sequence

from rapidfuzz import fuzz

from emulators.realtime.minds.understanding.acts import is_question, is_request
from emulators.realtime.minds.understanding.numbers import ORDINALS
from emulators.realtime.minds.understanding.parameters import Parameter
from emulators.realtime.minds.understanding.utterance import Utterance
from emulators.realtime.minds.understanding.words import (
    STOP_WORDS,
    matches_at,
    name_words,
    tokenize,
)

_LEAST_SCORE = 88
_LONGEST_PLACE = 3
_FROM = frozenset(("origin", "from", "departure", "source", "start"))
_TO = frozenset(("destination", "to", "arrival", "target"))
_BEFORE = ("in", "at", "near", "around", "into", "visit", "to", "for", "about")
"""The strongest first."""
_NOT_PLACES = STOP_WORDS | frozenset(
    (
        *("people", "person", "guests", "guest", "adults", "passengers", "night", "nights"),
        *("day", "days", "week", "weeks", "tomorrow", "today", "tonight", "next", "don't", "know"),
        *("instead", "actually", "again", "anywhere", "anything", "something", "else", "same"),
        *("one", "date", "time", "number", "name", "price", "booking", *ORDINALS),
        # After "to" these are verbs.
        *("book", "search", "find", "fly", "go", "stay", "travel", "rent", "cancel", "change"),
        *("talk", "speak", "ask", "see", "take", "reserve", "look", "buy", "be", "make", "say"),
        *("return", "leave", "visit", "pay", "order", "check", "call", "hear", "help"),
    )
)
_ENDS = frozenset(["from", "to", "until", "on", "for", "at", "between", "and", "with", "please"])
_ANSWERS = (("it's",), ("it", "is"), ("that's",), ("that", "is"), ("make", "it"), ("i", "said"))


def find_place(
    parameter: Parameter, places: Sequence[Parameter], utterance: Utterance, *, asked: bool
) -> str | None:
    """The value of a place parameter.

    Args:
        parameter: To find.
        places: All place parameters of the tool: where there are several, "from" and "to" tell
            them apart.
        utterance: The sentence.
        asked: Its value was just asked for.
    """
    cues = _cues(parameter, alone=len(places) == 1)
    candidates = list(_candidates(parameter, utterance))
    for first, place in candidates:
        before = utterance.word(first - 1)
        if before in cues or (len(places) == 1 and before != "from"):
            return place
    if asked and candidates:
        return candidates[-1][1]
    if not parameter.schema.get("enum"):
        if named := _after_cue(cues, utterance):
            return named
        if asked and not (is_request(utterance.text) or is_question(utterance.text)):
            return _whole_answer(utterance)
    return None


def _cues(parameter: Parameter, *, alone: bool) -> Sequence[str]:
    names = frozenset(name_words(parameter.name))
    if names & _FROM or (not alone and parameter.words & _FROM and not names & _TO):
        return ("from", "leaving")
    return _BEFORE


def _candidates(parameter: Parameter, utterance: Utterance) -> Iterator[tuple[int, str]]:
    """Known places in the sentence: the word that they start at, and their name."""
    for example in parameter.examples:
        words = [token.text for token in tokenize(example)]
        for index in range(len(utterance.tokens) - len(words) + 1):
            if words and matches_at(utterance.tokens, index, *words):
                yield index, example
    for example in parameter.examples:
        words = [token.text for token in tokenize(example)]
        for index in range(len(utterance.tokens) - len(words) + 1):
            window = " ".join(utterance.word(index + offset) for offset in range(len(words)))
            near = fuzz.ratio(window, " ".join(words)) >= _LEAST_SCORE
            if near and window != " ".join(words) and not utterance.in_date(index):
                yield index, example


def _after_cue(cues: Sequence[str], utterance: Utterance) -> str | None:
    for cue in cues:
        for index, token in enumerate(utterance.tokens):
            if token.text != cue or utterance.in_date(index + 1):
                continue
            end = _place_end(utterance, index + 1)
            if end > index + 1:
                return utterance.titled(index + 1, end)
    return None


def _place_end(utterance: Utterance, start: int) -> int:
    end = start
    numbers = {number.first for number in utterance.numbers}
    spans = {span.first for span in utterance.durations}
    while (
        end < len(utterance.tokens)
        and end - start < _LONGEST_PLACE
        and utterance.word(end) not in _NOT_PLACES | _ENDS
        and not utterance.in_date(end)
        and end not in numbers | spans
    ):
        end += 1
    return end


def _whole_answer(utterance: Utterance) -> str | None:
    start = 0
    for phrase in _ANSWERS:
        for index in range(len(utterance.tokens)):
            if matches_at(utterance.tokens, index, *phrase):
                start = max(start, index + len(phrase))
    while start < len(utterance.tokens) and utterance.word(start) in _NOT_PLACES | _ENDS:
        start += 1
    end = _place_end(utterance, start)
    rest = [
        utterance.word(index)
        for index in range(end, len(utterance.tokens))
        if utterance.word(index) not in _NOT_PLACES
    ]
    return utterance.titled(start, end) if end > start and not rest else None
