"""Both sides of a call for listeners: in their places, at no cost to the call."""

import asyncio
from functools import cache

import numpy as np
import psutil
import pytest

from processors.call_audio.alignment import Aligner
from processors.call_audio.tap import AudioTap, Piece

RATE = 8000
FRAME = 160


class Line:
    """A call whose time a test moves on, 20 ms at a time."""

    def __init__(self) -> None:
        self.now = 100.0
        self.tap = AudioTap(RATE, clock=lambda: self.now)
        self.beats = 0

    def beat(self, said: int = 0, played: int | None = None) -> None:
        """The caller says a frame of that value; the agent's frame is heard meanwhile."""
        self.beats += 1
        self.now = 100.0 + self.beats * 0.02
        self.tap.arrived(pcm(said))
        if played is not None:
            self.tap.played(pcm(played))


@cache
def pcm(value: int, samples: int = FRAME) -> bytes:
    return np.full(samples, value, np.int16).tobytes()


@pytest.fixture
def line():
    return Line()


def heard(line: Line, listener, start: int = 0) -> np.ndarray:
    aligner = Aligner(RATE, start)
    for piece in listener.take():
        aligner.add(piece)
    return np.concatenate(list(aligner.take(line.tap.position)))


async def test_both_sides_are_heard_at_the_same_time(line):
    listener = line.tap.listen()
    line.beat(said=1)
    line.beat(said=2, played=7)
    line.beat(said=3, played=8)
    line.beat(said=4)
    frames = heard(line, listener)[::FRAME]
    assert frames.tolist() == [[1, 0], [2, 7], [3, 8], [4, 0]]


async def test_a_listener_who_joins_late_starts_now(line):
    for n in range(50):
        line.beat(said=n, played=n)
    listener = line.tap.listen()
    start = line.tap.position
    line.beat(said=99, played=98)
    assert start == 50 * FRAME
    assert heard(line, listener, start)[::FRAME].tolist() == [[99, 98]]


async def test_a_slow_listener_misses_the_oldest_and_holds_nobody_up(line):
    slow, quick = line.tap.listen(ring=10), line.tap.listen()
    for n in range(100):
        line.beat(said=n)
        assert len(quick.take()) == 1
    assert slow.missed == 90
    audio = heard(line, slow)[::FRAME, 0]
    assert audio.tolist() == [0] * 90 + list(range(90, 100)), "silence stands for what was missed"


async def test_the_end_of_the_call_ends_listening(line):
    listener = line.tap.listen()
    waiting = asyncio.create_task(listener.changed.wait())
    line.tap.close()
    await waiting
    assert listener.closed
    assert line.tap.listen().closed


async def test_who_has_left_gets_nothing_more(line):
    listener = line.tap.listen()
    line.tap.leave(listener)
    line.beat(said=1)
    assert listener.take() == []
    line.tap.leave(listener)


def test_pieces_of_any_length_come_out_sample_by_sample():
    chance = np.random.default_rng(1)
    wave = chance.integers(-9000, 9000, 5000).astype(np.int16)
    aligner = Aligner(RATE, 0)
    at = 0
    taken = []
    while at < len(wave):
        size = int(chance.integers(1, 400))
        aligner.add(Piece("agent", at, wave[at : at + size].tobytes()))
        at += size
        taken += list(aligner.take(max(0, at - int(chance.integers(0, 300)))))
    taken += list(aligner.take(len(wave)))
    both = np.concatenate(taken)
    assert np.array_equal(both[:, 1], wave)
    assert not both[:, 0].any()


def test_what_comes_too_late_is_left_out_up_to_its_place():
    aligner = Aligner(RATE, 0)
    list(aligner.take(100))
    aligner.add(Piece("agent", 40, np.arange(160, dtype=np.int16).tobytes()))
    (block,) = aligner.take(200)
    assert block[:, 1].tolist() == list(range(60, 160))


async def test_an_hour_of_listening_adds_no_memory(line):
    listener = line.tap.listen()
    aligner = Aligner(RATE, 0)

    def listen(seconds: int) -> int:
        samples = 0
        for _ in range(seconds * 5):
            for n in range(10):
                line.beat(said=n, played=5 if line.beats % 500 < 250 else None)
            for piece in listener.take():
                aligner.add(piece)
            samples += sum(len(block) for block in aligner.take(line.tap.position - 2000))
        return samples

    listen(60)
    before = psutil.Process().memory_info().rss
    assert listen(3600) == 3600 * RATE
    # One side of an hour is 58 MB.
    assert psutil.Process().memory_info().rss - before < 4_000_000
    assert listener.missed == 0
