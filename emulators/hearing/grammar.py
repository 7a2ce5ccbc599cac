"""A JSGF grammar and example sentences from hints: all that can be heard."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from num2words import num2words

from emulators.hearing import Hints
from emulators.hearing.sampling import Sampler
from emulators.hearing.slots import built_in, references

COMMON_PHRASES = (
    *("yes", "yes please", "no", "no thank you", "no thanks", "that's all", "nothing else"),
    *("hello", "thank you", "goodbye", "thank you goodbye", "never mind", "help"),
    *("can you repeat that", "what did you say", "what can you do", "one moment please"),
)
"""Said in any conversation, whatever it is about."""

_OPENINGS = "um | uh | well | so | hello | please | actually"
_CLOSINGS = "please | thank you | instead"
_OPENING_WEIGHT, _CLOSING_WEIGHT = 0.02, 0.05

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
        jsgf: For the decoder.
    """

    def __init__(self, hints: Hints) -> None:
        self._rules = dict(_vocabulary_rules(hints.vocabulary))
        phrases = [
            phrase
            for text in (*hints.phrases, *COMMON_PHRASES)
            if (phrase := self._phrase_rule(text))
        ]
        self._rules["phrase"] = " | ".join(dict.fromkeys(phrases))
        self._rules["opening"] = _OPENINGS
        self._rules["closing"] = _CLOSINGS
        self._add_referenced()
        self._rules["utterance"] = (
            f"<phrase> | /{_OPENING_WEIGHT}/ <opening> <phrase>"
            f" | /{_CLOSING_WEIGHT}/ <phrase> <closing>"
            f" | /{_OPENING_WEIGHT * _CLOSING_WEIGHT}/ <opening> <phrase> <closing>"
        )
        bodies = "\n".join(f"<{name}> = {rule};" for name, rule in sorted(self._rules.items()))
        self.key = hashlib.sha256(bodies.encode()).hexdigest()[:16]
        public = bodies.replace("<utterance> =", "public <utterance> =")
        self.jsgf = f"#JSGF V1.0;\ngrammar hints_{self.key};\n{public}\n"
        without_names = re.sub(r"<\w+>|/[\d.]+/", " ", " ".join(self._rules.values()))
        self.words = frozenset(re.findall(r"[a-z][a-z']*", without_names))

    def sentences(self, count: int) -> list[list[str]]:
        """Sentences that the grammar allows, drawn at random but the same ones every time."""
        sampler = Sampler(self._rules, self.key)
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
