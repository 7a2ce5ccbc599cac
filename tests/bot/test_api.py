"""The routes, without a model: health, team, TwiML, signatures, offers, the page."""

import gzip
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from urllib.parse import urlencode
from xml.etree import ElementTree

import httpx
import pytest
from twilio.request_validator import RequestValidator

from bot.app import create_app
from bot.console import PAGES
from bot.settings import Settings
from bot.switchboard import Switchboard, endpoint_for

ROOT = Path(__file__).parents[2]
TOKEN = "12345"
SID = "AC" + "0" * 32
SDP = """v=0
o=- 1 2 IN IP4 127.0.0.1
s=-
t=0 0
m=video 9 UDP/TLS/RTP/SAVPF 96
c=IN IP4 0.0.0.0
a=rtpmap:96 VP8/90000
"""


class Client(httpx.AsyncClient):
    switchboard: Switchboard


Serve = Callable[..., AbstractAsyncContextManager[Client]]


@pytest.fixture
def serve(tmp_path: Path) -> Serve:
    @asynccontextmanager
    async def serve(**settings: object) -> AsyncIterator[Client]:
        chosen = Settings(_env_file=None, data_dir=tmp_path / "data", **settings)
        switchboard = Switchboard(
            chosen, endpoint=endpoint_for(chosen), tool_servers={}, clips=None
        )
        app = create_app(switchboard, console=tmp_path)
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            Client(transport=transport, base_url="http://127.0.0.1:7860") as client,
        ):
            client.switchboard = switchboard
            yield client

    return serve


def verbs(response: httpx.Response) -> list[str]:
    assert response.headers["content-type"] == "application/xml"
    return [element.tag for element in ElementTree.fromstring(response.text)]


async def test_health_says_what_runs(serve):
    async with serve() as client:
        answer = (await client.get("/health")).json()
    assert answer["status"] == "ok"
    assert answer["version"] == "0.1.0"
    assert answer["features"]["emulator"] is True
    assert answer["features"]["webhook_signatures"] is False


async def test_ready_turns_503_when_lines_are_full_and_when_the_service_stops(serve):
    async with serve(max_calls=1) as client:
        assert (await client.get("/ready")).status_code == 200
        call = client.switchboard.calls.admit()
        full = await client.get("/ready")
        call.release()
        assert (await client.get("/ready")).status_code == 200
        await client.switchboard.draining.run(0)
        stopping = await client.get("/ready")
    assert (full.status_code, full.json()["reasons"]) == (503, ["all lines are busy"])
    assert (stopping.status_code, stopping.json()["reasons"]) == (
        503,
        ["the service is shutting down"],
    )


async def test_team_lists_who_answers(serve):
    async with serve(twilio_phone_number="+14155550100") as client:
        team = (await client.get("/api/team")).json()
    assert team["name"] == "travel"
    assert team["phone_number"] == "+14155550100"
    assert [agent["name"] for agent in team["agents"] if agent["entry"]] == ["front_desk"]
    assert {agent["voice"] for agent in team["agents"]} == {"marin", "cedar"}


async def test_teams_lists_all_that_are_offered(serve):
    async with serve(teams=("travel",)) as client:
        [team] = (await client.get("/api/teams")).json()
    assert (team["name"], team["answers"]) == ("travel", True)
    assert team["agents"][0]["name"] == "front_desk"


async def test_a_call_may_ask_who_answers(serve):
    async with serve() as client:
        asked = {"team": "travel", "agent": "post_booking"}
        team = (await client.get("/api/team", params=asked)).json()
        unknown = await client.get("/api/team", params={"agent": "nobody"})
        elsewhere = await client.get("/api/team", params={"team": "nowhere"})
    assert [agent["name"] for agent in team["agents"]][:2] == ["post_booking", "front_desk"]
    assert [agent["name"] for agent in team["agents"] if agent["entry"]] == ["post_booking"]
    assert (unknown.status_code, unknown.json()["field"]) == (422, "agent")
    assert "post_booking" in unknown.json()["detail"]
    assert (elsewhere.status_code, elsewhere.json()["field"]) == (422, "team")


