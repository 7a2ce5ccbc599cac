"""What an error from the API means for the session.

An ``error`` event does not end a session: "most errors are recoverable and the session will
stay open" (https://platform.openai.com/docs/api-reference/realtime-server-events/error).
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any

PERMANENT_HTTP_STATUSES = frozenset({400, 401, 402, 403, 404, 405, 410})
"""Answers to the upgrade request that will be the same next time."""

PERMANENT_CLOSE_CODES = frozenset({1002, 1003, 1007, 1008, 3000, 4000})
"""Close codes that stand for a peer or a configuration that won't get better: the protocol errors
of RFC 6455; 3000 is a missing or wrong key and 4000 a bad request such as an unknown model."""

ACTIVE_RESPONSE = "conversation_already_has_active_response"


class Severity(Enum):
    """What has to be done about an error."""

    HARMLESS = "harmless"
    """Nothing: what was asked for had happened already."""

    REQUEST = "request"
    """One request of ours was refused; the session goes on without it."""

    SESSION = "session"
    """This session is of no use any more; another one at the same endpoint is."""

    PERMANENT = "permanent"
    """The endpoint won't serve us, however often it is asked."""


_HARMLESS = frozenset(
    {ACTIVE_RESPONSE, "response_cancel_not_active", "item_delete_invalid_item_id"}
)
_SESSION = frozenset({"session_expired"})
_PERMANENT = frozenset(
    {
        "invalid_api_key",
        "invalid_model",
        "missing_model",
        "model_not_found",
        "insufficient_quota",
        "account_deactivated",
        "billing_hard_limit_reached",
        "unsupported_country_region_territory",
    }
)


@dataclass(frozen=True, slots=True)
class ApiError:
    """An ``error`` event, or the error of a failed response.

    Attributes:
        code: What programs read; the type where there is no code.
        message: What people read.
        event_id: Of our event that caused it, where the server says so.
    """

    code: str
    message: str
    event_id: str | None = None

    @classmethod
    def read(cls, error: Any) -> "ApiError":
        """From the wire; whatever is missing or odd is made up for."""
        if not isinstance(error, dict):
            return cls("unknown_error", "an error without details")
        event_id = error.get("event_id")
        return cls(
            code=str(error.get("code") or error.get("type") or "unknown_error"),
            message=str(error.get("message") or "an error without a message"),
            event_id=event_id if isinstance(event_id, str) else None,
        )

    @property
    def severity(self) -> Severity:
        """What has to be done about it."""
        if self.code in _HARMLESS or self._is_refused_truncation:
            return Severity.HARMLESS
        if self.code in _SESSION:
            return Severity.SESSION
        if self.code in _PERMANENT or self.code == "authentication_error":
            return Severity.PERMANENT
        return Severity.REQUEST

    @property
    def _is_refused_truncation(self) -> bool:
        """Whether a truncate came too late: the item is shorter, or gone."""
        return self.code == "item_truncate_invalid_item_id" or "already shorter" in self.message
