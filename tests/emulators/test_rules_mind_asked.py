"""What the rules mind does with a tool that asks something before it can go on."""

import json

from emulators.realtime.mind import Call, Prompt, Say
from emulators.realtime.minds.rules import RulesMind
from tests.emulators.phone_desk import TODAY, function

BOOK = function("book-table", "Book a table in a restaurant.", {"city": {"type": "string"}})
ANSWER = function("answer_question", "Hand in what the caller answered.", {}, "answers")
GUESTS = {"type": "integer", "title": "Guests", "description": "The number of guests"}
OUTDOORS = {"type": "boolean", "description": "Would you like to sit outdoors?"}


def asks(message, answers, needed=None):
    output = {"question": message, "answers": answers, "needed": needed or list(answers)}
    return {"type": "function_call_output", "call_id": "call_1", "output": json.dumps(output)}


def said(role, text):
    kind = "input_text" if role == "user" else "output_text"
    return {"type": "message", "role": role, "content": [{"type": kind, "text": text}]}


async def goes_on(*items, tools=(BOOK, ANSWER)):
    prompt = Prompt(
        instructions="You take bookings.",
        session_instructions="You take bookings.",
        tools=list(tools),
        tool_choice="auto",
        items=[said("user", "book a table in Rome"), *items],
        metadata={},
    )
    return [action async for action in RulesMind(lambda: TODAY).respond(prompt)]


async def test_the_tools_question_is_put_and_the_answer_handed_in():
    question = asks("How many guests?", {"guests": GUESTS})
    assert await goes_on(question) == [Say("How many guests?")]
    talk = [question, said("assistant", "How many guests?"), said("user", "four people")]
    assert await goes_on(*talk) == [Call("answer_question", {"answers": {"guests": 4}})]


async def test_several_answers_are_asked_for_one_at_a_time():
    talk = [asks("I need two things.", {"guests": GUESTS, "outdoors": OUTDOORS})]
    [first] = await goes_on(*talk)
    assert first.text == "I need two things. How many guests?"
    talk += [said("assistant", first.text), said("user", "what a day")]
    [again] = await goes_on(*talk)
    assert again.text == "Sorry, I did not understand that. How many guests?"
    talk += [said("assistant", again.text), said("user", "two")]
    [second] = await goes_on(*talk)
    assert second.text == "Would you like to sit outdoors?"
    talk += [said("assistant", second.text), said("user", "no thank you")]
    given = {"guests": 2, "outdoors": False}
    assert await goes_on(*talk) == [Call("answer_question", {"answers": given})]


async def test_who_does_not_want_to_say_declines():
    question = asks("How many guests?", {"guests": GUESTS})
    talk = [question, said("assistant", "How many?"), said("user", "I would rather not say")]
    assert await goes_on(*talk) == [Call("answer_question", {"declined": True})]


async def test_an_output_is_only_a_question_for_who_can_answer_it():
    question = asks("How many guests?", {"guests": GUESTS})
    assert not any(isinstance(each, Call) for each in await goes_on(question, tools=(BOOK,)))


def called(name, call_id, **arguments):
    return {
        "type": "function_call",
        "call_id": call_id,
        "name": name,
        "arguments": json.dumps(arguments),
    }


async def test_the_result_is_told_as_if_the_tool_had_not_asked():
    output = {"type": "function_call_output", "call_id": "call_2", "output": '"a table for four"'}
    talk = [
        called("book-table", "call_1", city="Rome"),
        asks("How many guests?", {"guests": GUESTS}),
        said("assistant", "How many guests?"),
        said("user", "four"),
        called("answer_question", "call_2", answers={"guests": 4}),
        output,
    ]
    [told] = await goes_on(*talk)
    assert "table for four" in told.text
