"""Keys that callers press: turns of theirs, or digits that a tool waits for."""

import asyncio
import json

import pytest

from processors.dtmf import keys_heard, tones
from processors.events.conversation import DtmfReceived, DtmfSent, UserTranscript
from processors.events.tools import ToolCalled, ToolFinished
from processors.keypad_tools import keypad_tools
from processors.sensitive_digits import SensitiveDigits
from processors.tools import ToolResult
from tests.processors.realtime_call import RealtimeCall, settle, tool

VIRTUAL_TIME = True


class Keys:
    """The tools' way to the call, which exists only after them."""

    def __init__(self):
        self.call = None

    async def collect_digits(self, *, sensitive, **wanted):
        controls = self.call.conductor.controls
        status, digits = await controls.keypad.collect(sensitive=sensitive, **wanted)
        return status, self.call.conductor.secrets.keep(digits) if sensitive else digits

    async def send_digits(self, digits):
        await self.call.conductor.controls.tones.send(digits, shown=digits)


def keypad_call(*more):
    keys = Keys()
    keys.call = RealtimeCall(tools=[*keypad_tools(keys), *more])
    return keys.call


async def press(call, keys):
    for key in keys:
        await call.conductor.controls.press(key)
    await settle()


def written(server):
    """What the caller wrote, in order, and the items of their speech."""
    items = [event["item"] for event in server.of_kind("conversation.item.create")]
    return [i["content"][0]["text"] for i in items if i.get("role") == "user"]


def responses(server):
    return len(server.of_kind("response.create"))


async def test_keys_are_one_turn_after_a_pause_and_cut_the_agent_short():
    async with keypad_call() as call:
        server = await call.greeted()
        server.caller_says("Hello.")
        await settle()
        server.say("Press one for sales or two for", 4000)
        await settle()
        before = responses(server)
        await press(call, "1")
        assert call.was_interrupted
        assert server.active is None
        await press(call, "2")
        assert not written(server)
        await asyncio.sleep(2)
        assert written(server) == ["(pressed on the keypad) 1 2"]
        assert responses(server) == before + 1
        assert [e.digits for e in call.of(DtmfReceived)] == ["12"]
        assert call.of(UserTranscript)[-1].text == "(pressed on the keypad) 1 2"


async def test_the_hash_key_completes_a_sequence_at_once():
    async with keypad_call() as call:
        server = await call.greeted()
        await press(call, "123#")
        assert written(server) == ["(pressed on the keypad) 1 2 3"]


async def test_keys_stand_before_the_speech_that_follows_them():
    async with keypad_call() as call:
        server = await call.greeted()
        await press(call, "7")
        item = server.caller_starts()
        await settle()
        server.caller_stops(item)
        await settle()
        assert server.items[-1] == item
        assert written(server) == ["(pressed on the keypad) 7"]


async def test_keys_stand_behind_the_speech_during_which_they_were_pressed():
    async with keypad_call() as call:
        server = await call.greeted()
        item = server.caller_starts()
        await settle()
        await press(call, "7#")
        assert not written(server)
        server.caller_stops(item)
        await asyncio.sleep(1.5)
        order = server.items.index(item)
        assert order < len(server.items) - 1
        assert written(server) == ["(pressed on the keypad) 7"]


async def collecting(call, arguments):
    """The server, while the agent collects digits with a prompt of a second."""
    server = await call.greeted()
    server.caller_says("I have an account.")
    await settle()
    server.say("Please type your number.", 1000)
    call_id = server.call("collect_digits", json.dumps(arguments))
    server.finish()
    await settle()
    return server, call_id


@pytest.mark.parametrize(
    ("arguments", "keys", "digits"),
    [
        ({"count": 4}, "1234", "1234"),
        ({}, "987#", "987"),
        ({"terminator": "*"}, "9#7*", "9#7"),
        ({"count": 1}, "2", "2"),
    ],
)
async def test_collected_digits_are_the_tools_result_and_no_turn(arguments, keys, digits):
    async with keypad_call() as call:
        server, call_id = await collecting(call, arguments)
        await press(call, keys)
        assert json.loads(server.outputs()[call_id]) == {"status": "complete", "digits": digits}
        await asyncio.sleep(5)
        assert not written(server)
        assert [e.digits for e in call.of(DtmfReceived)] == [digits]


async def test_digits_pressed_ahead_are_collected():
    async with keypad_call() as call:
        server = await call.greeted()
        await press(call, "12")
        server.begin_response()
        call_id = server.call("collect_digits", '{"count": 4}')
        server.finish()
        await settle()
        await press(call, "34")
        assert json.loads(server.outputs()[call_id])["digits"] == "1234"


