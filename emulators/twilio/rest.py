"""Twilio's REST API 2010-04-01, as far as calls need it, as the ``twilio`` package calls it."""

import base64
import binascii
import email.utils
import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlencode

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from emulators.twilio.calls import API_VERSION, Call, CallStatus
from emulators.twilio.carrier import Carrier
from emulators.twilio.live_call import LiveCall
from emulators.twilio.rest_errors import RestError, not_allowed, not_found, unauthenticated
from emulators.twilio.rest_form import Form, read_call, read_source

_PAGE_SIZE = 50
_LARGEST_PAGE = 1000
_LARGEST_BODY = 64 * 1024

Handler = Callable[[Request], Awaitable[Response]]


def rest_app(carrier: Carrier) -> Starlette:
    """The API of one account, whose SID and token are the carrier's."""
    api = _CallsApi(carrier)
    base = f"/{API_VERSION}/Accounts/{{account}}/Calls"
    return Starlette(
        routes=[
            Route(f"{base}.json", api.collection, methods=["GET", "POST", "PUT", "DELETE"]),
            Route(f"{base}/{{sid}}.json", api.member, methods=["GET", "POST", "PUT", "DELETE"]),
            Route("/{path:path}", api.nowhere, methods=["GET", "POST", "PUT", "DELETE"]),
        ],
        exception_handlers={RestError: _refuse},
        middleware=[Middleware(_SaysWhatItIs)],
    )


