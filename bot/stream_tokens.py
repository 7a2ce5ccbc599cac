"""One-time tokens by which a media stream proves that its call came through our own webhook.

The token travels in the TwiML's stream parameters, which only the carrier sees. It is good for one
stream of one call, for a minute; nothing else that a peer can say opens a call.
"""

import secrets
import time
from collections.abc import Callable

from itsdangerous import BadSignature, SignatureExpired, TimestampSigner

LIFETIME_S = 60
"""From the webhook's answer to the stream's start: carriers take a second or two."""

LONGEST_TOKEN = 400
"""A stream parameter's name and value have less than 500 characters together."""


class StreamTokenError(Exception):
    """The token is missing, forged, expired, used, or of another call; ``str()`` says which."""


class _Signer(TimestampSigner):
    """Signs with the seconds of a clock that tests can set."""

    def __init__(self, secret_key: str, clock: Callable[[], float]) -> None:
        super().__init__(secret_key, salt="media stream")
        self._clock = clock

    def get_timestamp(self) -> int:
        """Whole seconds since 1970."""
        return int(self._clock())


class StreamTokens:
    """Issues tokens and takes each one once.

    Tokens that were used are remembered until they would have expired, so memory is bounded by the
    streams of a minute. Only this process remembers them: with a `SECRET_KEY` that several share,
    each of them takes a token once.
    """

    def __init__(self, secret_key: str, *, clock: Callable[[], float] = time.time) -> None:
        self._signer = _Signer(secret_key, clock)
        self._clock = clock
        self._used: dict[str, float] = {}

    def issue(self, call_id: str, provider_call_id: str = "") -> str:
        """A token for the stream of one call.

        Args:
            call_id: Ours, from `new_call_id`.
            provider_call_id: The carrier's, where the webhook named it: then it binds as well.
        """
        claims = (call_id, provider_call_id, secrets.token_urlsafe(12))
        return self._signer.sign(":".join(claims)).decode()

    def redeem(self, token: str, *, call_id: str, provider_call_id: str) -> None:
        """Takes a token, for good.

        Raises:
            StreamTokenError: It does not open a stream of this call, or not any more.
        """
        if not token or len(token) > LONGEST_TOKEN:
            raise StreamTokenError("no token")
        try:
            claims = self._signer.unsign(token, max_age=LIFETIME_S).decode()
        except SignatureExpired:
            raise StreamTokenError("a token that has expired") from None
        except (BadSignature, UnicodeEncodeError):
            raise StreamTokenError("a forged token") from None
        bound_to, _, rest = claims.partition(":")
        bound_to_provider, _, nonce = rest.partition(":")
        if bound_to != call_id or bound_to_provider not in ("", provider_call_id):
            raise StreamTokenError("a token of another call")
        now = self._clock()
        self._used = {used: until for used, until in self._used.items() if until > now}
        if nonce in self._used:
            raise StreamTokenError("a token that was used before")
        # A second more: the signer counts in whole ones.
        self._used[nonce] = now + LIFETIME_S + 1
