"""Which tool a sentence asks for, by names, descriptions and example phrases."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz

from emulators.realtime.minds.understanding.acts import is_question
from emulators.realtime.minds.understanding.numbers import ORDINALS
from emulators.realtime.minds.understanding.people import find_person
from emulators.realtime.minds.understanding.results import COMPARISONS
from emulators.realtime.minds.understanding.slots import listen
from emulators.realtime.minds.understanding.toolbox import KnownTool, Role
from emulators.realtime.minds.understanding.utterance import Utterance
from emulators.realtime.minds.understanding.words import content_stems, plain, stem

LEAST_SCORE = 0.3
"""Below it a sentence asks for nothing that is there."""

_NAME_WEIGHT, _EXAMPLE_WEIGHT, _ABOUT_WEIGHT = 0.35, 0.45, 0.2
_UNFIT = 0.5
"""What is left of the score of a tool whose manner (request or question) does not fit."""
_NEAR_SPELLING = 85
_UNKNOWN = 0.4
"""What a word that no tool knows weighs, of the heaviest that is known."""

_CONTRARY = frozenset(("cancel", "change", "delete", "refund", "complain"))
"""Stems that turn a request around: who does not know them can't do what is asked."""

# Words of any request, whatever it is about.
_EVERYDAY = frozenset(
    stem(word)
    for word in (
        *("change", "make", "instead", "rather", "switch", "correct", "update", "add", "take"),
        *("choose", "pick", "prefer", "keep", "leave", "stay", "go", "start", "use", "put", "set"),
        *("number", "people", "person", "date", "day", "night", "week", "month", "time", "name"),
        *("another", "other", "different", "else", "new", "same", "actually", "later", "earlier"),
        *("something", "anything", "thing", "bit", "lot", "first", "last", "next", "cheap", "good"),
        *("say", "tell", "know", "think", "hear", "speak", "repeat", "try", "call", "trip", "plan"),
    )
)


@dataclass(frozen=True, slots=True)
class Match:
    """A tool and how well a sentence asks for it: 0 to 1."""

    tool: KnownTool
    score: float


def rank(utterance: Utterance, tools: Iterable[KnownTool]) -> list[Match]:
    """The tools that a sentence may ask for, best first."""
    candidates = [tool for tool in tools if tool.role is not Role.END]
    said = _topic(utterance)
    if not said or not candidates:
        return []
    documents = [
        tool.about | tool.title_stems | frozenset().union(*tool.examples) for tool in candidates
    ]
    counts = Counter(word for document in documents for word in document)
    weight = {word: math.log(1 + len(candidates) / count) for word, count in counts.items()}
    heard = {known for word in said if (known := _known(word, weight))}
    if not heard:
        return []
    # Words that no tool knows may be the topic, unless they are values such as a city.
    values = _value_stems(utterance, candidates)
    harmless = values | _EVERYDAY
    unknown = sum(not _known(word, weight) and word not in harmless for word in said)
    total = sum(weight[word] for word in heard) + _UNKNOWN * unknown * max(weight.values())
    question = is_question(utterance.text)
    contrary = (_CONTRARY & set(said)) - values
    matches = [
        Match(tool, _score(heard, tool, weight, total) * _manner(tool, candidates, question))
        for tool, document in zip(candidates, documents, strict=True)
        if contrary <= document
    ]
    return sorted((match for match in matches if match.score > 0), key=lambda match: -match.score)


def foreign_words(
    utterance: Utterance, tools: Iterable[KnownTool], rows: Sequence[Mapping[str, Any]] = ()
) -> set[str]:
    """Stems of a request that nothing here knows: neither tools nor their parameters' values."""
    known = set(_EVERYDAY)
    candidates = list(tools)
    for tool in candidates:
        known |= tool.about | tool.title_stems | frozenset().union(*tool.examples)
        for parameter in tool.parameters:
            known |= parameter.nouns
    known |= _value_stems(utterance, candidates, rows)
    weight = dict.fromkeys(known, 1.0)
    return {word for word in _topic(utterance) if not _known(word, weight)}


def is_contrary(utterance: Utterance) -> bool:
    """Whether a sentence asks to undo or change something."""
    return bool(_CONTRARY & set(_topic(utterance)))


def _value_stems(
    utterance: Utterance, tools: Iterable[KnownTool], rows: Sequence[Mapping[str, Any]] = ()
) -> set[str]:
    """Stems of the words that are values of parameters: a city, a name."""
    person = find_person(utterance, asked=False) or ""
    stems = set(content_stems(plain(person).split()))
    for tool in tools:
        stems |= tool.values
        if tool.role is Role.FUNCTION:
            for value in listen(tool.parameters, utterance, rows=rows).values.values():
                if isinstance(value, str):
                    stems.update(content_stems(plain(value).split()))
    return stems


def _score(heard: set[str], tool: KnownTool, weight: dict[str, float], total: float) -> float:
    def covered(words: Iterable[str]) -> float:
        return sum(weight[word] for word in heard & frozenset(words)) / total

    phrases = [
        sum(weight[word] for word in heard & phrase)
        / (total + sum(weight[word] for word in phrase - heard) / 2)
        for phrase in tool.examples
    ]
    name, about = covered(tool.title_stems), covered(tool.about | tool.title_stems)
    if not phrases:
        return name * _NAME_WEIGHT + about * (_ABOUT_WEIGHT + _EXAMPLE_WEIGHT)
    return name * _NAME_WEIGHT + about * _ABOUT_WEIGHT + max(phrases) * _EXAMPLE_WEIGHT


def _manner(tool: KnownTool, candidates: list[KnownTool], question: bool) -> float:
    """Questions go to experts where there are any, requests to those who act on them."""
    experts = any(other.role is Role.CONSULT for other in candidates)
    if tool.role is Role.CONSULT:
        return 1.0 if question else _UNFIT
    if tool.role is Role.TRANSFER:
        return _UNFIT if question and experts else 0.95
    return 1.0


def _topic(utterance: Utterance) -> list[str]:
    """Stems of the words that are no number, date, comparison or politeness."""
    skipped = {
        index
        for spans in (
            [(number.first, number.end) for number in utterance.numbers],
            [(mention.first, mention.end) for mention in utterance.dates],
            [(span.first, span.end) for span in utterance.durations],
            [(first, end) for _, first, end in utterance.digits],
        )
        for first, end in spans
        for index in range(first, end)
    }
    words = [
        token.text
        for index, token in enumerate(utterance.tokens)
        if index not in skipped and token.text not in COMPARISONS | ORDINALS.keys()
    ]
    return content_stems(words)


def _known(word: str, weight: dict[str, float]) -> str | None:
    """The word, or the one that it was misheard or misspelled for."""
    if word in weight:
        return word
    if len(word) < 5:
        return None
    near = ((fuzz.ratio(word, other), other) for other in weight if len(other) > 4)
    score, other = max(near, default=(0.0, ""))
    return other if score >= _NEAR_SPELLING else None