async def test_the_time_out_counts_from_when_the_prompt_was_heard():
    async with keypad_call() as call:
        server, call_id = await collecting(call, {"timeout_s": 5})
        await asyncio.sleep(30)
        assert call_id not in server.outputs(), "the caller has not heard the prompt yet"
        call.hear(1000)
        await asyncio.sleep(4)
        await press(call, "1")
        await asyncio.sleep(4)
        assert call_id not in server.outputs()
        await asyncio.sleep(1.1)
        assert json.loads(server.outputs()[call_id]) == {"status": "timeout", "digits": "1"}


async def test_a_caller_who_answers_in_words_ends_the_collection():
    async with keypad_call() as call:
        server, call_id = await collecting(call, {})
        call.hear(1000)
        server.caller_says("I don't have it here.")
        await settle()
        assert json.loads(server.outputs()[call_id])["status"] == "caller_spoke"


async def test_sensitive_digits_reach_the_tool_that_needs_them_and_nothing_else():
    got = []

    async def pay(call):
        got.append(call.arguments)
        return ToolResult("Charged 4111 1111 1111 1111.")

    schema = {
        "type": "object",
        "properties": {"card": {"type": "string", "pattern": "^[0-9]{16}$"}},
        "required": ["card"],
    }
    async with keypad_call(tool("pay", pay, parameters=schema)) as call:
        server, call_id = await collecting(call, {"count": 16, "sensitive": True})
        await press(call, "4111111111111111")
        result = json.loads(server.outputs()[call_id])
        assert result == {"status": "complete", "digits": "{{digits_1}}"}
        await server.asked_to_respond()
        pays = server.call("pay", json.dumps({"card": "{{digits_1}}"}))
        server.finish()
        await settle()
        assert got == [{"card": "4111111111111111"}]
        assert server.outputs()[pays] == "Charged {{digits_1}}."
        assert "4111" not in str(call.events).replace(" ", "")
        assert "4111" not in str(server.sent).replace(" ", "")
        assert [e.digits for e in call.of(DtmfReceived)] == ["•" * 16]
        assert call.of(ToolCalled)[-1].arguments == {"card": "{{digits_1}}"}
        assert call.of(ToolFinished)[-1].output == "Charged {{digits_1}}."


def test_a_reference_that_nobody_gave_out_stays_what_it_is():
    assert SensitiveDigits().reveal({"card": "{{digits_7}}"}) == {"card": "{{digits_7}}"}


async def test_keys_are_sent_behind_what_is_being_said_and_reported_once_heard():
    async with keypad_call() as call:
        server = await call.greeted()
        server.caller_says("For sales, press one.")
        await settle()
        call.frames.clear()
        server.say("One moment.", 1000)
        call_id = server.call("send_digits", '{"digits": "1"}')
        server.finish()
        await settle()
        assert call.audio_ms == 1200
        call.hear(1000)
        await settle()
        assert call_id not in server.outputs()
        call.hear(200)
        await settle()
        assert json.loads(server.outputs()[call_id]) == {"status": "sent"}
        assert [e.digits for e in call.of(DtmfSent)] == ["1"]


async def test_a_machine_that_talks_on_does_not_cut_the_tones():
    async with keypad_call() as call:
        server = await call.greeted()
        sending = asyncio.create_task(call.conductor.controls.tones.send("12", shown="12"))
        await settle()
        server.caller_starts()
        await settle()
        assert not call.was_interrupted
        call.hear(400)
        await sending


async def test_keys_that_were_cut_are_sent_again_from_the_first_that_was_not_heard():
    async with keypad_call() as call:
        await call.greeted()
        call.frames.clear()
        sending = asyncio.create_task(call.conductor.controls.tones.send("123", shown="123"))
        await settle()
        assert call.audio_ms == 600
        call.hear(260)
        await call.conductor.controls.keypad.press("5")
        await settle()
        assert call.audio_ms == 800, "the third key once more"
        call.hear(200)
        await sending


def test_a_key_counts_as_heard_from_40_ms_of_its_tone_on():
    assert [keys_heard("1w2", ms) for ms in (39, 40, 199, 699, 700, 739, 740)] == [
        0, 1, 1, 1, 2, 2, 3,
    ]  # fmt: skip


def test_there_is_no_tone_for_what_is_no_key():
    with pytest.raises(ValueError, match="no key"):
        tones("1x", 8000)
