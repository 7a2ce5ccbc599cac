"""What has to have happened in a call, as scenarios write it."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from emulators.twilio.suite.steps import Pattern

EndedBy = Literal["caller", "agent", "operator", "transfer", "limit", "error", "nobody"]


class Matches(BaseModel):
    """A value that a regular expression is found in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    matches: Pattern


class Anything(BaseModel):
    """Any value but null."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    any: Literal[True]


Value = Matches | Anything | str | int | float | bool | list[Any] | None
"""A value itself, or what it is like. Texts are compared whatever the case of their letters."""


class ToolCalls(BaseModel):
    """Calls of one tool.

    Attributes:
        name: Of the tool.
        arguments: That a call has among its own.
        count: How many such calls there are; at least one without it.
        agent: Who called it.
        is_error: Whether it failed; either when it is null.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    arguments: dict[str, Value] = Field(default_factory=dict)
    count: int | None = Field(default=None, ge=0)
    agent: str | None = None
    is_error: bool | None = None


class Happened(BaseModel):
    """An event of the call, by its type and some of its fields (docs/events.md)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: str
    fields: dict[str, Value] = Field(default_factory=dict)
    count: int | None = Field(default=None, ge=0)


class Checks(BaseModel):
    """All of it has to be so.

    Attributes:
        tools: Tools that were called.
        data: Of the structured data that the call's record has.
        record: Of the other fields of the call's record: status, outcome, answered_by …
        agents: Who had the caller, in order.
        events: What else happened.
        said: What the agents said, by their transcript.
        never: What they never said.
        heard: Sentences that the caller heard, by what an offline ear makes of the recording, with
            ``{slots}`` such as ``{digits_6}``. They have to be in the transcript, too.
        ended_by: Who ended the call; ``nobody``: it was never answered.
        answers_within_s: Longest time from the end of the caller's words to the first sound of the
            answer; it counts with ``--strict`` and is reported otherwise.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    tools: tuple[ToolCalls, ...] = ()
    data: dict[str, Value] = Field(default_factory=dict)
    record: dict[str, Value] = Field(default_factory=dict)
    agents: tuple[str, ...] | None = None
    events: tuple[Happened, ...] = ()
    said: tuple[Pattern, ...] = ()
    never: tuple[Pattern, ...] = ()
    heard: tuple[str, ...] = ()
    ended_by: EndedBy | None = None
    answers_within_s: float = Field(default=4.0, gt=0, le=60)

    @model_validator(mode="after")
    def _checks_something(self) -> "Checks":
        wanted = (self.tools, self.data, self.record, self.agents, self.events)
        if not any((*wanted, self.said, self.never, self.heard, self.ended_by)):
            raise ValueError("a scenario that checks nothing can't fail: add a check")
        return self