class _SaysWhatItIs:
    """Middleware: so that a console can tell a dry run from a call that rings somewhere."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["X-Emulator"] = "twilio"
            await send(message)

        await self._app(scope, receive, marked)


class _CallsApi:
    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier

    async def collection(self, request: Request) -> Response:
        self._authenticate(request)
        match request.method:
            case "POST":
                live = await self._carrier.place(read_call(await _form(request)))
                return JSONResponse(call_json(live.call), 201)
            case "GET" | "HEAD":
                return JSONResponse(self._page(request))
            case _:
                raise not_allowed(request.url.path)

    async def member(self, request: Request) -> Response:
        self._authenticate(request)
        live = self._carrier.calls.get(request.path_params["sid"])
        if live is None:
            raise not_found(request.url.path)
        match request.method:
            case "GET" | "HEAD":
                return JSONResponse(call_json(live.call))
            case "POST":
                _update(live, await _form(request))
                return JSONResponse(call_json(live.call))
            case "DELETE":
                if not live.call.status.is_final:
                    raise RestError(400, 20409, "A call can be deleted once it is over")
                del self._carrier.calls[live.call.sid]
                return Response(status_code=204)
            case _:
                raise not_allowed(request.url.path)

    async def nowhere(self, request: Request) -> Response:
        self._authenticate(request)
        raise not_found(request.url.path)

    def _authenticate(self, request: Request) -> None:
        kind, _, encoded = request.headers.get("authorization", "").partition(" ")
        try:
            name, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            raise unauthenticated() from None
        token = self._carrier.auth_token
        known = token is None or secrets.compare_digest(password.encode(), token.encode())
        if kind.lower() != "basic" or name != self._carrier.account_sid or not known:
            raise unauthenticated()
        if request.path_params.get("account", name) != name:
            raise not_found(request.url.path)

    def _page(self, request: Request) -> dict[str, Any]:
        form = Form(parse_qs(request.url.query))
        size = form.number("PageSize", _PAGE_SIZE, 1, _LARGEST_PAGE)
        page = form.number("Page", 0, 0, 1_000_000)
        form.text("PageToken")
        wanted = {
            "To": form.text("To"),
            "From": form.text("From"),
            "Status": form.choice("Status", [str(status) for status in CallStatus]),
            "ParentCallSid": form.text("ParentCallSid"),
        }
        form.done()
        calls = [live.call for live in self._carrier.calls.values()]
        found = [call for call in reversed(calls) if _fits(call, wanted)]
        return _paged(request.url.path, found, {k: v for k, v in wanted.items() if v}, page, size)


def _fits(call: Call, wanted: dict[str, str | None]) -> bool:
    has = {
        "To": call.to,
        "From": call.from_,
        "Status": _status(call),
        "ParentCallSid": call.parent_sid,
    }
    return all(value is None or has[name] == value for name, value in wanted.items())


def _paged(
    path: str, calls: Sequence[Call], query: dict[str, str], page: int, size: int
) -> dict[str, Any]:
    def uri(number: int) -> str:
        return f"{path}?{urlencode({**query, 'PageSize': size, 'Page': number})}"

    start = page * size
    shown = calls[start : start + size]
    return {
        "calls": [call_json(call) for call in shown],
        "end": max(start, start + len(shown) - 1),
        "first_page_uri": uri(0),
        "next_page_uri": uri(page + 1) if start + size < len(calls) else None,
        "page": page,
        "page_size": size,
        "previous_page_uri": uri(page - 1) if page else None,
        "start": start,
        "uri": uri(page),
    }


def _update(live: LiveCall, form: Form) -> None:
    """Ends or redirects a call, as far as its state allows."""
    status = form.choice("Status", ("canceled", "completed"))
    source = read_source(form, required=False)
    form.done()
    call = live.call
    if status is None and source is None:
        raise RestError(400, 20001, "Nothing to update: give Status, Url or Twiml")
    if call.status.is_final:
        raise RestError(400, 21220, f"Call is not in-progress. Cannot {_verb(status)}.")
    if status == "canceled" and call.status is CallStatus.IN_PROGRESS:
        raise RestError(400, 21220, "Call is in-progress. Cannot cancel.")
    if source and call.status is not CallStatus.IN_PROGRESS:
        raise RestError(400, 21220, "Call is not in-progress. Cannot redirect.")
    if status:
        live.end("api")
    elif source:
        live.redirect(source)


def _verb(status: str | None) -> str:
    return {"canceled": "cancel", "completed": "complete"}.get(status or "", "redirect")


def _status(call: Call) -> str:
    # The resource knows no "initiated": only status callbacks do.
    return str(CallStatus.QUEUED if call.status is CallStatus.INITIATED else call.status)


def call_json(call: Call) -> dict[str, Any]:
    """A call resource: https://www.twilio.com/docs/voice/api/call-resource#call-properties."""
    uri = f"/{API_VERSION}/Accounts/{call.account_sid}/Calls/{call.sid}"
    return {
        "account_sid": call.account_sid,
        "annotation": None,
        "answered_by": call.answered_by,
        "api_version": API_VERSION,
        "caller_name": None,
        "date_created": _date(call.created),
        "date_updated": _date(call.updated),
        "direction": call.direction,
        "duration": None if call.duration_s is None else str(call.duration_s),
        "end_time": _date(call.ended),
        "forwarded_from": None,
        "from": call.from_,
        "from_formatted": call.from_,
        "group_sid": None,
        "parent_call_sid": call.parent_sid,
        "phone_number_sid": None,
        "price": None,
        "price_unit": "USD",
        "queue_time": "0",
        "sid": call.sid,
        "start_time": _date(call.started),
        "status": _status(call),
        "subresource_uris": {},
        "to": call.to,
        "to_formatted": call.to,
        "trunk_sid": None,
        "uri": f"{uri}.json",
    }


def _date(moment: datetime | None) -> str | None:
    return None if moment is None else email.utils.format_datetime(moment)


async def _form(request: Request) -> Form:
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if kind != "application/x-www-form-urlencoded":
        raise RestError(415, 20015, f"The body is {kind!r}, not application/x-www-form-urlencoded")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > _LARGEST_BODY:
            raise RestError(413, 20413, f"The body has more than {_LARGEST_BODY} bytes")
    return Form(parse_qs(body.decode("utf-8", "replace")))


async def _refuse(request: Request, error: Exception) -> Response:
    if not isinstance(error, RestError):
        raise error
    headers = {"WWW-Authenticate": 'Basic realm="Twilio API"'} if error.status == 401 else None
    return JSONResponse(error.to_json(), error.status, headers)
