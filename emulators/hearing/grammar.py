"""A JSGF grammar and example sentences from hints: all that can be heard."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from num2words import num2words

from emulators.hearing import Hints
from emulators.hearing.automaton import Transition, transitions
from emulators.hearing.rules import parse
from emulators.hearing.sampling import Sampler
from emulators.hearing.slots import built_in, references

COMMON_PHRASES = (
    *("yes", "yes please", "no", "no thank you", "no thanks", "that's all", "nothing else"),
    *("hello", "thank you", "goodbye", "thank you goodbye", "never mind", "help"),
    *("can you repeat that", "what did you say", "what can you do", "one moment please"),
)
"""Said in any conversation, whatever it is about."""

_LEAD = "/50/ <NULL> | /1/ um | /1/ uh | /1/ well | /1/ so | /1/ hello | /1/ please | /1/ actually"
_TAIL = "/30/ <NULL> | /2/ please | /1/ thank you | /1/ instead"

_SLOT = re.compile(r"\{([^{}]+)\}")
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)*|\d+(?:\.\d+)?")


def spoken_words(text: str) -> list[str]:
    """The words of a text as they are said: lower case, numbers written out."""
    plain = text.lower().replace("’", "'").replace("-", " ")
    words: list[str] = []
    for word in _WORD.findall(_without_accents(plain)):
        if word[0].isdigit():
            words += re.findall(r"[a-z]+", num2words(float(word) if "." in word else int(word)))
        else:
            words.append(word)
    return words


class Grammar:
    """What hints allow to be said.

    Attributes:
        key: Tells grammars apart; the same hints have the same key in any process.
        words: All words in it.
    """

    def __init__(self, hints: Hints) -> None:
        self._rules = dict(_vocabulary_rules(hints.vocabulary))
        self._slots: set[str] = set()
        phrases = [
            phrase
            for text in (*hints.phrases, *COMMON_PHRASES)
            if (phrase := self._phrase_rule(text))
        ]
        self._rules["phrase"] = " | ".join(dict.fromkeys(phrases))
        self._rules["lead"] = _LEAD
        self._rules["tail"] = _TAIL
        self._add_referenced()
        self._rules["utterance"] = "<lead> <phrase> <tail>"
        text = "\n".join(f"{name} = {rule}" for name, rule in sorted(self._rules.items()))
        self.key = hashlib.sha256(text.encode()).hexdigest()[:16]
        without_names = re.sub(r"<\w+>|/[\d.]+/", " ", " ".join(self._rules.values()))
        self.words = frozenset(re.findall(r"[a-z][a-z']*", without_names))
        self._parsed = {name: parse(rule) for name, rule in self._rules.items()}

    def transitions(self) -> list[Transition]:
        """The arcs of the word automaton, for the decoder."""
        return transitions(self._parsed, "utterance", frozenset(self._slots))

    def sentences(self, count: int) -> list[list[str]]:
        """Sentences that the grammar allows, drawn at random but the same ones every time."""
        sampler = Sampler(self._parsed, self.key)
        return [sampler.draw("phrase") for _ in range(count)]

    def _phrase_rule(self, text: str) -> str:
        """A phrase with its slots as references; nothing if there is nothing to say in it."""
        parts = []
        for index, part in enumerate(_SLOT.split(text)):
            if index % 2 == 0:
                parts += spoken_words(part)
            elif rule := self._slot_rule(part):
                parts.append(rule)
            else:
                return ""
        return " ".join(parts)

    def _slot_rule(self, slot: str) -> str:
        name = rule_name(slot)
        if name not in self._rules:
            rule = built_in(slot)
            if rule is None:
                return ""
            self._rules[name] = rule
        self._slots.add(name)
        return f"<{name}>"

    def _add_referenced(self) -> None:
        """Adds the built-in rules that others refer to."""
        pending = [*self._rules.values()]
        while pending:
            for name in references(pending.pop()):
                rule = built_in(name)
                if name not in self._rules and rule is not None:
                    self._rules[name] = rule
                    pending.append(rule)


def rule_name(slot: str) -> str:
    """A slot's name as a rule of the grammar."""
    return re.sub(r"\W", "_", slot)


def _vocabulary_rules(vocabulary: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, str]]:
    for slot, values in vocabulary.items():
        spoken = dict.fromkeys(" ".join(spoken_words(value)) for value in values)
        if rule := " | ".join(value for value in spoken if value):
            yield rule_name(slot), rule


def _without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
