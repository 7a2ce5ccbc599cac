"""A scenario: who calls, what he wants, what he does, and what has to have come of it."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from emulators.twilio.suite.expectations import Checks
from emulators.twilio.suite.persona import Persona
from emulators.twilio.suite.steps import Pattern, Rule, Step

Path = Literal["phone", "webrtc", "websocket"]


class Outbound(BaseModel):
    """A call that the service is asked to place.

    Attributes:
        request: The body of ``POST /api/calls`` without ``to``: a task, a context …
        answered_by: Who picks up: the ``person`` of the scenario, a ``voicemail``, nobody because
            the line is ``busy`` or it rings until the end (``no_answer``).
        ring_s: Seconds of ringing.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    request: dict[str, Any]
    answered_by: Literal["person", "voicemail", "busy", "no_answer"] = "person"
    ring_s: float = Field(default=0.3, ge=0, le=60)


class Recorded(BaseModel):
    """The caller's side of a recorded call, which is played instead of lines.

    Attributes:
        audio: The file (WAV or Ogg, caller on the left), beside the scenario's.
        turns: Where the caller spoke, each as [from, to] in seconds.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    audio: str
    turns: tuple[tuple[float, float], ...] = Field(min_length=1)


class Scenario(BaseModel):
    """One call.

    Attributes:
        name: Unique in its file.
        goal: What the caller wants, for people and for a chat model that plays him.
        persona: Who he is; the file's where it says nothing else.
        path: How he reaches the service.
        outbound: Set when the service calls him.
        lines: What he does, a step at each of his turns, in order.
        rules: What he does instead when the agent says something; the first that fits counts.
        otherwise: What he does when there are no lines left and no rule fits; he hangs up.
        remember: Name to an expression with a group, for what the agent says, to be used in
            ``lines`` and in ``checks`` as ``{name}``.
        recorded: A recorded call to play again instead of ``lines``.
        longest_s: The call is given up after so long.
        checks: What has to have happened.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9 _-]{2,79}$")]
    goal: Annotated[str, Field(min_length=10, max_length=2000)]
    persona: Persona = Persona()
    path: Path = "phone"
    outbound: Outbound | None = None
    lines: tuple[Step, ...] = ()
    rules: tuple[Rule, ...] = ()
    otherwise: Step = Step(hang_up=True)
    remember: dict[Annotated[str, Field(pattern=r"^[a-z_]+$")], Pattern] = Field(
        default_factory=dict
    )
    recorded: Recorded | None = None
    longest_s: float = Field(default=400.0, ge=5, le=3600)
    checks: Checks

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        steps = (*self.lines, *self.rules, self.otherwise)
        if self.path != "phone" and any(step.press for step in steps):
            raise ValueError(f"keys can be pressed on a phone, not over {self.path}")
        if self.path != "phone" and self.outbound:
            raise ValueError(f"the service calls a phone, not over {self.path}")
        if self.recorded and (self.lines or self.rules):
            raise ValueError("recorded takes the place of lines and rules")
        return self


class ScenarioFile(BaseModel):
    """The scenarios of a team.

    Attributes:
        team: Who answers.
        settings: Of the service, besides those that every run has (docs/settings.md).
        persona: Of every caller who has none of his own.
        scenarios: The calls.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    team: str
    settings: dict[Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")], str] = Field(
        default_factory=dict
    )
    persona: Persona = Persona()
    scenarios: tuple[Scenario, ...] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _inherit(cls, value: Any) -> Any:
        """Gives each scenario the file's persona, with what it says otherwise."""
        if not isinstance(value, dict) or not isinstance(value.get("persona"), dict):
            return value
        scenarios = value.get("scenarios")
        if not isinstance(scenarios, list):
            return value
        common = value["persona"]
        inherited = [
            {**each, "persona": {**common, **(each.get("persona") or {})}}
            if isinstance(each, dict) and isinstance(each.get("persona") or {}, dict)
            else each
            for each in scenarios
        ]
        return {**value, "scenarios": inherited}

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [scenario.name for scenario in self.scenarios]
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two scenarios are called {repeated[0]!r}")
        return self
