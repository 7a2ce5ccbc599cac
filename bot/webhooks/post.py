"""Posts one event to one receiver, once."""

import email.utils
import time
from dataclasses import dataclass
from datetime import UTC

import httpx

from bot.version import version
from bot.webhooks.signature import headers_of

TIMEOUT_S = 10.0
LONGEST_RETRY_AFTER_S = 3600.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it went.

    Attributes:
        error: Why it was not taken; empty when it was.
        retry_after_s: How long the receiver wants to be left alone, where it says so.
    """

    error: str = ""
    retry_after_s: float | None = None


class Poster:
    """Posts signed JSON. Redirects are not followed: they could lead anywhere."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._client = httpx.AsyncClient(
            timeout=TIMEOUT_S,
            follow_redirects=False,
            headers={"User-Agent": f"Switchboard/{version()}", "Content-Type": "application/json"},
        )

    async def post(self, url: str, message_id: str, body: bytes) -> Outcome:
        """Posts; what the receiver answers besides its status is not read."""
        headers = headers_of(self._key, message_id, int(time.time()), body)
        try:
            async with self._client.stream("POST", url, content=body, headers=headers) as answer:
                if answer.is_success:
                    return Outcome()
                return Outcome(f"HTTP {answer.status_code}", retry_after(answer))
        except httpx.TimeoutException:
            return Outcome(f"no answer within {TIMEOUT_S:.0f} s")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Outcome(type(error).__name__)

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()


def retry_after(answer: httpx.Response) -> float | None:
    """Seconds of ``Retry-After``, which is a number or a date (RFC 9110); an hour at most."""
    value = answer.headers.get("retry-after", "").strip()
    if value.isdecimal():
        seconds = float(value)
    else:
        try:
            moment = email.utils.parsedate_to_datetime(value)
        except ValueError:
            return None
        seconds = moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() - time.time()
    return min(max(0.0, seconds), LONGEST_RETRY_AFTER_S)
