"""The banner warns of what is open to other machines, and of nothing when nothing is."""

import pytest

from bot.banner import warnings
from bot.settings import Settings

KEYS = "console:admin:0123456789abcdef"


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({}, []),
        ({"host": "::1"}, []),
        ({"host": "0.0.0.0"}, ["Control", "Page", "Warning"]),
        ({"host": "0.0.0.0", "twilio_auth_token": "t"}, ["Control", "Page"]),
        ({"host": "0.0.0.0", "twilio_enabled": False, "api_keys": KEYS}, []),
        ({"host": "::", "talk_access": "public", "api_keys": KEYS}, ["Warning", "Warning"]),
    ],
)
def test_what_is_open_is_said(settings, names):
    assert [name for name, _ in warnings(Settings(_env_file=None, **settings))] == names
