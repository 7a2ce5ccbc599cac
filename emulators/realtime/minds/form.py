"""The questions of a tool that takes answers down: how each is asked, and its answer heard."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto
from functools import cached_property
from typing import Any

from emulators.realtime.minds import wording
from emulators.realtime.minds.understanding.acts import Act, act_of, is_question
from emulators.realtime.minds.understanding.numbers import find_numbers
from emulators.realtime.minds.understanding.parameters import Kind, Parameter
from emulators.realtime.minds.understanding.slots import listen
from emulators.realtime.minds.understanding.utterance import Utterance
from emulators.realtime.minds.understanding.words import content_stems, plain, stem

_ONLY_WHEN = re.compile(r"\bonly (?:when|if) ([^.]+)", re.IGNORECASE)
_ASKED = re.compile(r"[^?]*\?")
_YES_NO = re.compile(
    r"^(will|would|can|could|are|is|was|were|do|does|did|have|has|may) (you|they|it|that|there)\b",
    re.IGNORECASE,
)
_AGREES = re.compile(
    r"^(i|we|it|that|they|he|she)"
    r"(('ll|'d|'s)| (will|would|can|could|am|do|did|was|is|have))( \w+){0,3}$"
    r"|^(speaking|this is (me|he|she|him|her|\w+( \w+)?)( speaking)?|gladly|with pleasure|very)\b"
)
_DENIES = re.compile(r"\b(not|never|cannot|can't|won't|wouldn't|don't|didn't|isn't|wasn't)\b")
_UNSURE = re.compile(
    r"\b(do not|don't) know\b|\bnot sure\b|\bno idea\b|\bmaybe\b|\bperhaps\b|\bunsure\b"
)
_SKIPS = re.compile(
    r"\brather not\b|\bskip\b|\bno comment\b|\bpass\b|\bnext question\b|\bprefer not\b"
)
_POSITIVE = frozenset(map(stem, ("yes", "confirmed", "accepted", "agreed", "coming", "true")))
_NEGATIVE = frozenset(
    map(stem, ("no", "cancelled", "declined", "refused", "rejected", "never", "false"))
)
_OPEN = frozenset(map(stem, ("undecided", "unsure", "unknown", "maybe", "open")))
_OUTCOME = frozenset(("outcome", "summary", "result"))
_WANTS = re.compile(r"^(?:they )?wants? ")


class Unheard(Enum):
    """Why a sentence is no answer."""

    UNCLEAR = auto()
    SKIPPED = auto()
    """They do not know, or do not want to say."""
    NARROWS = auto()
    """Not this; there are several other things that it could be."""


@dataclass(frozen=True)
class Question:
    """One question, of a tool's parameter or of none (then any words are its answer)."""

    text: str
    parameter: Parameter | None = None

    @property
    def name(self) -> str:
        """Of the parameter; the words where there is none."""
        return self.parameter.name if self.parameter else self.text

    @cached_property
    def condition(self) -> frozenset[str]:
        """Stems of "only when …": asked when something like it was said; empty for always."""
        found = _ONLY_WHEN.search(self.parameter.description) if self.parameter else None
        words = (token for token in plain(found[1]).split()) if found else ()
        return frozenset(content_stems(words))

    @property
    def is_outcome(self) -> bool:
        """Not asked: what the conversation came to."""
        if self.parameter is None or self.parameter.kind is not Kind.TEXT:
            return False
        came = "came of" in self.parameter.description.lower()
        return came or bool(self.parameter.words & _OUTCOME)

    @property
    def asked(self) -> str:
        """As it is asked, with what there is to choose from."""
        return f"{self.text} {self.hint}".strip()

    @property
    def hint(self) -> str:
        """What there is to choose from, for a question that does not say so."""
        if self.parameter is None or self.is_yes_no:
            return ""
        if self.parameter.kind is Kind.CHOICE:
            offered = wording.one_of(map(_words, self.parameter.examples), "or")
            return f"{offered[:1].upper()}{offered[1:]}?"
        low, high = (self.parameter.schema.get(name) for name in ("minimum", "maximum"))
        return "" if low is None or high is None else f"From {low} to {high}, please."

    @property
    def is_yes_no(self) -> bool:
        """Whether yes and no are answers to it."""
        if self.parameter is None:
            return False
        choosing = self.parameter.kind is Kind.CHOICE and bool(_YES_NO.search(self.text))
        return choosing or self.parameter.kind is Kind.BOOLEAN

    @property
    def narrower(self) -> str:
        """Asked after a no that could mean several things; empty when it could not."""
        wished = self._wished
        return f"Would you like {_WANTS.sub('', _words(wished))}?" if wished else ""

    @property
    def _wished(self) -> str | None:
        options = self.parameter.examples if self.parameter else ()
        return next((option for option in options if _WANTS.match(_words(option))), None)

    def applies(self, said: Iterable[str]) -> bool:
        """Whether it is to be asked after all that was said and recorded."""
        return (
            not self.condition
            or any(
                self.condition & set(content_stems(plain(_words(text)).split())) for text in said
            )
            or ("question" in self.condition and any(is_question(text) for text in said))
        )

    def answer(self, text: str, today: date, *, narrowing: bool = False) -> Any:
        """The value that a sentence gives, or `Unheard`.

        Args:
            text: What was said.
            today: What "tomorrow" is relative to.
            narrowing: `narrower` was asked, not `text`.
        """
        if self.parameter is None:
            return text
        if _SKIPS.search(plain(text)):
            return Unheard.SKIPPED
        if self.parameter.kind is Kind.CHOICE:
            return self._choice(text, narrowing=narrowing)
        if self.parameter.kind is not Kind.TEXT and _UNSURE.search(plain(text)):
            return Unheard.SKIPPED
        if self.parameter.kind is Kind.BOOLEAN:
            agrees = agreement(text)
            return Unheard.UNCLEAR if agrees is None else agrees
        utterance = Utterance(text, today)
        heard = listen((self.parameter,), utterance, asked=self.parameter)
        if self.name in heard.values:
            return heard.values[self.name]
        if self.parameter.schema.get("type") == "string" and self.parameter.kind is not Kind.DATE:
            return text
        # Of "three nights" the three, where nights are counted.
        only = [number.whole or number.value for number in find_numbers(utterance.tokens)]
        is_number = self.parameter.kind is Kind.NUMBER and len(only) == 1
        is_range = "minimum" in self.parameter.schema or "maximum" in self.parameter.schema
        return Unheard.UNCLEAR if is_range or not is_number else only[0]

    def _choice(self, text: str, *, narrowing: bool) -> Any:
        options = list(self.parameter.examples) if self.parameter else []
        said = set(content_stems(plain(text).split()))
        for option in options:
            stems = set(content_stems(_WANTS.sub("", _words(option)).split()))
            if stems and stems <= said and not _DENIES.search(plain(text)):
                return option
        agrees = agreement(text)
        if narrowing:
            meant = self._wished if agrees else _first(options, _NEGATIVE)
            return Unheard.UNCLEAR if agrees is None or meant is None else meant
        if _UNSURE.search(plain(text)):
            return _first(options, _OPEN) or Unheard.SKIPPED
        if self.is_yes_no and agrees is not None:
            if agrees:
                return _first(options, _POSITIVE) or Unheard.UNCLEAR
            return Unheard.NARROWS if self.narrower else _first(options, _NEGATIVE)
        if self.parameter is None:
            return Unheard.UNCLEAR
        utterance = Utterance(text, date.min)
        heard = listen((self.parameter,), utterance, asked=self.parameter)
        return heard.values.get(self.name, Unheard.UNCLEAR)


def agreement(text: str) -> bool | None:
    """Whether a sentence agrees, denies, or does neither."""
    said = plain(text)
    act = act_of(text)
    if act is Act.YES:
        return True
    if act in (Act.NO, Act.DONE) or _DENIES.search(said):
        return False
    return True if _AGREES.search(said) else None


def questions_of(parameters: Iterable[Parameter], more: Iterable[str] = ()) -> list[Question]:
    """A question for each parameter, by its description, and those that no parameter is for."""
    return [
        *(Question(_text(parameter), parameter) for parameter in parameters),
        *(Question(text) for text in more),
    ]


def _text(parameter: Parameter) -> str:
    asked = _ASKED.match(parameter.description)
    return asked[0].strip() if asked else parameter.question


def _words(option: str) -> str:
    return re.sub(r"[_-]+", " ", option).lower()


def _first(options: Iterable[str], meaning: frozenset[str]) -> str | None:
    return next(
        (option for option in options if meaning & {stem(w) for w in _words(option).split()}), None
    )
