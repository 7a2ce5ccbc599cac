"""The caller's samples as a call's time: gaps, delays, and clocks that differ."""

import random

import pytest

from processors.call_audio.media_clock import MediaClock

RATE = 8000
FRAME = 160


def test_frames_in_time_follow_each_other():
    clock = MediaClock(RATE)
    assert [clock.arrived(FRAME, 5 + 0.02 * n) for n in range(4)] == [0, 160, 320, 480]
    assert clock.at(5 + 0.06) == 640


def test_a_caller_who_begins_late_begins_late():
    clock = MediaClock(RATE)
    assert clock.at(10.0) == 0
    assert clock.arrived(FRAME, 10.5) == int(0.5 * RATE) - FRAME


@pytest.mark.parametrize("stamped", [True, False])
def test_a_gap_stays_a_gap(stamped):
    clock = MediaClock(RATE)
    sent = [n * 20 for n in range(300) if not 50 <= n < 90]
    starts = [clock.arrived(FRAME, ms / 1000, ms if stamped else None) for ms in sent]
    assert starts[-1] == pytest.approx(299 * FRAME, abs=0.002 * RATE)
    assert (clock.gaps, clock.missing) == (1, pytest.approx(40 * FRAME, abs=16))


@pytest.mark.parametrize("stamped", [True, False])
def test_audio_that_catches_up_was_only_delayed(stamped):
    clock = MediaClock(RATE)
    starts = []
    for n in range(300):
        due = n * 0.02
        arrival = max(due, 1.4) if 1.0 <= due < 1.4 else due
        starts.append(clock.arrived(FRAME, arrival, n * 20 if stamped else None))
    assert starts == [n * FRAME for n in range(300)]
    assert clock.gaps == 0


def test_a_time_stamp_that_cannot_be_makes_no_gap():
    clock = MediaClock(RATE)
    clock.arrived(FRAME, 0.00, 0)
    assert clock.arrived(FRAME, 0.02, 10**11) == FRAME
    assert clock.arrived(FRAME, 0.04, 10**11 + 20) == 2 * FRAME
    assert clock.arrived(FRAME, 0.06, 0) == 3 * FRAME
    assert clock.gaps == 0


@pytest.mark.parametrize("skew", [-200e-6, 200e-6])
def test_time_follows_the_callers_own_clock(skew):
    clock = MediaClock(RATE)
    chance = random.Random(3)
    now = 0.0
    for n in range(30 * 60 * 50):
        sent = n * 0.02 / (1 + skew)
        now = max(now, sent + chance.expovariate(1 / 0.004))
        start = clock.arrived(FRAME, now)
        assert start == n * FRAME
    assert clock.gaps == 0
    # A second later, without audio, by the clock. A frame arrives when it ends.
    expected = (now + 1) * RATE * (1 + skew) + FRAME
    assert clock.at(now + 1) == pytest.approx(expected, abs=0.01 * RATE)
