"""The states of an outbound call, and which may follow which.

The carrier reports them by callbacks that can be late, doubled or out of order:
https://www.twilio.com/docs/voice/api/call-resource#statuscallback.
"""

from typing import Literal

Status = Literal[
    "initiated",
    "ringing",
    "in_progress",
    "completed",
    "failed",
    "busy",
    "no_answer",
    "canceled",
]

FINAL: frozenset[Status] = frozenset({"completed", "failed", "busy", "no_answer", "canceled"})

_UNANSWERED: frozenset[Status] = frozenset({"failed", "busy", "no_answer", "canceled"})
_NEXT: dict[Status, frozenset[Status]] = {
    # A callback may get lost: its state is passed over, never gone back to.
    "initiated": _UNANSWERED | {"ringing", "in_progress", "completed"},
    "ringing": _UNANSWERED | {"in_progress", "completed"},
    "in_progress": frozenset({"completed", "failed"}),
}

_CARRIERS: dict[str, Status] = {
    "queued": "initiated",
    "initiated": "initiated",
    "ringing": "ringing",
    "in-progress": "in_progress",
    "completed": "completed",
    "failed": "failed",
    "busy": "busy",
    "no-answer": "no_answer",
    "canceled": "canceled",
}


def may_follow(status: Status, following: Status) -> bool:
    """Whether a call can go from the one state into the other."""
    return following in _NEXT.get(status, frozenset())


def read_status(carriers: str) -> Status | None:
    """Our name for a ``CallStatus`` of the carrier's; None for one that there is not."""
    return _CARRIERS.get(carriers)
