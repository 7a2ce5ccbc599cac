"""Media Streams, from the carrier's side."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.twilio.media_stream import MediaStream
from emulators.twilio.playback import Playback


class Stream:
    """A stream whose messages are collected."""

    def __init__(self) -> None:
        self.playback = Playback()
        self.sent: list[dict[str, Any]] = []
        self.stream = MediaStream(
            call_sid="CA1",
            account_sid="AC1",
            parameters={"team": "travel"},
            playback=self.playback,
            send=lambda message: self.sent.append(json.loads(message)),
        )
        self.sid = self.stream.sid

    def receive(self, event: str, **fields: Any) -> None:
        self.stream.receive(json.dumps({"event": event, "streamSid": self.sid, **fields}))

    def media(self, audio: bytes) -> None:
        self.receive("media", media={"payload": base64.b64encode(audio).decode()})

    def play(self) -> bytes:
        frame, marks = self.playback.play()
        for reached in marks:
            reached()
        return frame


@pytest.fixture
def line() -> Stream:
    return Stream()


def test_a_stream_opens_with_connected_and_start(line: Stream):
    line.stream.open()
    assert line.sent == [
        {"event": "connected", "protocol": "Call", "version": "1.0.0"},
        {
            "event": "start",
            "sequenceNumber": "1",
            "streamSid": line.sid,
            "start": {
                "streamSid": line.sid,
                "accountSid": "AC1",
                "callSid": "CA1",
                "tracks": ["inbound"],
                "customParameters": {"team": "travel"},
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            },
        },
    ]


def test_audio_is_numbered_and_timed_without_gaps(line: Stream):
    line.stream.open()
    for index in range(3):
        line.stream.hear(bytes([index]) * 160)
    line.stream.press("5")
    line.stream.hear(b"\x09" * 160)
    line.stream.stop()
    media = [message for message in line.sent if message["event"] == "media"]
    assert [message["media"]["chunk"] for message in media] == ["1", "2", "3", "4"]
    assert [message["media"]["timestamp"] for message in media] == ["0", "20", "40", "60"]
    assert {message["media"]["track"] for message in media} == {"inbound"}
    assert base64.b64decode(media[1]["media"]["payload"]) == b"\x01" * 160
    numbered = [int(message["sequenceNumber"]) for message in line.sent[1:]]
    assert numbered == list(range(1, 8))
    dtmf = next(message for message in line.sent if message["event"] == "dtmf")
    assert dtmf["dtmf"] == {"track": "inbound_track", "digit": "5"}
    assert line.sent[-1]["stop"] == {"accountSid": "AC1", "callSid": "CA1"}
    assert {message["streamSid"] for message in line.sent[1:]} == {line.sid}


def test_a_mark_comes_back_when_the_audio_before_it_was_heard(line: Stream):
    line.media(b"\x01" * 320)
    line.receive("mark", mark={"name": "end"})
    line.play()
    assert line.sent == []
    line.play()
    assert line.sent == [
        {
            "event": "mark",
            "sequenceNumber": "1",
            "streamSid": line.sid,
            "mark": {"name": "end"},
        }
    ]
    assert [(echo.name, echo.position) for echo in line.stream.echoes] == [("end", 320)]


def test_clear_empties_the_buffer_and_sends_its_marks_back(line: Stream):
    line.media(b"\x01" * 1600)
    line.receive("mark", mark={"name": "a"})
    line.media(b"\x01" * 1600)
    line.receive("mark", mark={"name": "b"})
    line.play()
    line.receive("clear")
    assert [message["mark"]["name"] for message in line.sent] == ["a", "b"]
    assert line.play() == b"\xff" * 160
    events = [(message.event, message.position) for message in line.stream.received]
    assert events == [("media", 0), ("mark", 0), ("media", 0), ("mark", 0), ("clear", 160)]


def test_marks_do_not_come_back_once_the_socket_is_gone(line: Stream):
    line.media(b"\x01" * 320)
    line.receive("mark", mark={"name": "end"})
    line.stream.close()
    assert line.sent == []
    assert line.stream.echoes == []
    assert line.play() == b"\xff" * 160


GOOD = base64.b64encode(b"\x01" * 160).decode()


@pytest.mark.parametrize(
    ("message", "complaint"),
    [
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        ('{"event": "start"}', "unknown event 'start'"),
        ('{"event": null}', "unknown event None"),
        ('{"event": "clear"}', "clear without streamSid"),
        ('{"event": "clear", "streamSid": "MZ0"}', "wrong streamSid"),
        ('{"event": "clear", "streamSid": "SID", "mark": 1}', "an extra field mark"),
        ('{"event": "media", "streamSid": "SID"}', "media without media"),
        ('{"event": "media", "streamSid": "SID", "media": "x"}', "media is not an object"),
        ('{"event": "media", "streamSid": "SID", "media": {}}', "media without payload"),
        ('{"event": "media", "streamSid": "SID", "media": {"payload": 1}}', "not a string"),
        ('{"event": "media", "streamSid": "SID", "media": {"payload": "?"}}', "not base64"),
        ('{"event": "media", "streamSid": "SID", "media": {"payload": ""}}', "empty payload"),
        ('{"event": "media", "streamSid": "SID", "media": {"payload": "UklGRgAA"}}', "file header"),
        (
            f'{{"event":"media","streamSid":"SID","media":{{"payload":"{GOOD}","track":1}}}}',
            "an extra field track",
        ),
        ('{"event": "mark", "streamSid": "SID"}', "mark without mark"),
        ('{"event": "mark", "streamSid": "SID", "mark": {"name": 1}}', "not a string"),
    ],
)
def test_a_message_that_breaks_the_rules_is_a_warning_without_effect(
    line: Stream, message: str, complaint: str
):
    line.stream.receive(message.replace("SID", line.sid))
    assert [(note.code, note.warning) for note in line.stream.notes] == [(31951, True)]
    assert complaint in line.stream.notes[0].message
    assert line.stream.received == []
    assert line.playback.held == 0


def test_a_binary_message_is_a_warning_of_its_own(line: Stream):
    line.stream.receive(b"\x01")
    assert [note.code for note in line.stream.notes] == [31950]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["event", "streamSid", "media", "mark", "name", "payload", "x"]), inner
        )
    ),
)


@given(st.text() | JSON.map(json.dumps))
def test_no_message_breaks_the_carrier(text: str):
    line = Stream()
    line.stream.receive(text)
    assert len(line.stream.notes) + len(line.stream.received) == 1
