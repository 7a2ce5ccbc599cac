"""API keys: who may do what, as `API_KEYS` lists them."""

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Scope = Literal["read", "operate", "admin"]
"""What a key is good for; each one includes those before it.

``read`` sees calls, records and events and listens in; ``operate`` places, coaches and ends calls;
``admin`` deletes data and changes how the service runs.
"""

SCOPES: tuple[Scope, ...] = get_args(Scope)
SHORTEST_KEY = 16
EXPECTED = "a comma-separated list of name:scope:key or name:scope:sha256:<64 hexadecimal digits>"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key, of which only the SHA-256 is kept."""

    name: str
    scope: Scope
    digest: bytes = field(repr=False)


def includes(held: Scope, wanted: Scope) -> bool:
    """Whether who holds one scope may do what the other is wanted for."""
    return SCOPES.index(held) >= SCOPES.index(wanted)


def digest_of(key: str) -> bytes:
    """What is kept of a key. Keys are long and random, so that a plain hash is enough."""
    return hashlib.sha256(key.encode()).digest()


def find_key(keys: Iterable[ApiKey], presented: str) -> ApiKey | None:
    """The key that was presented; takes as long for a wrong one as for a right one."""
    digest, found = digest_of(presented), None
    for key in keys:
        if hmac.compare_digest(key.digest, digest):
            found = key
    return found


def read_api_keys(value: Any) -> Any:
    """Reads ``name:scope:key, …``. Raises ``ValueError``, without any key in it."""
    if not isinstance(value, str):
        return value
    keys = [_read(entry.strip()) for entry in value.split(",") if entry.strip()]
    names = [key.name for key in keys]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"a list in which no name stands twice: {name!r} does")
    if len({key.digest for key in keys}) < len(keys):
        raise ValueError("a list in which no key stands twice")
    return tuple(keys)


def _read(entry: str) -> ApiKey:
    name, _, rest = entry.partition(":")
    scope, _, key = rest.partition(":")
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", name):
        raise ValueError(f"{EXPECTED}; a name has letters, digits, dots and dashes")
    if scope not in SCOPES:
        raise ValueError(f"{EXPECTED}; the scope of {name!r} is read, operate or admin")
    if key.startswith("sha256:"):
        if not re.fullmatch(r"sha256:[0-9a-fA-F]{64}", key):
            raise ValueError(f"{EXPECTED}; the hash of {name!r} has 64 hexadecimal digits")
        return ApiKey(name, scope, bytes.fromhex(key.removeprefix("sha256:")))
    if len(key) < SHORTEST_KEY:
        raise ValueError(f"{EXPECTED}; the key of {name!r} has {SHORTEST_KEY} characters or more")
    return ApiKey(name, scope, digest_of(key))
