"""The errors that the Realtime API reports, with the vendor's types, codes and wording.

An error does not end the session, except for the few in :class:`FatalError`. Where a wording
comes from a capture or an issue report of the real service it is kept letter by letter, because
clients match on it.
"""

from typing import Any


class RealtimeError(Exception):
    """A client event that cannot be carried out, or a problem of the server.

    Attributes:
        message: What people read.
        code: What programs read; ``None`` where the service gives none.
        param: Path of the offending parameter, such as ``session.audio.output.voice``.
        kind: The wire's ``type``: ``invalid_request_error`` or ``server_error``.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        kind: str = "invalid_request_error",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.param = param
        self.kind = kind

    def to_event(self, client_event_id: str | None = None) -> dict[str, Any]:
        """The ``error`` event; ``client_event_id`` is that of the event which caused it."""
        return {
            "type": "error",
            "error": {
                "type": self.kind,
                "code": self.code,
                "message": self.message,
                "param": self.param,
                "event_id": client_event_id,
            },
        }


class FatalError(RealtimeError):
    """An error after which the service closes the socket.

    Attributes:
        close_code: 3000 for authentication, 4000 for a bad request, 1001 for an expired session,
            1011 for a fault of the server.
        close_reason: At most 123 bytes of text in the close frame.
    """

    def __init__(
        self,
        message: str,
        *,
        close_code: int,
        close_reason: str,
        code: str | None = None,
        kind: str = "invalid_request_error",
    ) -> None:
        super().__init__(message, code=code, kind=kind)
        self.close_code = close_code
        self.close_reason = close_reason


def missing_key() -> FatalError:
    """No ``Authorization`` header: the socket is accepted, told so and closed with 3000."""
    return FatalError(
        "Missing bearer or basic authentication in header",
        close_code=3000,
        close_reason="invalid_request_error",
    )


def missing_model() -> FatalError:
    """No ``model`` in the query."""
    return FatalError(
        "You must provide a model parameter, for example "
        "wss://api.openai.com/v1/realtime?model=gpt-realtime-1.5",
        code="missing_model",
        close_code=4000,
        close_reason="invalid_request_error.missing_model",
    )


def beta_header() -> FatalError:
    """The header of the beta, whose event shapes are gone."""
    return FatalError(
        "The Realtime Beta API is no longer supported. Please remove the OpenAI-Beta header and "
        "use the GA API shape.",
        code="beta_api_shape_disabled",
        close_code=4000,
        close_reason="invalid_request_error.beta_api_shape_disabled",
    )


def invalid_model(model: str) -> FatalError:
    """A model that is not a Realtime model."""
    return FatalError(
        f'Model "{model}" is not supported in realtime mode. '
        "See https://platform.openai.com/docs/models for a list of supported models.",
        code="invalid_model",
        close_code=4000,
        close_reason="invalid_request_error.invalid_model",
    )


def server_error() -> FatalError:
    """A fault of the emulator's own."""
    return FatalError(
        "The server had an error while processing your request. Sorry about that!",
        kind="server_error",
        close_code=1011,
        close_reason="server_error",
    )


def session_expired(minutes: float) -> FatalError:
    """The session reached its longest duration."""
    text = f"Your session hit the maximum duration of {minutes:g} minutes."
    return FatalError(text, code="session_expired", close_code=1001, close_reason=text)


def invalid_json() -> RealtimeError:
    """A text frame that is not a JSON object."""
    return RealtimeError(
        "Invalid event: failed to parse JSON value. Please check the value to ensure it is "
        "valid JSON.",
        code="invalid_json",
    )


def binary_frame() -> RealtimeError:
    """A binary frame: only text is spoken here."""
    return RealtimeError(
        "Expected a text WebSocket message; binary frames are not supported.",
        code="invalid_event",
    )


def active_response(response_id: str) -> RealtimeError:
    """A second response for the default conversation."""
    return RealtimeError(
        f"Conversation already has an active response in progress: {response_id}. "
        "Wait until the response is finished before creating a new one.",
        code="conversation_already_has_active_response",
    )


def cancel_not_active() -> RealtimeError:
    """``response.cancel`` with nothing to cancel."""
    return RealtimeError(
        "Cancellation failed: no active response found", code="response_cancel_not_active"
    )


def commit_empty(held_ms: float) -> RealtimeError:
    """``input_audio_buffer.commit`` of less than 100 ms."""
    return RealtimeError(
        "Error committing input audio buffer: buffer too small. Expected at least 100ms of "
        f"audio, but buffer only has {held_ms:.2f}ms of audio.",
        code="input_audio_buffer_commit_empty",
    )


def cannot_update_voice() -> RealtimeError:
    """Another voice after the first audio."""
    return RealtimeError(
        "Cannot update a conversation's voice if assistant audio is present.",
        code="cannot_update_voice",
    )


def unknown_approval(request_id: str) -> RealtimeError:
    """An answer to a request for approval that was never made."""
    return RealtimeError(
        f"Approval request with id '{request_id}' not found in conversation.",
        code="invalid_approval_request_id",
        param="item.approval_request_id",
    )


def unknown_item(doing: str, code: str, item_id: str) -> RealtimeError:
    """An item id that the conversation does not know; ``doing`` is such as ``deleting``."""
    return RealtimeError(
        f"Error {doing} item: the item with id '{item_id}' does not exist.", code=code
    )


def duplicate_item(item_id: str) -> RealtimeError:
    """An item id that the conversation has already."""
    return RealtimeError(
        f"Error adding item: an item with id '{item_id}' already exists.",
        code="item_create_duplicate_item_id",
    )


def unknown_previous_item(item_id: str) -> RealtimeError:
    """A ``previous_item_id`` that the conversation does not know."""
    return RealtimeError(
        f"Error adding item: the previous item with id '{item_id}' does not exist.",
        code="item_create_invalid_previous_item_id",
    )


def already_shorter(audio_ms: int, wanted_ms: int) -> RealtimeError:
    """``conversation.item.truncate`` beyond the audio."""
    return RealtimeError(
        f"Audio content of {audio_ms}ms is already shorter than {wanted_ms}ms",
        code="invalid_value",
    )


def not_truncatable() -> RealtimeError:
    """``conversation.item.truncate`` of anything but the assistant's audio."""
    return RealtimeError("Only model output audio messages can be truncated")


def unknown_call(call_id: str) -> RealtimeError:
    """An output for a function call that the conversation does not hold."""
    return RealtimeError(
        f"Tool call ID '{call_id}' not found in conversation.", code="invalid_tool_call_id"
    )


def invalid_value(message: str, param: str) -> RealtimeError:
    """A value of the right type that means nothing here."""
    return RealtimeError(message, code="invalid_value", param=param)
