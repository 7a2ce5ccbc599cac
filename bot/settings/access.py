"""Who may use the service, and how often."""

import ipaddress
import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

from bot.keys import ApiKey, read_api_keys
from bot.rate_limits import read_limit
from bot.settings.forms import Words


def _origins(value: tuple[str, ...]) -> tuple[str, ...]:
    for origin in value:
        if not re.fullmatch(r"https?://[^/\s*]+", origin):
            raise ValueError(
                f"a comma-separated list of origins such as https://www.example.com, not {origin!r}"
            )
    return value


def _networks(value: tuple[str, ...]) -> tuple[str, ...]:
    for network in value:
        try:
            ipaddress.ip_network(network)
        except ValueError:
            raise ValueError(
                f"a comma-separated list of addresses and networks such as 10.0.0.0/8, "
                f"not {network!r}"
            ) from None
    return value


def _redis_url(value: str) -> str:
    if not re.match(r"(rediss?|redis\+unix)://\S+$", value):
        raise ValueError("redis://host:6379/0, or rediss:// with TLS")
    return value


class AccessSettings(BaseModel):
    """Who may use the service, and how often."""

    api_keys: Annotated[tuple[ApiKey, ...], NoDecode, BeforeValidator(read_api_keys)] = Field(
        default=(),
        description="Who may control calls: name:scope:key, comma-separated. None: this machine.",
    )
    secret_key: SecretStr | None = Field(
        default=None,
        min_length=32,
        description="Signs sessions and stream tokens; 32 characters or more. None: a new one.",
    )
    session_hours: float = Field(
        default=12.0,
        gt=0,
        le=720,
        description="Hours after which the console asks for a key again.",
    )
    talk_access: Literal["local", "public", "key"] = Field(
        default="local",
        description="Who may call from a browser: this machine, anybody, or holders of a key.",
    )
    cors_origins: Annotated[Words, AfterValidator(_origins)] = Field(
        default=(),
        description="Other sites whose pages may use this service, comma-separated. None: no site.",
    )
    rate_limit: Annotated[str, AfterValidator(read_limit)] = Field(
        default="600/minute", description="Requests of one key, or of one address without a key."
    )
    call_rate_limit: Annotated[str, AfterValidator(read_limit)] = Field(
        default="20/minute", description="Calls from a browser that one address may start."
    )
    trusted_proxies: Annotated[Words, AfterValidator(_networks)] = Field(
        default=("127.0.0.1", "::1"),
        description="Proxies whose X-Forwarded-For and -Proto are believed: addresses, networks.",
    )
    redis_url: Annotated[str, AfterValidator(_redis_url)] | None = Field(
        default=None, description="Redis that several instances share, for the rate limits."
    )
