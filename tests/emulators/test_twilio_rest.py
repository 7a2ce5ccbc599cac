"""The REST API, through the real ``twilio`` package."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from emulators.twilio.asgi_server import serving
from emulators.twilio.callees import Callee, Directory, Silent
from emulators.twilio.carrier import Carrier
from emulators.twilio.clock import FrameClock
from emulators.twilio.live_call import LiveCall
from emulators.twilio.rest import rest_app
from tests.emulators.twilio_app import (
    ACCOUNT,
    TOKEN,
    Application,
    MediaLine,
    ToneSpeech,
    flying,
    tone,
)
from tests.patience import PATIENCE_S

OURS = "+15555550199"
THEIRS = "+15555551234"


class Desk:
    """An application, a carrier with its REST API, and a client of it."""

    def __init__(self, application: Application, carrier: Carrier, client: Client) -> None:
        self.application = application
        self.carrier = carrier
        self.client = client

    async def create(self, to: str = THEIRS, **options: Any) -> Any:
        options.setdefault("url", self.application.url + "/voice")
        return await self.client.calls.create_async(to=to, from_=OURS, **options)

    async def over(self, call: Any) -> LiveCall:
        live = self.carrier.calls[call.sid]
        await live.over.wait()
        return live

    async def until(self, condition: Callable[[], object]) -> None:
        while not condition():
            await self.carrier.clock.sleep(0.02)

    async def connected(self, call: Any) -> LiveCall:
        live = self.carrier.calls[call.sid]
        await self.until(lambda: live.streams)
        return live


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    clock = FrameClock()
    carrier = Carrier(
        auth_token=TOKEN,
        account_sid=ACCOUNT,
        speech=ToneSpeech(),
        clock=clock,
        directory=Directory(Callee(party=Silent)),
    )
    async with (
        Application().serving() as application,
        carrier,
        flying(clock),
        serving(rest_app(carrier)) as url,
        AsyncTwilioHttpClient() as http,
    ):
        application.connect()
        yield Desk(application, carrier, client_of(url, http))


def client_of(url: str, http: AsyncTwilioHttpClient, token: str = TOKEN) -> Client:
    client = Client(ACCOUNT, token, http_client=http)
    client.api.base_url = url
    return client


async def test_a_created_call_is_queued_then_rings_and_is_answered(desk: Desk):
    call = await desk.create()
    assert (call.status, call.direction) == ("queued", "outbound-api")
    assert (call.to, call._from, call.account_sid) == (THEIRS, OURS, ACCOUNT)
    assert call.duration is None
    await desk.connected(call)
    call = await call.fetch_async()
    assert call.status == "in-progress"
    assert call.start_time is not None
    (hook,) = desk.application.hooks_of("/voice")
    assert hook["CallStatus"] == "in-progress"
    assert hook["Direction"] == "outbound-api"
    assert hook["CallSid"] == call.sid


async def test_completing_a_call_ends_its_stream(desk: Desk):
    call = await desk.create()
    await desk.connected(call)
    await call.update_async(status="completed")
    live = await desk.over(call)
    assert live.ended_by == "api"
    assert desk.application.lines[0].messages[-1]["event"] == "stop"
    call = await call.fetch_async()
    assert (call.status, call.duration) == ("completed", "1")
    assert call.end_time >= call.start_time


async def test_status_callbacks_come_in_order_and_signed(desk: Desk):
    call = await desk.create(
        status_callback=desk.application.url + "/status",
        status_callback_event=["initiated", "ringing", "answered", "completed"],
    )
    await desk.connected(call)
    await call.update_async(status="completed")
    await desk.over(call)
    hooks = [hook for hook in desk.application.hooks if hook.url.endswith("/status")]
    forms = [hook.form for hook in hooks]
    assert [form["CallStatus"] for form in forms] == [
        "initiated",
        "ringing",
        "in-progress",
        "completed",
    ]
    assert [form["SequenceNumber"] for form in forms] == ["0", "1", "2", "3"]
    assert {form["CallbackSource"] for form in forms} == {"call-progress-events"}
    assert "CallDuration" not in forms[2]
    assert (forms[3]["CallDuration"], forms[3]["SipResponseCode"]) == ("1", "200")
    validator = RequestValidator(TOKEN)
    for hook in hooks:
        assert validator.validate(hook.url, hook.form, hook.headers["x-twilio-signature"])


async def test_only_the_end_is_reported_unless_more_is_asked_for(desk: Desk):
    call = await desk.create("+15555550010", status_callback=desk.application.url + "/status")
    await desk.over(call)
    assert [form["CallStatus"] for form in desk.application.hooks_of("/status")] == ["busy"]


@pytest.mark.parametrize(
    ("to", "status", "sip"),
    [
        ("+15555550010", "busy", "486"),
        ("+15555550011", "no-answer", "487"),
        ("+15555550012", "failed", "404"),
    ],
)
async def test_a_call_that_nobody_answers_asks_for_no_twiml(
    desk: Desk, to: str, status: str, sip: str
):
    call = await desk.create(to, status_callback=desk.application.url + "/status", timeout=5)
    await desk.over(call)
    assert (await call.fetch_async()).status == status
    assert desk.application.hooks_of("/voice") == []
    (form,) = desk.application.hooks_of("/status")
    assert (form["SipResponseCode"], form["CallDuration"]) == (sip, "0")


async def test_a_callee_slower_than_the_timeout_is_no_answer(desk: Desk):
    call = await desk.create("+15555550016", timeout=5)
    await desk.over(call)
    assert (await call.fetch_async()).status == "no-answer"


async def test_a_ringing_call_can_be_canceled(desk: Desk):
    call = await desk.create("+15555550011", timeout=600)
    live = desk.carrier.calls[call.sid]
    await desk.until(lambda: live.call.status == "ringing")
    assert (await call.fetch_async()).status == "ringing"
    await call.update_async(status="canceled")
    await desk.over(call)
    assert (await call.fetch_async()).status == "canceled"


async def test_a_live_call_is_redirected_to_twiml_and_to_a_url(desk: Desk):
    call = await desk.create()
    live = await desk.connected(call)
    desk.application.answers["/next"] = "<Say>abc</Say>"
    await call.update_async(
        twiml=f"<Response><Redirect>{desk.application.url}/next</Redirect></Response>"
    )
    await desk.over(call)
    assert desk.application.lines[0].messages[-1]["event"] == "stop"
    assert len(desk.application.hooks_of("/next")) == 1
    assert live.playback.heard.strip(b"\xff") == tone(0.3).strip(b"\xff")


async def test_a_time_limit_ends_a_call(desk: Desk):
    call = await desk.create(time_limit=1)
    live = await desk.over(call)
    assert live.ended_by == "time limit"
    assert live.call.status == "completed"


def fails(**changes: Any) -> dict[str, Any]:
    return {"to": THEIRS, "from_": OURS, "url": "http://example.com/voice", **changes}


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (fails(to=""), 21201),
        (fails(to="12"), 21211),
        (fails(to="+15005550001"), 21211),
        (fails(to="+15005550002"), 21214),
        (fails(to="+15005550003"), 21215),
        (fails(to="+15005550004"), 21216),
        (fails(from_=""), 21213),
        (fails(from_="+15005550001"), 21212),
        (fails(url="example.com"), 21205),
        (fails(url=""), 21205),
        (fails(twiml="<Response/>"), 21205),
        (fails(url="", twiml="<Response><Sing/></Response>"), 12200),
        (fails(status_callback="x"), 21609),
        (fails(status_callback_event=["rang"]), 21626),
        (fails(timeout=4), 20001),
        (fails(method="PUT"), 20001),
        (fails(machine_detection="Maybe"), 20001),
        (fails(record=True), 20001),
        (fails(sip_auth_username="me"), 20001),
    ],
)
async def test_a_call_that_cannot_be_made_is_refused(
    desk: Desk, options: dict[str, Any], code: int
):
    with pytest.raises(TwilioRestException) as refused:
        await desk.client.calls.create_async(**options)
    assert refused.value.code == code
    assert refused.value.status == 400
    assert desk.carrier.calls == {}


async def test_a_finished_call_cannot_be_changed(desk: Desk):
    call = await desk.create("+15555550010")
    await desk.over(call)
    for change in ({"status": "completed"}, {"twiml": "<Response/>"}):
        with pytest.raises(TwilioRestException) as refused:
            await call.update_async(**change)
        assert refused.value.code == 21220


async def test_a_ringing_call_cannot_be_redirected(desk: Desk):
    call = await desk.create("+15555550011", timeout=600)
    with pytest.raises(TwilioRestException) as refused:
        await call.update_async(twiml="<Response/>")
    assert refused.value.code == 21220


async def test_an_unknown_call_is_not_found(desk: Desk):
    with pytest.raises(TwilioRestException) as refused:
        await desk.client.calls("CA" + "0" * 32).fetch_async()
    assert (refused.value.status, refused.value.code) == (404, 20404)


async def test_wrong_credentials_are_refused(desk: Desk):
    async with AsyncTwilioHttpClient() as http:
        with pytest.raises(TwilioRestException) as refused:
            await client_of(desk.client.api.base_url, http, "wrong").calls("CA1").fetch_async()
    assert (refused.value.status, refused.value.code) == (401, 20003)


async def test_an_error_has_twilios_json_form(desk: Desk):
    async with httpx.AsyncClient(base_url=desk.client.api.base_url, timeout=PATIENCE_S) as http:
        answer = await http.get(f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json")
    assert answer.status_code == 401
    assert answer.json() == {
        "code": 20003,
        "message": "Authenticate",
        "more_info": "https://www.twilio.com/docs/errors/20003",
        "status": 401,
    }


async def test_calls_are_listed_newest_first_over_pages_and_filtered(desk: Desk):
    for ending in ("0010", "0012", "0010", "0012", "0010"):
        await desk.over(await desk.create("+1555555" + ending))
    listed = await desk.client.calls.list_async(page_size=2)
    assert [call.sid for call in listed] == list(reversed(desk.carrier.calls))
    busy = await desk.client.calls.list_async(status="busy")
    assert [call.to for call in busy] == ["+15555550010"] * 3
    failed = await desk.client.calls.list_async(to="+15555550012", limit=1)
    assert [call.status for call in failed] == ["failed"]


async def test_a_finished_call_is_deleted_and_a_live_one_not(desk: Desk):
    done = await desk.create("+15555550010")
    await desk.over(done)
    assert await done.delete_async()
    assert done.sid not in desk.carrier.calls
    live = await desk.create()
    with pytest.raises(TwilioRestException):
        await live.delete_async()


async def test_a_machine_is_detected_before_the_twiml_is_asked_for(desk: Desk):
    call = await desk.create("+15555550013", machine_detection="Enable")
    await desk.connected(call)
    (hook,) = desk.application.hooks_of("/voice")
    assert hook["AnsweredBy"] == "machine_start"
    assert (await call.fetch_async()).answered_by == "machine_start"


async def test_a_machine_is_detected_while_the_stream_runs_already(desk: Desk):
    call = await desk.create(
        "+15555550013",
        machine_detection="DetectMessageEnd",
        async_amd="true",
        async_amd_status_callback=desk.application.url + "/amd",
    )
    live = await desk.connected(call)
    (hook,) = desk.application.hooks_of("/voice")
    assert "AnsweredBy" not in hook
    await desk.until(lambda: live.call.answered_by)
    await call.update_async(status="completed")
    await desk.over(call)
    (form,) = desk.application.hooks_of("/amd")
    assert form["AnsweredBy"] == "machine_end_beep"
    assert form["CallSid"] == call.sid
    assert int(form["MachineDetectionDuration"]) > 4000


async def test_a_call_that_ends_before_detection_was_answered_by_unknown(desk: Desk):
    call = await desk.create(
        "+15555550014",
        machine_detection="Enable",
        async_amd="true",
        async_amd_status_callback=desk.application.url + "/amd",
    )
    await desk.over(call)
    assert [form["AnsweredBy"] for form in desk.application.hooks_of("/amd")] == ["unknown"]


async def dialling(desk: Desk, noun: str) -> tuple[LiveCall, dict[str, str]]:
    desk.application.answers["/voice"] = f'<Dial action="/dialled" timeout="5">{noun}</Dial>'
    desk.application.answers["/dialled"] = "<Hangup/>"
    live = await desk.over(await desk.create())
    (form,) = desk.application.hooks_of("/dialled")
    return live, form


async def test_dial_reports_a_busy_number(desk: Desk):
    live, form = await dialling(desk, "+15555550010")
    assert (form["DialCallStatus"], form["DialBridged"]) == ("busy", "false")
    (child,) = await desk.client.calls.list_async(parent_call_sid=live.call.sid)
    assert (child.sid, child.direction) == (form["DialCallSid"], "outbound-dial")


async def test_dial_joins_both_sides_until_the_callee_hangs_up(desk: Desk):
    live, form = await dialling(desk, "+15555550013")
    assert (form["DialCallStatus"], form["DialBridged"]) == ("completed", "true")
    child = desk.carrier.calls[form["DialCallSid"]]
    said = bytes(child.phone.said).strip(b"\xff")
    assert said in live.playback.heard


async def test_dial_takes_the_first_of_several_that_answers(desk: Desk):
    _, form = await dialling(
        desk,
        "<Number>+15555550010</Number><Number>+15555550014</Number><Number>+15555550016</Number>",
    )
    winner = desk.carrier.calls[form["DialCallSid"]]
    assert winner.call.to == "+15555550014"
    slow = await desk.client.calls.list_async(to="+15555550016")
    assert [call.status for call in slow] == ["canceled"]


async def test_a_whisper_is_heard_by_the_callee_alone_and_can_turn_the_call_down(desk: Desk):
    desk.application.answers["/whisper"] = "<Say>ab</Say><Hangup/>"
    live, form = await dialling(desk, '<Number url="/whisper">+15555550015</Number>')
    assert form["DialBridged"] == "false"
    child = desk.carrier.calls[form["DialCallSid"]]
    whisper = tone(0.2).strip(b"\xff")
    assert child.playback.heard.strip(b"\xff") == whisper
    assert whisper not in live.playback.heard, "the caller hears it ring, and no more"


async def test_keys_sent_on_answer_are_heard_as_tones(desk: Desk):
    desk.application.answers["/voice"] = "<Hangup/>"
    live = await desk.over(await desk.create(send_digits="12"))
    assert [s.end - s.start for s in live.playback.stretches] == [3200]


async def test_audio_flows_on_an_outbound_call(desk: Desk):
    async def play(line: MediaLine) -> None:
        await line.play(tone(0.5))
        await line.mark("end")
        await line.until("mark")

    desk.application.handler = play
    live = await desk.over(await desk.create())
    assert tone(0.5) in bytes(live.playback.heard)
