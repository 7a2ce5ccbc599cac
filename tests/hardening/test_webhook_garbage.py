"""Garbage at the carrier's webhooks: signed or not, a status that is listed, and nothing stays."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlencode
from xml.etree import ElementTree

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from bot.calls import new_call_id
from tests.hardening.garbage import OVER_THE_NETWORK, RAW
from tests.hardening.leaks import nothing_left
from tests.hardening.live_service import (
    ACCOUNT_TOKEN,
    SERVICES_RANDOM,
    LiveService,
    live_service,
)

EXAMPLES, MESSAGES = 60, 50

CALL = "{call_id}"
PATHS = [
    "/twilio/voice",
    "/twilio/after",
    "/twilio/dialled",
    "/twilio/answered?call_id={call_id}",
    "/twilio/status?call_id={call_id}",
    "/twilio/machine?call_id={call_id}",
    "/twilio/transfers/{call_id}/whisper",
    "/twilio/transfers/{call_id}/decision",
    "/twilio/transfers/{call_id}/progress",
    "/twilio/transfers/{call_id}/over",
]
NAMES = [
    *("CallSid", "AccountSid", "From", "To", "CallStatus", "SequenceNumber", "AnsweredBy"),
    *("SipResponseCode", "DialCallStatus", "Digits"),
]
VALUES = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "completed",
            "in-progress",
            "no-answer",
            "-1",
            "9" * 4000,
            "٣",
            "²",
            "\0",
            "CA1",
            "1",
            "+1",
        ]
    ),
    st.sampled_from(["<Dial>+15550100</Dial>", "&", "]]>", "\r\nX-Injected: 1", "{{digits_1}}"]),
)
FORMS = st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=12), VALUES, max_size=8)
CALL_IDS = st.one_of(
    st.just(""),
    st.builds(new_call_id),
    st.just(CALL),
    st.text(max_size=80),
    st.sampled_from(["../..", "..%2f..", "%00", "call_" + "0" * 32]),
)


@dataclass(frozen=True, slots=True)
class Post:
    """A webhook as somebody sends it; ``body`` in place of ``form`` is no form."""

    path: str
    call_id: str
    form: dict[str, str]
    body: bytes | None
    of_our_account: bool
    signed: bool

    def request(self, live: LiveService) -> httpx.Request:
        """The request, with the signature that the carrier would put on it."""
        form = dict(self.form)
        if self.of_our_account:
            form["AccountSid"] = live.running.switchboard.settings.twilio_account_sid or ""
        call_id = live.finished_call() if self.call_id == CALL else self.call_id
        url = live.running.http + self.path.replace(CALL, quote(call_id, safe=""))
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if self.signed:
            signature = RequestValidator(ACCOUNT_TOKEN).compute_signature(url, form)
            headers["X-Twilio-Signature"] = signature
        body = urlencode(form).encode() if self.body is None else self.body
        return httpx.Request("POST", url, content=body, headers=headers)


def as_bytes(raw: str | bytes) -> bytes:
    return raw if isinstance(raw, bytes) else raw.encode()


POSTS = st.builds(
    Post,
    path=st.sampled_from(PATHS),
    call_id=CALL_IDS,
    form=FORMS,
    body=st.integers(0, 9).flatmap(lambda n: st.none() if n else RAW.map(as_bytes)),
    of_our_account=st.sampled_from([True, True, True, False]),
    signed=st.sampled_from([True, True, True, False]),
)


async def answered(client: httpx.AsyncClient, request: httpx.Request, post: Post) -> int:
    """Sends a webhook and checks what comes back."""
    answer = await client.send(request)
    assert "x-injected" not in answer.headers
    if not (post.signed and post.body is None and post.of_our_account):
        # What is not addressed to a route is not even looked at.
        assert answer.status_code in {403, 404, 413}, answer.text
        return answer.status_code
    assert answer.status_code in {200, 204, 404, 422}, answer.text
    if answer.status_code == 200:
        assert ElementTree.fromstring(answer.text).tag == "Response"
    return answer.status_code


async def good_webhook(live: LiveService, client: httpx.AsyncClient) -> None:
    """A caller is let in as if nothing had happened."""
    post = Post("/twilio/voice", "", {"CallSid": "CA7", "From": "+14155550123"}, None, True, True)
    answer = await client.send(post.request(live))
    assert "<Connect>" in answer.text


@pytest.fixture(scope="module")
def live() -> Iterator[LiveService]:
    with live_service() as running:
        running.finished_call()
        yield running


@pytest.mark.timeout(600)
@pytest.mark.filterwarnings(SERVICES_RANDOM)
def test_garbage_at_the_webhooks_is_answered_and_leaves_nothing(live):
    statuses = Counter()

    async def batch(requests: list[tuple[httpx.Request, Post]]) -> None:
        async with httpx.AsyncClient(timeout=60, verify=False) as client:
            found = [await answered(client, *sent) for sent in requests]
            await good_webhook(live, client)
        statuses.update(found)

    @settings(OVER_THE_NETWORK, max_examples=EXAMPLES)
    @given(st.lists(POSTS, min_size=MESSAGES, max_size=MESSAGES))
    def one_after_the_other(posts: list[Post]) -> None:
        requests = [(post.request(live), post) for post in posts]
        live.run(batch(requests), timeout_s=300)

    with nothing_left(live):
        one_after_the_other()
    print(dict(statuses))
    assert statuses.total() >= EXAMPLES * MESSAGES
    assert {200, 204, 403, 404} <= set(statuses)
