"""Signing in at the console: a key goes in once, a cookie that scripts cannot read comes back."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from loguru import logger
from pydantic import BaseModel, Field, SecretStr

from bot.api.access import (
    ANOTHER_SITE,
    CHALLENGE,
    COOKIE,
    SECURE_COOKIE,
    Principal,
    Reader,
    SwitchboardOf,
)
from bot.api.origin import is_https, is_own_page
from bot.api.problems import Problem
from bot.keys import SCOPES, Scope, find_key, includes

router = APIRouter(prefix="/api/session", tags=["session"])


class SignIn(BaseModel):
    """One of `API_KEYS`."""

    key: Annotated[SecretStr, Field(min_length=1, max_length=500)]


class SessionView(BaseModel):
    """Who is asking, what they may do, and what a session's changes need."""

    name: str
    scopes: list[Scope]
    via: Literal["key", "session", "local", "public"]
    csrf_token: str | None = Field(
        default=None, description="For the header X-CSRF-Token; of a session only."
    )
    expires_at: datetime | None = None


@router.get("")
async def who_am_i(caller: Reader) -> SessionView:
    """Who is asking; 401 when nobody that is known."""
    return _view(caller)


@router.post(
    "",
    status_code=201,
    responses={
        401: {"description": "The key is none of `API_KEYS`"},
        403: {"description": "Another site's page"},
        409: {"description": "The service has no keys"},
    },
)
async def sign_in(
    wanted: SignIn, request: Request, response: Response, switchboard: SwitchboardOf
) -> SessionView:
    """Opens a session for the holder of a key."""
    settings = switchboard.settings
    if not is_own_page(request, settings):
        raise Problem(403, ANOTHER_SITE)
    if not settings.api_keys:
        raise Problem(409, "there is nothing to sign in to: this service has no API_KEYS")
    key = find_key(settings.api_keys, wanted.key.get_secret_value())
    if key is None:
        logger.warning("somebody tried to sign in with a wrong key")
        raise Problem(401, "this key is none of API_KEYS", field="key", headers=CHALLENGE)
    session, cookie = switchboard.sessions.open(key)
    secure = is_https(request, settings)
    response.set_cookie(
        SECURE_COOKIE if secure else COOKIE,
        cookie,
        max_age=switchboard.sessions.lifetime_s,
        path="/",
        secure=secure,
        httponly=True,
        samesite="strict",
    )
    return _view(Principal(key.name, key.scope, "session", session))


@router.delete("", status_code=204)
async def sign_out(caller: Reader, response: Response, switchboard: SwitchboardOf) -> None:
    """Ends the session; its cookie is worth nothing from now on."""
    if caller.session:
        switchboard.sessions.end(caller.session)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
    response.delete_cookie(SECURE_COOKIE, path="/", secure=True, httponly=True, samesite="strict")


def _view(principal: Principal) -> SessionView:
    session = principal.session
    held = principal.scope
    return SessionView(
        name=principal.name,
        scopes=[scope for scope in SCOPES if held and includes(held, scope)],
        via=principal.via,
        csrf_token=session.csrf_token if session else None,
        expires_at=session.expires_at if session else None,
    )
