"""Tasks become agents who say on whose behalf they call, and what they are to find out."""

import re
from pathlib import Path

import pocketsphinx
import pytest
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter, ValidationError

from agents.outreach import TASKS, TEAM, OutreachTask, Survey
from emulators.hearing.slots import built_in

EXAMPLES = {
    "appointment_reminder": {
        "person": "Anna Smith",
        "appointment": "a check-up",
        "at": "2026-12-01T14:30",
    },
    "survey": {
        "topic": "your stay",
        "questions": [
            {"key": "rating", "text": "How was it?", "kind": "rating", "low": 1, "high": 10},
            {"key": "room", "text": "Which room?", "kind": "choice", "options": ["one", "two"]},
            {"key": "again", "text": "Would you come again?", "kind": "yes_no"},
        ],
    },
    "notification": {"message": "The book that you reserved is here."},
    "custom": {"instructions": "Ask when they deliver the sofa."},
}
tasks: TypeAdapter[OutreachTask] = TypeAdapter(OutreachTask)


def task(name, **more):
    given = {"type": name, "organisation": "City Library", **EXAMPLES[name], **more}
    return tasks.validate_python(given)


def test_every_task_has_an_example_here_and_an_agent_in_the_team():
    assert set(EXAMPLES) == set(TASKS) == {agent.name for agent in TEAM.agents[1:]}


@pytest.mark.parametrize("name", TASKS)
def test_the_agent_says_that_it_is_automated_and_for_whom_it_calls(name):
    greeting = task(name).team().entry.greeting
    assert "automated assistant of City Library" in greeting


@pytest.mark.parametrize("name", TASKS)
def test_the_agent_is_told_its_role_and_then_this_call(name):
    agent = task(name).team().entry
    role = next(known for known in TEAM.agents if known.name == name)
    assert agent.instructions.startswith(role.instructions), "so that the offline ear knows it"
    before, told = agent.instructions.split("# This call")
    assert "City Library" in told
    assert "City Library" not in before


@pytest.mark.parametrize("name", TASKS)
def test_the_answers_are_a_schema(name):
    answers = task(name).team().answers
    Draft202012Validator.check_schema(answers)
    assert all(schema["description"] for schema in answers["properties"].values())


def test_a_surveys_answers_are_checked_by_their_kind():
    check = Draft202012Validator(task("survey").team().answers)
    assert check.is_valid({"rating": 10, "room": "two", "again": False})
    for wrong in ({"rating": 11}, {"room": "three"}, {"again": "perhaps"}):
        assert not check.is_valid(wrong)


def test_a_survey_asks_its_questions_in_their_order():
    told = task("survey").brief
    assert "1. How was it? (from 1 to 10)\n2. Which room? (one, two)\n3. Would you" in told


def test_a_machine_hears_no_private_detail():
    message = task("appointment_reminder", call_back_number="+14155550100").voicemail
    assert message == (
        "Hello. This is a message for Anna Smith. This is City Library. We would like to remind "
        "you of your visit on Tuesday, December 1, at 2:30 PM. "
        "Please call us back at 1 4 1 5 5 5 5 0 1 0 0. Goodbye."
    )
    assert "book" not in task("notification").voicemail
    assert task("survey").voicemail is None
    assert task("notification", if_machine="hang_up").voicemail is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "survey", "topic": "x", "questions": []},
        {"type": "survey", "topic": "x", "questions": [{"key": "a", "text": "b"}] * 2},
        {
            "type": "survey",
            "topic": "x",
            "questions": [{"key": "a", "text": "b", "kind": "choice", "options": ["only"]}],
        },
        {"type": "survey", "topic": "x", "questions": [{"key": "A b", "text": "c"}]},
        {
            "type": "survey",
            "topic": "x",
            "questions": [{"key": "a", "text": "b", "kind": "rating", "low": 5, "high": 5}],
        },
        {
            "type": "survey",
            "topic": "x",
            "questions": [{"key": "a", "text": "b", "kind": "rating", "low": False}],
        },
        {"type": "custom", "instructions": "x", "if_machine": "leave_message"},
        {"type": "appointment_reminder", "appointment": "x", "at": "2026-12-01T10:00"},
        {"type": "notification", "message": ""},
        {"type": "notification", "message": "x", "call_back_number": "0123"},
    ],
)
def test_a_task_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValidationError):
        tasks.validate_python({"organisation": "City Library", **wrong})


def test_a_survey_of_one_question_says_so():
    survey = Survey(
        organisation="City Library", topic="us", questions=[{"key": "a", "text": "Good?"}]
    )
    assert "one short question" in survey.greeting


@pytest.mark.parametrize("agent", TEAM.agents, ids=lambda agent: agent.name)
def test_the_ear_knows_what_people_say(agent):
    model = Path(pocketsphinx.get_model_path("en-us/cmudict-en-us.dict"))
    known = {line.split("(")[0].split()[0] for line in model.read_text().splitlines() if line}
    for phrase in agent.examples:
        slots = re.findall(r"\{(\w+)\}", phrase)
        assert all(map(built_in, slots)), phrase
        assert set(re.sub(r"\{\w+\}", " ", phrase).lower().split()) <= known, phrase


@pytest.mark.parametrize("name", TASKS)
def test_instructions_are_for_the_ear(name):
    text = task(name).team().entry.instructions
    assert "one question at a time" in text.lower()
    assert len(text) < 5000
    for machinery in ("record_answers", "JSON", "MCP"):
        assert machinery not in text
