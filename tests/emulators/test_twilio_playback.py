"""The carrier's playback buffer: real time, marks, clear, and what was heard, sample-exactly."""

from hypothesis import given
from hypothesis import strategies as st

from emulators.twilio.frames import SILENT_FRAME
from emulators.twilio.playback import Playback, Stretch
from emulators.twilio.telephone import Telephone


def play(playback: Playback) -> bytes:
    frame, marks = playback.play()
    for reached in marks:
        reached()
    return frame


def test_an_empty_buffer_plays_silence():
    playback = Playback()
    assert play(playback) == SILENT_FRAME
    assert playback.heard == SILENT_FRAME
    assert playback.stretches == []


def test_audio_is_played_in_order_whatever_its_pieces_and_fills_up_with_silence():
    playback = Playback()
    playback.add(b"\x01" * 100)
    playback.add(b"\x02" * 100)
    assert play(playback) == b"\x01" * 100 + b"\x02" * 60
    assert play(playback) == b"\x02" * 40 + b"\xff" * 120
    assert playback.stretches == [Stretch(0, 200)]


def test_a_mark_is_reached_with_the_frame_that_ends_the_audio_before_it():
    playback = Playback()
    reached = []
    playback.add(b"\x01" * 320)
    playback.mark(lambda: reached.append("a"))
    playback.add(b"\x01")
    playback.mark(lambda: reached.append("b"))
    play(playback)
    assert reached == []
    play(playback)
    assert reached == ["a"]
    play(playback)
    assert reached == ["a", "b"]


def test_a_mark_with_nothing_before_it_is_reached_at_once():
    reached = []
    Playback().mark(lambda: reached.append("a"))
    assert reached == ["a"]


def test_clear_drops_what_was_not_played_and_reaches_its_marks_in_order():
    playback = Playback()
    reached = []
    playback.add(b"\x01" * 200)
    playback.mark(lambda: reached.append("a"))
    playback.add(b"\x02" * 100)
    playback.mark(lambda: reached.append("b"))
    play(playback)
    playback.clear()
    assert reached == ["a", "b"]
    assert playback.cleared == [(160, 140)]
    assert playback.held == 0
    assert play(playback) == SILENT_FRAME


@given(st.lists(st.integers(1, 500), max_size=20), st.integers(0, 60))
def test_what_was_heard_is_what_was_added_followed_by_silence(sizes: list[int], extra: int):
    playback = Playback()
    sent = b"".join(bytes([index]) * size for index, size in enumerate(sizes))
    for index, size in enumerate(sizes):
        playback.add(bytes([index]) * size)
    for _ in range(-(-len(sent) // 160) + extra):
        play(playback)
    assert playback.heard.startswith(sent)
    assert set(playback.heard[len(sent) :]) <= {0xFF}
    assert playback.stretches == ([Stretch(0, len(sent))] if sent else [])


def test_a_telephone_picks_up_the_noise_of_its_room_while_nothing_is_said():
    phone = Telephone()
    assert phone.beat(SILENT_FRAME) == SILENT_FRAME
    phone.room = bytes(range(1, 101))
    noise = phone.beat(SILENT_FRAME) + phone.beat(SILENT_FRAME)
    assert noise == (phone.room * 5)[60:380]
    assert phone.said == SILENT_FRAME + noise
