"""Where a Realtime API is served."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One server of the Realtime protocol: OpenAI, Azure, an emulator, or any compatible one.

    Attributes:
        name: What people read in events and logs.
        url: ``ws://`` or ``wss://``; the model is added to its query unless it has one.
        api_key: Sent as a bearer token; empty sends none.
        model: Such as ``gpt-realtime-2.1``.
        headers: Sent with the upgrade request besides the token (Azure takes ``api-key``).
    """

    name: str
    url: str
    api_key: str = field(repr=False)
    model: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def connect_url(self) -> str:
        """The URL to open, with the model."""
        parts = urlsplit(self.url)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        query.setdefault("model", self.model)
        return urlunsplit(parts._replace(query=urlencode(query)))

    @property
    def connect_headers(self) -> dict[str, str]:
        """The headers of the upgrade request."""
        token = {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}
        return {**token, **self.headers}
