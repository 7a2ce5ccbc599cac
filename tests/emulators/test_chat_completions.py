"""The chat completions emulator, with the vendor's client."""

import httpx
import pytest
import yaml
from openai import AsyncOpenAI, BadRequestError, NotFoundError

from emulators.chat.app import chat_app
from emulators.realtime.minds.rules import RulesMind
from emulators.realtime.minds.script import script_from
from emulators.twilio.asgi_server import serving

SCRIPT = """
turns:
  - match: weather
    do: [{say: Let me see.}, {call: {name: get_weather, arguments: {city: Paris}}}]
  - match: sunny
    do: [{say: It is sunny.}]
  - do: [{say: Very well.}]
loop: true
"""
TOOL = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}
CALL = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "get_weather", "arguments": "{}"},
}
ASKS = {"role": "user", "content": "how is the weather"}
CALLS = {"role": "assistant", "content": None, "tool_calls": [CALL]}
OUTPUT = {"role": "tool", "tool_call_id": "call_1", "content": "sunny"}


@pytest.fixture
async def client():
    async with (
        serving(chat_app(script_from(yaml.safe_load(SCRIPT)))) as url,
        AsyncOpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0) as client,
    ):
        yield client


async def test_moderations_have_the_vendors_form(client):
    answer = await client.moderations.create(
        model="omni-moderation-latest", input=["You are stupid.", "Good morning."]
    )
    rude, polite = answer.results
    assert (rude.flagged, rude.categories.harassment, rude.categories.violence) == (
        True,
        True,
        False,
    )
    assert not polite.flagged
    with pytest.raises(NotFoundError):
        await client.moderations.create(model="gpt-5.4-mini", input="x")
    with pytest.raises(BadRequestError):
        await client.moderations.create(model="omni-moderation-latest", input=7)


async def completed(client, *messages, **options):
    return await client.chat.completions.create(
        model="gpt-5.4-mini", messages=list(messages), **options
    )


async def test_a_whole_answer_calls_a_tool_and_tells_its_result(client):
    answer = await completed(client, ASKS, tools=[TOOL])
    choice = answer.choices[0]
    assert choice.finish_reason == "tool_calls"
    assert choice.message.content == "Let me see."
    (call,) = choice.message.tool_calls
    assert (call.function.name, call.function.arguments) == ("get_weather", '{"city":"Paris"}')
    answer = await completed(client, ASKS, CALLS, OUTPUT, tools=[TOOL])
    assert answer.choices[0].message.content == "It is sunny."
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens > 0


async def test_a_streamed_answer_comes_word_by_word_with_its_calls_and_usage(client):
    stream = await completed(
        client, ASKS, tools=[TOOL], stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    assert deltas[0].role == "assistant"
    assert [delta.content for delta in deltas if delta.content] == ["Let ", "me ", "see."]
    parts = [part for delta in deltas for part in delta.tool_calls or ()]
    assert "".join(part.function.arguments for part in parts) == '{"city":"Paris"}'
    assert [bool(part.id) for part in parts] == [True, False]
    assert chunks[-2].choices[0].finish_reason == "tool_calls"
    assert chunks[-1].choices == []
    assert chunks[-1].usage.completion_tokens > 0


@pytest.mark.parametrize(
    ("messages", "options", "words", "param"),
    [
        ([OUTPUT], {}, "preceeding message with 'tool_calls'", "messages.[0].role"),
        ([ASKS, CALLS, ASKS], {}, "did not have response messages: call_1", "messages.[2].role"),
        ([ASKS, CALLS], {}, "did not have response messages: call_1", "messages.[2].role"),
        ([ASKS], {"tool_choice": "auto"}, "only allowed when 'tools'", "tool_choice"),
        ([ASKS], {"tools": []}, "tools", "tools"),
        ([ASKS], {"stream_options": {"include_usage": True}}, "only allowed", "stream_options"),
        ([{"role": "assistant", "content": None}], {}, "content is required", None),
        ([ASKS], {"extra_body": {"mood": 1}}, "argument supplied: mood", None),
        ([], {}, "messages", "messages"),
    ],
)
async def test_a_request_that_the_service_refuses_is_refused(
    client, messages, options, words, param
):
    with pytest.raises(BadRequestError, match="400") as refused:
        await completed(client, *messages, **options)
    assert words in refused.value.body["message"]
    assert param is None or refused.value.body["param"] == param


async def test_an_unknown_model_and_a_missing_key_are_refused(client):
    with pytest.raises(NotFoundError, match="does not exist"):
        await client.chat.completions.create(model="gpt-realtime-2.1", messages=[ASKS])
    async with httpx.AsyncClient() as plain:
        url = f"{client.base_url}chat/completions"
        assert (await plain.post(url, json={})).status_code == 401


async def test_instructions_at_the_end_are_for_this_answer():
    greet = {"role": "system", "content": 'Say to the caller: "Good morning"'}
    desk = {"role": "system", "content": "You are the front desk."}
    for mind in (RulesMind(), script_from(yaml.safe_load(SCRIPT))):
        async with (
            serving(chat_app(mind)) as url,
            AsyncOpenAI(base_url=f"{url}/v1", api_key="any") as client,
        ):
            assert (await completed(client, desk, greet)).choices[0].message.content == (
                "Good morning"
            ), mind
            again = await completed(client, desk, ASKS, greet)
            assert again.choices[0].message.content == "Good morning", mind
