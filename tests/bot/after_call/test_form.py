"""The form about a call: a schema that the vendor takes, and what is believed of the answer."""

import pytest

from agents import load_team, team_names
from agents.outbound.tasks import Question
from agents.outreach import Survey
from bot.after_call.form import OUTCOMES, form_of, known_data
from emulators.chat.structured_outputs import check_schema

SURVEY = (
    Survey(
        organisation="Hotel Sunrise",
        topic="your stay",
        questions=(
            Question(key="rating", text="How was it?", kind="rating"),
            Question(key="meal", text="Which meal?", kind="choice", options=("lunch", "dinner")),
            Question(key="again", text="Again?", kind="yes_no"),
        ),
    )
    .team()
    .answers
)
NESTED = {
    "type": "object",
    "properties": {
        "address": {
            "type": "object",
            "description": "Where they live.",
            "properties": {"zip": {"type": "string", "minLength": 5, "default": "00000"}},
        },
        "tags": {"type": "array", "items": {"type": "string", "format": "color"}},
        "size": {"oneOf": [{"type": "integer"}, {"type": "string"}]},
    },
}


@pytest.mark.parametrize(
    "schema",
    [None, SURVEY, NESTED, *(load_team(name).data_schema for name in team_names())],
)
def test_every_schema_becomes_a_form_that_the_vendor_takes(schema):
    form = form_of(schema)
    check_schema("call", form)
    assert form["properties"]["outcome"]["enum"] == list(OUTCOMES)
    assert ("data" in form["properties"]) == (schema is not None)


def test_what_need_not_be_known_may_be_null():
    data = form_of(SURVEY)["properties"]["data"]["properties"]
    assert data["rating"]["type"] == ["integer", "null"]
    assert (data["rating"]["minimum"], data["rating"]["maximum"]) == (1, 5)
    assert data["meal"]["enum"] == ["lunch", "dinner", None]


def test_only_what_was_said_and_fits_the_schema_is_believed():
    answer = {"data": {"rating": 9, "meal": None, "again": True, "mood": "good"}}
    assert known_data(answer, SURVEY) == {"again": True}
    dated = {"type": "object", "properties": {"day": {"type": "string", "format": "date"}}}
    assert known_data({"data": {"day": "next week"}}, dated) == {}
    assert known_data({"data": {"day": "2026-12-01"}}, dated) == {"day": "2026-12-01"}
    assert known_data({"data": {"address": {"zip": None}}}, NESTED) == {"address": {}}
    assert known_data({"data": {"a": 1}}, None) == {}
