"""Only the carrier gets in: its signature on webhooks and on the media socket's upgrade.

Rules: https://www.twilio.com/docs/usage/security#validating-requests. The signature covers the URL
as the carrier knows it, and the parameters of a POST; an upgrade is a GET of a ``wss://`` URL.
"""

from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from loguru import logger
from starlette.datastructures import ImmutableMultiDict
from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket
from twilio.request_validator import RequestValidator

from bot.api.access import SwitchboardOf
from bot.api.problems import Problem
from bot.settings import Settings

MAX_BODY_BYTES = 64 * 1024

Parameters = ImmutableMultiDict[str, str]

REFUSED: dict[int | str, dict[str, str]] = {
    403: {"description": "`X-Twilio-Signature` is wrong, or it is another account's"},
    413: {"description": f"The body has more than {MAX_BODY_BYTES} bytes"},
}
FORM: dict[str, Any] = {
    "requestBody": {
        "description": "The carrier's parameters.",
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {"type": "object", "additionalProperties": {"type": "string"}}
            }
        },
    }
}
"""How webhooks refuse, and what a POST brings, for their description."""


def public_url(settings: Settings, connection: HTTPConnection, scheme: str) -> str:
    """The service's base URL as the carrier knows it; ``scheme`` is ``http`` or ``ws``."""
    if settings.public_url:
        base = settings.public_url
    else:
        secure = connection.url.scheme in ("https", "wss")
        base = f"{'https' if secure else 'http'}://{connection.url.netloc}"
    return scheme + base.removeprefix("http")


async def webhook(request: Request, switchboard: SwitchboardOf) -> Parameters:
    """The parameters of a webhook that is the carrier's own; anything else gets 403."""
    settings = switchboard.settings
    posted = await _posted(request)
    # As it was sent, with what is escaped in it.
    path = request.scope["raw_path"].decode("latin-1")
    query = f"?{request.url.query}" if request.url.query else ""
    _check(request, settings, public_url(settings, request, "http") + path + query, posted)
    parameters = posted if request.method == "POST" else request.query_params
    expected = settings.twilio_account_sid
    if expected and parameters.get("AccountSid") != expected:
        logger.warning("refused a webhook of another account")
        raise Problem(403, "AccountSid is not the account of this service")
    return parameters


def media_upgrade(websocket: WebSocket, switchboard: SwitchboardOf) -> None:
    """Refuses, with 403 in place of the upgrade, a media socket that the carrier did not sign."""
    settings = switchboard.settings
    url = public_url(settings, websocket, "ws") + websocket.url.path
    _check(websocket, settings, url, ImmutableMultiDict())


def _check(connection: HTTPConnection, settings: Settings, url: str, posted: Parameters) -> None:
    if not settings.twilio_auth_token:
        return
    validator = RequestValidator(settings.twilio_auth_token.get_secret_value())
    signature = connection.headers.get("X-Twilio-Signature", "")
    # Carriers have signed the upgrade's URL with a slash at its end, which the TwiML did not have.
    known_as = [url, f"{url}/"] if connection.scope["type"] == "websocket" else [url]
    try:
        signed = any(validator.validate(each, posted, signature) for each in known_as)
    except ValueError:  # a Host header that is none
        signed = False
    if not signed:
        logger.warning("refused {}: its signature is wrong; is PUBLIC_URL right?", url)
        raise Problem(403, "X-Twilio-Signature is missing or wrong")


async def _posted(request: Request) -> Parameters:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY_BYTES:
            raise Problem(413, f"the body has more than {MAX_BODY_BYTES} bytes")
    pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    return ImmutableMultiDict(pairs)


Webhook = Annotated[Parameters, Depends(webhook)]
