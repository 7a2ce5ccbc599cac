"""TwiML as applications write it, and what this carrier refuses."""

import pytest
from twilio.twiml.voice_response import (
    Connect,
    Dial,
    Gather,
    Stream,
    VoiceResponse,
)

from emulators.twilio import twiml
from emulators.twilio.notes import CarrierError
from emulators.twilio.twiml_parser import parse


def test_a_stream_written_by_twilios_package_is_read_back():
    stream = Stream(url="wss://example.com/media", name="line", status_callback="https://e.com/s")
    stream.parameter(name="call_id", value="42")
    connect = Connect(action="/after")
    connect.append(stream)
    document = VoiceResponse()
    document.append(connect)
    document.redirect("/next", method="GET")
    assert parse(str(document)) == (
        twiml.Connect(
            twiml.Stream(
                "wss://example.com/media",
                name="line",
                parameters={"call_id": "42"},
                status_callback="https://e.com/s",
            ),
            action="/after",
        ),
        twiml.Redirect("/next", "GET"),
    )


def test_the_other_verbs_written_by_twilios_package_are_read_back():
    document = VoiceResponse()
    document.say("Hello  there", voice="alice", loop=2)
    document.play("https://example.com/a.wav")
    document.play(digits="1w2")
    document.pause(length=3)
    gather = Gather(num_digits=1, action="/menu", finish_on_key="")
    gather.say("Press one")
    document.append(gather)
    dial = Dial(action="/dialled", timeout=20, caller_id="+15555550100")
    dial.number("+15555550101", url="/whisper")
    document.append(dial)
    document.hangup()
    assert parse(str(document)) == (
        twiml.Say("Hello there", 2),
        twiml.Play("https://example.com/a.wav"),
        twiml.Play(None, "1w2"),
        twiml.Pause(3),
        twiml.Gather((twiml.Say("Press one"),), action="/menu", num_digits=1, finish_on_key=""),
        twiml.Dial(
            (twiml.Number("+15555550101", url="/whisper"),),
            action="/dialled",
            timeout=20,
            caller_id="+15555550100",
        ),
        twiml.Hangup(),
    )


def test_reject_is_read_as_the_first_verb():
    document = VoiceResponse()
    document.reject(reason="busy")
    assert parse(str(document)) == (twiml.Reject("busy"),)


STREAM = '<Connect><Stream url="wss://e.com/m" {}>{}</Stream></Connect>'


@pytest.mark.parametrize(
    ("document", "code", "complaint"),
    [
        ("<Response>", 12100, "well-formed"),
        ("Hello", 12100, "well-formed"),
        ("<Reply/>", 12100, "<Reply>"),
        ('<!DOCTYPE r [<!ENTITY a "b">]><Response>&a;</Response>', 12100, "DOCTYPE"),
        ("<Response>Hello</Response>", 12200, "must not contain text"),
        ("<Response><Sing/></Response>", 12200, "<Sing> is no verb"),
        ("<Response><say>Hi</say></Response>", 12200, "<say> is no verb"),
        ('<Response><Say volume="9">Hi</Say></Response>', 12200, "'volume'"),
        ("<Response><Say>Hi <b>you</b></Say></Response>", 12200, "text only"),
        ('<Response><Pause length="-1"/></Response>', 12200, "length='-1'"),
        ('<Response><Redirect method="PUT">/x</Redirect></Response>', 12200, "'PUT'"),
        ("<Response><Say>Hi</Say><Reject/></Response>", 12200, "first verb"),
        ("<Response><Connect/></Response>", 12200, "<Stream>"),
        ("<Response><Connect><Room>x</Room></Connect></Response>", 12200, "<Stream>"),
        ("<Response><Connect><Stream/></Connect></Response>", 12200, "url"),
        (
            "<Response>" + STREAM.format('track="both_tracks"', "") + "</Response>",
            31941,
            "both_tracks",
        ),
        (
            "<Response>"
            + STREAM.format("", f'<Parameter name="a" value="{"x" * 499}"/>')
            + "</Response>",
            12200,
            "500 characters long",
        ),
        ("<Response><Dial><Client>me</Client></Dial></Response>", 12200, "<Client>"),
        ("<Response><Dial/></Response>", 12200, "<Dial> needs"),
        ('<Response><Gather input="speech"/></Response>', 12200, "dtmf only"),
        ("<Response><Gather><Hangup/></Gather></Response>", 12200, "<Hangup>"),
        ("<Response><Play/></Response>", 12200, "<Play> needs"),
    ],
)
def test_what_this_carrier_cannot_carry_out_is_an_error(document: str, code: int, complaint: str):
    with pytest.raises(CarrierError) as refused:
        parse(document)
    assert int(refused.value.code) == code
    assert complaint in str(refused.value)


def test_a_parameter_just_short_enough_is_taken():
    (connect,) = parse(
        "<Response>"
        + STREAM.format("", f'<Parameter name="a" value="{"x" * 498}"/>')
        + "</Response>"
    )
    assert isinstance(connect, twiml.Connect)
    assert connect.stream.parameters == {"a": "x" * 498}
