"""HTTP requests to the application: signed, form-encoded, with Twilio's timeouts."""

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit, urlunsplit

import httpx

from emulators.twilio.notes import CarrierError, Code
from emulators.twilio.sids import new_sid
from emulators.twilio.signature import signature_headers
from emulators.twilio.twiml import Method

CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 15.0
"""https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides: its defaults."""

_TWIML_TYPES = ("text/xml", "application/xml", "text/html")


class Webhooks:
    """The carrier's HTTP client.

    Args:
        auth_token: Signs the requests; ``None`` sends them unsigned.
    """

    def __init__(self, auth_token: str | None) -> None:
        self.auth_token = auth_token
        timeout = httpx.Timeout(READ_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
        self._http = httpx.AsyncClient(timeout=timeout, follow_redirects=True)

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def request(self, url: str, form: Mapping[str, str], method: Method) -> httpx.Response:
        """Sends the parameters to ``url`` and returns a successful answer.

        Raises:
            CarrierError: Nothing answered (11205), or with a status that is not 2xx (11200).
        """
        if method == "GET":
            url = _with_query(url, form)
        headers = {
            "User-Agent": "TwilioProxy/1.1",
            "I-Twilio-Idempotency-Token": new_sid(""),
            **signature_headers(self.auth_token, url, form if method == "POST" else None),
        }
        body = dict(form) if method == "POST" else None
        try:
            response = await self._http.request(method, url, data=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            detail = str(error) or type(error).__name__
            raise CarrierError(Code.HTTP_CONNECTION, f"{method} {url}: {detail}") from error
        if not response.is_success:
            raise CarrierError(Code.HTTP_FAILURE, f"{method} {url}: HTTP {response.status_code}")
        return response

    async def twiml(self, url: str, form: Mapping[str, str], method: Method) -> str:
        """The TwiML that ``url`` answers with.

        Raises:
            CarrierError: As `request`, or the answer is of another content type (12300).
        """
        response = await self.request(url, form, method)
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in _TWIML_TYPES:
            raise CarrierError(
                Code.CONTENT_TYPE, f"{method} {url}: content type {kind!r} instead of text/xml"
            )
        return response.text

    async def audio(self, url: str) -> bytes:
        """A sound file. Raises `CarrierError` as `request` does."""
        return (await self.request(url, {}, "GET")).content


def _with_query(url: str, form: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    query = "&".join(part for part in (parts.query, urlencode(form)) if part)
    return urlunsplit(parts._replace(query=query))
