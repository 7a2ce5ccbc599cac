"""What the model can call, whatever provides it: MCP servers, handoffs, call control."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call of a tool by the model.

    Attributes:
        call_id: The phone or browser call that it belongs to.
        id: The function call's id at the model (``call_…``).
        name: The tool's name.
        arguments: Parsed from the model's JSON.
        agent: The agent that called.
    """

    call_id: str
    id: str
    name: str
    arguments: dict[str, Any]
    agent: str


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What goes back to the model: text (JSON if structured), and whether it failed."""

    output: str
    is_error: bool = False


@dataclass(frozen=True, slots=True)
class Handoff(ToolResult):
    """A result that gives the caller to another agent once the model has been answered."""

    to_agent: str = ""
    reason: str = ""
    context: str = ""


@dataclass(frozen=True, slots=True)
class EndCall(ToolResult):
    """A result that ends the call once everything said so far has been heard.

    Attributes:
        reason: Why.
        instead: What is done then instead of hanging up, such as connecting a colleague.
        given_up: Told when the caller goes on talking, so that nothing of it happens.
    """

    reason: str = ""
    instead: Callable[[], Awaitable[None]] | None = None
    given_up: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that the model may call.

    Attributes:
        name: 1 to 64 letters, digits, ``_`` and ``-`` (the Realtime API's rule).
        description: What the model reads.
        parameters: A JSON Schema of type ``object`` without ``$ref``.
        run: Answers a call. Never raises for a failing tool: that is a result with ``is_error``.
        read_only: Changes nothing, so that a result may be cached and a call repeated.
        idempotent: A second run with the same arguments has no further effect.
        destructive: May change or delete what exists.
        timeout_s: How long an answer may take before the model is told that there is none.
    """

    name: str
    description: str
    parameters: dict[str, Any]
    run: Callable[[ToolCall], Awaitable[ToolResult]] = field(compare=False)
    read_only: bool = False
    idempotent: bool = False
    destructive: bool = False
    timeout_s: float = 15.0
