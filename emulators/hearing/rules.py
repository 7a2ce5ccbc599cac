"""Reads the rules of a JSGF grammar: words, <rules>, (…), […], | and /weights/."""

import re
from dataclasses import dataclass, field

NULL = "<NULL>"
"""JSGF's name for nothing."""

_SYMBOL = re.compile(r"/[\d.]+/|<\w+>|[a-z][a-z']*|[()\[\]|]")


@dataclass(slots=True)
class Choice:
    """Alternatives with their weights; each is a sequence of words, references and choices."""

    optional: bool = False
    alternatives: list[list["str | Choice"]] = field(default_factory=lambda: [[]])
    weights: list[float] = field(default_factory=lambda: [1.0])


def parse(rule: str) -> Choice:
    """The tree of a rule. Brackets that don't match are nobody's input: rules are ours."""
    stack = [Choice()]
    for symbol in _SYMBOL.findall(rule):
        choice = stack[-1]
        if symbol in "([":
            inner = Choice(optional=symbol == "[")
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
