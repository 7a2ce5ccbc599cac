"""The conversation of a call as the messages of a chat."""

from collections.abc import Mapping, Sequence
from typing import Any

from agents.team import Agent
from processors.realtime.wording import instructions

IN_WRITING = (
    "Speech does not work at the moment: the caller reads what you write and types the answers. "
    "Write as you would speak, short and without markup."
)

Wire = Mapping[str, Any]


def messages_of(agent: Agent, items: Sequence[Wire], directive: str = "") -> list[dict[str, Any]]:
    """What ``agent`` is asked with.

    A call and its output stand together, as the API demands, where the call was made. A call that
    still runs is left out.

    Args:
        agent: Who answers.
        items: The conversation as a Realtime session is seeded with it.
        directive: What this one answer is to be.
    """
    outputs: dict[str, str] = {}
    for item in items:
        if item["type"] == "function_call_output":
            outputs.setdefault(item["call_id"], item["output"])
    messages = [_message("system", f"{instructions(agent)}\n\n{IN_WRITING}")]
    for item in items:
        if item["type"] == "message":
            messages.append(_message(item["role"], _text(item)))
        elif item["type"] == "function_call" and item["call_id"] in outputs:
            messages += _call(item, outputs[item["call_id"]])
    if directive:
        messages.append(_message("system", directive))
    return messages


def is_owed_answer(items: Sequence[Wire]) -> bool:
    """Whether the caller's last words, or a tool's last output, have not been answered."""
    for item in reversed(items):
        if item["type"] == "function_call_output":
            return True
        if item["type"] == "message" and item["role"] != "system":
            return bool(item["role"] == "user")
    return False


def _text(item: Wire) -> str:
    return "".join(part.get("text") or "" for part in item["content"])


def _message(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "content": text}


def _call(item: Wire, output: str) -> list[dict[str, Any]]:
    function = {"name": item["name"], "arguments": item["arguments"] or "{}"}
    call = {"id": item["call_id"], "type": "function", "function": function}
    return [
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": item["call_id"], "content": output},
    ]
