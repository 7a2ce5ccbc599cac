"""Who may use a route: the switchboard for all of them, and scopes for those that ask for one.

A route asks by a parameter: ``_caller: Reader`` (or `Operator`, `Admin`). It works on
REST, SSE and WebSocket routes alike.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends, Security
from fastapi.openapi.models import APIKey, APIKeyIn, HTTPBearer
from fastapi.security.base import SecurityBase
from starlette.requests import HTTPConnection

from bot.api.origin import is_local, is_own_page
from bot.api.problems import Problem
from bot.keys import Scope, find_key, includes
from bot.sessions import Session
from bot.switchboard import Switchboard

COOKIE = "switchboard_session"
SECURE_COOKIE = f"__Host-{COOKIE}"
"""At an ``https`` address: browsers take it from there only, and for no other host."""

CSRF_HEADER = "X-CSRF-Token"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="switchboard"'}
ANOTHER_SITE = "another site's page may not use this; CORS_ORIGINS lists those that may"


def switchboard_of(connection: HTTPConnection) -> Switchboard:
    """The one switchboard of the process."""
    switchboard = connection.app.state.switchboard
    if not isinstance(switchboard, Switchboard):
        raise TypeError("the application was made without a switchboard")
    return switchboard


SwitchboardOf = Annotated[Switchboard, Depends(switchboard_of)]


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking.

    Attributes:
        name: Of the key; ``local`` for this machine when there are no keys, ``public`` for anybody.
        scope: What they may do; ``None`` for nothing but to talk.
        via: How they showed it.
        session: Of the console, where that is how.
    """

    name: str
    scope: Scope | None
    via: Literal["key", "session", "local", "public"]
    session: Session | None = None


class _BearerKey(SecurityBase):
    """The key of an ``Authorization: Bearer`` header, also on a WebSocket's upgrade."""

    def __init__(self) -> None:
        self.model = HTTPBearer(description="One of `API_KEYS`.")
        self.scheme_name = "ApiKey"

    def __call__(self, connection: HTTPConnection) -> str | None:
        """The key as it was sent; ``None`` without one."""
        kind, _, key = connection.headers.get("authorization", "").partition(" ")
        return key.strip() if kind.lower() == "bearer" and key.strip() else None


class _SessionCookie(SecurityBase):
    """The console's session, also on a WebSocket's upgrade."""

    def __init__(self) -> None:
        description = f"From `POST /api/session`; changes need the header `{CSRF_HEADER}`."
        self.model = APIKey.model_validate(
            {"in": APIKeyIn.cookie, "name": COOKIE, "description": description}
        )
        self.scheme_name = "Session"

    def __call__(self, connection: HTTPConnection) -> str | None:
        """The cookie's value; ``None`` without one."""
        return connection.cookies.get(SECURE_COOKIE) or connection.cookies.get(COOKIE)


bearer_key, session_cookie = _BearerKey(), _SessionCookie()
Key = Annotated[str | None, Security(bearer_key)]
Cookie = Annotated[str | None, Security(session_cookie)]


def needs(scope: Scope) -> Callable[..., Principal]:
    """A dependency that lets those pass who hold ``scope``, and tells the route who they are.

    Raises:
        Problem: 401 without a valid key or session, 403 with one that is not good for this, and
            403 from anywhere but this machine when the service has no keys at all.
    """

    def check(
        connection: HTTPConnection, switchboard: SwitchboardOf, key: Key, cookie: Cookie
    ) -> Principal:
        principal = _identify(connection, switchboard, key, cookie)
        _require(principal, scope)
        return principal

    return check


Reader = Annotated[Principal, Depends(needs("read"))]
Operator = Annotated[Principal, Depends(needs("operate"))]
Admin = Annotated[Principal, Depends(needs("admin"))]


def may_talk(connection: HTTPConnection, switchboard: SwitchboardOf) -> Principal:
    """Lets those pass who may call from a browser, as `TALK_ACCESS` has it.

    Raises:
        Problem: 401 or 403, as `needs` does; always 403 for another site's page.
    """
    return _let_in(connection, switchboard, "operate")


def may_see_who_answers(connection: HTTPConnection, switchboard: SwitchboardOf) -> Principal:
    """Lets those pass who may call, and those who may read: operators' pages name the agents.

    Raises:
        Problem: As `may_talk` does.
    """
    return _let_in(connection, switchboard, "read")


def _let_in(connection: HTTPConnection, switchboard: Switchboard, scope: Scope) -> Principal:
    """Whoever `TALK_ACCESS` lets in; others need a key or a session of this scope."""
    settings = switchboard.settings
    if not is_own_page(connection, settings):
        raise Problem(403, ANOTHER_SITE)
    if settings.talk_access == "public":
        return Principal("public", None, "public")
    if settings.talk_access == "local" and is_local(connection):
        return Principal("local", None, "local")
    if not settings.api_keys:
        raise Problem(
            403, "calls from a browser are for this machine only: TALK_ACCESS or API_KEYS change it"
        )
    key, cookie = bearer_key(connection), session_cookie(connection)
    principal = _identify(connection, switchboard, key, cookie)
    _require(principal, scope)
    return principal


MAY_NOT_TALK: dict[int | str, dict[str, str]] = {
    401: {"description": "No valid key or session, where `TALK_ACCESS` asks for one"},
    403: {"description": "Not for this address, this key, or this site's page"},
}
"""How `may_talk` and `may_see_who_answers` refuse, for a router's description."""


def _require(principal: Principal, scope: Scope) -> None:
    if principal.scope is None or not includes(principal.scope, scope):
        raise Problem(
            403, f"the key {principal.name!r} has the scope {principal.scope}, not {scope}"
        )


def _identify(
    connection: HTTPConnection, switchboard: Switchboard, key: str | None, cookie: str | None
) -> Principal:
    settings = switchboard.settings
    if not settings.api_keys:
        if not is_local(connection):
            raise Problem(
                403, "without API_KEYS this answers only its own machine, at http://localhost"
            )
        if not is_own_page(connection, settings):
            raise Problem(403, ANOTHER_SITE)
        return Principal("local", "admin", "local")
    if key is not None:
        found = find_key(settings.api_keys, key)
        if found is None:
            raise Problem(401, "this key is none of API_KEYS", headers=CHALLENGE)
        return Principal(found.name, found.scope, "key")
    if cookie is not None:
        return _of_session(connection, switchboard, cookie)
    raise Problem(
        401, "this asks for a key (Authorization: Bearer …) or a session", headers=CHALLENGE
    )


def _of_session(connection: HTTPConnection, switchboard: Switchboard, cookie: str) -> Principal:
    """Browsers send cookies by themselves: so it has to be our own page that wants this."""
    session = switchboard.sessions.find(cookie)
    if session is None:
        raise Problem(401, "the session is over: sign in again", headers=CHALLENGE)
    if not is_own_page(connection, switchboard.settings):
        raise Problem(403, ANOTHER_SITE)
    if connection.scope.get("method", "GET") not in SAFE_METHODS:
        presented = connection.headers.get(CSRF_HEADER, "")
        if not hmac.compare_digest(presented.encode(), session.csrf_token.encode()):
            raise Problem(403, f"the header {CSRF_HEADER} is missing or wrong")
    return Principal(session.key.name, session.key.scope, "session", session)
