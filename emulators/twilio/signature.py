"""Twilio's signature on webhooks and on the media socket's upgrade.

https://www.twilio.com/docs/usage/security#validating-requests: HMAC-SHA1, keyed with the auth
token, over the full URL followed by the POST parameters in the order of their names. The upgrade
is a GET, so only its URL (``wss://…``, as the TwiML gave it) is signed.
"""

from collections.abc import Mapping

from twilio.request_validator import SIGNATURE_HEADER, RequestValidator


def signature_headers(
    auth_token: str | None, url: str, form: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The header that signs a request; none without a token.

    Args:
        auth_token: The account's.
        url: As the application configured it: scheme, host, port, path and query.
        form: The POST body; ``None`` for a GET.
    """
    if auth_token is None:
        return {}
    validator = RequestValidator(auth_token)
    return {SIGNATURE_HEADER: str(validator.compute_signature(url, dict(form or {})))}
