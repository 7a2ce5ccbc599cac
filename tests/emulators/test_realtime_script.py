"""Scripts: their form, and the turn that a conversation is at."""

import pytest

from emulators.realtime.mind import Call, Prompt, Say
from emulators.realtime.minds.script import ScriptError, load_script, script_from


def said(text):
    content = [{"type": "input_audio", "transcript": text}]
    return {"type": "message", "role": "user", "content": content}


def output(text):
    return {"type": "function_call_output", "call_id": "c", "output": text}


async def answer(mind, *items, instructions="", out_of_band=False):
    prompt = Prompt(
        instructions=instructions,
        session_instructions="",
        tools=(),
        tool_choice="auto",
        items=items,
        metadata={},
        out_of_band=out_of_band,
    )
    return [action async for action in mind.respond(prompt)]


async def test_a_file_is_followed(tmp_path):
    path = tmp_path / "script.yaml"
    path.write_text(
        """
        opening: [{say: Hello.}]
        turns:
          - match: hotel
            do: [{delay: 0}, {call: {name: search, arguments: {city: Paris}}}, {call: {name: x}}]
          - match: lutetia
            do: [{say: Found.}]
        """
    )
    mind = load_script(path)
    assert await answer(mind) == [Say("Hello.")]
    asked = said("a hotel please")
    assert await answer(mind, asked) == [Call("search", {"city": "Paris"}), Call("x", {})]
    assert await answer(mind, asked, output("Lutetia"), output("none")) == [Say("Found.")]


async def test_the_turn_follows_from_the_items_alone():
    mind = script_from({"turns": [{"do": [{"say": "1"}]}, {"do": [{"say": "2"}]}]})
    assert await answer(mind, said("a")) == [Say("1")]
    assert await answer(mind, said("a"), said("b")) == [Say("2")]
    assert await answer(mind, said("a"), output("b")) == [Say("2")]
    assert await answer(mind, said("a"), said("b"), said("c")) == []


async def test_a_summary_is_written_of_what_the_caller_said():
    mind = script_from({"turns": [{"do": [{"say": "1"}]}]})
    summary = await answer(
        mind, said("my name is Ann"), instructions="Write a summary.", out_of_band=True
    )
    assert summary == [Say('The caller said: "my name is Ann".')]


async def test_a_response_outside_the_conversation_has_a_turn_of_its_own():
    aside = {"match": "translate", "do": [{"say": "Bonjour."}]}
    mind = script_from({"turns": [{"do": [{"say": "1"}]}], "asides": [aside]})
    assert await answer(mind, said("a"), instructions="Translate.") == [Say("1")]
    aside = await answer(mind, said("a"), instructions="Translate.", out_of_band=True)
    assert aside == [Say("Bonjour.")]


async def test_a_loop_begins_again():
    mind = script_from({"turns": [{"do": [{"say": "1"}]}, {"do": [{"say": "2"}]}], "loop": True})
    assert await answer(mind, *[said("a")] * 3) == [Say("1")]


async def test_a_line_on_command_is_said_as_it_is():
    mind = script_from({"turns": []})
    line = 'Be brief.\nSay to the caller: "It is "fine", really."'
    assert await answer(mind, instructions=line) == [Say('It is "fine", really.')]


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ([], "list of turns"),
        ({}, "list of turns"),
        ({"turns": [], "greeting": []}, "greeting"),
        ({"turns": [{}]}, r"turns\[0\]"),
        ({"turns": [{"do": {}}]}, "list of steps"),
        ({"turns": [{"do": [{"shout": "a"}]}]}, "shout"),
        ({"turns": [{"do": [{"say": "a", "delay": 1}]}]}, "not a say"),
        ({"turns": [{"do": [{"call": {"name": "a", "args": {}}}]}]}, "not a say"),
        ({"turns": [{"match": "(", "do": []}]}, "not a pattern"),
    ],
)
def test_a_script_that_is_wrong_says_where(script, complaint):
    with pytest.raises(ScriptError, match=complaint):
        script_from(script)


async def test_a_reply_that_broke_off_is_continued():
    mind = script_from({"turns": [{"do": [{"say": "One, two three."}, {"say": "Four."}]}]})
    instructions = 'The caller heard you say: "One, two" Go on.'
    assert await answer(mind, said("a"), instructions=instructions) == [Say("three."), Say("Four.")]
    elsewhere = 'The caller heard you say: "Two" Go on.'
    assert await answer(mind, said("a"), instructions=elsewhere) == [
        Say("One, two three."),
        Say("Four."),
    ]
