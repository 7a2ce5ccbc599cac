"""Calls to an application, over real sockets and in flying time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.responses import Response
from twilio.request_validator import RequestValidator

from emulators.twilio.call_flow import Source
from emulators.twilio.callees import Silent
from emulators.twilio.caller import Manners, Press, Say, ScriptedCaller
from emulators.twilio.carrier import Carrier
from emulators.twilio.clock import FrameClock
from emulators.twilio.frames import SILENT_FRAME
from emulators.twilio.report import call_report, went_through
from emulators.twilio.telephone import Telephone
from tests.emulators.twilio_app import (
    ACCOUNT,
    TOKEN,
    Application,
    MediaLine,
    ToneSpeech,
    flying,
    tone,
)


@asynccontextmanager
async def line_to(
    application: Application, *, auth_token: str | None = TOKEN
) -> AsyncIterator[Carrier]:
    clock = FrameClock()
    carrier = Carrier(auth_token=auth_token, account_sid=ACCOUNT, speech=ToneSpeech(), clock=clock)
    async with application.serving(), carrier, flying(clock):
        yield carrier


def caller(*steps: Say | Press | str) -> ScriptedCaller:
    manners = Manners(quiet_s=0.6, patience_s=2)
    return ScriptedCaller(steps, speech=ToneSpeech(), manners=manners)


async def greet_and_echo(line: MediaLine) -> None:
    """Greets, then replies to whatever is said after half a second of silence."""
    await line.play(tone(1))
    await line.mark("greeting")
    spoke = quiet = 0
    while (message := await line.receive())["event"] != "stop":
        if message["event"] == "media":
            silent = line.audio[-160:] == SILENT_FRAME
            spoke, quiet = (spoke, quiet + 1) if silent else (spoke + 1, 0)
            if spoke and quiet == 25:
                spoke = 0
                await line.play(tone(1))
                await line.mark("reply")


async def test_a_call_is_answered_spoken_and_ended():
    application = Application(greet_and_echo)
    async with line_to(application) as carrier:
        application.connect(team="travel")
        person = caller("hello", "bye")
        live = await carrier.call(application.url + "/voice", person, from_="+15555550123")
    assert live.call.status == "completed"
    assert live.ended_by == "caller"
    assert went_through(live)
    (hook,) = application.hooks_of("/voice")
    assert hook["CallStatus"] == "ringing"
    assert hook["Direction"] == "inbound"
    assert (hook["From"], hook["Caller"]) == ("+15555550123", "+15555550123")
    assert hook["AccountSid"] == ACCOUNT
    (line,) = application.lines
    assert line.start["customParameters"] == {"team": "travel"}
    assert line.start["callSid"] == hook["CallSid"] == live.call.sid
    assert line.messages[-1]["event"] == "stop"
    names = [m["mark"]["name"] for m in line.messages if m["event"] == "mark"]
    assert names == ["greeting", "reply", "reply"]
    report = call_report(live, person)
    assert [turn["said"] for turn in report["turns"]] == ["hello", "bye"]
    assert all(turn["reply"] for turn in report["turns"])
    assert report["greeting"]["ended_s"] - report["greeting"]["started_s"] == pytest.approx(1.0)
    assert report["notes"] == []


async def test_the_application_hears_exactly_what_the_caller_said():
    application = Application(greet_and_echo)
    async with line_to(application) as carrier:
        application.connect()
        live = await carrier.call(application.url + "/voice", caller("hello"))
    heard = bytes(application.lines[0].audio)
    assert set(heard.replace(tone(0.5), b"", 1)) == {0xFF}
    assert heard in bytes(live.phone.said)


async def test_the_caller_hears_exactly_what_the_application_played():
    async def play(line: MediaLine) -> None:
        for size in (37, 1000, 4000):
            await line.play(tone(0.6)[:size])
        await line.mark("end")
        await line.until("mark")

    application = Application(play)
    async with line_to(application) as carrier:
        application.connect()
        live = await carrier.call(application.url + "/voice", Silent())
    (stretch,) = live.playback.stretches
    heard = live.playback.heard[stretch.start : stretch.end]
    assert heard == tone(0.6)[:37] + tone(0.6)[:1000] + tone(0.6)[:4000]
    assert live.ended_by == "application"


async def test_webhook_and_upgrade_are_signed_as_twilio_signs_them():
    application = Application()
    async with line_to(application) as carrier:
        application.connect(then="<Hangup/>")
        url = application.url + "/voice?team=travel"
        await carrier.call(url, caller(), status_callback=application.url + "/status")
        media_url = application.media_url
    validator = RequestValidator(TOKEN)
    assert [hook.url.rpartition("/")[2] for hook in application.hooks] == [
        "voice?team=travel",
        "status",
    ]
    for hook in application.hooks:
        assert validator.validate(hook.url, hook.form, hook.headers["x-twilio-signature"])
    (upgrade,) = application.upgrades
    assert validator.validate(media_url, {}, upgrade.headers["x-twilio-signature"])
    assert not RequestValidator("other").validate(
        media_url, {}, upgrade.headers["x-twilio-signature"]
    )


async def test_a_get_webhook_has_its_parameters_in_the_signed_url():
    application = Application()
    async with line_to(application) as carrier:
        application.answers["/voice"] = "<Hangup/>"
        await carrier.call(application.url + "/voice?a=b", caller(), method="GET")
    (hook,) = application.hooks
    assert hook.method == "GET"
    assert "?a=b&AccountSid=" in hook.url
    assert RequestValidator(TOKEN).validate(hook.url, {}, hook.headers["x-twilio-signature"])


async def test_without_a_token_nothing_is_signed():
    application = Application()
    async with line_to(application, auth_token=None) as carrier:
        application.connect()
        await carrier.call(application.url + "/voice", caller())
    assert "x-twilio-signature" not in application.hooks[0].headers
    assert "x-twilio-signature" not in application.upgrades[0].headers


async def test_keys_arrive_one_by_one():
    application = Application()
    async with line_to(application) as carrier:
        application.connect()
        await carrier.call(application.url + "/voice", caller(Press("12#")))
    keys = [m["dtmf"]["digit"] for m in application.lines[0].messages if m["event"] == "dtmf"]
    assert keys == ["1", "2", "#"]


async def test_twiml_goes_on_when_the_application_closes_the_stream():
    async def leave(line: MediaLine) -> None:
        await line.play(tone(5))
        await line.heard(0.2)

    application = Application(leave)
    async with line_to(application) as carrier:
        application.connect(then="<Redirect>/after</Redirect>")
        application.answers["/after"] = "<Say>bye</Say><Hangup/>"
        live = await carrier.call(application.url + "/voice", Silent())
    assert len(application.hooks_of("/after")) == 1
    assert live.ended_by == "application"
    # What the application had sent and was not heard yet went with the stream.
    first, second = live.playback.stretches
    assert first.end - first.start < 8000 * 5
    assert live.playback.heard[second.start : second.end] == tone(0.3)


async def test_an_action_of_connect_is_asked_when_the_stream_is_over():
    async def leave(line: MediaLine) -> None:
        await line.heard(0.1)

    application = Application(leave)
    async with line_to(application) as carrier:
        stream = f'<Stream url="{application.media_url}" statusCallback="{application.url}/s"/>'
        application.answers["/voice"] = f'<Connect action="/after">{stream}</Connect>'
        application.answers["/after"] = "<Hangup/>"
        live = await carrier.call(application.url + "/voice", Silent())
    (after,) = application.hooks_of("/after")
    assert after["StreamSid"] == live.streams[0].sid
    events = [form["StreamEvent"] for form in application.hooks_of("/s")]
    assert events == ["stream-started", "stream-stopped"]


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("ws://{host}/media?token=1", 31923),
        ("http://{host}/media", 31922),
        ("ws://example.com/media", 31922),
        ("wss://", 31923),
        ("ws://{host}/nothing", 31920),
        ("ws://127.0.0.1:1/media", 31902),
    ],
)
async def test_a_stream_that_cannot_be_connected_is_an_error_and_the_twiml_goes_on(
    url: str, code: int
):
    application = Application()
    async with line_to(application) as carrier:
        target = url.format(host=application.url.removeprefix("http://"))
        application.answers["/voice"] = f'<Connect><Stream url="{target}"/></Connect><Say>a</Say>'
        live = await carrier.call(application.url + "/voice", Silent())
    assert [note.code for note in live.call.notes] == [code]
    assert live.playback.heard.strip(b"\xff") == tone(0.1)
    assert not went_through(live)


async def test_an_application_that_breaks_the_protocol_is_noted():
    async def babble(line: MediaLine) -> None:
        await line.socket.send_text("{}")
        await line.socket.send_bytes(b"\0")
        await line.until("stop")

    application = Application(babble)
    async with line_to(application) as carrier:
        application.connect()
        live = await carrier.call(application.url + "/voice", caller("hello"))
    assert [(note.code, note.warning) for note in live.call.notes] == [(31951, True), (31950, True)]
    assert went_through(live)


async def test_a_socket_closed_with_an_error_code_is_an_error():
    async def fail(line: MediaLine) -> None:
        await line.socket.close(1011, "out of order")

    application = Application(fail)
    async with line_to(application) as carrier:
        application.connect(then="<Hangup/>")
        live = await carrier.call(application.url + "/voice", Silent())
    (note,) = live.call.notes
    assert note.code == 31921
    assert "out of order" in note.message


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Response(status_code=500), 11200),
        (Response("<Response/>", media_type="application/json"), 12300),
        (Response("<Response>", media_type="text/xml"), 12100),
        (Response("<Response><Sing/></Response>", media_type="text/xml"), 12200),
    ],
)
async def test_a_failing_application_is_apologised_for(answer: Response, code: int):
    application = Application()
    async with line_to(application) as carrier:
        application.answers["/voice"] = answer
        live = await carrier.call(application.url + "/voice", Silent())
    assert [note.code for note in live.call.notes] == [code]
    assert live.call.status == "completed"
    assert live.playback.stretches


async def test_a_fallback_takes_over_from_a_failing_application():
    application = Application()
    async with line_to(application) as carrier:
        application.answers["/voice"] = Response(status_code=503)
        application.answers["/fallback"] = "<Say>b</Say>"
        live = await carrier.call(
            application.url + "/voice", Silent(), fallback_url=application.url + "/fallback"
        )
    assert live.playback.heard.strip(b"\xff") == tone(0.1)


async def test_nobody_answering_the_webhook_is_an_error():
    application = Application()
    async with line_to(application) as carrier:
        live = await carrier.call("http://127.0.0.1:1/voice", Silent())
    assert [note.code for note in live.call.notes] == [11205]


@pytest.mark.parametrize(("reason", "status"), [("busy", "busy"), ("rejected", "no-answer")])
async def test_a_rejected_call_is_never_answered(reason: str, status: str):
    application = Application()
    async with line_to(application) as carrier:
        application.answers["/voice"] = f'<Reject reason="{reason}"/>'
        live = await carrier.call(application.url + "/voice", caller("hello"))
    assert live.call.status == status
    assert live.leg is None
    assert call_report(live, caller())["turns"] == []


async def test_gather_collects_keys_and_asks_its_action():
    application = Application()
    async with line_to(application) as carrier:
        application.answers["/voice"] = (
            '<Gather action="/menu" numDigits="2" timeout="9"><Say>press two keys</Say></Gather>'
        )
        application.answers["/menu"] = "<Hangup/>"
        await carrier.call(application.url + "/voice", caller(Press("42")))
    (menu,) = application.hooks_of("/menu")
    assert menu["Digits"] == "42"


async def test_gather_without_keys_goes_on():
    application = Application()
    async with line_to(application) as carrier:
        application.answers["/voice"] = '<Gather timeout="1"/><Say>a</Say>'
        live = await carrier.call(application.url + "/voice", Silent())
    assert live.playback.stretches[0].start >= 8000


async def test_a_call_can_be_ended_from_outside_and_the_carrier_ends_what_is_left():
    application = Application()
    async with line_to(application) as carrier:
        application.connect()
        live = await carrier.ring(application.url + "/voice", Silent())
        await live.phone.until(lambda: bool(live.streams), timeout_s=None)
    assert live.ended_by == "carrier"
    assert live.over.is_set()
    assert application.lines[0].messages[-1]["event"] == "stop"


async def test_twenty_calls_at_once_all_go_through():
    application = Application(greet_and_echo)
    async with line_to(application) as carrier:
        application.connect()
        people = [caller("hello", "bye") for _ in range(20)]
        calls = await asyncio.gather(
            *(carrier.call(application.url + "/voice", person) for person in people)
        )
    assert all(map(went_through, calls))
    assert len({live.call.sid for live in calls}) == 20
    reports = map(call_report, calls, people)
    assert all(turn["reply"] for report in reports for turn in report["turns"])


async def test_a_caller_that_fails_ends_its_call_and_is_heard_of():
    class Fainting(Silent):
        async def talk(self, phone: Telephone) -> None:
            await phone.pause(0.1)
            raise RuntimeError("fainted")

    application = Application()
    async with line_to(application) as carrier:
        application.connect()
        with pytest.raises(RuntimeError, match="fainted"):
            await carrier.call(application.url + "/voice", Fainting())
    assert application.lines[0].messages[-1]["event"] == "stop"


async def test_a_redirect_cuts_off_what_is_being_said():
    application = Application()
    async with line_to(application) as carrier:
        application.answers["/voice"] = f"<Say>{'a' * 100}</Say>"
        live = await carrier.ring(application.url + "/voice", Silent())
        await live.phone.until(lambda: bool(live.phone.ear.spans), timeout_s=None)
        live.redirect(Source(document="<Response><Pause/><Say>ab</Say></Response>"))
        await live.over.wait()
    first, second = live.playback.stretches
    assert first.end - first.start < 8000
    assert second.end - second.start == 1600


async def test_nothing_is_left_behind():
    before = asyncio.all_tasks()
    application = Application(greet_and_echo)
    async with line_to(application) as carrier:
        application.connect()
        await carrier.call(application.url + "/voice", caller("hello"))
        assert carrier.clock.listeners == 0
    await asyncio.sleep(0)
    assert asyncio.all_tasks() <= before


async def test_an_application_that_does_not_read_loses_its_stream():
    asleep = asyncio.Event()

    async def sleep(line: MediaLine) -> None:
        await asleep.wait()

    application = Application(sleep)
    async with line_to(application) as carrier:
        application.connect(then="<Hangup/>")
        live = await carrier.call(application.url + "/voice", Silent())
        asleep.set()
    (note,) = live.call.notes
    assert note.code == 31921
    assert "reads too slowly" in note.message
