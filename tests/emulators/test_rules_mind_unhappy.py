"""What the rules mind does when a call does not go as planned."""

import json

import pytest

from emulators.realtime.mind import Call, Say
from tests.emulators.phone_desk import DESKS, END_CALL, PhoneDesk, function, transfer

REQUEST = "I need a hotel in Paris from June third to June sixth for two people"
STAY = {"check_in": "2027-06-03", "check_out": "2027-06-06", "guests": 2}


async def searched() -> PhoneDesk:
    """A call in which hotels in Paris have been offered."""
    call = PhoneDesk()
    await call.hears(REQUEST)
    return call


async def confirming() -> PhoneDesk:
    """A call in which the caller was just asked to confirm a booking."""
    call = await searched()
    await call.hears("the first one")
    assert (await call.hears("anna smith")).endswith("Shall I go ahead?")
    return call


@pytest.mark.parametrize(
    ("said", "change"),
    [
        ("actually make it rome", {"city": "Rome"}),
        ("what about four people", {"guests": 4}),
        ("and from June fourth to June sixth", {"check_in": "2027-06-04"}),
        ("until June eighth please", {"check_out": "2027-06-08"}),
        ("for five nights", {"check_out": "2027-06-08"}),
    ],
)
async def test_a_search_is_varied(said, change):
    call = await searched()
    await call.hears(said)
    assert call.calls[-1] == ("search-hotel", {"city": "Paris", **STAY} | change)


@pytest.mark.parametrize(
    ("said", "hotel_id"),
    [
        ("book the second one", "h-star"),
        ("the cheapest one please", "h-star"),
        ("the last one", "h-ritz"),
        ("I take the grand ritz", "h-ritz"),
        ("lutetia please", "h-lutetia"),
        ("number three", "h-ritz"),
    ],
)
async def test_an_offer_is_chosen(said, hotel_id):
    call = await searched()
    assert await call.hears(said) == "What is the name for the booking?"
    await call.hears("John Smith")
    await call.hears("yes")
    assert call.calls[-1][0] == "book-hotel"
    assert call.calls[-1][1]["hotel_id"] == hotel_id


async def test_a_name_told_before_is_not_asked_for():
    call = PhoneDesk()
    await call.hears(f"my name is Anna Smith and {REQUEST}")
    assert "Anna Smith" in await call.hears("the first one")


@pytest.mark.parametrize(
    ("said", "change"),
    [
        ("no make it three people", {"guests": 3}),
        ("yes but for the second one", {"hotel_id": "h-star"}),
        ("no the name is Mary Jones", {"guest_name": "Mary Jones"}),
    ],
)
async def test_a_change_at_the_last_moment_is_confirmed_anew(said, change):
    call = await confirming()
    assert (await call.hears(said)).endswith("Shall I go ahead?")
    assert call.calls[-1][0] == "search-hotel"
    await call.hears("yes")
    booked = {"hotel_id": "h-lutetia", **STAY, "guest_name": "Anna Smith"} | change
    assert call.calls[-1] == ("book-hotel", booked)


async def test_no_asks_what_to_change():
    call = await confirming()
    assert await call.hears("no") == "All right. What should I change?"
    assert await call.hears("the name") == "What is the name for the booking?"
    assert "Mary Jones" in await call.hears("mary jones")
    await call.hears("yes")
    assert call.calls[-1][1]["guest_name"] == "Mary Jones"


async def test_a_yes_to_a_question_that_was_cut_off_books_nothing():
    call = await confirming()
    # The caller spoke over it: the item holds what was heard.
    call.items[-1]["content"][0]["transcript"] = "I will book the hotel"
    await call.hears("yes")
    assert call.calls[-1][0] == "search-hotel"


async def test_nothing_is_booked_when_the_caller_gives_up():
    call = await confirming()
    assert "anything else" in await call.hears("never mind")
    await call.hears("yes")
    assert "book-hotel" not in dict(call.calls)


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("February thirtieth", "February has no day 30. What is the check-in date?"),
        ("yesterday", "November 20th 2026 is in the past. What is the check-in date?"),
        ("June third 2020", "June 3rd 2020 is in the past. What is the check-in date?"),
    ],
)
async def test_an_impossible_date_is_asked_for_again(said, answer):
    call = PhoneDesk()
    await call.hears("I need a hotel in Paris")
    assert await call.hears(said) == answer
    assert await call.hears("June third") == "What is the check-out date?"


