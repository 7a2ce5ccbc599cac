"""What a simulated caller can do when it is his turn, as scenarios write it."""

import re
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from emulators.twilio.telephone import KEYS

STEPS = ("say", "press", "wait_s", "hang_up", "stay_silent")


def _pattern(value: str) -> str:
    try:
        re.compile(value, re.IGNORECASE)
    except re.error as error:
        raise ValueError(f"{value!r} is no regular expression: {error}") from None
    return value


def _keys(value: str) -> str:
    if unknown := set(value) - KEYS:
        raise ValueError(f"no key {unknown.pop()!r} on a telephone: 0-9, *, # and A-D")
    return value


Pattern = Annotated[str, Field(min_length=1), AfterValidator(_pattern)]
"""A regular expression, found anywhere in a text, whatever the case of its letters."""


class Step(BaseModel):
    """One of these: say, press, wait_s, hang_up, stay_silent.

    Attributes:
        say: Words; ``{name}`` is what was remembered under that name.
        press: Keys of the telephone.
        wait_s: Says nothing for so long although it is his turn.
        hang_up: Puts the telephone down.
        stay_silent: Says nothing any more and waits until the other side ends the call.
        interrupt_after_s: Does it so long after the agent began its turn, not at the turn's end.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    say: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    press: Annotated[str, Field(min_length=1), AfterValidator(_keys)] | None = None
    wait_s: float | None = Field(default=None, gt=0, le=120)
    hang_up: bool = False
    stay_silent: bool = False
    interrupt_after_s: float | None = Field(default=None, ge=0, le=60)

    @model_validator(mode="before")
    @classmethod
    def _plain_line(cls, value: Any) -> Any:
        if isinstance(value, bool):
            told = 'in YAML a plain yes or no is no word: write "yes" or "no"'
            raise ValueError(told)  # noqa: TRY004 - pydantic knows no TypeError
        return {"say": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        given = [name for name in STEPS if getattr(self, name)]
        if len(given) != 1:
            told = ", ".join(given) or "none"
            raise ValueError(f"a step is one of {', '.join(STEPS)}; this one has {told}")
        return self

    def __str__(self) -> str:
        """What it is, in a few words."""
        if self.say is not None:
            return self.say
        if self.press is not None:
            return f"(presses {self.press})"
        if self.wait_s is not None:
            return f"(says nothing for {self.wait_s:g} s)"
        return "(hangs up)" if self.hang_up else "(stays silent)"


class Rule(Step):
    """A step that is taken when the agent says something.

    Attributes:
        when: What the agent says, in the turn that it has just had.
        times: How often the rule counts at most.
    """

    when: Pattern
    times: int = Field(default=3, ge=1, le=100)
