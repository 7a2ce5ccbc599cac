"""Draws sentences from the rules of a JSGF grammar: words, <rules>, (…), […], | and /weights/."""

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_SYMBOL = re.compile(r"/[\d.]+/|<\w+>|[a-z][a-z']*|[()\[\]|]")


@dataclass(slots=True)
class _Choice:
    """Alternatives with their weights; each is a sequence of words, references and choices."""

    optional: bool = False
    alternatives: list[list["str | _Choice"]] = field(default_factory=lambda: [[]])
    weights: list[float] = field(default_factory=lambda: [1.0])


class Sampler:
    """Draws sentences, the same ones for the same seed."""

    def __init__(self, rules: Mapping[str, str], seed: str) -> None:
        self._rules = {name: _parse(rule) for name, rule in rules.items()}
        self._random = random.Random(seed)

    def draw(self, rule: str) -> list[str]:
        """The words of one sentence."""
        return self._words(self._rules[rule])

    def _words(self, choice: _Choice) -> list[str]:
        if choice.optional and self._random.random() < 0.5:
            return []
        words: list[str] = []
        for part in self._random.choices(choice.alternatives, choice.weights)[0]:
            if isinstance(part, _Choice):
                words += self._words(part)
            elif part.startswith("<"):
                words += self.draw(part[1:-1])
            else:
                words.append(part)
        return words


def _parse(rule: str) -> _Choice:
    stack = [_Choice()]
    for symbol in _SYMBOL.findall(rule):
        choice = stack[-1]
        if symbol in "([":
            inner = _Choice(optional=symbol == "[")
            choice.alternatives[-1].append(inner)
            stack.append(inner)
        elif symbol in ")]":
            stack.pop()
        elif symbol == "|":
            choice.alternatives.append([])
            choice.weights.append(1.0)
        elif symbol.startswith("/"):
            choice.weights[-1] = float(symbol[1:-1])
        else:
            choice.alternatives[-1].append(symbol)
    return stack[0]