async def test_leaving_before_arriving_is_asked_for_again():
    call = PhoneDesk()
    said = await call.hears("I need a hotel in Paris from June sixth to June third for two people")
    assert said.endswith(
        "The check-out date has to be after the check-in date. What is the check-out date?"
    )
    await call.hears("June ninth")
    assert call.calls[-1][1]["check_out"] == "2027-06-09"


async def test_a_number_out_of_range_is_asked_for_again():
    call = PhoneDesk()
    said = await call.hears("I need a hotel in Paris from June third to June sixth for 20 people")
    assert said.endswith("The number of guests can be at most 8, not 20. How many guests?")
    await call.hears("eight then")
    assert call.calls[-1][1]["guests"] == 8


async def test_an_unknown_city_is_asked_for_again():
    call = PhoneDesk()
    said = await call.hears(REQUEST.replace("Paris", "Atlantis"))
    assert said.endswith("There are no hotels in Atlantis. What is the city?")
    assert "I found three hotels in Rome" in await call.hears("rome then")
    assert call.calls[-1] == ("search-hotel", {"city": "Rome", **STAY})


@pytest.mark.parametrize("said", ["I want a pizza", "can you order me a taxi"])
async def test_what_nobody_does_is_declined(said):
    call = PhoneDesk()
    answer = await call.hears(said)
    assert answer.startswith("I am sorry, I can't help with that.")
    assert "hotel booking" in answer
    assert call.calls == []


async def test_a_request_for_another_desk_goes_by_the_front_desk():
    call = await searched()
    await call.hears("actually I want to cancel my booking four seven one nine three two")
    assert call.desk == "post_booking"
    transfers = [name for name, _ in call.calls if name.startswith("transfer_to_")]
    assert transfers[1:] == ["transfer_to_front_desk", "transfer_to_post_booking"]
    assert call.calls[-1] == ("get-booking", {"confirmation_number": "471932"})


async def test_what_nobody_does_does_not_go_round_in_circles():
    call = await searched()
    said = await call.hears("I want to talk to a human")
    assert call.desk == "front_desk"
    assert "I am sorry, I can't help with that. I can connect you with hotel booking" in said


async def test_silence_is_noticed_and_the_question_repeated():
    call = PhoneDesk()
    await call.hears("I need a hotel")
    assert await call.hears("") == "Sorry, I did not hear you. What is the city?"
    assert await call.hears("um") == "Sorry, I did not hear you. What is the city?"


async def test_a_task_is_given_up_after_three_misses_and_the_call_after_six():
    call = PhoneDesk(desk="post_booking")
    await call.hears("cancel my booking")
    said = [await call.hears("mumble mumble") for _ in range(6)]
    question = "Sorry, I did not understand that. What is the six-digit confirmation number?"
    assert said[:2] == [question, question]
    assert "I still don't get it" in said[2]
    assert "Goodbye" in said[5]
    assert call.ended


@pytest.mark.parametrize("said", ["goodbye", "thank you bye", "okay have a nice day"])
async def test_goodbye_ends_the_call_in_the_middle_of_anything(said):
    call = await searched()
    assert "Goodbye" in await call.hears(said)
    assert call.ended


async def test_small_talk_does_not_lose_the_question():
    call = PhoneDesk()
    await call.hears("I need a hotel in Paris")
    assert await call.hears("hello") == "Hello! What is the check-in date?"
    assert await call.hears("thank you") == "You are welcome. What is the check-in date?"
    assert await call.hears("wait a moment") == "Of course, take your time."
    assert await call.hears("June third") == "What is the check-out date?"
    assert await call.hears("what did you say") == "What is the check-out date?"


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("what city did I say", "You said city Paris."),
        ("do you remember what my name is", "You said your name is Anna Smith."),
        ("what date did I say for check in", "You said check in June 3rd."),
    ],
)
async def test_what_was_said_is_remembered(said, answer):
    call = PhoneDesk()
    await call.hears(f"my name is Anna Smith and {REQUEST}")
    # After a reconnect the conversation is the same items in a new session.
    replayed = PhoneDesk(desk=call.desk, items=json.loads(json.dumps(call.items)))
    assert await replayed.hears(said) == answer


async def test_a_replayed_conversation_goes_on_where_it_was():
    call = await confirming()
    replayed = PhoneDesk(desk=call.desk, items=json.loads(json.dumps(call.items)))
    await replayed.hears("yes please")
    booked = {"hotel_id": "h-lutetia", **STAY, "guest_name": "Anna Smith"}
    assert replayed.calls == [("book-hotel", booked)]


