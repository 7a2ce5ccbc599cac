"""Draws sentences from the rules of a grammar."""

import random
from collections.abc import Mapping

from emulators.hearing.rules import NULL, Choice


class Sampler:
    """Draws sentences, the same ones for the same seed."""

    def __init__(self, rules: Mapping[str, Choice], seed: str) -> None:
        self._rules = rules
        self._random = random.Random(seed)

    def draw(self, rule: str) -> list[str]:
        """The words of one sentence."""
        return self._words(self._rules[rule])

    def _words(self, choice: Choice) -> list[str]:
        if choice.optional and self._random.random() < 0.5:
            return []
        words: list[str] = []
        for part in self._random.choices(choice.alternatives, choice.weights)[0]:
            if isinstance(part, Choice):
                words += self._words(part)
            elif part == NULL:
                continue
            elif part.startswith("<"):
                words += self.draw(part[1:-1])
            else:
                words.append(part)
        return words
