import math
from itertools import product

import pytest

from emulators.hearing.automaton import FINAL, START, transitions
from emulators.hearing.rules import parse

RULES = {
    "utterance": "<lead> <phrase> <tail>",
    "lead": "/9/ <NULL> | /1/ well",
    "phrase": "fly to <city> | fly to <city> on <day> | to <city> | <day>",
    "city": "rome | new york | new delhi",
    "day": "( may | june ) <ordinal> | the <ordinal>",
    "ordinal": "first | second",
    "tail": "[ please ]",
}
SLOTS = frozenset({"city", "day"})


def sentences(arcs, state=START):
    """Every sentence that the arcs allow, with its probability; one entry for each path."""
    if state == FINAL:
        yield (), 1.0
    for source, target, probability, *word in arcs:
        if source == state:
            for rest, share in sentences(arcs, target):
                yield (*word, *rest), probability * share


@pytest.fixture(scope="module")
def arcs():
    return transitions({name: parse(rule) for name, rule in RULES.items()}, "utterance", SLOTS)


def expected():
    cities = ["rome", "new york", "new delhi"]
    days = [f"{m} {o}" for m, o in product(("may", "june", "the"), ("first", "second"))]
    phrases = [f"fly to {c}" for c in cities] + [f"to {c}" for c in cities] + days
    phrases += [f"fly to {c} on {d}" for c, d in product(cities, days)]
    return {
        " ".join(f"{lead} {phrase} {tail}".split())
        for lead, phrase, tail in product(("", "well"), phrases, ("", "please"))
    }


def test_it_says_what_the_rules_say_and_nothing_else(arcs):
    assert {" ".join(words) for words, _ in sentences(arcs)} == expected()


def test_probabilities_are_those_of_the_rules(arcs):
    shares = {}
    for words, share in sentences(arcs):
        shares[" ".join(words)] = shares.get(" ".join(words), 0.0) + share
    assert math.isclose(sum(shares.values()), 1.0, rel_tol=1e-6)
    assert math.isclose(shares["fly to rome"], 0.9 * 0.25 / 3 * 0.5, rel_tol=1e-6)
    assert math.isclose(shares["well the first please"], 0.1 * 0.25 * 0.25 * 0.5, rel_tol=1e-6)


def test_phrases_share_their_beginnings_and_ends(arcs):
    words = [arc[3] for arc in arcs if len(arc) == 4]
    assert words.count("fly") == 2  # at the start, and behind "well": one automaton from there on
    assert words.count("rome") == 2  # where "on" can follow, and where it cannot


def test_a_shorter_phrase_can_end_where_a_longer_one_goes_on():
    rules = {"utterance": "<name>", "name": "john [ smith ]"}
    arcs = transitions({k: parse(v) for k, v in rules.items()}, "utterance", frozenset({"name"}))
    assert {words for words, _ in sentences(arcs)} == {("john",), ("john", "smith")}
