"""A call as Twilio's REST API knows it, and the states that it may go through."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Literal

from emulators.twilio.notes import Note
from emulators.twilio.sids import new_sid

API_VERSION = "2010-04-01"
Direction = Literal["inbound", "outbound-api", "outbound-dial"]


class CallStatus(StrEnum):
    """https://www.twilio.com/docs/voice/api/call-resource#call-status-values."""

    QUEUED = "queued"
    INITIATED = "initiated"
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    FAILED = "failed"
    NO_ANSWER = "no-answer"
    CANCELED = "canceled"

    @property
    def is_final(self) -> bool:
        """Whether the call is over."""
        return not _NEXT[self]


_UNANSWERED = frozenset(
    {CallStatus.BUSY, CallStatus.FAILED, CallStatus.NO_ANSWER, CallStatus.CANCELED}
)
_NEXT: dict[CallStatus, frozenset[CallStatus]] = {
    CallStatus.QUEUED: frozenset({CallStatus.INITIATED, CallStatus.FAILED, CallStatus.CANCELED}),
    CallStatus.INITIATED: _UNANSWERED | {CallStatus.RINGING},
    CallStatus.RINGING: _UNANSWERED | {CallStatus.IN_PROGRESS},
    CallStatus.IN_PROGRESS: frozenset({CallStatus.COMPLETED, CallStatus.FAILED}),
    CallStatus.COMPLETED: frozenset(),
    CallStatus.BUSY: frozenset(),
    CallStatus.FAILED: frozenset(),
    CallStatus.NO_ANSWER: frozenset(),
    CallStatus.CANCELED: frozenset(),
}


class IllegalTransitionError(RuntimeError):
    """A call cannot go from the one state to the other."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True, kw_only=True)
class Call:
    """A call resource.

    Attributes:
        answered_by: What answering machine detection found, once it has.
        notes: Errors and warnings, as the debugger would show them.
        on_status: Called after every change of the status.
    """

    account_sid: str
    from_: str
    to: str
    direction: Direction
    parent_sid: str | None = None
    sid: str = field(default_factory=lambda: new_sid("CA"))
    status: CallStatus = CallStatus.QUEUED
    created: datetime = field(default_factory=_now)
    updated: datetime = field(default_factory=_now)
    started: datetime | None = None
    ended: datetime | None = None
    answered_by: str | None = None
    notes: list[Note] = field(default_factory=list)
    on_status: Callable[["Call"], None] = lambda call: None

    def __post_init__(self) -> None:
        """A call that comes in rings already when the carrier learns of it."""
        if self.direction == "inbound":
            self.status = CallStatus.RINGING

    def move_to(self, status: CallStatus) -> None:
        """Changes the status. Raises `IllegalTransitionError` where that is not possible."""
        if status not in _NEXT[self.status]:
            raise IllegalTransitionError(
                f"call {self.sid} cannot go from {self.status} to {status}"
            )
        self.status = status
        self.updated = _now()
        if status is CallStatus.IN_PROGRESS:
            self.started = self.updated
        elif status.is_final:
            self.ended = self.updated
        self.on_status(self)

    @property
    def duration_s(self) -> int | None:
        """Whole seconds that the call has been connected; ``None`` unless it is completed."""
        if self.status is not CallStatus.COMPLETED or not self.started or not self.ended:
            return None
        return max(1, round((self.ended - self.started).total_seconds()))

    def parameters(self) -> dict[str, str]:
        """What every webhook about this call says of it."""
        parameters = {
            "AccountSid": self.account_sid,
            "ApiVersion": API_VERSION,
            "CallSid": self.sid,
            "CallStatus": str(self.status),
            "Called": self.to,
            "Caller": self.from_,
            "Direction": self.direction,
            "From": self.from_,
            "To": self.to,
        }
        # The carrier looks places up; these are the names that it sends, empty when unknown.
        for party in ("Called", "Caller", "From", "To"):
            for part in ("City", "Country", "State", "Zip"):
                parameters[party + part] = ""
        if self.parent_sid:
            parameters["ParentCallSid"] = self.parent_sid
        if self.answered_by:
            parameters["AnsweredBy"] = self.answered_by
        return parameters
