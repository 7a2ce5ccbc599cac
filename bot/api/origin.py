"""Where a request comes from: this machine, a page of ours, or another site's."""

import ipaddress
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from bot.settings import Settings

LOCAL_NAMES = {"localhost", "127.0.0.1", "::1"}
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")


def is_local(connection: HTTPConnection) -> bool:
    """Whether the request comes from this machine, to this machine, past no proxy or tunnel.

    The Host header keeps out pages whose name resolves to 127.0.0.1 (DNS rebinding), and tunnels;
    forwarding headers give away a proxy on this machine that serves others.
    """
    if connection.client is None or any(name in connection.headers for name in FORWARDED):
        return False
    try:
        client = ipaddress.ip_address(connection.client.host)
        host = urlsplit(f"//{connection.headers.get('host', '')}").hostname
    except ValueError:
        return False
    return client.is_loopback and host in LOCAL_NAMES


def is_own_page(connection: HTTPConnection, settings: Settings) -> bool:
    """Whether no other site's page is behind a request.

    Browsers say which page it is: ``Origin`` with every WebSocket and every request that changes
    something, ``Sec-Fetch-Site`` (secure pages and localhost) with all of them. Pages of
    `CORS_ORIGINS` count as our own.
    """
    origin = connection.headers.get("origin")
    if origin is None:
        return connection.headers.get("sec-fetch-site") != "cross-site"
    if origin in settings.cors_origins or origin == settings.public_url:
        return True
    if connection.headers.get("sec-fetch-site") == "cross-site":
        return False
    try:
        return urlsplit(origin).netloc == connection.headers.get("host")
    except ValueError:
        return False


def is_https(connection: HTTPConnection, settings: Settings) -> bool:
    """Whether the browser is at an ``https`` address, also past a proxy that `PUBLIC_URL` tells."""
    if connection.url.scheme in ("https", "wss"):
        return True
    public = urlsplit(settings.public_url or "")
    return public.scheme == "https" and public.netloc == connection.headers.get("host")
