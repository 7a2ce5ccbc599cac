"""Sessions of the console: a signed cookie in place of a key, until it expires or is ended."""

import hmac
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from itsdangerous import BadSignature, URLSafeSerializer

from bot.keys import ApiKey

LONGEST_COOKIE = 1000


@dataclass(frozen=True, slots=True)
class Session:
    """Who signed in with which key, until when.

    Attributes:
        id: Of this sign-in.
        key: Whose scope it has.
        csrf_token: What requests that change something have to repeat in a header.
        expires_at: When it ends by itself.
    """

    id: str
    key: ApiKey
    csrf_token: str
    expires_at: datetime


class Sessions:
    """Opens sessions, recognises their cookies and ends them.

    A cookie names a key by its hash, so that a session ends with its key. Sessions that were ended
    are remembered until they would have expired, in this process.
    """

    def __init__(
        self,
        secret_key: str,
        keys: Iterable[ApiKey],
        *,
        hours: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Prepares for sessions that last ``hours``; ``clock`` gives seconds since 1970."""
        self._cookies = URLSafeSerializer(secret_key, salt="console session")
        self._csrf_key = secret_key.encode() + b"csrf"
        self._keys = {_fingerprint(key): key for key in keys}
        self._lifetime = timedelta(hours=hours)
        self._clock = clock
        self._ended: dict[str, float] = {}

    @property
    def lifetime_s(self) -> int:
        """How long a session lasts, in seconds."""
        return int(self._lifetime.total_seconds())

    def open(self, key: ApiKey) -> tuple[Session, str]:
        """A new session for the holder of a key, and its cookie's value."""
        until = self._clock() + self._lifetime.total_seconds()
        claims = {"id": secrets.token_urlsafe(16), "key": _fingerprint(key), "until": int(until)}
        return self._session(claims, key), str(self._cookies.dumps(claims))

    def find(self, cookie: str) -> Session | None:
        """The session of a cookie; ``None`` when it is forged, expired, ended or its key is gone.

        Only what `open` wrote passes the signature, so that the claims are what they should be.
        """
        if len(cookie) > LONGEST_COOKIE:
            return None
        try:
            claims = self._cookies.loads(cookie)
        except BadSignature:
            return None
        key = self._keys.get(claims["key"])
        if key is None or claims["until"] <= self._clock() or claims["id"] in self._ended:
            return None
        return self._session(claims, key)

    def end(self, session: Session) -> None:
        """Ends a session; its cookie is worth nothing from now on."""
        now = self._clock()
        self._ended = {ended: until for ended, until in self._ended.items() if until > now}
        self._ended[session.id] = session.expires_at.timestamp()

    def _session(self, claims: dict[str, Any], key: ApiKey) -> Session:
        digest = hmac.digest(self._csrf_key, str(claims["id"]).encode(), "sha256")
        expires_at = datetime.fromtimestamp(claims["until"], UTC)
        return Session(str(claims["id"]), key, digest.hex(), expires_at)


def _fingerprint(key: ApiKey) -> str:
    """Names a key and its scope in a cookie, which its owner can read, without giving it away."""
    return hmac.digest(key.digest, f"{key.name}:{key.scope}".encode(), "sha256").hex()[:32]
