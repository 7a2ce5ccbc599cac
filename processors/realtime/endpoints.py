"""Where a Realtime API is served."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

TokenSource = Callable[[], Awaitable[str]]
"""A bearer token that is good now; raises `TokenError` when there is none."""


class TokenError(Exception):
    """No token could be had. The message says why, and holds nothing secret."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One server of the Realtime protocol: OpenAI, Azure, an emulator, or any compatible one.

    Attributes:
        name: What people read in events and logs.
        url: ``ws://`` or ``wss://``; the model is added to its query unless it has one.
        api_key: Sent as a bearer token; empty sends none.
        model: Such as ``gpt-realtime-2.1``.
        headers: Sent with the upgrade request besides the token (Azure takes ``api-key``).
        token: Asked for a bearer token whenever a connection is opened, instead of a key.
    """

    name: str
    url: str
    api_key: str = field(repr=False)
    model: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    token: TokenSource | None = field(default=None, repr=False)

    @property
    def connect_url(self) -> str:
        """The URL to open, with the model."""
        parts = urlsplit(self.url)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        query.setdefault("model", self.model)
        return urlunsplit(parts._replace(query=urlencode(query)))

    @property
    def connect_headers(self) -> dict[str, str]:
        """The headers of the upgrade request that are known beforehand."""
        token = {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}
        return {**token, **self.headers}

    async def current_headers(self) -> dict[str, str]:
        """The headers of an upgrade request that is made now.

        Raises:
            TokenError: There is no token at the moment.
        """
        if self.token is None:
            return self.connect_headers
        return {**self.connect_headers, "Authorization": f"Bearer {await self.token()}"}
