"""What tasks of outbound calls are made of: what each needs, the agent it makes, its questions."""

from abc import ABC, abstractmethod
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from agents.outbound.manner import MANNER, PHRASES
from agents.team import Agent, Team

TEAM_NAME, TEAM_TITLE = "outreach", "Outbound calls"

Text = Annotated[str, Field(min_length=1, max_length=500)]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Mark = Annotated[int, Field(strict=True)]
IfMachine = Literal["leave_message", "hang_up"]


class Task(BaseModel, ABC):
    """What every call needs to know.

    Attributes:
        organisation: On whose behalf we call, as it is said.
        person: Whom we call, as it is said; None when anybody who answers will do.
        call_back_number: Where they can reach the organisation.
        if_machine: What to do when a machine answers.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    role: ClassVar[Agent]
    """The agent before it knows of a call: what is the same in all calls of the task."""

    organisation: Text
    person: Text | None = None
    call_back_number: Annotated[str, Field(pattern=r"^\+[1-9]\d{6,14}$")] | None = None
    if_machine: IfMachine = "hang_up"

    @property
    def opening(self) -> str:
        """Who calls and whom, up to the reason of the call."""
        whom = f" Am I speaking with {self.person}?" if self.person else ""
        return f"Hello, this is the automated assistant of {self.organisation}.{whom}"

    @property
    def greeting(self) -> str:
        """What is said first."""
        return self.opening

    @property
    @abstractmethod
    def brief(self) -> str:
        """What this call is about, for the agent."""

    @property
    @abstractmethod
    def answers(self) -> dict[str, dict[str, Any]]:
        """The answers that the call is to bring home: name to JSON Schema."""

    @property
    def voicemail(self) -> str | None:
        """What a machine gets to hear; None for nothing. It names no private detail."""
        return self._message("We will try again.") if self.if_machine == "leave_message" else None

    def _message(self, matter: str) -> str:
        whom = f" This is a message for {self.person}." if self.person else ""
        number = self.call_back_number
        back = f" Please call us back at {' '.join(number[1:])}." if number else ""
        return f"Hello.{whom} This is {self.organisation}. {matter}{back} Goodbye."

    def team(self) -> Team:
        """The one agent that has the call."""
        facts = [
            f"You call for {self.organisation}.",
            f"The person you call is {self.person}." if self.person else "",
            f"They can call back at {self.call_back_number}." if self.call_back_number else "",
            f'You open the call by saying: "{self.greeting}"',
        ]
        told = "\n".join((*(fact for fact in facts if fact), self.brief))
        agent = replace(
            self.role,
            instructions=f"{self.role.instructions}\n\n# This call\n{told}",
            greeting=self.greeting,
        )
        return Team(
            name=TEAM_NAME,
            title=TEAM_TITLE,
            agents=(agent,),
            answers={"type": "object", "properties": self.answers},
        )


class Question(BaseModel):
    """One question of a survey.

    Attributes:
        key: Its name in the results.
        text: As it is asked.
        kind: What counts as an answer.
        options: What there is to choose from, for ``choice``.
        low: Lowest mark, for ``rating``.
        high: Highest mark, for ``rating``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    key: Key
    text: Text
    kind: Literal["rating", "choice", "yes_no", "number", "text"] = "text"
    options: tuple[Text, ...] = Field(default=(), max_length=12)
    low: Mark = Field(default=1, ge=0, le=10)
    high: Mark = Field(default=5, ge=1, le=100)

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if (self.kind == "choice") != (len(self.options) > 1):
            raise ValueError("options are what a choice has, at least two of them")
        if self.low >= self.high:
            raise ValueError(f"low is {self.low}; it must be below high, {self.high}")
        return self

    @property
    def schema_(self) -> dict[str, Any]:
        """JSON Schema of an answer."""
        kinds: dict[str, dict[str, Any]] = {
            "rating": {"type": "integer", "minimum": self.low, "maximum": self.high},
            "choice": {"type": "string", "enum": list(self.options)},
            "yes_no": {"type": "boolean"},
            "number": {"type": "number"},
            "text": {"type": "string"},
        }
        return {**kinds[self.kind], "description": self.text}

    @property
    def line(self) -> str:
        """As the agent reads it."""
        hints = {
            "rating": f" (from {self.low} to {self.high})",
            "choice": f" ({', '.join(self.options)})",
            "yes_no": " (yes or no)",
        }
        return f"{self.text}{hints.get(self.kind, '')}"


def role_of(name: str, description: str, how: str, *phrases: str) -> Agent:
    """An agent that calls people: ``how`` it works, then the manner that all of them share.

    Args:
        name: Of the agent, and of its task.
        description: What it does.
        how: Instructions of its own.
        phrases: What people may say to it, besides what they say to any.
    """
    return Agent(
        name=name,
        description=description,
        instructions=f"{how.strip()}\n\n{MANNER}",
        voice="marin",
        examples=(*phrases, *PHRASES),
    )


def moment_of(at: datetime) -> str:
    """A moment as it is said: Friday, June 5, at 10 AM."""
    clock = f"{at:%I:%M %p}".lstrip("0").replace(":00 ", " ")
    return f"{at:%A}, {at:%B} {at.day}, at {clock}"
