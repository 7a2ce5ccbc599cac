"""The errors of Twilio's REST API, in its JSON form.

https://www.twilio.com/docs/usage/twilios-response#response-formats-exceptions and
https://www.twilio.com/docs/api/errors.
"""

from typing import Any


class RestError(Exception):
    """A request that the API refuses.

    Attributes:
        status: HTTP status.
        code: Twilio's number for the error.
    """

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code

    def to_json(self) -> dict[str, Any]:
        """The body of the answer."""
        return {
            "code": self.code,
            "message": str(self),
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }


def unauthenticated() -> RestError:
    """Wrong or no credentials."""
    return RestError(401, 20003, "Authenticate")


def not_found(path: str) -> RestError:
    """There is no such resource."""
    return RestError(404, 20404, f"The requested resource {path} was not found")


def not_allowed(path: str) -> RestError:
    """The resource does not have that method."""
    return RestError(405, 20004, f"Method not allowed on {path}")


def invalid(parameter: str, value: str, expected: str) -> RestError:
    """A parameter has a value that it cannot have."""
    return RestError(400, 20001, f"{parameter} is {value!r}; it should be {expected}")
