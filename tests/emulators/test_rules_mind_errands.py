"""Calls in which the agent wants something of whoever answers, in text."""

import json
from datetime import date

import pytest

from emulators.realtime.minds.understanding.errand import is_declined, read_errand
from emulators.realtime.minds.understanding.months import find_month
from emulators.realtime.minds.understanding.times import find_times, spoken_time
from emulators.realtime.minds.understanding.utterance import Utterance
from tests.emulators.phone_desk import CHANGES, END_CALL, TODAY, PhoneDesk, function, transfer

TEXT = {"type": "string"}
BUSINESS = {**TEXT, "description": "The name of the business"}
NOTE_QUOTE = function(
    "note-quote",
    f"Note a quote: what a business asks for a service.{CHANGES}",
    {
        "service": {**TEXT, "description": "The service or thing asked for"},
        "business": BUSINESS,
        "price": {"type": "number", "description": "The price"},
        "availability": {**TEXT, "description": "When it can be done"},
        "valid_until": {**TEXT, "format": "date", "description": "The last day it is valid"},
    },
    "availability",
    "valid_until",
)
MAKE_APPOINTMENT = function(
    "make-appointment",
    f"Make an appointment that a business gives.{CHANGES}",
    {
        "business": BUSINESS,
        "day": {**TEXT, "format": "date", "description": "The day"},
        "at": {**TEXT, "format": "time", "description": "The time, HH:MM"},
        "confirmation_number": {**TEXT, "description": "The confirmation number"},
    },
    "confirmation_number",
)
DESKS = {
    "main": [
        NOTE_QUOTE,
        transfer("appointments", "Transfer the caller. Makes an appointment with a business."),
        END_CALL,
    ],
    "appointments": [MAKE_APPOINTMENT, END_CALL],
}
TOOLS = {
    "note-quote": lambda _arguments: {"summary": "I noted it."},
    "make-appointment": lambda arguments: {"summary": f"It is at {arguments['at']}."},
}


def errand(request: str) -> PhoneDesk:
    facts = {"business": "Mike's", "request": request, "user": {"name": "John Doe", "car": "Camry"}}
    told = f"You call businesses.\n\n# What is known about this call\n{json.dumps(facts)}"
    return PhoneDesk(desk="main", desks=DESKS, tools=TOOLS, instructions=told)


async def test_a_quote_is_asked_for_read_back_and_noted():
    call = errand("get a quote for an oil change")
    assert await call.hears("hello") == (
        "Hello, this is an automated assistant calling for John Doe. "
        "I would like to get a quote for an oil change. What is the price?"
    )
    assert await call.hears("forty nine dollars and fifty cents") == "When can it be done?"
    said = await call.hears("on Friday")
    assert said == (
        "I will note the quote: price 49 dollars and 50 cents, when it can be done on Friday. "
        "Is that right?"
    )
    assert "anything else" in await call.hears("yes")
    assert call.calls[-1] == (
        "note-quote",
        {
            "service": "oil change",
            "business": "Mike's",
            "price": 49.5,
            "availability": "on Friday",
        },
    )
    assert "Goodbye" in await call.hears("no that is all")
    assert call.ended


async def test_who_says_nothing_hears_the_opening_and_is_asked_all_the_same():
    call = errand("get a quote for an oil change")
    assert (await call.respond()).endswith("What is the price?")
    assert await call.hears("forty nine dollars") == "When can it be done?"


async def test_a_colleague_goes_on_as_if_it_were_one_call():
    call = errand("book an appointment for a check up")
    said = await call.hears("hello")
    assert said.endswith("I would like to book an appointment for a check up. What is the day?")
    assert call.desk == "appointments"
    await call.hears("next Monday")
    await call.hears("ten thirty in the morning")
    said = await call.hears("there is no number")
    assert said.endswith("day November 30th, time 10:30 AM. Is that right?")
    assert "What should I change?" in await call.hears("no that is wrong")
    await call.hears("the time")
    assert "time 2 PM" in await call.hears("at two")
    await call.hears("yes")
    assert call.calls[-1][1]["at"] == "14:00"


async def test_what_they_want_to_know_is_answered_and_the_question_put_again():
    call = errand("get a quote for an oil change")
    await call.hears("hello")
    assert await call.hears("what car is it") == "The car is Camry. What is the price?"
    assert "calling for John Doe" in await call.hears("who is calling")


@pytest.mark.parametrize("answer", ["we are closed", "we do not do that", "wrong number"])
async def test_a_refusal_ends_the_call_politely(answer):
    call = errand("get a quote for an oil change")
    await call.hears("hello")
    assert await call.hears(answer) == "I see. Thank you anyway. Goodbye!"
    assert call.ended


def test_only_a_request_makes_an_errand():
    assert read_errand('You help.\n{"business": "Mike\'s"}') is None
    assert read_errand("{no json") is None
    assert not is_declined("yes we do that")


@pytest.mark.parametrize(
    ("said", "time"),
    [
        ("at two", "14:00"),
        ("ten thirty in the morning", "10:30"),
        ("half past two", "14:30"),
        ("quarter to nine in the evening", "20:45"),
        ("three o'clock", "15:00"),
        ("8:15 pm", "20:15"),
        ("noon", "12:00"),
        ("nine oh five", "09:05"),
    ],
)
def test_times_of_day(said, time):
    [found] = find_times(Utterance(said, TODAY), bare=True)
    assert found.value == time


def test_a_number_is_no_time_unless_a_time_was_asked_for():
    assert find_times(Utterance("two people", TODAY), bare=False) == []
    assert spoken_time("00:05") == "12:05 AM"


@pytest.mark.parametrize(
    ("said", "month"),
    [
        ("in October", "2026-10"),
        ("in December", "2025-12"),
        ("last month", "2026-10"),
        ("this month", "2026-11"),
        ("in May 2024", "2024-05"),
        ("what did I spend", None),
    ],
)
def test_months_are_looked_back_at(said, month):
    assert find_month(Utterance(said, TODAY)) == month


def test_the_month_before_january_is_in_the_year_before():
    assert find_month(Utterance("last month", date(2026, 1, 5))) == "2025-12"
