"""Masking: no number, address, card, key or code is left, and what is none of these stays."""

import re

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.masking import Mask, luhn

mask = Mask(["tr0ub4dor&3"])
REGIONS = sorted(
    region
    for region in phonenumbers.SUPPORTED_REGIONS
    if phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
)
FORMATS = [
    phonenumbers.PhoneNumberFormat.E164,
    phonenumbers.PhoneNumberFormat.INTERNATIONAL,
    phonenumbers.PhoneNumberFormat.RFC3966,
]
# What may stand around: no digits, which would make another number of it.
AROUND = st.text(st.characters(codec="utf-8", exclude_categories=["N", "L", "C"]), max_size=20)


def digits(text: str) -> str:
    return re.sub(r"\D", "", text)


@given(st.sampled_from(REGIONS), st.sampled_from(FORMATS), st.data())
def test_a_telephone_number_keeps_its_country_and_two_digits(region, style, data):
    example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    written = phonenumbers.format_number(example, style)
    before = data.draw(AROUND.filter(lambda text: not text.endswith((".", "-", "(", "_"))))
    masked = mask(f"{before} {written} {data.draw(AROUND)}")
    left = digits(masked)
    assert len(left) <= 5
    assert left.endswith(digits(written)[-2:])
    assert str(example.country_code).startswith(left[:-2])


@given(st.text("0123456789", min_size=12, max_size=18), st.sampled_from(["", " ", "-"]))
def test_a_card_is_gone(start, separator):
    number = next(f"{start}{check}" for check in range(10) if luhn(f"{start}{check}"))
    written = separator.join(number[i : i + 4] for i in range(0, len(number), 4))
    assert mask(f"card {written}.") == "card [card]."


@given(st.emails())
@example("/@example.org")
def test_an_email_address_is_gone(address):
    masked = mask(f"mail to <{address}> please")
    domain = address.rpartition("@")[2]
    assert domain not in masked


@given(st.text(max_size=200))
def test_masking_twice_changes_nothing_more(text):
    once = mask(text)
    assert mask(once) == once


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_known_secret_is_gone_wherever_it_stands(before, after):
    assert "tr0ub4dor&3" not in mask(f"{before}tr0ub4dor&3{after}")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("from +14155550123", "from +1…23"),
        ("from (415) 555-0123", "from …23"),
        ("to='4155550123'", "to='…23'"),
        ("415.555.0123", "…23"),
        ("+442079460018, +4915112345678", "+44…18, +49…78"),
        ("4111 1111 1111 1111", "[card]"),
        ("digits='12*4#'", "digits='[digits]'"),
        ('{"pin": "1234"}', '{"pin": "[digits]"}'),
        ("code 1 2 3 4 5 6 7 8", "code …78"),
        ("Authorization: Bearer abcdef123456", "Authorization: Bearer [secret]"),
        ("api_key=abcdefgh1234", "api_key=[secret]"),
        ("TWILIO_AUTH_TOKEN=0123456789abcdef0123456789abcdef", "TWILIO_AUTH_TOKEN=[secret]"),
        ("key 0123456789abcdef0123456789abcdef!", "key [secret]!"),
        ("sk-proj-abcdefghijkl", "[secret]"),
        ("postgresql://me:hunter2@host/db", "postgresql://me:[secret]@host/db"),
        ("X-Twilio-Signature: GdnYt0+2Zs/9f=", "X-Twilio-Signature: [secret]"),
        ("ada.lovelace@example.co.uk", "[email]"),
    ],
)
def test_what_is_masked_and_how(text, masked):
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "call_0123456789abcdef0123456789abcdef started",
        "CA0123456789abcdef0123456789abcdef",
        "2026-11-21T10:45:37.123+00:00 and 2026-11-21",
        "recording.finished bytes=9600000 duration_s=600.125 channels=2",
        "latency 0.12345678901 s, 48000 Hz",
        # The check digit is right by chance.
        "usd=3.14159265358007",
        "cannot use 127.0.0.1:7860",
        "wss://127.0.0.1:50123/v1/realtime?model=gpt-realtime-2.1",
        "0x7f8dde407700",
        "usage input_tokens=123456 output_tokens=7",
        "candidate 192.168.100.200 port 54321",
        "tool search-hotel check_in='2027-06-03' check_out='2027-06-06'",
    ],
)
def test_what_is_nothing_of_this_stays(text):
    assert mask(text) == text
