"""What the OpenAPI document says holds: schemathesis finds nothing, on any route.

CI tries the same few requests for the same code. Look longer, and elsewhere each time, with
``SCHEMATHESIS_EXAMPLES=200 pytest --timeout=0 tests/hardening/test_openapi.py``.
"""

import itertools
import os
import zlib
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
import schemathesis
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import context, events, from_schema
from schemathesis.engine.core import Engine
from twilio.request_validator import RequestValidator

from bot.api import limits
from tests.hardening.live_service import (
    ACCOUNT_TOKEN,
    KEY,
    SERVICES_RANDOM,
    LiveService,
    live_service,
)

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "5"))
IS_BRIEF = "SCHEMATHESIS_EXAMPLES" not in os.environ

SEMANTIC = {
    "GET /api/calls": "next is opaque: only one that a page gave is any good",
    "POST /api/calls": "a telephone number that exists, a country that is called, a known team",
    "GET /api/numbers": "a span of so many periods, in a time zone that exists",
    "GET /api/team": "a team that is offered, an agent that it has",
    "POST /api/offer": "a session description (RFC 8866) with audio",
    "PATCH /api/offer": "ICE candidates (RFC 8839)",
    "POST /api/calls/{call_id}/takeover/offer": "a session description (RFC 8866) with audio",
    "PATCH /api/calls/{call_id}/takeover/offer": "ICE candidates (RFC 8839)",
}
"""Where what is wrong can't be written as a schema, so that 422 may answer what fits it."""

UNKNOWN_HEADER = "in header - object with unexpected properties"
"""Not a finding: header fields that nobody knows are to be ignored (RFC 9110, section 5.1)."""

CONFIG = {
    **({"seed": 1, "max-time": 30} if IS_BRIEF else {}),
    "headers": {"Authorization": f"Bearer {KEY}"},
    "request-timeout": 20,
    "continue-on-failure": True,
    # What one request made, another uses: minutes of it, for the longer run.
    "phases": {"stateful": {"enabled": not IS_BRIEF, "generation": {"max-examples": EXAMPLES}}},
    "generation": {
        "max-examples": EXAMPLES,
        "deterministic": IS_BRIEF,
        "database": "none",
    },
    "operations": [
        {
            "include-name": name,
            "checks": {
                "positive_data_acceptance": {
                    "expected-statuses": ["2xx", "3xx", "401", "403", "404", "409", "422"]
                }
            },
        }
        for name in SEMANTIC
    ],
}


class Bounded(HTTPAdapter):
    """Reads the beginning of a stream of events, which has no end, and all of anything else."""

    def send(self, request, stream=False, **options):
        response = super().send(request, stream=True, **options)
        if response.headers.get("Content-Type", "").startswith("text/event-stream"):
            beginning = next(response.iter_content(chunk_size=None), b"")
            response.close()
            response.raw = urllib3.HTTPResponse(
                BytesIO(beginning),
                headers=response.raw.headers,
                status=response.status_code,
                preload_content=False,
            )
            response._content, response._content_consumed = False, False
        return response


class CarriersSignature(AuthBase):
    """Signs webhooks as the carrier does, over what is sent."""

    def __call__(self, request):
        if urlsplit(request.url).path.startswith("/twilio/"):
            body = request.body or b""
            if isinstance(body, str):
                body = body.encode()
            posted = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
            signature = RequestValidator(ACCOUNT_TOKEN).compute_signature(request.url, posted)
            request.headers["X-Twilio-Signature"] = signature
        return request


@pytest.fixture(scope="module")
def live() -> Iterator[LiveService]:
    with pytest.MonkeyPatch.context() as patch:
        # Wrong keys are tried as a matter of course.
        patch.setattr(limits, "GUESSES", limits.parse("1000000/second"))
        with live_service() as running:
            yield running


@pytest.fixture(scope="module", autouse=True)
def requests_as_they_should_be(live) -> Iterator[None]:
    """Calls that there are in their addresses, signed webhooks, and an end to every answer."""
    make_session = context.make_session

    def session_of_ours(*arguments, **options) -> requests.Session:
        session = make_session(*arguments, **options)
        session.mount("http://", Bounded())
        session.auth = CarriersSignature()
        return session

    @schemathesis.hook
    def before_call(_context, case, _options):
        with_a_call(case, live)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(context, "make_session", session_of_ours)
        yield
    schemathesis.hooks.unregister(before_call)


def with_a_call(case, live: LiveService) -> None:
    """Makes two thirds of the calls that are asked for a live one, or one that is over."""
    if "call_id" in (case.path_parameters or {}):
        chosen = zlib.crc32(repr((case.body, case.query, case.headers)).encode()) % 3
        if chosen:
            found = live.live_call() if chosen == 1 else live.finished_call()
            case.path_parameters["call_id"] = found


def found_by(engine: Engine) -> tuple[list[str], Counter[str]]:
    """What was found, each thing once, and how many requests were checked of each route."""
    findings: dict[str, None] = {}
    tried: Counter[str] = Counter()
    for event in engine.execute():
        match event:
            case events.ScenarioFinished(recorder=recorder):
                for node in recorder.cases.values():
                    tried[node.value.operation.label] += 1
                for checked in itertools.chain.from_iterable(recorder.checks.values()):
                    info = checked.failure_info
                    if info and UNKNOWN_HEADER not in info.failure.message:
                        about = f"{checked.name}: {info.failure.title}: {info.failure.message}"
                        findings[f"{info.failure.operation}: {about}\n{info.code_sample}"] = None
            case events.NonFatalError(label=label, value=error):
                findings[f"{label}: {error!r}"] = None
            case events.FatalError(exception=error):
                raise error
    return list(findings), tried


@pytest.mark.timeout(240 if IS_BRIEF else 0)
@pytest.mark.filterwarnings(SERVICES_RANDOM)
def test_the_routes_do_what_their_description_says(live):
    schema = schemathesis.openapi.from_url(
        f"{live.running.http}/openapi.json", config=SchemathesisConfig.from_dict(CONFIG)
    )
    findings, tried = found_by(from_schema(schema))
    print(f"{sum(tried.values())} requests on {len(tried)} routes")
    assert not findings, "\n\n".join(findings)
    # The time is divided between the routes; a slow machine gets to fewer requests of each.
    operations = {each.ok().label for each in schema.get_all_operations()}
    assert len(tried) > 0.9 * len(operations)
