"""What people do in a call: operators, and those it is transferred to."""

from typing import Literal

from processors.events.event import Event

TransferOutcome = Literal["answered", "declined", "busy", "no_answer", "failed"]


class TransferStarted(Event):
    """The caller is being connected to a person, who hears ``summary`` first if it is ``warm``."""

    type: Literal["transfer.started"] = "transfer.started"
    kind: Literal["blind", "warm"]
    to: str
    reason: str = ""
    summary: str = ""


class TransferFinished(Event):
    """The person took the call (``answered``), or did not, and the caller is back."""

    type: Literal["transfer.finished"] = "transfer.finished"
    kind: Literal["blind", "warm"]
    to: str
    outcome: TransferOutcome


class CallTakenOver(Event):
    """An operator talks with the caller in the agent's place; ``by`` is the name of their key."""

    type: Literal["call.taken_over"] = "call.taken_over"
    by: str


class CallHandedBack(Event):
    """The agent has the caller again; ``by`` is the name of the key that had taken the call over.

    ``reason``: an ``operator`` gave it back, their ``connection_lost``, a ``transfer`` begins, or
    the call is about to end (``call_ended``).
    """

    type: Literal["call.handed_back"] = "call.handed_back"
    by: str
    reason: Literal["operator", "connection_lost", "transfer", "call_ended"]


class OperatorAction(Event):
    """Somebody acted on the call from outside it; ``by`` is the name of their key.

    ``detail`` is what was to be said or pressed, what the agent was told, or
    which side was muted.
    """

    type: Literal["operator.action"] = "operator.action"
    action: Literal[
        "end",
        "say",
        "coach",
        "mute",
        "unmute",
        "digits",
        "transfer",
        "record",
        "stop_recording",
        "approve",
        "deny",
        "answer",
    ]
    by: str
    detail: str = ""


PeopleActing = TransferStarted | TransferFinished | CallTakenOver | CallHandedBack | OperatorAction
