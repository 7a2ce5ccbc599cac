"""Answers held to a schema: which schemas are taken, and what the rules fill in."""

import json
from datetime import date

import pytest
from openai import AsyncOpenAI, BadRequestError, InternalServerError

from emulators.chat.app import chat_app
from emulators.realtime.minds.rules import RulesMind
from emulators.realtime.minds.script import script_from
from emulators.twilio.asgi_server import serving

FORM = {
    "type": "object",
    "properties": {
        "summary": {"type": "string"},
        "intent": {"type": "string"},
        "outcome": {"type": "string", "enum": ["resolved", "unresolved", "transferred", "unclear"]},
        "data": {
            "type": "object",
            "properties": {
                "city": {"type": ["string", "null"]},
                "check_in": {"type": ["string", "null"], "format": "date"},
                "guests": {"type": ["integer", "null"], "description": "How many guests"},
                "confirmation_number": {"type": ["string", "null"]},
            },
            "required": ["city", "check_in", "guests", "confirmation_number"],
            "additionalProperties": False,
        },
    },
    "required": ["summary", "intent", "outcome", "data"],
    "additionalProperties": False,
}


async def asked(mind, messages, schema=FORM, **options):
    async with (
        serving(chat_app(mind)) as url,
        AsyncOpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0) as client,
    ):
        answer = await client.chat.completions.create(
            model="gpt-5.4-mini",
            messages=messages,
            response_format={
                "type": "json_schema",
                "json_schema": {"name": "form", "strict": True, "schema": schema},
            },
            **options,
        )
    return json.loads(answer.choices[0].message.content)


def called(name, arguments, output):
    function = {"name": name, "arguments": json.dumps(arguments)}
    return [
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "call_1", "type": "function", "function": function}],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": json.dumps(output)},
    ]


RULES = RulesMind(today=lambda: date(2026, 11, 21))
TOLD = {"role": "system", "content": "Fill in the form."}


async def test_the_rules_fill_in_what_was_said_and_what_tools_did():
    filled = await asked(
        RULES,
        [
            TOLD,
            {"role": "assistant", "content": "How can I help?"},
            {"role": "user", "content": "I need a hotel in Paris on June third for two people"},
            *called(
                "book_hotel",
                {"city": "Paris", "guests": 2, "check_in": "2027-06-03"},
                {"summary": "It is booked.", "confirmation_number": "482915"},
            ),
        ],
    )
    assert filled["data"] == {
        "city": "Paris",
        "check_in": "2027-06-03",
        "guests": 2,
        "confirmation_number": "482915",
    }
    assert (filled["intent"], filled["outcome"]) == ("book hotel", "resolved")
    assert "I need a hotel in Paris" in filled["summary"]


async def test_the_rules_name_what_a_call_was_placed_for():
    told = {"role": "system", "content": "We called them. It was for: survey. Fill in the form."}
    answers = called("record_answers", {"rating": 4}, {"recorded": True})
    filled = await asked(RULES, [told, {"role": "user", "content": "I would say four"}, *answers])
    assert filled["intent"] == "survey"


async def test_the_rules_make_nothing_up():
    filled = await asked(RULES, [TOLD, {"role": "user", "content": "I need some advice"}])
    assert set(filled["data"].values()) == {None}
    assert (filled["intent"], filled["outcome"]) == ("I need some advice", "unresolved")


async def test_a_tool_that_failed_resolves_nothing():
    messages = [
        TOLD,
        {"role": "user", "content": "cancel my booking"},
        *called("cancel_booking", {"confirmation_number": "1"}, {"error": "there is none"}),
    ]
    assert (await asked(RULES, messages))["outcome"] == "unresolved"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"additionalProperties": True}, "'additionalProperties' is required"),
        ({"required": ["summary"]}, "Missing 'intent'"),
        ({"type": "array"}, 'type: "object"'),
        ({"$defs": {}}, r"'\$defs' is not permitted"),
        (
            {"properties": {"a": {"type": "string", "default": ""}}, "required": ["a"]},
            "'default' is not permitted",
        ),
    ],
)
async def test_a_schema_that_an_answer_cant_be_held_to_is_refused(change, says):
    with pytest.raises(BadRequestError, match=says) as refused:
        await asked(RULES, [TOLD], FORM | change)
    assert refused.value.param == "response_format"


async def test_a_script_has_to_keep_to_the_schema():
    script = {"turns": [{"do": [{"say": "Very well."}]}], "loop": True}
    with pytest.raises(InternalServerError):
        await asked(script_from(script), [{"role": "user", "content": "hello"}])
