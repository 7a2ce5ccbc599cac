"""HTTP for MCP clients that says of a failed request whether the server may have seen it.

The SDK's client ends, with every call that is under way on it, when one of its requests fails on
the network. Here such a failure becomes a JSON-RPC error for that request alone. Its code tells
what a caller of the tool has to know: whether it is safe to send the request again.
"""

import json
import ssl
from collections.abc import AsyncIterator, Mapping
from functools import cache
from ipaddress import ip_address
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx2

NOT_SENT = -32090
"""The server never saw the request: sending it again is safe."""
OUTCOME_UNKNOWN = -32091
"""The request went out and no answer came back: it may or may not have been carried out."""
SESSION_LOST = -32092
"""The server does not know the session, so it did not look at the request."""
REFUSED = -32093
"""The server answered with an HTTP error instead of MCP, before it looked at the request."""

_CONNECT_S, _WRITE_S, _READ_S = 3.0, 5.0, 300.0
_NOT_SENT_ERRORS = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.UnsupportedProtocol,
    httpx2.ProxyError,
)
_CHALLENGES = frozenset({401, 403})
_SESSION_HEADER = "mcp-session-id"


def http_client(
    url: str, *, headers: Mapping[str, str] | None = None, auth: httpx2.Auth | None = None
) -> httpx2.AsyncClient:
    """A client for one MCP server, through the environment's proxy unless the server is local.

    Args:
        url: Of the server.
        headers: Sent with each request.
        auth: Gets a token when the server wants one.
    """
    # A connection that the server is about to close for being idle loses the request that is sent
    # on it, so ours go first: common servers wait 5 s and more.
    limits = httpx2.Limits(max_connections=100, keepalive_expiry=2.0)
    transport = httpx2.AsyncHTTPTransport(verify=_tls(), limits=limits, proxy=proxy_for(url))
    timeout = httpx2.Timeout(_WRITE_S, connect=_CONNECT_S, read=_READ_S)
    return httpx2.AsyncClient(
        transport=AnsweringTransport(transport, challenges=auth is not None),
        timeout=timeout,
        headers=headers,
        auth=auth,
    )


@cache
def _tls() -> ssl.SSLContext:
    """Loading the authorities takes 50 to 150 ms in which no call is served: once is enough."""
    return httpx2.create_ssl_context()


class AnsweringTransport(httpx2.AsyncBaseTransport):
    """Answers in the server's place when there is no answer, see the module.

    Args:
        transport: Carries the requests.
        challenges: Somebody answers a server that wants a token: 401 and 403 are passed on.
    """

    def __init__(self, transport: httpx2.AsyncBaseTransport, *, challenges: bool = False) -> None:
        self._transport = transport
        self._passed = _CHALLENGES if challenges else frozenset[int]()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request; every failure on the network becomes a response."""
        try:
            response = await self._transport.handle_async_request(request)
        except _NOT_SENT_ERRORS as error:
            return _error(NOT_SENT, str(error) or type(error).__name__)
        except httpx2.TransportError as error:
            return _error(OUTCOME_UNKNOWN, str(error) or type(error).__name__)
        status = response.status_code
        if status == 404 and _SESSION_HEADER in request.headers:
            await response.aclose()
            return _error(SESSION_LOST, "the server does not know the session", status)
        is_json = response.headers.get("content-type", "").startswith("application/json")
        if status >= 400 and status != 404 and not is_json and status not in self._passed:
            await response.aclose()
            code = OUTCOME_UNKNOWN if status >= 500 else REFUSED
            return _error(code, f"HTTP {status}", status)
        if isinstance(response.stream, httpx2.AsyncByteStream):
            response.stream = _UntilBroken(response.stream)
        return response

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()


class _UntilBroken(httpx2.AsyncByteStream):
    """A body that ends where its connection breaks: the SDK reports what it can't parse."""

    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._stream:
                yield chunk
        except httpx2.TransportError:
            return

    async def aclose(self) -> None:
        await self._stream.aclose()


def _error(code: int, message: str, status: int = 503) -> httpx2.Response:
    body = {"jsonrpc": "2.0", "id": None, "error": {"code": code, "message": message}}
    return httpx2.Response(
        status, headers={"content-type": "application/json"}, content=json.dumps(body).encode()
    )


def proxy_for(url: str) -> str | None:
    """The proxy that the environment names for ``url``; none for this machine's own servers."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host == "localhost" or _is_loopback(host) or proxy_bypass(host):
        return None
    proxies = getproxies()
    return proxies.get(parts.scheme) or proxies.get("all")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
