"""What answers in the emulated model's place: it sees a conversation, speaks and calls tools."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Say:
    """Words to speak (or to write, when the response is text only). One sentence or more."""

    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function call. Several in one response are parallel calls."""

    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class RemoteCall:
    """A call that the service makes itself, of a tool of an MCP server; ``error`` when it fails."""

    server: str
    name: str
    arguments: dict[str, Any]
    output: str = ""
    error: str | None = None


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """The service asks the client whether it may make such a call."""

    server: str
    name: str
    arguments: dict[str, Any]


Action = Say | Call | RemoteCall | ApprovalRequest


@dataclass(frozen=True, slots=True)
class Prompt:
    """Everything a model sees when it is asked for one response.

    Attributes:
        instructions: Of the response where it has its own, else of the session.
        session_instructions: Of the session, always.
        tools: As sent by the client: ``{"type": "function", "name", "description",
            "parameters"}``.
        tool_choice: ``auto``, ``none``, ``required`` or ``{"type": "function", "name": …}``.
        items: The conversation (or the response's own ``input``), as wire-format items; audio
            parts carry their ``transcript``.
        metadata: Of the response.
        out_of_band: The response is outside the conversation (``conversation: "none"``), so that
            nobody can be asked anything.
        answer_schema: JSON Schema of an object that the answer has to be; None leaves it free.
    """

    instructions: str
    session_instructions: str
    tools: Sequence[Mapping[str, Any]]
    tool_choice: str | Mapping[str, Any]
    items: Sequence[Mapping[str, Any]]
    metadata: Mapping[str, str]
    out_of_band: bool = False
    answer_schema: Mapping[str, Any] | None = None


class Mind(Protocol):
    """Thinks for one session; keeps no state that the items do not show."""

    def respond(self, prompt: Prompt) -> AsyncIterator[Action]:
        """What the model outputs, in order, as it comes."""
        ...
