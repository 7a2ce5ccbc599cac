"""Every REST error is a problem document (RFC 9457) that says what was wrong with which field.

Routes raise `Problem`; what the frameworks raise is turned into the same document. No document
repeats a value that was sent (it can be a secret, or personal), and none shows the inside of the
service.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError, WebSocketRequestValidationError
from fastapi.responses import JSONResponse
from loguru import logger
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.routing import Match, Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketState

MEDIA_TYPE = "application/problem+json"
POLICY_VIOLATION = 1008
REASON_BYTES = 123
"""A WebSocket's close reason may have no more (RFC 6455, section 5.5)."""

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
PLACES = {"body", "query", "path", "header", "cookie"}


class WrongField(BaseModel):
    """One field of a request that cannot be used: its dotted name, and what it should be."""

    field: str
    detail: str


class ProblemDocument(BaseModel):
    """A problem document. ``field`` is the first of ``errors``; both only where a field is wrong.

    ``type`` stays ``about:blank`` where the status says all there is to say.
    """

    type: str = "about:blank"
    title: str = Field(description="The status in words.")
    status: int = Field(ge=400, le=599)
    detail: str = Field(description="What was wrong here, and what to do.")
    field: str | None = None
    errors: list[WrongField] | None = None


class Problem(HTTPException):
    """A request that is refused; raise it from a route or a dependency.

    In the dependency of a WebSocket route it refuses the upgrade with the same document.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        field: str | None = None,
        headers: Mapping[str, str] | None = None,
        type: str = "about:blank",
    ) -> None:
        """Describes the problem.

        Args:
            status: Of HTTP, 400 to 599.
            detail: What was wrong and what to do, for people. No secrets, no personal data.
            field: The field of the request that was wrong, such as ``to`` or ``context.name``.
            headers: Of the response, such as ``Retry-After``.
            type: A URI for the kind of problem, where machines have to tell kinds apart.
        """
        super().__init__(status, detail, dict(headers or {}))
        self.field = field
        self.type = type


class UnhandledErrors:
    """Middleware: an error that nothing handled is logged once, and answered without its inside."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request; a WebSocket's errors go on to the server, which closes it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def note_start(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, note_start)
        except Exception:
            logger.exception("{} {} failed", scope["method"], scope["path"])
            if started:
                raise
            response = problem_response(500, "The service failed; its log says why.")
            await response(scope, receive, send)


def answer_with_problems(app: FastAPI) -> None:
    """Makes every error of ``app`` a problem document."""
    # Starlette's types have a handler be for requests or for sockets; ours are for both.
    handlers: dict[type[Exception], Any] = {
        HTTPException: _on_http_exception,
        RequestValidationError: _on_invalid,
        WebSocketRequestValidationError: _on_invalid,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)
    app.add_middleware(UnhandledErrors)


def problem_response(
    status: int,
    detail: str,
    *,
    errors: Sequence[WrongField] = (),
    headers: Mapping[str, str] | None = None,
    type: str = "about:blank",
) -> JSONResponse:
    """The response that carries a problem document."""
    document = ProblemDocument(
        type=type,
        title=_title(status),
        status=status,
        detail=detail,
        field=errors[0].field if errors else None,
        errors=list(errors) or None,
    )
    return JSONResponse(
        document.model_dump(exclude_none=True), status, headers, media_type=MEDIA_TYPE
    )


def _title(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


async def _on_http_exception(connection: HTTPConnection, error: Exception) -> JSONResponse | None:
    """Frameworks raise these, and so do we, as `Problem`."""
    if not isinstance(error, HTTPException):
        raise TypeError("only for HTTPException") from error
    headers = dict(error.headers or {})
    if error.status_code == 405:
        # Frameworks list those of the one route or of the page's files that they looked at.
        headers["Allow"] = ", ".join(_methods(connection))
    detail = str(error.detail)
    if isinstance(error, Problem):
        errors = [WrongField(field=error.field, detail=detail)] if error.field else []
        response = problem_response(
            error.status_code, detail, errors=errors, headers=headers, type=error.type
        )
    else:
        response = problem_response(error.status_code, detail, headers=headers)
    return await _sent(connection, response, detail)


async def _on_invalid(connection: HTTPConnection, error: Exception) -> JSONResponse | None:
    """A request that does not fit its schema: every field that is wrong, none of their values."""
    if not isinstance(error, RequestValidationError | WebSocketRequestValidationError):
        raise TypeError("only for what does not fit a schema") from error
    errors = [_wrong_field(found) for found in error.errors()]
    detail = "; ".join(f"{wrong.field}: {wrong.detail}" for wrong in errors)
    return await _sent(connection, problem_response(422, detail, errors=errors), detail)


def _wrong_field(found: Mapping[str, Any]) -> WrongField:
    where = [str(part) for part in found["loc"]]
    if found["type"] == "json_invalid":
        # Its place is an offset into the text, which names nothing.
        return WrongField(field="body", detail="it is not JSON")
    if len(where) > 1 and where[0] in PLACES:
        where = where[1:]
    detail = str(found["msg"]).removeprefix("Value error, ")
    return WrongField(field=".".join(where) or "body", detail=detail)


async def _sent(
    connection: HTTPConnection, response: JSONResponse, detail: str
) -> JSONResponse | None:
    """The response for the framework to send; a socket that is open already is closed instead."""
    if not isinstance(connection, WebSocket):
        return response
    if (
        connection.application_state is WebSocketState.CONNECTING
        and "websocket.http.response" in connection.scope.get("extensions", {})
    ):
        return response
    reason = detail.encode()[:REASON_BYTES].decode(errors="ignore")
    await connection.close(POLICY_VIOLATION, reason)
    return None


def _methods(connection: HTTPConnection) -> list[str]:
    """The methods that the address has: RFC 9110 wants them with a 405."""
    found = []
    for method in METHODS:
        scope = {**connection.scope, "method": method}
        routes = connection.app.router.routes
        if any(r.matches(scope)[0] is Match.FULL for r in routes if not isinstance(r, Mount)):
            found.append(method)
    if not found:
        # Nothing but the page's files is there.
        found = ["GET"]
    return found + ["HEAD"] * ("GET" in found)
