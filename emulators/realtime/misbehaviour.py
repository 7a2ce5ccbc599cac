"""Commits the faults that are armed for one session."""

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from emulators.realtime.errors import RealtimeError
from emulators.realtime.faults import (
    AT_A_TIME,
    MALFORMED,
    Fault,
    Kind,
    unknown_event,
    unknown_item,
)

if TYPE_CHECKING:
    from emulators.realtime.output import MessageOutput
    from emulators.realtime.session import Session

_DELTAS = ("response.output_audio.delta", "response.output_text.delta")


class Misbehaviour:
    """A session's armed faults; the session asks it at the places where things can go wrong."""

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._armed: list[Fault] = []
        self._armed_at: dict[int, int] = {}
        self._sent = 0
        self._committing = False

    def arm(self, fault: Fault) -> None:
        """Adds a fault; it is shared with other sessions when it is armed for those too."""
        self._armed.append(fault)
        self._armed_at[id(fault)] = self._sent
        fault.begin(asyncio.get_running_loop().time())

    def disarm(self, fault: Fault) -> None:
        """Takes a fault back."""
        if fault in self._armed:
            self._armed.remove(fault)

    def commit_due(self) -> None:
        """Commits what is due now."""
        self._commit(lambda fault: fault.when == "now")

    def after(self, event: Mapping[str, Any]) -> None:
        """Commits what is due after this server event. Events of faults themselves don't count."""
        if self._committing:
            return
        self._sent += 1
        if not self._armed:
            return
        delta = event["type"] in _DELTAS
        if delta and (fault := self._take("fail", when="mid_reply")):
            self._session.fail_response(event["response_id"], fault.message, fault.error_code)

        def due(fault: Fault) -> bool:
            if fault.when == "events":
                return self._sent - self._armed_at[id(fault)] >= fault.events
            return fault.when == "mid_reply" and delta

        self._commit(due)

    def response_failure(self) -> tuple[str, str, str] | None:
        """Message, code and type of the error with which the next response fails."""
        if fault := self._take("fail", when="now"):
            return fault.message, fault.error_code, "server_error"
        if self._take("rate_limit"):
            message = "Rate limit reached on tokens per min (TPM). Please try again in 1s."
            return message, "rate_limit_exceeded", "tokens"
        return None

    def breaks_arguments(self) -> bool:
        """The next function call's arguments are not JSON."""
        return self._take("bad_arguments") is not None

    def after_cancellation(self, message: "MessageOutput") -> None:
        """A message was cut short: perhaps one of its deltas is still to come."""
        if self._take("late_delta"):
            message.late_delta()

    def check_truncate(self) -> None:
        """Raises when the next truncation is to be rejected."""
        if self._take("reject_truncate"):
            raise RealtimeError(
                "Only model output audio messages can be truncated",
                code="unsupported_content_type",
            )

    def slowness(self) -> float:
        """How many times slower audio is sent."""
        slow = [fault.factor for fault in self._armed if fault.kind == "slow"]
        return max(slow, default=1.0)

    def reading_s(self, size: int) -> float:
        """How long a message of so many bytes takes to read."""
        now = asyncio.get_running_loop().time()
        slow = [f for f in self._armed if f.kind == "slow_reading" and not f.is_over(now)]
        # As base64, which is what audio is sent as.
        spoken_per_s = self._session.settings.input_format.bytes_per_ms * 1000 * 4 / 3
        return max((fault.factor for fault in slow), default=0.0) * size / spoken_per_s

    def _take(self, kind: Kind, when: str | None = None) -> Fault | None:
        for fault in self._armed:
            if fault.kind == kind and when in (None, fault.when) and not fault.spent:
                fault.used += 1
                return fault
        return None

    def _commit(self, due: Callable[[Fault], bool]) -> None:
        for fault in self._armed:
            if fault.kind in AT_A_TIME and not fault.spent and due(fault):
                fault.used += 1
                self._committing = True
                try:
                    self._commit_one(fault)
                finally:
                    self._committing = False

    def _commit_one(self, fault: Fault) -> None:
        session = self._session
        match fault.kind:
            case "drop" if fault.code == 1006:
                session.outbox.abort()
            case "drop":
                session.outbox.close(fault.code)
            case "half_open":
                session.outbox.fall_silent()
            case "expire":
                session.expire()
            case "error":
                error = RealtimeError(fault.message, code=fault.error_code, kind="server_error")
                session.send(error.to_event())
            case "unknown_event":
                session.send(unknown_event())
            case "unknown_item":
                item = unknown_item()
                where = {"previous_item_id": session.conversation.last_id, "item": item}
                session.send({"type": "conversation.item.added", **where})
                session.send({"type": "conversation.item.done", **where})
            case "malformed":
                session.outbox.put_text(MALFORMED)
        if session.outbox.ending:
            session.stop()
