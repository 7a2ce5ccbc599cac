"""What tools are called, what comes of it, and whom they ask first."""

from typing import Any, Literal

from pydantic import Field

from processors.events.event import Event


class ToolCalled(Event):
    """The model calls a tool."""

    type: Literal["tool.called"] = "tool.called"
    tool_call_id: str
    agent: str
    tool: str
    arguments: dict[str, Any]


class ToolFinished(Event):
    """A tool call was answered, whether it worked or not."""

    type: Literal["tool.finished"] = "tool.finished"
    tool_call_id: str
    tool: str
    output: str
    is_error: bool
    duration_ms: float


class ToolProgressed(Event):
    """A tool that takes long tells how far it is: ``done`` of ``total``, where it knows that."""

    type: Literal["tool.progress"] = "tool.progress"
    tool_call_id: str
    tool: str
    done: float
    total: float | None = None
    message: str = ""


class ApprovalRequested(Event):
    """A dangerous tool was called and waits for a yes: ``of`` the caller, or of an operator."""

    type: Literal["approval.requested"] = "approval.requested"
    approval_id: str
    tool: str
    arguments: dict[str, Any]
    of: Literal["caller", "operator"]


class ApprovalDecided(Event):
    """The tool that waited runs (``approved``) or never will; ``by`` the caller or a key's name."""

    type: Literal["approval.decided"] = "approval.decided"
    approval_id: str
    decision: Literal["approved", "denied", "expired"]
    by: str = ""


class ElicitationRequested(Event):
    """A tool asks ``message`` before it can go on, ``of`` the caller or an operator.

    ``answers`` are the JSON Schemas of what it has to know, by name; those that are ``required``
    must be given.
    """

    type: Literal["elicitation.requested"] = "elicitation.requested"
    elicitation_id: str
    tool: str
    message: str
    answers: dict[str, Any]
    required: list[str] = Field(default_factory=list)
    of: Literal["caller", "operator"]


class ElicitationAnswered(Event):
    """What a tool asked was answered (``accept``) or not; ``by`` the caller or a key's name.

    ``decline`` is a no, ``cancel`` that nobody answered.
    """

    type: Literal["elicitation.answered"] = "elicitation.answered"
    elicitation_id: str
    action: Literal["accept", "decline", "cancel"]
    by: str = ""


ToolUse = (
    ToolCalled
    | ToolFinished
    | ToolProgressed
    | ApprovalRequested
    | ApprovalDecided
    | ElicitationRequested
    | ElicitationAnswered
)
