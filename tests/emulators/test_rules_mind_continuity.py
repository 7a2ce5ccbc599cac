"""The rules mind in a conversation that goes on in another session: summaries, broken replies."""

from emulators.realtime.mind import Prompt, Say
from emulators.realtime.minds.rules import RulesMind


def said(text, role="user"):
    kind = "output_text" if role == "assistant" else "input_text"
    return {"type": "message", "role": role, "content": [{"type": kind, "text": text}]}


async def answer(*items, instructions="Be kind.", out_of_band=False):
    prompt = Prompt(
        instructions=instructions,
        session_instructions="Be kind.",
        tools=(),
        tool_choice="auto",
        items=items,
        metadata={},
        out_of_band=out_of_band,
    )
    return [action async for action in RulesMind().respond(prompt)]


async def summary_of(*items):
    (summary,) = await answer(*items, instructions="Write a summary.", out_of_band=True)
    return summary.text


CALL = {
    "type": "function_call",
    "call_id": "c",
    "name": "search",
    "arguments": '{"city": "Paris", "guests": 2}',
}


async def test_a_summary_holds_what_is_known_and_what_was_said_last():
    items = [said("my name is Ann Miller"), CALL, said("is there a garden")]
    assert await summary_of(*items) == (
        'The caller said: "my name is Ann Miller" "is there a garden".\n'
        "Known: name: Ann Miller; city: Paris; guests: 2."
    )


async def test_what_a_summary_says_is_known():
    summary = said(f"Summary of the call:\n{await summary_of(said('my name is Ann'))}", "system")
    (recalled,) = await answer(summary, said("what is my name?"))
    assert recalled == Say("You said your name is Ann.")


async def test_a_summary_of_a_summary_loses_no_fact():
    first = said(f"Summary:\n{await summary_of(said('my name is Ann'), CALL)}", "system")
    assert "Known: name: Ann; city: Paris; guests: 2." in await summary_of(first, said("hello"))


async def test_other_system_messages_are_no_summary():
    note = said("Known: name: Ann.", "system")
    (lost,) = await answer(note, said("what is my name?"))
    assert "not told me" in lost.text


async def test_of_a_reply_that_broke_off_only_the_rest_is_said():
    (whole,) = await answer(said("hello"))
    first, _, rest = whole.text.partition(" ")
    items = [said("hello"), said(first, "assistant")]
    told = f'Be kind. The caller heard you say: "{first}" Go on.'
    assert await answer(*items, instructions=told) == [Say(rest)]
