"""Checks of scenarios: what holds, and that what does not hold fails."""

import pytest

from emulators.hearing import Hints
from emulators.twilio.suite.judging import judge
from emulators.twilio.suite.listening import listen, spoken_pattern
from emulators.twilio.suite.outcome import Played, Run
from tests.emulators.suite.made_calls import call


def failed(checks, **changes):
    return [verdict.check for verdict in judge(call(checks, **changes), {}) if not verdict.passed]


@pytest.mark.parametrize(
    ("holds", "fails"),
    [
        ({"tools": [{"name": "book-hotel"}]}, {"tools": [{"name": "search-hotel"}]}),
        (
            {"tools": [{"name": "book-hotel", "count": 1}]},
            {"tools": [{"name": "book-hotel", "count": 0}]},
        ),
        (
            {"tools": [{"name": "book-hotel", "arguments": {"guests": 2}}]},
            {"tools": [{"name": "book-hotel", "arguments": {"guests": 3}}]},
        ),
        (
            {"tools": [{"name": "book-hotel", "arguments": {"guest_name": "john smith"}}]},
            {"tools": [{"name": "book-hotel", "arguments": {"guest_name": "john"}}]},
        ),
        (
            {"tools": [{"name": "book-hotel", "arguments": {"check_in": {"matches": "-06-03$"}}}]},
            {"tools": [{"name": "book-hotel", "arguments": {"check_in": {"matches": "-06-04$"}}}]},
        ),
        (
            {"tools": [{"name": "book-hotel", "arguments": {"guests": {"any": True}}}]},
            {"tools": [{"name": "book-hotel", "arguments": {"hotel_id": {"any": True}}}]},
        ),
        (
            {"tools": [{"name": "book-hotel", "agent": "hotel_booking", "is_error": False}]},
            {"tools": [{"name": "book-hotel", "agent": "hotel_booking", "is_error": True}]},
        ),
        (
            {"tools": [{"name": "book-hotel", "agent": "hotel_booking"}]},
            {"tools": [{"name": "book-hotel", "agent": "front_desk"}]},
        ),
        ({"data": {"city": "paris"}}, {"data": {"city": "Rome"}}),
        ({"data": {"day": None}}, {"data": {"day": {"any": True}}}),
        ({"record": {"status": "completed"}}, {"record": {"status": "busy"}}),
        ({"agents": ["front_desk", "hotel_booking"]}, {"agents": ["front_desk"]}),
        ({"said": ["two (hotels|flights)"]}, {"said": ["three hotels"]}),
        ({"said": ["number is {number}"]}, {"said": ["number is {other}"]}),
        ({"never": ["goodbye"]}, {"never": ["your CONFIRMATION"]}),
        (
            {"events": [{"type": "dtmf.received", "fields": {"digits": "12#"}}]},
            {"events": [{"type": "dtmf.received", "fields": {"digits": "1"}}]},
        ),
        (
            {"events": [{"type": "interruption", "count": 0}]},
            {"events": [{"type": "interruption"}]},
        ),
        ({"ended_by": "agent"}, {"ended_by": "caller"}),
    ],
    ids=str,
)
def test_a_check_holds_or_fails(holds, fails):
    said = {"memory": {"number": "(4 0 7 1 1 9)"}}
    assert failed(holds, **said) == []
    assert len(failed(fails, **said)) == 1


def test_a_remembered_number_is_compared_as_one():
    checks = {"tools": [{"name": "cancel", "arguments": {"number": "{number}"}}]}
    cancelled = {
        "tool": "cancel",
        "agent": "desk",
        "arguments": {"number": "407119"},
        "is_error": False,
    }
    assert failed(checks, record={"tool_calls": [cancelled]}) == []


def test_what_went_wrong_beside_the_checks_fails_a_call():
    assert failed({"ended_by": "agent"}, failures=["carrier's error 11200: no answer"])
    assert failed({"ended_by": "agent"}, gave_up=True) == ["the call is over within 400 s"]
    assert failed({"ended_by": "agent"}, spans=[]) == ["the agent's words were heard as sound"]


def test_a_call_that_nobody_took_was_ended_by_nobody():
    assert failed({"ended_by": "nobody"}, events=[], record={"status": "busy"}) == []


class Ear:
    """Hears the same in everything."""

    def __init__(self, text: str) -> None:
        self.text = text

    async def transcribe(self, pcm: bytes, *, sample_rate: int, hints: Hints) -> str:
        return self.text

    async def warm_up(self, hints: Hints) -> None:
        """Nothing to do."""

    async def close(self) -> None:
        """Nothing to do."""


@pytest.mark.parametrize(
    ("sentence", "ear", "passed"),
    [
        ("your confirmation number is {digits_6}", "your confirmation number is four oh", True),
        ("your confirmation number is {digits_6}", "goodbye", False),
        ("your booking is cancelled", "your booking is cancelled", False),
    ],
    ids=["said and heard", "said and not heard", "never said"],
)
async def test_a_sentence_counts_when_it_was_said_and_the_ear_understood_it(sentence, ear, passed):
    evidence = call({"heard": [sentence]})
    overheard = await listen(evidence, Ear(ear))
    assert all(each.passed for each in judge(evidence, overheard)) is passed


def test_slots_stand_for_words_that_are_spoken():
    assert spoken_pattern("I found {number} hotels") == r"\bi\ found ?[a-z' ]+? ?hotels"


def test_pass_k_is_the_share_of_scenarios_that_passed_every_time():
    good, bad = call(), call({"ended_by": "caller"})
    bad.scenario = bad.scenario.model_copy(update={"name": "books a flight"})
    played = [
        Played(team="travel", round=number, evidence=each, verdicts=judge(each, {}))
        for each, number in ((good, 1), (good, 2), (bad, 1))
    ]
    run = Run(played, 2, 60)
    assert (run.passed, round(run.pass_rate, 2), run.pass_all) == (False, 0.67, 0.5)
    assert not Run([], 1, 0).passed
