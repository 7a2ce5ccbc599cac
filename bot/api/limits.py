"""Limits on every route: the size of a request's body, and how many requests somebody makes."""

import asyncio
import ipaddress

from limits import parse
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.api.access import bearer_key, session_cookie
from bot.api.origin import is_local
from bot.api.problems import Problem, problem_response
from bot.keys import find_key
from bot.rate_limits import RateLimiter
from bot.switchboard import Switchboard

MAX_BODY_BYTES = 256 * 1024
"""The largest legal body is an SDP offer of 64 KiB, which JSON can make three times as long."""

BODY_S = 30.0
"""For all of a body: 256 KiB take half as long over 128 kbit/s."""

UNLIMITED = ("/health", "/ready", "/metrics", "/twilio/")
"""Probes, and the carrier: its webhooks are signed, come from few addresses, and each call that
they announce takes one of `MAX_CALLS`."""

CALLS = (("POST", "/api/offer"), ("GET", "/ws"))
"""What starts a call from a browser, and so costs money."""

GUESSES = parse("20/minute")
"""Wrong keys from one address."""

TRY_AGAIN_LATER = 1013


class BodyLimit:
    """Middleware: refuses a body of more than `MAX_BODY_BYTES` with 413, announced or not.

    One that has not arrived within `BODY_S` gets 408.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request; a WebSocket's messages have their own limit, in the server."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        detail = f"the body has more than {MAX_BODY_BYTES} bytes"
        announced = HTTPConnection(scope).headers.get("content-length", "")
        if announced.isdigit() and int(announced) > MAX_BODY_BYTES:
            response = problem_response(413, detail, headers={"Connection": "close"})
            await response(scope, receive, send)
            return
        taken, is_whole = 0, False
        due = asyncio.get_running_loop().time() + BODY_S

        async def counted() -> Message:
            nonlocal taken, is_whole
            try:
                # What comes after the body is that the client leaves, whenever it does.
                async with asyncio.timeout_at(None if is_whole else due):
                    message = await receive()
            except TimeoutError:
                late = f"the body did not arrive within {BODY_S:.0f} seconds"
                raise Problem(408, late, headers={"Connection": "close"}) from None
            is_whole = not message.get("more_body", False)
            taken += len(message.get("body", b""))
            if taken > MAX_BODY_BYTES:
                raise Problem(413, detail)
            return message

        await self._app(scope, counted, send)


class RateLimits:
    """Middleware: 429 with ``Retry-After`` for who asks too often, by key or else by address."""

    def __init__(self, app: ASGIApp, switchboard: Switchboard) -> None:
        settings = switchboard.settings
        self._app = app
        self._switchboard = switchboard
        self._limiter = RateLimiter(settings.redis_url)
        self._requests = parse(settings.rate_limit)
        self._calls = parse(settings.call_rate_limit)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request, or one WebSocket's upgrade."""
        if scope["type"] not in ("http", "websocket") or scope["path"].startswith(UNLIMITED):
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        wait = await self._limiter.hit(self._requests, self._who(connection))
        called = (scope.get("method", "GET"), scope["path"])
        if wait is None and called in CALLS and not is_local(connection):
            wait = await self._limiter.hit(self._calls, f"calls {_address(connection)}")
        if wait is not None:
            await _refuse(scope, receive, send, wait)
            return
        if not _presents_a_key(connection):
            await self._app(scope, receive, send)
            return
        await self._app(scope, receive, self._counting_guesses(scope, receive, send))

    def _who(self, connection: HTTPConnection) -> str:
        """Whose requests are counted together. Only a valid key has a count of its own."""
        if key := bearer_key(connection):
            found = find_key(self._switchboard.settings.api_keys, key)
            if found:
                return f"key {found.name}"
        if cookie := session_cookie(connection):
            session = self._switchboard.sessions.find(cookie)
            if session:
                return f"key {session.key.name}"
        return f"address {_address(connection)}"

    def _counting_guesses(self, scope: Scope, receive: Receive, send: Send) -> Send:
        """Turns a 401 into a 429 for an address that has tried too many wrong keys."""
        refused = False

        async def sending(message: Message) -> None:
            nonlocal refused
            if message["type"].endswith("response.start") and message["status"] == 401:
                who = f"guesses {_address(HTTPConnection(scope))}"
                wait = await self._limiter.hit(GUESSES, who)
                if wait is not None:
                    refused = True
                    await _refuse(scope, receive, send, wait)
            if not refused:
                await send(message)

        return sending


def _presents_a_key(connection: HTTPConnection) -> bool:
    """Requests without a key are no guesses: any site could make a visitor's browser send them."""
    path = connection.scope["path"]
    return "authorization" in connection.headers or path == "/api/session"


def _address(connection: HTTPConnection) -> str:
    """The client's address; of IPv6 the network, which is what one client has."""
    host = connection.client.host if connection.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


async def _refuse(scope: Scope, receive: Receive, send: Send, wait: int) -> None:
    if scope["type"] == "http" or "websocket.http.response" in scope.get("extensions", {}):
        response = problem_response(
            429,
            f"too many requests: again in {wait} seconds",
            headers={"Retry-After": str(wait)},
        )
        await response(scope, receive, send)
    else:
        await send({"type": "websocket.close", "code": TRY_AGAIN_LATER, "reason": "too often"})
