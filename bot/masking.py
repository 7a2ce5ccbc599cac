"""Takes secrets and personal data out of text before it is logged.

Of a telephone number its country code and last two digits stay, so that lines can be told apart;
of everything else only what it was. What has no form that could be recognised (names, addresses)
does not belong into a log above debug level at all: see `bot.event_log`.
"""

import re
from collections.abc import Iterable

import phonenumbers

SHORTEST_SECRET = 6
"""A shorter configured secret would blot out parts of words."""

_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    # Keys and tokens, by what introduces them.
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}"), r"\1 [secret]"),
    (
        re.compile(
            r"(?i)((?:api[_-]?key|auth[_-]?token|access[_-]?token|csrf[_-]?token|secret(?:[_-]?key)?"
            r"|password|passwd|signature|session|token|authorization)"
            r"[\"']?\s*[:=]\s*[\"']?)(?!\[secret\]|(?:bearer|basic) )[^\s\"',;&)}\]]{6,}"
        ),
        r"\1[secret]",
    ),
    (re.compile(r"(://[^/\s:@]*:)[^/\s@]+@"), r"\1[secret]@"),
    # And by their own form: OpenAI's, JSON web tokens, our stream tokens, Twilio's auth token.
    (re.compile(r"\bsk-[\w-]{8,}"), "[secret]"),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*"), "[secret]"),
    (re.compile(r"\b(call_[0-9a-f]{32}):[\w.:-]+"), r"\1:[secret]"),
    (re.compile(r"(?<![\w-])[0-9a-f]{32}(?![\w-])"), "[secret]"),
    (re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+"), "[email]"),
    # Keys that were pressed and codes that were said, however short.
    (
        re.compile(r"(?i)\b((?:digits?|dtmf|pin|cvv|cvc|otp|ssn)[\"']?\s*[:=]\s*[\"']?)[\d*#]+"),
        r"\1[digits]",
    ),
)
_DATE = r"\d{4}-\d\d-\d\d"
_IPV4 = r"\d{1,3}(?:\.\d{1,3}){3}"
# No dot or letter before: then it is a part of a fraction, an address or an identifier.
_NUMBER = re.compile(
    rf"(?<![\w.])(?<!\d-)(?!(?:{_DATE}|{_IPV4})(?!\d))\+?\(?\d(?:[ ().-]{{0,2}}\d){{6,}}(?!\w)"
)
_FRACTION = re.compile(r"\d+\.\d+")
_LONGEST_PHONE_NUMBER = 15
_SHORTEST_BARE = 10
"""Digits in one go that are fewer are sizes and counts; telephone numbers are written with a plus,
in groups, or in ten digits and more."""


class Mask:
    """Masks text; also the secrets that this process knows, wherever they stand.

    Args:
        secrets: Values of settings that nobody is to read.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = sorted({s for s in secrets if len(s) >= SHORTEST_SECRET}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def __call__(self, text: str) -> str:
        """``text`` without secrets and personal data; masking twice changes nothing more."""
        if self._known:
            text = self._known.sub("[secret]", text)
        for pattern, replacement in _RULES:
            text = pattern.sub(replacement, text)
        return _NUMBER.sub(_masked_number, text)


def _masked_number(match: re.Match[str]) -> str:
    written = match.group()
    digits = re.sub(r"\D", "", written)
    if written.startswith("+") and len(digits) <= _LONGEST_PHONE_NUMBER:
        return f"+{_country_code(digits)}…{digits[-2:]}"
    is_count = written.isdigit() and len(digits) < _SHORTEST_BARE
    if is_count or _FRACTION.fullmatch(written):
        return written
    if 13 <= len(digits) <= 19 and luhn(digits):
        return "[card]"
    return f"…{digits[-2:]}"


def _country_code(digits: str) -> str:
    for length in (1, 2, 3):
        if int(digits[:length]) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            return digits[:length]
    return ""


def luhn(digits: str) -> bool:
    """Whether digits have the check digit that card numbers have (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
