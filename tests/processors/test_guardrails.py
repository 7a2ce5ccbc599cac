"""What is found in an agent's words, and what a guardrail may be."""

import pytest

from agents import Guardrail
from processors.guardrails import GuardedWords

RETURNS = Guardrail(name="returns", phrases=("guaranteed returns",), patterns=(r"\d+ ?percent",))


def read(*pieces, guardrails=(RETURNS,)):
    """What is met, and before which pieces nothing may be heard."""
    words, waits = GuardedWords(guardrails), []
    for piece in pieces:
        if trip := words.add(piece):
            return trip.words, waits
        waits.append(words.is_open)
    trip = words.end()
    return trip and trip.words, waits


@pytest.mark.parametrize(
    ("pieces", "met"),
    [
        (["We have guaranteed returns here"], "guaranteed returns"),
        (["We have", " guaran", "teed", " re", "turns", " here"], "guaranteed returns"),
        (["GUARANTEED,", " Returns"], "GUARANTEED, Returns"),
        (["guaranteed", " returning", " customers"], None),
        (["unguaranteed returns"], None),
        (["it is 1", "2", " per", "cent", "."], "12 percent"),
        (["Nothing is guaranteed"], None),
    ],
)
def test_what_is_forbidden_is_met_however_the_words_come(pieces, met):
    assert read(*pieces)[0] == met


def test_nothing_waits_but_what_may_become_forbidden():
    assert read("Our ", "fund ", "has ", "guaranteed ", "prices") == (
        None,
        [False, False, False, True, False],
    )


def test_apostrophes_are_the_same_in_any_script():
    promise = Guardrail(name="promise", phrases=("can’t lose",))
    assert read("You can't lose.", guardrails=[promise])[0] == "can't lose"
    assert read("You can’t lose.", guardrails=[promise])[0] == "can't lose"


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({}, "needs phrases or patterns"),
        ({"phrases": ("!",)}, "without words"),
        ({"patterns": ("(",)}, "is none"),
        ({"patterns": ("x?",)}, "forbids silence"),
        ({"phrases": ("no",), "instead": "No, sorry."}, "said instead"),
    ],
)
def test_a_guardrail_that_makes_no_sense_is_refused(fields, problem):
    with pytest.raises(ValueError, match=problem):
        Guardrail(name="g", **fields)
