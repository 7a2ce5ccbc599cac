"""Whole conversations with the rules mind, in text."""

from emulators.realtime.mind import Call, Say
from tests.emulators.phone_desk import PhoneDesk

REQUEST = "I need a hotel in Paris from June third to June sixth for two people"
STAY = {"check_in": "2027-06-03", "check_out": "2027-06-06", "guests": 2}


async def test_hotel_is_searched_booked_and_the_caller_comes_back():
    call = PhoneDesk()
    greeting = 'Say to the caller: "Thank you for calling. How can I help you?"'
    assert await call.respond(instructions=greeting) == (
        "Thank you for calling. How can I help you?"
    )

    said = await call.hears(REQUEST)
    assert call.desk == "hotel_booking"
    assert call.calls[-1] == ("search-hotel", {"city": "Paris", **STAY})
    assert "I found three hotels in Paris." in said

    assert "name for the booking" in await call.hears("book the first one")

    said = await call.hears("anna smith")
    assert call.calls[-1][0] == "search-hotel", "nothing is booked without a yes"
    for part in ("Lutetia", "June 3rd", "June 6th", "2 guests", "Anna Smith"):
        assert part in said

    said = await call.hears("yes please")
    booking = {"hotel_id": "h-lutetia", **STAY, "guest_name": "Anna Smith"}
    assert call.calls[-1] == ("book-hotel", booking)
    assert "4 7 1 9 3 2" in said

    assert "anything else" in await call.hears("no thank you")
    assert call.desk == "front_desk"

    assert "Goodbye" in await call.hears("goodbye")
    assert call.calls[-1][0] == "end_call"
    assert call.ended


async def test_booking_is_shown_confirmed_and_cancelled():
    call = PhoneDesk()
    said = await call.hears("cancel my booking four seven one nine three two")
    assert call.desk == "post_booking"
    assert call.calls[-1] == ("get-booking", {"confirmation_number": "471932"})
    assert "Lutetia" in said
    assert said.endswith("Shall I go ahead?")

    assert "is cancelled" in await call.hears("yes")
    assert call.calls[-1] == ("cancel-booking", {"confirmation_number": "471932"})


async def test_cancellation_is_left_when_the_caller_keeps_the_booking():
    call = PhoneDesk()
    await call.hears("cancel my booking four seven one nine three two")
    assert "anything else" in await call.hears("no keep it")
    assert "cancel-booking" not in dict(call.calls)


async def test_unknown_number_is_asked_for_again():
    call = PhoneDesk()
    said = await call.hears("cancel my booking one two three four five six")
    assert "no booking with the number 1 2 3 4 5 6" in said
    assert said.endswith("What is the six-digit confirmation number?")
    assert "Shall I go ahead?" in await call.hears("four seven one nine three two")


async def test_missing_parameters_are_asked_one_by_one():
    call = PhoneDesk()
    assert await call.hears("I need a hotel") == (
        "One moment, I will connect you with hotel booking. What is the city?"
    )
    assert await call.hears("rome please") == "What is the check-in date?"
    assert await call.hears("from june third") == "What is the check-out date?"
    assert await call.hears("the sixth of june") == "How many guests?"
    await call.hears("just me")
    stay = {"city": "Rome", "check_in": "2027-06-03", "check_out": "2027-06-06", "guests": 1}
    assert call.calls[-1] == ("search-hotel", stay)


async def test_question_goes_to_the_expert_and_the_caller_stays():
    call = PhoneDesk()
    actions = await call.actions(items=[_user("how much is a hotel in rome")])
    assert actions == [Call("hotel_booking_expert", {"question": "how much is a hotel in rome"})]


async def test_expert_answers_out_of_band_without_asking_back():
    call = PhoneDesk(desk="hotel_booking")
    question = [_user("how much is a hotel in rome")]
    (action,) = await call.actions(items=question, out_of_band=True)
    assert action == Call(
        "search-hotel",
        {"city": "Rome", "check_in": "2026-12-05", "check_out": "2026-12-06", "guests": 1},
    )
    output = '{"summary": "From 120 dollars. Which one would you like?"}'
    answered = [
        *question,
        {"type": "function_call", "call_id": "c", "name": "search-hotel", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c", "output": output},
    ]
    assert await call.actions(items=answered, out_of_band=True) == [Say("From 120 dollars.")]


def _user(text):
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}
