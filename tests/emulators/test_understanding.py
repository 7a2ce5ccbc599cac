"""What is understood of single sentences."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from num2words import num2words

from emulators.realtime.minds.understanding.acts import Act, act_of, is_question, is_request
from emulators.realtime.minds.understanding.briefing import read_briefing
from emulators.realtime.minds.understanding.dates import find_dates, find_durations, spoken_date
from emulators.realtime.minds.understanding.numbers import find_digits, find_numbers
from emulators.realtime.minds.understanding.parameters import Kind, parameters_of
from emulators.realtime.minds.understanding.results import find_row, read_result
from emulators.realtime.minds.understanding.slots import listen
from emulators.realtime.minds.understanding.utterance import Utterance
from emulators.realtime.minds.understanding.words import tokenize

TODAY = date(2026, 11, 21)  # a Saturday


def dates(text: str) -> list[str]:
    return [str(mention.day or mention.problem) for mention in find_dates(tokenize(text), TODAY)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("June third", ["2027-06-03"]),
        ("on the 3rd of June", ["2027-06-03"]),
        ("november twenty first", ["2026-11-21"]),
        ("November 20", ["2027-11-20"]),
        ("from June third to the sixth", ["2027-06-03", "2027-06-06"]),
        ("from June third to sixth", ["2027-06-03", "2027-06-06"]),
        ("from June 3 until 6 for two people", ["2027-06-03", "2027-06-06"]),
        ("the fourth or the twenty fifth of June", ["2027-06-04", "2027-06-25"]),
        ("from the fourth to the fifth of June", ["2027-06-04", "2027-06-05"]),
        ("the second one or June fifth", ["2027-06-05"]),
        ("June fourth or fifth", ["2027-06-04", "2027-06-05"]),
        ("from June third and two people", ["2027-06-03"]),
        ("June third or fifth one", ["2027-06-03"]),
        ("december twenty fourth to january second", ["2026-12-24", "2027-01-02"]),
        ("from June sixth to June third", ["2027-06-06", "2027-06-03"]),
        ("2027-06-03", ["2027-06-03"]),
        ("6/3", ["2027-06-03"]),
        ("12/24/2026", ["2026-12-24"]),
        ("march first twenty twenty eight", ["2028-03-01"]),
        ("march first two thousand and twenty eight", ["2028-03-01"]),
        ("today", ["2026-11-21"]),
        ("tomorrow", ["2026-11-22"]),
        ("the day after tomorrow", ["2026-11-23"]),
        ("in two weeks", ["2026-12-05"]),
        ("friday", ["2026-11-27"]),
        ("next monday", ["2026-11-30"]),
        ("Friday, June fourth", ["2027-06-04"]),
        ("february twenty ninth", ["2028-02-29"]),
        ("february thirtieth", ["February has no day 30."]),
        ("june thirty first", ["June has no day 31."]),
        ("february 29 2027", ["February in 2027 has no day 29."]),
        ("13/13", ["There is no month number 13."]),
        ("yesterday", ["November 20th 2026 is in the past."]),
        ("may I book the first one", []),
        ("the third one", []),
        ("june third for two people", ["2027-06-03"]),
    ],
)
def test_dates(text, expected):
    assert dates(text) == expected


@given(st.dates(TODAY, TODAY + timedelta(days=364)))
def test_a_date_that_is_said_is_understood(day):
    assert dates(f"on {spoken_date(day, TODAY)} please") == [str(day)]
    words = f"{day:%B} {num2words(day.day, to='ordinal')}".replace("-", " ")
    assert dates(words.lower()) == [str(day)]


@given(st.text(max_size=60))
def test_any_text_can_be_listened_to(text):
    utterance = Utterance(text, TODAY)
    heard = listen(HOTEL + FLIGHT + BOOKING, utterance, asked=HOTEL[0], rows=ROWS)
    assert set(heard.values).isdisjoint(heard.problems)
    act_of(text)


def test_durations():
    found = find_durations(tokenize("three nights, or a week, in two days"))
    assert [span.days for span in found] == [3, 7]


@given(st.integers(0, 999_999))
def test_a_number_that_is_said_is_understood(number):
    words = num2words(number).replace("-", " ").replace(",", "")
    assert [n.value for n in find_numbers(tokenize(words))] == [number]
    assert [n.value for n in find_numbers(tokenize(f"about {number:,} dollars"))] == [number]


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("four seven one nine three two", ["471932"]),
        ("four seven one, nine three two", ["471932"]),
        ("forty seven nineteen thirty two", ["471932"]),
        ("double four seven oh", ["4470"]),
        ("4 7 1 9 3 2", ["471932"]),
        ("471-932", ["471932"]),
        ("two people", []),
    ],
)
def test_digits(text, digits):
    assert [run for run, _, _ in find_digits(tokenize(text))] == digits


HOTEL = parameters_of(
    {
        "properties": {
            "city": {"type": "string", "description": "The city", "examples": ["Paris", "Rome"]},
            "check_in": {"type": "string", "format": "date"},
            "check_out": {"type": "string", "format": "date"},
            "guests": {"type": "integer", "minimum": 1, "maximum": 8},
            "max_price": {"type": "number", "description": "The highest price in dollars"},
        }
    }
)
FLIGHT = parameters_of(
    {
        "properties": {
            "origin": {"type": "string"},
            "destination": {"type": "string"},
            "passengers": {"type": "integer"},
        }
    }
)
BOOKING = parameters_of(
    {
        "properties": {
            "hotel_id": {"type": "string"},
            "guest_name": {"type": "string", "description": "The name for the booking"},
            "number": {"type": "string", "pattern": "^[0-9]{6}$"},
            "email": {"anyOf": [{"type": "string", "format": "email"}, {"type": "null"}]},
        }
    }
)
ROWS = [
    {"hotel_id": "a", "name": "Lutetia", "price": 210, "rating": 4.5},
    {"hotel_id": "b", "name": "Morning Star", "price": 120, "rating": 3},
    {"hotel_id": "c", "name": "Hotel Grand Ritz", "price": 480, "rating": 5},
]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (
            "a hotel in paris from June third to June sixth for two people",
            {"city": "Paris", "check_in": "2027-06-03", "check_out": "2027-06-06", "guests": 2},
        ),
        (
            "three nights in rome from june third, just me, under 200 dollars",
            {
                "city": "Rome",
                "check_in": "2027-06-03",
                "check_out": "2027-06-06",
                "guests": 1,
                "max_price": 200,
            },
        ),
        (
            "I would like to book a hotel in Atlantis for my wife and I",
            {"city": "Atlantis", "guests": 2},
        ),
        ("something in parris", {"city": "Paris"}),
        ("a five star hotel", {}),
    ],
)
def test_values_in_a_sentence(text, values):
    assert listen(HOTEL, Utterance(text, TODAY)).values == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (
            "from london to new york for two",
            {"origin": "London", "destination": "New York", "passengers": 2},
        ),
        ("to Buenos Aires on june third", {"destination": "Buenos Aires"}),
        ("I want to fly from oslo", {"origin": "Oslo"}),
    ],
)
def test_from_and_to_are_told_apart(text, values):
    assert listen(FLIGHT, Utterance(text, TODAY)).values == values


@pytest.mark.parametrize(
    ("asked", "text", "value"),
    [
        (HOTEL[0], "rome please", "Rome"),
        (HOTEL[0], "um I said reykjavik", "Reykjavik"),
        (HOTEL[0], "I don't know", None),
        (HOTEL[0], "the second one", None),
        (HOTEL[3], "four", 4),
        (HOTEL[2], "the sixth of june", "2027-06-06"),
        (BOOKING[0], "the grand ritz", "c"),
        (BOOKING[0], "two", "b"),
        (BOOKING[1], "it's Seán O'Neil please", "Seán O'Neil"),
        (BOOKING[1], "anna-maria smith", "Anna-Maria Smith"),
        (BOOKING[1], "I don't know", None),
        (BOOKING[2], "four seven one nine three two", "471932"),
        (BOOKING[3], "anna dot smith at example dot com", "anna.smith@example.com"),
    ],
)
def test_answers_to_a_question(asked, text, value):
    parameters = HOTEL if asked in HOTEL else BOOKING
    heard = listen(parameters, Utterance(text, TODAY), asked=asked, rows=ROWS)
    assert heard.values.get(asked.name) == value


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("the first one", "a"),
        ("the last one please", "c"),
        ("option two", "b"),
        ("the cheapest", "b"),
        ("the best one", "c"),
        ("morning star", "b"),
        ("the lutecia", "a"),
        ("the hotel", None),
        ("two people", None),
        ("the fourth one", None),
    ],
)
def test_references_to_results(text, row):
    found = find_row(tokenize(text), ROWS)
    assert (found["hotel_id"] if found else None) == row


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("yes please", Act.YES),
        ("sure go ahead", Act.YES),
        ("that's right", Act.YES),
        ("no", Act.NO),
        ("no thank you", Act.DONE),
        ("no that's all thanks", Act.DONE),
        ("thank you goodbye", Act.GOODBYE),
        ("um could you repeat that", Act.REPEAT),
        ("what can you do for me", Act.HELP),
        ("what city did I say", Act.RECALL),
        ("never mind", Act.FORGET),
        ("just a moment", Act.WAIT),
        ("good morning", Act.GREETING),
        ("thank you very much", Act.THANKS),
        ("um", Act.SILENCE),
        ("", Act.SILENCE),
        ("I need a hotel", None),
        ("two people", None),
    ],
)
def test_acts(text, act):
    assert act_of(text) is act


def test_questions_and_requests_are_told_apart():
    for text in ("how much is a hotel in rome", "and what does it cost", "is there a pool"):
        assert is_question(text)
        assert not is_request(text)
    for text in ("I need a hotel", "can you book it", "actually cancel my booking"):
        assert is_request(text)
        assert not is_question(text)


def test_kinds_and_questions_come_from_the_schema():
    kinds = [parameter.kind for parameter in (*HOTEL, *BOOKING)]
    assert kinds == [
        *(Kind.PLACE, Kind.DATE, Kind.DATE, Kind.NUMBER, Kind.MONEY),
        *(Kind.ROW, Kind.NAME, Kind.DIGITS, Kind.EMAIL),
    ]
    assert HOTEL[0].question == "What is the city?"
    assert HOTEL[1].question == "What is the check in?"
    assert BOOKING[1].question == "What is the name for the booking?"


@pytest.mark.parametrize(
    ("output", "summary", "is_error"),
    [
        ('{"summary": "Two hotels.", "hotels": [{"id": 1}]}', "Two hotels.", False),
        ('{"error": "no-such is unknown."}', "That is unknown.", True),
        ('{"status": "ok", "count": 2}', "Status ok, count 2.", False),
        ("It rains.", "It rains.", False),
        ("Error: broken", "Error: broken", True),
        ("[]", "That is done.", False),
        ("", "", False),
    ],
)
def test_results(output, summary, is_error):
    result = read_result("no-such", output)
    assert (result.summary, result.is_error) == (summary, is_error)


def test_a_briefing_of_any_model_is_understood():
    text = (
        "front_desk has just transferred the caller to you, hotel_booking.\n"
        "Reason: wants a hotel\nWhat is known: city Paris, two guests\nGo on."
    )
    briefing = read_briefing(text)
    assert briefing
    assert (briefing.who, briefing.reason) == ("front_desk", "wants a hotel")
    assert briefing.context == "city Paris, two guests"
    assert read_briefing("The caller has been transferred before.") is None