async def test_the_numbers_of_an_incoming_call_are_in_its_plan(serve):
    async with serve() as client:
        form = {"CallSid": "CA1", "From": "+14155550111", "To": "+14155550100"}
        document = ElementTree.fromstring((await client.post("/twilio/voice", data=form)).text)
        parameters = {p.get("name"): p.get("value") for p in document.iter("Parameter")}
        plan = client.switchboard.announced.claim(parameters["call_id"])
    assert (plan.from_, plan.to, plan.direction) == ("+14155550111", "+14155550100", "inbound")


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_voice_connects_the_stream_and_then_asks_what_comes_after(serve, method):
    async with serve() as client:
        response = await client.request(method, "/twilio/voice")
    assert verbs(response) == ["Connect", "Redirect"]
    document = ElementTree.fromstring(response.text)
    stream = document.find("Connect/Stream")
    assert stream is not None
    assert stream.get("url") == "ws://127.0.0.1:7860/twilio/media"
    parameters = {p.get("name"): p.get("value") for p in stream.findall("Parameter")}
    assert parameters["team"] == "travel"
    assert parameters["call_id"].startswith("call_")
    assert document.findtext("Redirect") == "http://127.0.0.1:7860/twilio/after"


async def test_voice_gives_public_addresses_behind_a_proxy(serve):
    async with serve(public_url="https://calls.example.com") as client:
        document = ElementTree.fromstring((await client.post("/twilio/voice")).text)
    stream = document.find("Connect/Stream")
    assert stream is not None
    assert stream.get("url") == "wss://calls.example.com/twilio/media"
    assert document.findtext("Redirect") == "https://calls.example.com/twilio/after"


async def test_a_caller_too_many_hears_that_lines_are_busy(serve):
    async with serve(max_calls=1) as client:
        client.switchboard.calls.admit()
        response = await client.post("/twilio/voice")
    assert verbs(response) == ["Say", "Hangup"]
    assert "busy" in response.text


async def test_after_a_stream_that_never_came_through_the_caller_hears_an_apology(serve):
    async with serve() as client:
        response = await client.post("/twilio/after", data={"CallSid": "CA1"})
    assert verbs(response) == ["Say", "Hangup"]
    assert "sorry" in response.text


async def test_phone_routes_can_be_switched_off(serve):
    async with serve(twilio_enabled=False) as client:
        assert (await client.post("/twilio/voice")).status_code == 404


def signed(method: str, url: str, form: dict[str, str]) -> httpx.Request:
    """A request as the carrier sends it; a GET has its parameters in the URL."""
    if method == "GET":
        url, form = f"{url}?{urlencode(form)}", {}
    signature = RequestValidator(TOKEN).compute_signature(url, form)
    return httpx.Request(method, url, data=form or None, headers={"X-Twilio-Signature": signature})


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("public", [None, "https://calls.example.com"])
async def test_a_signed_webhook_is_answered(serve, method, public):
    form = {"CallSid": "CA1", "From": "+14155550100", "Caller Name": "Zoë & co", "Empty": ""}
    async with serve(twilio_auth_token=TOKEN, public_url=public) as client:
        request = signed(method, f"{public or 'http://127.0.0.1:7860'}/twilio/voice", form)
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=7860)
        assert verbs(await client.send(request))[0] == "Connect"


@pytest.mark.parametrize(
    "change",
    [
        lambda request: request.headers.pop("X-Twilio-Signature"),
        lambda request: request.headers.update({"X-Twilio-Signature": "AAAA"}),
        lambda request: setattr(request, "url", request.url.copy_with(query=b"more=1")),
    ],
    ids=["missing", "wrong", "of another URL"],
)
async def test_a_webhook_with_a_bad_signature_gets_403(serve, change):
    async with serve(twilio_auth_token=TOKEN) as client:
        request = signed("POST", "http://127.0.0.1:7860/twilio/voice", {"CallSid": "CA1"})
        change(request)
        response = await client.send(request)
    assert response.status_code == 403
    assert "Stream" not in response.text


async def test_a_webhook_with_a_changed_body_gets_403(serve):
    async with serve(twilio_auth_token=TOKEN) as client:
        request = signed("POST", "http://127.0.0.1:7860/twilio/after", {"CallSid": "CA1"})
        response = await client.post(
            "/twilio/after", headers=request.headers, content=b"CallSid=CA2"
        )
    assert response.status_code == 403


async def test_a_webhook_of_another_account_gets_403(serve):
    async with serve(twilio_account_sid=SID) as client:
        ours = await client.post("/twilio/voice", data={"AccountSid": SID})
        foreign = await client.post("/twilio/voice", data={"AccountSid": "AC" + "1" * 32})
    assert (ours.status_code, foreign.status_code) == (200, 403)