@pytest.mark.parametrize(
    "output",
    [
        '{"error": "search-hotel did not answer in time."}',
        "Error: the service is down",
        '{"error": {"code": "unavailable", "message": "That is not available right now."}}',
    ],
)
async def test_a_tool_that_fails_is_told_and_can_be_tried_again(output):
    call = PhoneDesk(tools={"search-hotel": lambda _: output})
    said = await call.hears(REQUEST)
    assert "search-hotel" not in said
    assert said.endswith("Is there anything else I can do for you?")
    await call.hears("try it again")
    assert [name for name, _ in call.calls].count("search-hotel") == 2


async def test_a_result_without_summary_is_told_by_its_names_and_values():
    flights = {"flights": [{"flight_id": "f1", "name": "Sun Coast", "price": 84}]}
    call = PhoneDesk(tools={"search-hotel": lambda _: flights})
    said = await call.hears(REQUEST)
    assert "Number 1, Sun Coast, price 84." in said


async def test_a_message_of_an_operator_is_said_as_it_is():
    call = await searched()
    call.tells('Say to the caller: "A colleague will call you back."')
    assert await call.actions() == [Say("A colleague will call you back.")]


async def test_a_forced_tool_is_called_with_what_is_known():
    call = await searched()
    choice = {"type": "function", "name": "end_call"}
    assert await call.actions(tool_choice=choice) == [Call("end_call", {})]
    (action,) = await call.actions(tool_choice={"type": "function", "name": "search-hotel"})
    assert action == Call("search-hotel", {"city": "Paris", **STAY})


async def test_without_tools_nothing_is_called():
    call = PhoneDesk()
    user = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": REQUEST}]}
    assert all(isinstance(a, Say) for a in await call.actions(items=[user], tool_choice="none"))


async def test_choices_are_read_out():
    size = {"type": "string", "enum": ["small", "extra_large"], "description": "The size"}
    gift = {"type": "boolean", "description": "Whether it is a gift"}
    order = function("order-shirt", "Order a shirt in your size.", {"size": size, "as_gift": gift})
    call = PhoneDesk(
        desk="shop",
        desks={"shop": [order, END_CALL]},
        tools={"order-shirt": lambda _: {"summary": "It is on its way."}},
    )
    assert await call.hears("I would like to order a shirt") == (
        "What is the size: small or extra large?"
    )
    assert await call.hears("medium") == (
        "Sorry, I did not understand that. What is the size: small or extra large?"
    )
    assert await call.hears("extra large") == "It is a gift: yes or no?"
    await call.hears("yes")
    assert call.calls == [("order-shirt", {"size": "extra_large", "as_gift": True})]


async def test_colleagues_who_fit_equally_are_offered():
    desk = [
        transfer(name, f'Book journeys by {noun}. Callers say for example: "book a {noun}".')
        for name, noun in (("red_desk", "ship"), ("blue_desk", "train"))
    ]
    call = PhoneDesk(desk="front", desks={"front": desk, "red_desk": [], "blue_desk": []})
    assert await call.hears("I want to book something") == ("Would you like red desk or blue desk?")
    await call.hears("a train please")
    assert call.desk == "blue_desk"


def test_every_desk_has_a_way_out():
    assert all(END_CALL in tools for tools in DESKS.values())


@pytest.mark.parametrize("said", ["June fourth or fifth", "maybe June fourth or June fifth"])
async def test_a_date_that_could_be_two_is_asked_for_again(said):
    call = PhoneDesk(desk="hotel_booking")
    await call.hears("I need a hotel in Paris")
    assert await call.hears(said) == (
        "That could be June 4th or June 5th. What is the check-in date?"
    )
    assert await call.hears("June fourth") == "What is the check-out date?"


async def test_two_days_in_figures_are_a_stay():
    call = PhoneDesk(desk="hotel_booking")
    await call.hears("I need a hotel in Paris, June 4–5, for 2 people")
    stay = {"check_in": "2027-06-04", "check_out": "2027-06-05", "guests": 2}
    assert call.calls[-1] == ("search-hotel", {"city": "Paris", **stay})


async def test_two_days_are_not_one_appointment():
    day = {"type": "string", "format": "date", "description": "The day of the visit"}
    desks = {"line": [function("plan-visit", "Plan a visit on a day.", {"day": day}), END_CALL]}
    tools = {"plan-visit": lambda arguments: {"summary": f"It is on {arguments['day']}."}}
    call = PhoneDesk(desk="line", desks=desks, tools=tools)
    said = await call.hears("plan a visit on June 4–5")
    assert said == "That could be June 4th or June 5th. What is the day of the visit?"
    assert "2027-06-05" in await call.hears("on June fourth, no sorry, on June fifth")
