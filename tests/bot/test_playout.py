"""Outgoing audio: at once up to the lead, then at the pace of playing; marks say what was heard."""

from bot.transports.playout import Playout

RATE = 8000
SECOND = b"\x7f" * RATE


def send_all(playout: Playout, now: float) -> list[tuple[str, int]]:
    sent = []
    while chunk := playout.next_chunk(now):
        sent.append((chunk.mark, len(chunk.audio)))
    return sent


def test_audio_goes_out_at_once_until_the_peer_is_a_lead_ahead():
    playout = Playout(sample_rate=RATE, lead_s=1.0, chunk_s=0.1)
    playout.add(SECOND * 3)
    sent = send_all(playout, now=100.0)
    assert RATE <= sum(size for _, size in sent) <= 8800, "a second, at most a chunk more"
    assert playout.delay(100.0) > 0
    assert playout.has_waiting


def test_beyond_the_lead_audio_goes_out_at_the_pace_of_playing():
    playout = Playout(sample_rate=RATE, lead_s=1.0, chunk_s=0.1)
    playout.add(SECOND * 3)
    send_all(playout, now=100.0)
    now = 100.0 + playout.delay(100.0)
    now += 0.001
    assert [size for _, size in send_all(playout, now)] == [800]
    assert [size for _, size in send_all(playout, now + 0.5)] == [800] * 5


def test_a_short_rest_does_not_wait_to_fill_a_chunk():
    playout = Playout(sample_rate=RATE)
    playout.add(b"\x7f" * 30)
    assert send_all(playout, now=5.0) == [("1", 30)]


def test_marks_tell_what_was_heard_and_may_be_skipped():
    playout = Playout(sample_rate=RATE, chunk_s=0.1)
    playout.add(b"\x7f" * 2000)
    assert send_all(playout, now=5.0) == [("1", 800), ("2", 800), ("3", 400)]
    assert len(playout.heard("2", 5.0)) == 1600
    assert len(playout.heard("1", 5.0)) == 0
    assert not playout.is_done
    assert len(playout.heard("3", 5.0)) == 400
    assert playout.is_done


def test_marks_from_before_a_clear_do_not_count():
    playout = Playout(sample_rate=RATE)
    playout.add(b"\x7f" * 800)
    (mark, _), *_ = send_all(playout, now=5.0)
    assert playout.clear() is True
    assert playout.is_done
    playout.add(b"\x7f" * 100)
    (fresh, _), *_ = send_all(playout, now=5.0)
    assert len(playout.heard(mark, 5.0)) == 0
    assert len(playout.heard(fresh, 5.0)) == 100


def test_clear_says_whether_the_peer_holds_anything():
    playout = Playout(sample_rate=RATE)
    assert playout.clear() is False
    playout.add(SECOND)
    assert playout.clear() is False, "nothing of it had been sent"


def test_a_clear_gives_the_whole_lead_back():
    playout = Playout(sample_rate=RATE, lead_s=1.0)
    playout.add(SECOND * 2)
    send_all(playout, now=5.0)
    playout.clear()
    playout.add(SECOND)
    assert sum(size for _, size in send_all(playout, now=5.0)) == RATE


def test_a_pause_in_speaking_is_no_debt():
    playout = Playout(sample_rate=RATE, lead_s=1.0)
    playout.add(b"\x7f" * 800)
    send_all(playout, now=5.0)
    playout.add(SECOND * 2)
    assert RATE <= sum(size for _, size in send_all(playout, now=60.0)) <= 8800


def test_an_unknown_mark_is_nothing():
    assert Playout(sample_rate=RATE).heard("1", 5.0) == b""
