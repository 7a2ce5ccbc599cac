"""Twilio's identifiers: two letters for the kind of thing and 32 hexadecimal digits."""

import secrets

DEFAULT_ACCOUNT = "AC" + "0" * 31 + "1"
"""The emulator's account where none is given."""


def new_sid(kind: str) -> str:
    """A fresh SID, such as ``new_sid("CA")`` for a call."""
    return kind + secrets.token_hex(16)
