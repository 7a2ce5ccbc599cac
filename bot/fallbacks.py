"""Further servers of the model, for when the first one is not to be had, as settings."""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr, ValidationInfo

_ENTRY = re.compile(r"(?:(?P<name>[a-z0-9][a-z0-9_-]*)=)?(?P<url>wss?://\S+)")


@dataclass(frozen=True, slots=True)
class Fallback:
    """A server of the Realtime protocol; its URL may name the model in its query."""

    name: str
    url: str

    @property
    def host(self) -> str:
        """Without the port."""
        return urlsplit(self.url).hostname or ""


@dataclass(frozen=True, slots=True)
class FallbackKey:
    """The key for the fallback of this name."""

    name: str
    key: SecretStr = field(repr=False)


def read_fallbacks(value: Any) -> Any:
    """Reads ``[name=]url, …``; without a name the host is the name. Raises ``ValueError``."""
    if not isinstance(value, str):
        return value
    fallbacks: list[Fallback] = []
    for entry in _entries(value):
        match = _ENTRY.fullmatch(entry)
        host = urlsplit(match["url"]).hostname if match else None
        if match is None or not host:
            raise ValueError(
                f"a comma-separated list such as eu=wss://eu.example.com/v1/realtime, not {entry!r}"
            )
        fallbacks.append(Fallback(match["name"] or host, match["url"]))
    names = [fallback.name for fallback in fallbacks]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"a list in which no name stands twice: {name!r} does")
    return tuple(fallbacks)


def read_keys(value: Any) -> Any:
    """Reads ``name=key, …``. Raises ``ValueError``, without any key in it."""
    if not isinstance(value, str):
        return value
    pairs = [entry.partition("=") for entry in _entries(value)]
    if not all(name and key for name, _, key in pairs):
        raise ValueError("a comma-separated list of name=key")
    return tuple(FallbackKey(name.strip(), SecretStr(key.strip())) for name, _, key in pairs)


def check_keys(keys: tuple[FallbackKey, ...], info: ValidationInfo) -> tuple[FallbackKey, ...]:
    """Each key is one for a fallback that there is."""
    if "openai_realtime_fallbacks" in info.data:
        names = {fallback.name for fallback in info.data["openai_realtime_fallbacks"]}
        if unknown := [key.name for key in keys if key.name not in names]:
            known = ", ".join(sorted(names)) or "none"
            raise ValueError(
                f"keys for names in OPENAI_REALTIME_FALLBACKS ({known}), not for {unknown[0]!r}"
            )
    return keys


def _entries(value: str) -> list[str]:
    return [entry.strip() for entry in value.split(",") if entry.strip()]
