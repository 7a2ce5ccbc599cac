"""Looks for what an agent must not say in its words, while they come."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from agents.team import Guardrail

INSTEAD = "I am sorry, I can't say anything about that. What else can I do for you?"
"""Said when the agent was stopped and, asked to say it in another way, had to be stopped again."""

MOST_TRIES = 3
"""Answers to one turn of the caller's that may be stopped; then nothing more is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """What the agent was saying, although it must not.

    Attributes:
        guardrail: Its name.
        words: What met it.
        why: What the agent is told about it.
        instead: Said in its place; None has the agent say it in another way.
        then: A tool that is called after that.
        source: What found it.
    """

    guardrail: str
    words: str
    why: str = ""
    instead: str | None = None
    then: str | None = None
    source: Literal["words", "moderation"] = "words"

    @property
    def told(self) -> str:
        """What the agent is told about it."""
        why = f" {self.why}" if self.why else ""
        return (
            f'You were stopped because you were saying what you must not say: "{self.words}".{why} '
            "Do not say it in other words either, and do not speak of having been stopped."
        )

    def line(self, tries: int) -> str | None:
        """What is to be said instead after so many attempts; None leaves it to the agent."""
        return self.instead or (INSTEAD if tries > 1 else None)


def flagged(sentence: str, categories: Sequence[str]) -> Trip:
    """What a moderation model has found in a sentence."""
    why = f"It falls under {', '.join(categories)}."
    return Trip(guardrail="moderation", words=sentence, why=why, source="moderation")


class GuardedWords:
    """The words of one message, which nobody may hear before they are known to be harmless."""

    def __init__(self, guardrails: Sequence[Guardrail]) -> None:
        self._expressions = [
            (guardrail, expression)
            for guardrail in guardrails
            for expression in guardrail.expressions
        ]
        self._text = ""

    def add(self, words: str) -> Trip | None:
        """More words; what they have met, if anything."""
        self._text += words.replace("’", "'")
        return self._met(is_whole=False)

    def end(self) -> Trip | None:
        """There are no more words; what the last ones have met."""
        return self._met(is_whole=True)

    @property
    def is_open(self) -> bool:
        """Whether the last words may be the beginning of something forbidden."""
        size = len(self._text)
        for _, expression in self._expressions:
            begun = expression.search(self._text, partial=True)
            if begun and begun.end() == size and begun.start() < size:
                return True
        return False

    def _met(self, *, is_whole: bool) -> Trip | None:
        for guardrail, expression in self._expressions:
            found = expression.search(self._text)
            # A word that ends the text so far may go on: "return", "returning".
            if found and (is_whole or found.end() < len(self._text)):
                return Trip(
                    guardrail=guardrail.name,
                    words=found[0],
                    why=guardrail.why,
                    instead=guardrail.instead,
                    then=guardrail.then,
                )
        return None
