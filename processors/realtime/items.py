"""The items of a conversation, as we keep them and as the API takes them."""

from dataclasses import dataclass
from typing import Any, Literal
from uuid import uuid4

from processors.realtime.server_events import FunctionCall


@dataclass(slots=True)
class Message:
    """Something said, or written.

    Attributes:
        text: None as long as it is not known; of an interrupted reply what was heard.
        is_note: For the agent that has the caller now, of no use to the next one.
        is_cut: Whether the caller interrupted it.
    """

    id: str
    role: Literal["user", "assistant", "system"]
    text: str | None
    is_note: bool = False
    is_cut: bool = False


@dataclass(slots=True)
class CallItem:
    """A function call that is being run or was answered."""

    id: str
    call: FunctionCall


@dataclass(slots=True)
class OutputItem:
    """The output of a function call."""

    id: str
    call_id: str
    output: str


@dataclass(slots=True)
class UnknownItem:
    """An item of a type that we have no use for; it keeps its place in the order."""

    id: str


Item = Message | CallItem | OutputItem | UnknownItem


MAX_ID_CHARS = 32
"""The API takes no longer ids from us; those of its own items can be longer."""


def new_item_id() -> str:
    """An id for an item that we create."""
    return f"item_{uuid4().hex[:24]}"


def to_wire(item: Item) -> dict[str, Any] | None:
    """The item as ``conversation.item.create`` takes it; None when there is nothing to tell."""
    match item:
        case Message(text=str(text)) if text.strip():
            kind = "output_text" if item.role == "assistant" else "input_text"
            return {
                "id": item.id[-MAX_ID_CHARS:],
                "type": "message",
                "role": item.role,
                "content": [{"type": kind, "text": text}],
            }
        case CallItem():
            return {
                "id": item.id,
                "type": "function_call",
                "call_id": item.call.call_id,
                "name": item.call.name,
                "arguments": item.call.arguments,
            }
        case OutputItem():
            return {
                "id": item.id,
                "type": "function_call_output",
                "call_id": item.call_id,
                "output": item.output,
            }
        case _:
            return None


def to_input(item: Item) -> dict[str, Any]:
    """The item for a response's own ``input``: an id would make it one of the conversation."""
    return {name: value for name, value in (to_wire(item) or {}).items() if name != "id"}
