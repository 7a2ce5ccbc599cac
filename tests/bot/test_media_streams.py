"""The carrier's wire protocol: what is read, what is refused with which code."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.transports.media_streams import (
    INVALID_DATA,
    MAX_MESSAGE_BYTES,
    PROTOCOL_ERROR,
    TOO_BIG,
    UNSUPPORTED_DATA,
    Digit,
    Mark,
    Media,
    Start,
    Stop,
    StreamError,
    StreamReader,
    StreamWriter,
)

CONNECTED = {"event": "connected", "protocol": "Call", "version": "1.0.0"}
START = {
    "event": "start",
    "sequenceNumber": "1",
    "streamSid": "MZ1",
    "start": {
        "accountSid": "AC1",
        "streamSid": "MZ1",
        "callSid": "CA1",
        "tracks": ["inbound"],
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        "customParameters": {"call_id": "x"},
    },
}


def media(payload: str, **more: object) -> dict[str, object]:
    return {"event": "media", "streamSid": "MZ1", "media": {"payload": payload}, **more}


def started() -> StreamReader:
    reader = StreamReader()
    reader.read(json.dumps(CONNECTED))
    reader.read(json.dumps(START))
    return reader


def test_a_stream_from_its_start_to_its_end():
    reader = StreamReader()
    assert reader.read(json.dumps(CONNECTED)) is None
    assert reader.read(json.dumps(START)) == Start("MZ1", "CA1", "AC1", {"call_id": "x"})
    audio = base64.b64encode(b"\xff" * 160).decode()
    assert reader.read(json.dumps(media(audio, sequenceNumber="2"))) == Media(b"\xff" * 160)
    mark = {"event": "mark", "streamSid": "MZ1", "mark": {"name": "7"}}
    assert reader.read(json.dumps(mark)) == Mark("7")
    digit = {"event": "dtmf", "streamSid": "MZ1", "dtmf": {"track": "inbound_track", "digit": "#"}}
    assert reader.read(json.dumps(digit)) == Digit("#")
    assert reader.read(json.dumps({"event": "stop", "streamSid": "MZ1", "stop": {}})) == Stop()


@pytest.mark.parametrize(
    ("first", "then", "code"),
    [
        ("nothing", START, PROTOCOL_ERROR),
        ("nothing", media("/w=="), PROTOCOL_ERROR),
        ("connected", CONNECTED, PROTOCOL_ERROR),
        ("connected", media("/w=="), PROTOCOL_ERROR),
        ("connected", {"event": "start"}, INVALID_DATA),
        ("connected", {"event": "start", "start": {"streamSid": ""}}, INVALID_DATA),
        ("connected", {"event": "start", "start": {**START["start"], "callSid": 7}}, INVALID_DATA),
        (
            "connected",
            {"event": "start", "start": {**START["start"], "customParameters": {"a": 1}}},
            INVALID_DATA,
        ),
        (
            "connected",
            {"event": "start", "start": {**START["start"], "mediaFormat": {"encoding": "opus"}}},
            UNSUPPORTED_DATA,
        ),
        ("started", START, PROTOCOL_ERROR),
        ("started", {"event": "hello"}, PROTOCOL_ERROR),
        ("started", {"event": ["media"]}, PROTOCOL_ERROR),
        ("started", {}, PROTOCOL_ERROR),
        ("started", [], INVALID_DATA),
        ("started", "text", INVALID_DATA),
        ("started", media("not base64!"), INVALID_DATA),
        ("started", media("/w="), INVALID_DATA),
        ("started", {"event": "media", "media": {"payload": None}}, INVALID_DATA),
        ("started", {"event": "media", "media": "x"}, INVALID_DATA),
        ("started", {**media("/w=="), "streamSid": "MZ2"}, PROTOCOL_ERROR),
        ("started", {"event": "mark", "mark": {}}, INVALID_DATA),
        ("started", {"event": "dtmf", "dtmf": {"digit": "12"}}, INVALID_DATA),
    ],
)
def test_what_breaks_the_protocol_is_refused_with_a_code(first, then, code):
    reader = StreamReader() if first == "nothing" else started()
    if first == "connected":
        reader = StreamReader()
        reader.read(json.dumps(CONNECTED))
    with pytest.raises(StreamError) as refused:
        reader.read(json.dumps(then))
    assert refused.value.code == code
    assert len(str(refused.value).encode()) <= 123, "the reason fits into a close frame"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\x00\x01", UNSUPPORTED_DATA),
        ("", INVALID_DATA),
        ("{", INVALID_DATA),
        ("\ud800", INVALID_DATA),
        ("[" * 20_000, INVALID_DATA),
        ('"' + "x" * MAX_MESSAGE_BYTES + '"', TOO_BIG),
    ],
)
def test_what_is_no_message_at_all_is_refused_with_a_code(data, code):
    with pytest.raises(StreamError) as refused:
        started().read(data)
    assert refused.value.code == code


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
near_misses = st.fixed_dictionaries(
    {"event": st.sampled_from(["connected", "start", "media", "mark", "dtmf", "stop", "clear"])},
    optional={
        "streamSid": st.just("MZ1") | json_values,
        "start": json_values | st.fixed_dictionaries({"streamSid": json_values}),
        "media": json_values | st.fixed_dictionaries({"payload": json_values}),
        "mark": json_values | st.fixed_dictionaries({"name": json_values}),
        "dtmf": json_values | st.fixed_dictionaries({"digit": json_values}),
    },
)


@given(st.lists(st.text() | st.binary() | (json_values | near_misses).map(json.dumps), max_size=5))
def test_no_message_causes_anything_but_a_stream_error(messages):
    for reader in (StreamReader(), started()):
        for refused in refusals(reader, messages):
            assert refused.code in (INVALID_DATA, PROTOCOL_ERROR, TOO_BIG, UNSUPPORTED_DATA)
            assert len(str(refused).encode("utf-8", "replace")) <= 123


def refusals(reader: StreamReader, messages: list[str | bytes]) -> list[StreamError]:
    refused = []
    for message in messages:
        try:
            reader.read(message)
        except StreamError as error:
            refused.append(error)
    return refused


@given(stream_sid=st.text(min_size=1), audio=st.binary(max_size=400))
def test_what_is_written_is_what_the_carrier_documents(stream_sid, audio):
    try:
        stream_sid.encode()
    except UnicodeEncodeError:
        return
    writer = StreamWriter(stream_sid)
    assert json.loads(writer.media(audio)) == {
        "event": "media",
        "streamSid": stream_sid,
        "media": {"payload": base64.b64encode(audio).decode()},
    }
    assert json.loads(writer.mark("3")) == {
        "event": "mark",
        "streamSid": stream_sid,
        "mark": {"name": "3"},
    }
    assert json.loads(writer.clear()) == {"event": "clear", "streamSid": stream_sid}
