"""What the live model, and the backend that it delegates to, are told."""

from collections.abc import Sequence

from agents.team import Agent
from processors.realtime.items import Message
from processors.realtime.wording import instructions

MAX_APPEND_TOKENS = 450
"""An append takes 500; ours is an estimate."""

MAX_HISTORY_MESSAGES = 120
MAX_HISTORY_TOKENS = 6000
"""A start takes 128 messages and 8192 tokens."""

_SETTING = (
    "You are on a live voice call. Keep what you say short. Delegate whenever something has to be "
    "looked up, booked, changed or sent, when the caller wants somebody else or a colleague is "
    "responsible, and when the call is to end: a backend does it, and you tell the caller what "
    "came of it. Never say that something was done before the backend said so."
)
_BACKEND_SETTING = (
    "You work in the background of a live voice call. Somebody else talks with the caller and says "
    "to them what you write: one or two spoken sentences, no lists, no markup. Use the tools for "
    "everything that needs them."
)


def live_instructions(agent: Agent) -> str:
    """Of the model that talks."""
    return f"{instructions(agent)}\n\n{_SETTING}"


def backend_instructions(agent: Agent) -> str:
    """Of the model that uses the tools."""
    return f"{instructions(agent)}\n\n{_BACKEND_SETTING}"


def line(text: str) -> str:
    """A line to say, as near to its words as the model keeps."""
    quoted = text.replace('"', "'")
    return f'Say to the caller: "{quoted}"'


def seed(history: Sequence[Message]) -> list[dict[str, object]]:
    """The newest of a conversation, as the ``input`` of a session's start."""
    chosen: list[dict[str, object]] = []
    left = MAX_HISTORY_TOKENS
    for message in reversed(history):
        text = (message.text or "").strip()
        left -= tokens(text)
        if left < 0 or len(chosen) == MAX_HISTORY_MESSAGES:
            break
        if text:
            kind = "output_text" if message.role == "assistant" else "input_text"
            role = "developer" if message.role == "system" else message.role
            content = [{"type": kind, "text": text}]
            chosen.append({"type": "message", "role": role, "content": content})
    return chosen[::-1]


def pieces(text: str) -> list[str]:
    """The text in pieces that an append takes, cut at spaces where there are any."""
    found: list[str] = []
    while tokens(text) > MAX_APPEND_TOKENS:
        end, cost = 0, 0
        while cost + _cost(text[end]) <= 4 * MAX_APPEND_TOKENS:
            cost += _cost(text[end])
            end += 1
        space = text.rfind(" ", 0, end)
        end = space if space > 0 else end
        found.append(text[:end].strip())
        text = text[end:].strip()
    return [*found, text] if text.strip() else found


def tokens(text: str) -> int:
    """About how many tokens a text has."""
    return (sum(map(_cost, text)) + 3) // 4


def _cost(char: str) -> int:
    """In quarters of a token: scripts other than Latin take up to one a character."""
    return 1 if char.isascii() else 4
