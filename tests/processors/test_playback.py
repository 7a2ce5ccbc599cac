import asyncio

import pytest

from processors.playback import REMEMBERED_PARTS, Heard, Playback

RATE = 8000


@pytest.fixture
def playback():
    return Playback(RATE)


@pytest.fixture
def ended(playback):
    parts = []
    playback.listen(parts.append)
    return parts


def ms(count):
    return RATE * count // 1000


def test_what_was_played_counts_for_the_oldest_item_first(playback):
    playback.enqueued("a", 0, ms(100))
    playback.enqueued("b", 0, ms(100))
    playback.played(ms(130))

    assert playback.heard_ms("a") == 100
    assert playback.heard_ms("b") == 30
    assert playback.waiting_ms == 70


def test_an_item_ends_when_it_is_complete_and_heard(playback, ended):
    playback.enqueued("a", 0, ms(100))
    playback.played(ms(100))
    assert not ended
    playback.completed("a", 0)
    assert ended == [Heard("a", 0, 100, 100, cut=False)]
    playback.completed("a", 0)
    assert len(ended) == 1


def test_an_item_that_is_complete_ends_with_its_last_sample(playback, ended):
    playback.enqueued("a", 0, ms(100))
    playback.completed("a", 0)
    playback.played(ms(99))
    assert not ended
    playback.played(ms(1))
    assert ended == [Heard("a", 0, 100, 100, cut=False)]


def test_a_cut_fixes_what_was_heard(playback, ended):
    playback.enqueued("a", 0, ms(100))
    playback.enqueued("b", 0, ms(50))
    playback.played(ms(40))
    cut = playback.cut()
    # The transport plays on until it carries the interruption out.
    playback.played(ms(20))
    playback.cleared()

    assert cut == ended == [Heard("a", 0, 40, 100, cut=True), Heard("b", 0, 0, 50, cut=True)]
    assert playback.heard_ms("a") == 40
    assert not playback.is_playing


def test_audio_enqueued_after_a_cut_survives_the_clearing_of_what_was_before(playback):
    playback.enqueued("a", 0, ms(100))
    playback.cut()
    playback.enqueued("b", 0, ms(100))
    playback.cleared()
    playback.played(ms(30))

    assert playback.heard_ms("b") == 30


def test_a_transport_that_drops_by_itself_cuts_what_waits(playback, ended):
    playback.enqueued("a", 0, ms(100))
    playback.played(ms(10))
    playback.cleared()

    assert ended == [Heard("a", 0, 10, 100, cut=True)]
    assert not playback.is_playing


def test_an_item_that_waits_for_more_audio_is_cut_as_well(playback, ended):
    playback.enqueued("a", 0, ms(100))
    playback.played(ms(100))
    assert playback.cut() == [Heard("a", 0, 100, 100, cut=True)]
    # Nothing was playing, so there is nothing that a transport would clear.
    playback.enqueued("b", 0, ms(50))
    playback.cleared()
    assert ended[-1].item_id == "b"


def test_padding_that_a_transport_adds_counts_for_nobody(playback):
    playback.enqueued("a", 0, ms(90))
    playback.played(ms(100))
    playback.enqueued("b", 0, ms(90))

    assert playback.heard_ms("a") == 90
    assert playback.heard_ms("b") == 0


def test_parts_of_one_item_add_up(playback):
    playback.enqueued("a", 0, ms(50))
    playback.enqueued("a", 1, ms(50))
    playback.played(ms(70))
    assert playback.heard_ms("a") == 70


async def test_drained_waits_for_the_last_sample(playback):
    await playback.drained()
    playback.enqueued("a", 0, ms(100))
    waiting = asyncio.create_task(playback.drained())
    playback.played(ms(99))
    await asyncio.sleep(0)
    assert not waiting.done()
    playback.played(ms(1))
    await waiting


async def test_drained_returns_when_the_rest_is_dropped(playback):
    playback.enqueued("a", 0, ms(100))
    waiting = asyncio.create_task(playback.drained())
    await asyncio.sleep(0)
    playback.cut()
    await waiting


def test_a_long_call_does_not_pile_up_items(playback):
    for number in range(1000):
        playback.enqueued(str(number), 0, ms(20))
        playback.completed(str(number), 0)
        playback.played(ms(20))

    assert playback.heard_ms("999") == 20
    assert playback.heard_ms("1") == 0
    assert len(playback._parts) <= REMEMBERED_PARTS


def test_nothing_known_is_nothing_heard(playback):
    assert playback.heard_ms("never") == 0
    playback.completed("never", 0)
    assert playback.cut() == []


def test_what_is_suspended_waits_until_it_is_resumed(playback, ended):
    playback.enqueued("a", 0, ms(1000))
    playback.completed("a", 0)
    playback.played(ms(300))
    playback.suspend()
    playback.played(ms(50))
    playback.cleared()
    assert (playback.heard_ms("a"), playback.waiting_ms) == (300, 700)
    assert playback.is_playing
    assert playback.is_suspended
    playback.enqueued("b", 0, ms(100))
    playback.played(ms(100))
    assert playback.waiting_ms == 800
    playback.resume()
    playback.played(ms(750))
    assert ended == [Heard("a", 0, 1000, 1000, cut=False)]
    assert playback.heard_ms("b") == 50


def test_what_is_suspended_may_be_cut_and_needs_no_second_clearing(playback, ended):
    playback.enqueued("a", 0, ms(1000))
    playback.played(ms(300))
    playback.suspend()
    playback.suspend()
    playback.cleared()
    playback.enqueued("a", 0, ms(500))
    playback.cut()
    assert ended == [Heard("a", 0, 300, 1500, cut=True)]
    playback.enqueued("b", 0, ms(100))
    playback.played(ms(100))
    assert playback.heard_ms("b") == 100


def test_a_transport_that_drops_by_itself_drops_what_is_suspended(playback, ended):
    playback.enqueued("a", 0, ms(1000))
    playback.suspend()
    playback.cleared()
    assert not ended
    playback.cleared()
    assert ended == [Heard("a", 0, 0, 1000, cut=True)]
    assert not playback.is_suspended
    assert not playback.is_playing


async def test_what_is_suspended_is_not_drained(playback):
    playback.enqueued("a", 0, ms(100))
    playback.suspend()
    playback.cleared()
    draining = asyncio.create_task(playback.drained())
    await asyncio.sleep(0)
    assert not draining.done()
    playback.resume()
    playback.played(ms(100))
    await draining
