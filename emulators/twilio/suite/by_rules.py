"""Plays a caller by the scenario's lines and rules: the same each time."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from emulators.twilio.suite.player import Heard
from emulators.twilio.suite.scenario import Scenario
from emulators.twilio.suite.steps import Rule, Step

NOT_UNDERSTOOD = re.compile(
    r"did(n't| not) (quite )?(understand|catch|hear|get)|say that again|repeat that", re.IGNORECASE
)
"""How agents say that a line was lost; people say it again."""


class RulesPlayer:
    """Implements `emulators.twilio.suite.player.Player`.

    A rule that fits what the agent said comes first, then a line that was not understood again,
    then the next line, then the scenario's ``otherwise``.
    """

    def __init__(self, scenario: Scenario) -> None:
        self._rules: Sequence[Rule] = scenario.rules
        self._lines = list(scenario.lines)
        self._otherwise = scenario.otherwise
        self._used: Counter[int] = Counter()
        self._repeats = scenario.persona.repeats
        self._last: Step | None = None

    def interruption(self, heard: Heard) -> Step | None:
        """See `Player.interruption`."""
        for rule in self._rules:
            if rule.interrupt_after_s is not None and self._fits(rule, heard.agent):
                return rule
        if self._lines and self._lines[0].interrupt_after_s is not None:
            return self._lines[0]
        return None

    async def next(self, heard: Heard) -> Step:
        """See `Player.next`."""
        step = self._choose(heard)
        self._last = step
        return filled(step, heard.memory)

    def _choose(self, heard: Heard) -> Step:
        for number, rule in enumerate(self._rules):
            if self._fits(rule, heard.agent):
                self._used[number] += 1
                return rule
        if self._last and self._last.say and self._repeats and NOT_UNDERSTOOD.search(heard.agent):
            self._repeats -= 1
            return self._last
        return self._lines.pop(0) if self._lines else self._otherwise

    def _fits(self, rule: Rule, said: str) -> bool:
        used = self._used[self._rules.index(rule)]
        return used < rule.times and bool(re.search(rule.when, said, re.IGNORECASE))


def filled(step: Step, memory: Mapping[str, str]) -> Step:
    """A step with what was remembered in its words; what was not stays as it is written."""
    if step.say is None:
        return step
    words = step.say
    for name, value in memory.items():
        words = words.replace(f"{{{name}}}", value)
    return step.model_copy(update={"say": words})
