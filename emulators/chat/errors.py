"""The errors that the chat completions API reports, with the vendor's types, codes and wording."""

from typing import Any


class ApiError(Exception):
    """A request that is not carried out.

    Attributes:
        status: Of HTTP.
        message: What people read.
        code: What programs read; ``None`` where the service gives none.
        param: Path of the offending parameter, such as ``messages.[1].role``.
        kind: The body's ``type``.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        code: str | None = None,
        param: str | None = None,
        kind: str = "invalid_request_error",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code
        self.param = param
        self.kind = kind

    @property
    def body(self) -> dict[str, Any]:
        """The JSON body of the answer."""
        return {
            "error": {
                "message": self.message,
                "type": self.kind,
                "param": self.param,
                "code": self.code,
            }
        }


def missing_key() -> ApiError:
    """No ``Authorization: Bearer``."""
    return ApiError(
        "You didn't provide an API key. You need to provide your API key in an Authorization "
        "header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
        status=401,
    )


def unknown_model(model: str) -> ApiError:
    """A model that this server doesn't have."""
    return ApiError(
        f"The model `{model}` does not exist or you do not have access to it.",
        status=404,
        code="model_not_found",
    )


def server_error() -> ApiError:
    """Something went wrong that the client can do nothing about."""
    return ApiError(
        "The server had an error while processing your request. Sorry about that!",
        status=500,
        kind="server_error",
    )


def stray_tool_message(index: int) -> ApiError:
    """The output of a call that the message before it did not make."""
    return ApiError(
        "Invalid parameter: messages with role 'tool' must be a response to a preceeding message "
        "with 'tool_calls'.",
        param=f"messages.[{index}].role",
    )


def unanswered_calls(index: int, call_ids: list[str]) -> ApiError:
    """Calls without their outputs right behind them."""
    return ApiError(
        "An assistant message with 'tool_calls' must be followed by tool messages responding to "
        "each 'tool_call_id'. The following tool_call_ids did not have response messages: "
        f"{', '.join(call_ids)}",
        param=f"messages.[{index}].role",
    )
