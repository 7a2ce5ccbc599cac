"""The chat mind against an OpenAI-compatible endpoint that streams."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest

from emulators.realtime.mind import Call, Prompt, Say
from emulators.realtime.minds.chat import ArgumentsError, ChatMind

TOOL = {
    "type": "function",
    "name": "look_up",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
}


def text(content):
    return {"content": content}


def call(index, name=None, arguments=None):
    function = {"name": name, "arguments": arguments}
    return {"tool_calls": [{"index": index, "id": "call_1", "function": function}]}


@asynccontextmanager
async def endpoint(*deltas):
    """Streams the same deltas to every request; yields its URL and what it was asked."""
    asked = []

    async def serve(reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.split("content-length: ")[1].split("\r\n")[0])
        asked.append(json.loads(await reader.readexactly(length)))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n")
        writer.write(b"Connection: close\r\n\r\n")
        for delta in deltas:
            chunk = {
                "id": "chat_1",
                "object": "chat.completion.chunk",
                "created": 0,
                "model": "small",
                "choices": [{"index": 0, "delta": delta}],
            }
            writer.write(f"data: {json.dumps(chunk)}\n\n".encode())
        writer.write(b"data: [DONE]\n\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", asked


def prompt(*items, tools=(), tool_choice="auto"):
    return Prompt(
        instructions="Be kind.",
        session_instructions="Be kind.",
        tools=tools,
        tool_choice=tool_choice,
        items=items,
        metadata={},
    )


async def answer(url, given):
    mind = ChatMind("small", base_url=url)
    try:
        return [action async for action in mind.respond(given)]
    finally:
        await mind.close()


def message(role, **part):
    return {"type": "message", "role": role, "content": [part]}


async def test_sentences_are_spoken_as_they_come():
    deltas = [text(t) for t in ("Well, ", "yes. It", " costs 3.50 euros. ", "Shall I?")]
    async with endpoint(*deltas) as (url, _):
        said = await answer(url, prompt(message("user", type="input_text", text="hi")))
    assert said == [Say("Well, yes. "), Say("It costs 3.50 euros. "), Say("Shall I?")]


async def test_calls_are_put_together_from_their_pieces():
    deltas = [
        call(0, name="look_up", arguments='{"ci'),
        call(1, name="look_up", arguments='{"city": "Rome"}'),
        call(0, arguments='ty": "Paris"}'),
    ]
    async with endpoint(*deltas) as (url, asked):
        given = prompt(tools=[TOOL, {"type": "mcp", "server_label": "a"}], tool_choice="required")
        calls = await answer(url, given)
    assert calls == [Call("look_up", {"city": "Paris"}), Call("look_up", {"city": "Rome"})]
    assert [tool["function"]["name"] for tool in asked[0]["tools"]] == ["look_up"]
    assert asked[0]["tool_choice"] == "required"


async def test_the_conversation_becomes_chat_messages():
    items = [
        message("user", type="input_audio", transcript="a hotel in paris"),
        message("assistant", type="output_audio", transcript="Let me see."),
        {"type": "function_call", "call_id": "c1", "name": "look_up", "arguments": "{}"},
        {"type": "function_call", "call_id": "c2", "name": "look_up", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c1", "output": "none"},
        {"type": "function_call_output", "call_id": "c2", "output": "one"},
        message("user", type="input_image", image_url="data:image/png;base64,AA=="),
    ]
    forced = {"type": "function", "name": "look_up"}
    async with endpoint(text("Yes.")) as (url, asked):
        await answer(url, prompt(*items, tools=[TOOL], tool_choice=forced))
    system, user, assistant, first, second, image = asked[0]["messages"]
    assert system["role"] == "system"
    assert system["content"].startswith("Be kind.")
    assert user == {"role": "user", "content": "a hotel in paris"}
    assert assistant["content"] == "Let me see."
    assert [call["id"] for call in assistant["tool_calls"]] == ["c1", "c2"]
    assert (first["tool_call_id"], second["content"]) == ("c1", "one")
    assert image["content"][0]["type"] == "image_url"
    assert asked[0]["tool_choice"] == {"type": "function", "function": {"name": "look_up"}}


@pytest.mark.parametrize("arguments", ["{", "[]", "5"])
async def test_arguments_that_are_no_object_fail(arguments):
    async with endpoint(call(0, name="look_up", arguments=arguments)) as (url, _):
        with pytest.raises(ArgumentsError, match="look_up"):
            await answer(url, prompt(tools=[TOOL]))
