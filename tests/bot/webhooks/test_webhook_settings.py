"""Who is told of events, and by which secret, as the settings have it."""

import pytest
from pydantic import ValidationError

from bot.settings import Settings, describe
from bot.webhooks.receiver import EVENT_TYPES
from bot.webhooks.signature import headers_of, read_secret

SECRET = "a secret that is long enough"


def receivers(urls, secret=SECRET):
    return Settings(_env_file=None, webhook_urls=urls, webhook_secret=secret).webhook_urls


def refusal(urls, secret=SECRET):
    with pytest.raises(ValidationError) as invalid:
        receivers(urls, secret)
    return describe(invalid.value.errors()[0])


def test_receivers_are_read_with_the_events_that_they_want():
    first, second = receivers("https://a.example/h?k=1 call.* cost, http://[::1]:8080/all")
    assert {"call.started", "call.ended", "call.summary", "cost"} <= set(first.event_types)
    assert "usage" not in first.event_types
    assert second.event_types == EVENT_TYPES
    assert (first.shown, second.shown) == ("https://a.example/h", "http://[::1]:8080/all")
    assert first.id != second.id


@pytest.mark.parametrize(
    ("url", "readable"),
    [
        ("https://example.com/h", False),
        ("http://127.0.0.1:9/h", False),
        ("http://localhost/h", False),
        ("http://example.com/h", True),
        ("http://10.0.0.1/h", True),
    ],
)
def test_plain_http_beyond_this_machine_is_noticed(url, readable):
    [receiver] = receivers(url)
    assert receiver.is_readable_on_the_way is readable


@pytest.mark.parametrize(
    ("urls", "says"),
    [
        ("ftp://example.com/h", "a comma-separated list of URLs"),
        ("file:///etc/passwd", "a comma-separated list of URLs"),
        ("example.com", "a comma-separated list of URLs"),
        ("https://a.example/h,https://a.example/h", "each URL once"),
        ("https://a.example/h?key=hush call.begun", "no event 'call.begun'"),
    ],
)
def test_anything_else_is_refused_without_repeating_it(urls, says):
    told = refusal(urls)
    assert says in told
    assert "hush" not in told


def test_nothing_is_posted_unsigned():
    assert "WEBHOOK_SECRET" in refusal("https://a.example/h", secret=None)
    assert "24 bytes" in refusal("", secret="short")
    assert "Base64" in refusal("", secret="whsec_???")


def test_the_signature_is_that_of_the_specification():
    # The example of https://github.com/standard-webhooks/standard-webhooks.
    key = read_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = headers_of(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
