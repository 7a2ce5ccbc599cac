"""How good a line is said to be, against what is published about the E-model and RFC 3550."""

from itertools import pairwise

import pytest

from processors.call_audio.line_quality import LineQuality, estimated_mos

RATE = 8000
FRAME = 160
BPL = 4.3
"""Of G.711 without concealment: ITU-T G.113, appendix I."""


def loss_for(r: float) -> float:
    """The share of lost packets that brings a line without delay to a rating: G.107, 7.5."""
    impairment = 93.2 - r
    return BPL * impairment / (95 - impairment) / 100


def test_a_line_with_default_values_has_the_rating_of_the_recommendation():
    """R = 93.2 (ITU-T G.107, table 3) is a MOS of 4.41 (its annex B)."""
    assert estimated_mos(loss=0, delay_ms=0) == pytest.approx(4.41, abs=0.005)


@pytest.mark.parametrize(
    ("r", "mos"), [(90, 4.34), (80, 4.03), (70, 3.60), (60, 3.10), (50, 2.58), (0, 1.0)]
)
def test_ratings_are_the_opinions_of_annex_b(r, mos):
    """ITU-T G.107, table B.1: the lower limits of the categories of users' satisfaction."""
    assert estimated_mos(loss=loss_for(r), delay_ms=0) == pytest.approx(mos, abs=0.01)


def test_more_loss_or_more_delay_is_never_better():
    by_loss = [estimated_mos(loss=percent / 100, delay_ms=20) for percent in range(0, 31)]
    by_delay = [estimated_mos(loss=0, delay_ms=ms) for ms in range(0, 600, 20)]
    for opinions in (by_loss, by_delay):
        assert all(better > worse for better, worse in pairwise(opinions))
        assert all(1 <= mos <= 4.5 for mos in opinions)


def figures(*, late_ms: float = 0.0, lost_every: int = 0):
    """Ten seconds of frames; every other one is late, and one of so many never comes."""
    quality = LineQuality(RATE)
    missing = 0
    for number in range(500):
        if lost_every and number % lost_every == lost_every - 1:
            missing += FRAME
            continue
        now = number * 0.02 + (late_ms / 1000 if number % 2 else 0)
        quality.hear(bytes(FRAME * 2), start=number * FRAME, now=now, missing=missing)
    found = quality.figures()
    assert found is not None
    return found


def test_jitter_is_the_mean_difference_in_transit():
    """RFC 3550, 6.4.1: frames that are alternately on time and late by so much."""
    assert figures().jitter_ms == pytest.approx(0, abs=0.01)
    assert figures(late_ms=30).jitter_ms == pytest.approx(30, abs=0.1)


def test_jitter_and_loss_lower_the_opinion():
    jittery = [figures(late_ms=ms).mos for ms in (0, 20, 60, 150)]
    lossy = [figures(lost_every=each).mos for each in (0, 100, 20, 5)]
    for opinions in (jittery, lossy):
        assert opinions == sorted(opinions, reverse=True)
        assert len(set(opinions)) == 4
    found = figures(lost_every=20)
    assert (found.gaps, found.missing_ms, found.received_ms) == (24, 480, 9500)
