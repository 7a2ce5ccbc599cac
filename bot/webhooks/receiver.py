"""Who is told of events, as ``WEBHOOK_URLS`` has it."""

import hashlib
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, get_args
from urllib.parse import urlsplit

from processors.events import CallEvent

EVENT_TYPES = tuple(
    str(model.model_fields["type"].default) for model in get_args(get_args(CallEvent)[0])
)

_FORM = "a comma-separated list of URLs, each with the events that it wants behind it"
_EXAMPLE = "https://example.com/hook call.ended call.summary,https://example.org/all"


@dataclass(frozen=True, slots=True)
class Receiver:
    """One address and the types of events that it gets.

    Attributes:
        url: Where to post.
        event_types: What it is told of; all types where nobody chose.
    """

    url: str
    event_types: tuple[str, ...]

    @property
    def id(self) -> str:
        """Names it in the database, for as long as its URL stays the same."""
        return hashlib.sha256(self.url.encode()).hexdigest()[:32]

    @property
    def shown(self) -> str:
        """The URL without what may be secret in it."""
        parts = urlsplit(self.url)
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.scheme}://{host}{port}{parts.path}"

    @property
    def is_readable_on_the_way(self) -> bool:
        """Plain HTTP to another machine: anybody on the way can read what callers said."""
        parts = urlsplit(self.url)
        if parts.scheme == "https":
            return False
        try:
            return not ipaddress.ip_address(parts.hostname or "").is_loopback
        except ValueError:
            return parts.hostname != "localhost"


def read_receivers(value: Any) -> Any:
    """Reads a setting such as ``https://example.com/hook call.ended call.*,https://…``.

    Raises:
        ValueError: It is something else; the message says what it should be.
    """
    if not isinstance(value, str):
        return value
    receivers = [_receiver(part.split()) for part in value.split(",") if part.strip()]
    urls = [receiver.url for receiver in receivers]
    if len(set(urls)) != len(urls):
        raise ValueError(f"{_FORM}, each URL once")
    return tuple(receivers)


def _receiver(words: list[str]) -> Receiver:
    url, *wanted = words
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.fragment:
        raise ValueError(f"{_FORM}, such as {_EXAMPLE}")
    return Receiver(url, _types(wanted) or EVENT_TYPES)


def _types(patterns: Iterable[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for pattern in patterns:
        matching = [each for each in EVENT_TYPES if fnmatchcase(each, pattern)]
        if not matching:
            raise ValueError(f"{_FORM}; there is no event {pattern!r}, see docs/events.md")
        found.update(dict.fromkeys(matching))
    return tuple(found)
