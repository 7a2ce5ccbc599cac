import asyncio

import pytest

from processors.realtime.announcements import RecordingError, alike, record
from processors.realtime.endpoints import Endpoint
from tests.processors.fake_realtime import FakeRealtime

VIRTUAL_TIME = True

LINE = "I am sorry, we have a technical problem."


def recording(fake):
    endpoint = Endpoint("e", "ws://x", "key", "m")
    return asyncio.create_task(record(LINE, voice="marin", endpoint=endpoint, connect=fake.connect))


async def asked(fake):
    server = await fake.connection()
    return server, await server.asked_to_respond()


def speak(server, words):
    item_id = server.begin_message()
    server.send_words(item_id, words)
    server.send_audio_delta(item_id, 2000, rate=24_000)
    server.finish()


async def test_a_line_is_said_word_for_word_by_the_voice_that_is_asked_for():
    fake = FakeRealtime()
    take = recording(fake)
    server, request = await asked(fake)
    assert LINE in request["instructions"]
    session = server.of_kind("session.update")[0]["session"]
    assert session["audio"]["output"] == {
        "format": {"type": "audio/pcm", "rate": 24_000},
        "voice": "marin",
    }
    assert session["audio"]["input"]["turn_detection"] is None
    speak(server, LINE)
    clip = await take
    assert (clip.text, clip.sample_rate, len(clip.pcm)) == (LINE, 24_000, 48_000)


async def test_a_model_that_says_something_else_has_not_said_the_line():
    fake = FakeRealtime()
    take = recording(fake)
    server, _ = await asked(fake)
    speak(server, "Of course! How can I help you today?")
    with pytest.raises(RecordingError, match="instead"):
        await take


async def test_a_session_that_is_lost_or_silent_makes_no_line():
    fake = FakeRealtime()
    take = recording(fake)
    server, _ = await asked(fake)
    server.lose()
    with pytest.raises(RecordingError, match="1011"):
        await take
    silent = FakeRealtime()
    take = recording(silent)
    await asked(silent)
    with pytest.raises(RecordingError, match="within 30 s"):
        await take
    closed = FakeRealtime()
    closed.refuse(1)
    with pytest.raises(RecordingError, match="refused"):
        await recording(closed)


@pytest.mark.parametrize(
    ("said", "same"),
    [
        ("I'm sorry, we have a technical problem.", True),
        ("i am sorry we have a technical problem", True),
        ("I am sorry.", False),
        ("", False),
    ],
)
def test_a_contraction_is_the_same_line_and_half_of_it_is_not(said, same):
    assert alike(LINE, said) is same
