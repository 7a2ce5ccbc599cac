"""The errors of the Live API. Codes that no documentation states are marked in docs/engines.md."""

from typing import Any


class LiveError(Exception):
    """A client event that can't be carried out."""

    def __init__(self, message: str, *, code: str, param: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.param = param

    def to_event(self, client_event_id: str | None) -> dict[str, Any]:
        """The ``error`` event."""
        error = {
            "type": "invalid_request_error",
            "code": self.code,
            "message": self.message,
            "param": self.param,
            "client_event_id": client_event_id,
        }
        return {
            "type": "error",
            "error": {name: value for name, value in error.items() if value is not None},
        }
