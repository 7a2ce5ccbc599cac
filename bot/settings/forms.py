"""The forms of value that settings of several topics have: URLs, telephone numbers, lists."""

import re
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator
from pydantic_settings import NoDecode

E164 = re.compile(r"\+[1-9]\d{6,14}")
"""A telephone number as ITU-T E.164 writes it."""


def _url(*schemes: str) -> AfterValidator:
    """Checks for a URL of one of ``schemes`` with a host; drops a slash at its end."""

    def check(value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in schemes or not parts.hostname or parts.query or parts.fragment:
            raise ValueError(f"a URL such as {schemes[0]}://example.com, without a query")
        return value.rstrip("/")

    return AfterValidator(check)


def _phone_number(value: str) -> str:
    if not E164.fullmatch(value):
        raise ValueError("a number in E.164 form, such as +14155550100")
    return value


def _comma_separated(value: Any) -> Any:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


HttpUrl = Annotated[str, _url("https", "http")]
"""A URL of HTTP, without a query and without a slash at its end."""

WebSocketUrl = Annotated[str, _url("wss", "ws")]
"""A URL of a WebSocket, likewise."""

PhoneNumber = Annotated[str, AfterValidator(_phone_number)]
"""A number in E.164 form, such as ``+14155550100``."""

Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_comma_separated)]
"""Words with commas between them; ``NoDecode`` keeps pydantic-settings from expecting JSON."""