async def test_a_webhook_with_a_huge_body_is_refused(serve):
    async with serve() as client:
        response = await client.post("/twilio/voice", content=b"x" * 100_000)
    assert response.status_code == 413


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, "sdp"),
        ({"sdp": "hello", "type": "offer"}, "sdp"),
        ({"sdp": "", "type": "offer"}, "sdp"),
        ({"sdp": "v=0\r\n" * 20_000, "type": "offer"}, "sdp"),
        ({"sdp": SDP, "type": "offer"}, "sdp"),
        ({"sdp": SDP.replace("video", "audio"), "type": "answer"}, "type"),
        (
            {
                "sdp": SDP.replace("video", "audio"),
                "type": "offer",
                "request_data": {"team": "nobody"},
            },
            "team",
        ),
        (
            {
                "sdp": SDP.replace("video", "audio"),
                "type": "offer",
                "request_data": {"agent": "nobody"},
            },
            "agent",
        ),
        (
            {
                "sdp": SDP.replace("video", "audio"),
                "type": "offer",
                "request_data": {"voice": "bass"},
            },
            "voice",
        ),
        ({"sdp": SDP.replace("video", "audio"), "type": "offer"}, "sdp"),
    ],
    ids=[
        "empty",
        "text",
        "blank",
        "huge",
        "no audio",
        "an answer",
        "other team",
        "other agent",
        "other voice",
        "no transport",
    ],
)
async def test_an_offer_that_cannot_be_answered_gets_422_and_leaves_nothing(serve, body, named):
    async with serve() as client:
        response = await client.post("/api/offer", json=body)
        assert response.status_code == 422, response.text
        assert named in response.json()["field"]
        assert not client.switchboard.calls.live


async def test_an_offer_too_many_gets_503(serve):
    async with serve(max_calls=1) as client:
        client.switchboard.calls.admit()
        response = await client.post(
            "/api/offer", json={"sdp": SDP.replace("video", "audio"), "type": "offer"}
        )
    assert response.status_code == 503
    assert response.headers["Retry-After"]


async def test_candidates_need_a_connection_and_must_be_candidates(serve):
    known = {"candidate": "candidate:1 1 udp 1 127.0.0.1 9 typ host", "sdp_mid": "0"}
    async with serve() as client:
        nobody = await client.patch(
            "/api/offer", json={"pc_id": "x", "candidates": [{**known, "sdp_mline_index": 0}]}
        )
        garbage = await client.patch(
            "/api/offer",
            json={
                "pc_id": "x",
                "candidates": [{"candidate": "garbage", "sdp_mid": "0", "sdp_mline_index": 0}],
            },
        )
    assert nobody.status_code == 404
    assert garbage.status_code == 422


async def test_the_page_is_served_when_built_and_explained_when_not(serve, tmp_path):
    async with serve() as client:
        hint = await client.get("/")
    (tmp_path / "index.html").write_text("<title>the page</title>")
    async with serve() as client:
        page = await client.get("/")
    assert "make console" in hint.text
    assert "the page" in page.text


async def test_what_the_build_packed_is_sent_packed_and_kept(serve, tmp_path):
    script = b"'the page'\n" * 400
    (tmp_path / "index.html").write_text("<title>the page</title>")
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "page-1a2b.js").write_bytes(script)
    (tmp_path / "assets" / "page-1a2b.js.gz").write_bytes(gzip.compress(script))
    async with serve() as client:
        packed = await client.get("/assets/page-1a2b.js", headers={"accept-encoding": "gzip"})
        plain = await client.get("/assets/page-1a2b.js", headers={"accept-encoding": "identity"})
        page = await client.get("/live")
        outside = await client.get("/assets/..%2F..%2Fsecret", headers={"accept-encoding": "gzip"})
    for answer in (packed, plain):
        assert answer.content == script
        assert answer.headers["content-type"].startswith("text/javascript")
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["vary"] == "Accept-Encoding"
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(script) / 4
    assert "content-encoding" not in plain.headers
    assert page.headers["cache-control"] == "no-cache"
    assert outside.status_code == 404


async def test_the_addresses_of_the_console_lead_to_the_page_and_others_nowhere(serve, tmp_path):
    (tmp_path / "index.html").write_text("<title>the page</title>")
    async with serve() as client:
        for path in ("/live", "/live/call_1", "/history?status=failed", "/sign-in?back=%2Flive"):
            page = await client.get(path)
            assert (page.status_code, "the page" in page.text) == (200, True)
        for path in ("/lives", "/assets/missing.js", "/api/nothing"):
            assert (await client.get(path)).status_code == 404
        browser = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
        mistyped = await client.get("/lives", headers=browser)
        assert (mistyped.status_code, "the page" in mistyped.text) == (404, True)
        beside = await client.get("/api/nothing", headers=browser)
        assert (beside.status_code, beside.json()["title"]) == (404, "Not Found")


def test_the_service_and_the_page_know_the_same_addresses():
    router = (ROOT / "console" / "src" / "app" / "router.ts").read_text()
    assert re.findall(r'case "([a-z-]+)":', router) == list(PAGES)
