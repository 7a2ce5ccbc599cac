"""The rules mind holds calls that are to find something out, by instructions and tools alone."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from agents.outbound.tasks import Task
from agents.outreach import AppointmentReminder, Custom, Notification, Survey
from emulators.realtime.mind import Call
from processors.answers import record_answers_tool
from processors.call_control import end_call_tool, transfer_to_human_tool
from processors.tools import Tool
from tests.emulators.phone_desk import PhoneDesk

THANKS = "Thank you for your time. Goodbye!"
SORRY = "I am sorry to have disturbed you. Goodbye!"


async def _nothing(*_: str) -> None: ...


def _declared(tool: Tool) -> dict[str, Any]:
    return {
        "type": "function",
        "name": tool.name,
        "description": tool.description,
        "parameters": dict(tool.parameters),
    }


async def call_of(task: Task) -> PhoneDesk:
    """A call of that task, greeted already."""
    team = task.team()
    assert team.answers
    recording = record_answers_tool(team.answers, lambda _event: None)
    person = transfer_to_human_tool(_nothing, lambda: None)
    tools = [_declared(tool) for tool in (end_call_tool(), person, recording)]
    call = PhoneDesk(
        desk="here",
        desks={"here": tools},
        tools={recording.name: _taken_down},
        instructions=f"{team.entry.instructions}\n\nToday is Saturday, 21 November 2026.",
    )
    opening = f'Say to the caller: "{team.entry.greeting}"'
    assert await call.respond(instructions=opening) == team.entry.greeting
    return call


def _taken_down(arguments: Mapping[str, Any]) -> str:
    return json.dumps({"recorded": sorted(arguments), "summary": "Thank you, I have noted that."})


def answers(call: PhoneDesk) -> list[dict[str, Any]]:
    return [arguments for name, arguments in call.calls if name == "record_answers"]


def survey() -> Survey:
    return Survey.model_validate(
        {
            "organisation": "Hotel Sunrise",
            "topic": "your stay",
            "questions": [
                {"key": "rating", "text": "How was your stay?", "kind": "rating"},
                {
                    "key": "room",
                    "text": "Which room did you have?",
                    "kind": "choice",
                    "options": ["single", "double", "suite"],
                },
                {"key": "nights", "text": "How many nights did you stay?", "kind": "number"},
                {"key": "come_again", "text": "Would you come again?", "kind": "yes_no"},
                {"key": "wish", "text": "What should we do better?"},
            ],
        }
    )


async def test_a_survey_asks_one_question_after_another_and_records_each_answer():
    call = await call_of(survey())
    assert await call.hears("yes go ahead") == "How was your stay? From 1 to 5, please."
    assert await call.hears("four") == "Which room did you have? Single, double or suite?"
    assert answers(call) == [{"rating": 4}], "at once, so that it is kept if the call breaks off"
    assert await call.hears("a double") == "How many nights did you stay?"
    assert await call.hears("three nights") == "Would you come again?"
    assert await call.hears("yes I would") == "What should we do better?"
    assert await call.hears("more pillows please") == THANKS
    assert answers(call) == [
        {"rating": 4},
        {"room": "double"},
        {"nights": 3},
        {"come_again": True},
        {"wish": "more pillows"},
    ]
    assert call.calls[-1][0] == "end_call"


async def test_what_does_not_fit_is_asked_once_more_and_what_they_leave_out_is_left_out():
    call = await call_of(survey())
    await call.hears("sure")
    again = "Sorry, I did not understand that. From 1 to 5, please."
    assert await call.hears("nine") == again
    assert await call.hears("ten") == (
        "Sorry, I did not understand that. Which room did you have? Single, double or suite?"
    )
    assert (await call.hears("I would rather not say")).startswith("All right. How many nights")
    assert await call.hears("can you repeat that please") == (
        "All right. How many nights did you stay?"
    )
    assert answers(call) == []


@pytest.mark.parametrize(
    "words",
    ["no thank you", "I am busy right now", "please do not call again", "wrong number", "goodbye"],
)
async def test_nobody_is_talked_into_staying(words):
    call = await call_of(survey())
    assert await call.hears(words) == SORRY
    assert call.calls[-1][0] == "end_call"
    assert answers(call) == []


async def test_who_asks_who_is_calling_is_told_before_the_question_comes_again():
    call = await call_of(survey())
    said = await call.hears("hello who is this")
    assert "assistant of Hotel Sunrise" in said
    assert said.endswith("Is this a good moment?")
    assert said.count("good moment") == 1


async def test_a_person_is_still_to_be_had():
    call = await call_of(survey())
    await call.hears("yes")
    content = [{"type": "input_audio", "transcript": "can I speak to a human"}]
    asked = {"type": "message", "role": "user", "content": content}
    actions = await call.actions(items=[*call.items, asked])
    assert [action.name for action in actions if isinstance(action, Call)] == ["transfer_to_human"]


def reminder() -> AppointmentReminder:
    return AppointmentReminder.model_validate(
        {
            "organisation": "Doctor Keller",
            "person": "Anna Smith",
            "appointment": "a check-up",
            "at": "2026-12-01T10:00",
            "notes": "Please bring your card.",
        }
    )


MATTER = "The appointment is a check-up on Tuesday, December 1, at 10 AM."


async def test_an_appointment_is_named_to_the_right_person_only_and_confirmed():
    call = await call_of(reminder())
    assert await call.hears("yes speaking") == (
        f"{MATTER} Please bring your card. Will you be able to come?"
    )
    assert await call.hears("yes I will be there") == THANKS
    assert answers(call) == [{"attendance": "confirmed"}]


async def test_an_appointment_stays_private_when_somebody_else_answers():
    call = await call_of(reminder())
    said = await call.hears("no she is not here")
    assert "check-up" not in said
    assert call.calls[-1][0] == "end_call"


@pytest.mark.parametrize(
    ("replies", "expected"),
    [
        (["I can not come", "yes please", "on Friday morning"], "wants_another_time"),
        (["I need another time", "on Friday morning"], "wants_another_time"),
        (["no I can't come", "no"], "cancelled"),
        (["please cancel it"], "cancelled"),
        (["I do not know yet"], "undecided"),
    ],
)
async def test_who_cannot_come_is_asked_for_another_time(replies, expected):
    call = await call_of(reminder())
    await call.hears("yes this is me")
    said = [await call.hears(reply) for reply in replies]
    wished = {"preferred_time": "on Friday morning"}
    assert answers(call) == [
        {"attendance": expected},
        *([wished] if expected == "wants_another_time" else []),
    ]
    assert said[-1] == THANKS


def notice() -> Notification:
    return Notification(organisation="City Library", message="Your book is ready until Monday.")


async def test_a_notification_is_said_repeated_and_ended():
    call = await call_of(notice())
    told = "Your book is ready until Monday. Was that clear?"
    assert await call.hears("yes") == told
    assert await call.hears("can you repeat that please") == told
    assert await call.hears("yes that was clear") == THANKS
    assert answers(call) == [{"understood": True}]


async def test_what_was_not_clear_is_said_again_and_a_question_is_taken_down():
    call = await call_of(notice())
    await call.hears("yes")
    assert (await call.hears("no not really")).startswith("Your book is ready")
    assert await call.hears("I have a question") == "What would you like to know?"
    assert await call.hears("when do you open") == THANKS
    assert answers(call) == [{"question": "when do you open"}]


async def test_a_custom_call_does_what_its_instructions_order():
    call = await call_of(
        Custom(
            organisation="Parcel Post",
            instructions="Tell them that the parcel comes tomorrow, and ask if somebody is in.",
        )
    )
    assert await call.hears("yes") == (
        "The parcel comes tomorrow. I would like to know whether somebody is in."
    )
    assert await call.hears("my neighbour is") == THANKS
    assert answers(call) == [{"outcome": 'They said: "my neighbour is"'}]


async def test_a_conversation_that_nobody_understands_is_ended():
    call = await call_of(survey())
    for _attempt in range(3):
        said = await call.hears("blah blah")
    assert "cannot understand you" in said
    assert call.calls[-1][0] == "end_call"
