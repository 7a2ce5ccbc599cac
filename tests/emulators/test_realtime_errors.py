"""What the emulator answers to client events that are wrong: the vendor's codes and wording."""

import asyncio
import json

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from emulators.realtime import RealtimeEmulator
from emulators.realtime.minds.script import script_from
from tests.emulators.realtime_client import client, silence
from tests.emulators.standins import ScriptedHearing, ToneSpeech
from tests.patience import PATIENCE_S

SCRIPT = {"opening": [{"say": "Hello."}], "turns": [{"do": [{"say": "Yes."}]}], "loop": True}
MANUAL = {"input": {"turn_detection": None}}


def serve(**options):
    mind, hearing = script_from(SCRIPT), ScriptedHearing([])
    return RealtimeEmulator(mind=mind, speech=ToneSpeech(), hearing=hearing, **options)


@pytest.fixture
async def emulator():
    async with serve(rate=50) as emulator:
        yield emulator


def session(**fields):
    return {"session": {"type": "realtime", **fields}}


def message(role="user", **part):
    return {"item": {"type": "message", "role": role, "content": [part]}}


WRONG = {
    "an unknown event": ("nope", {}, "invalid_value", "type"),
    "an event for WebRTC": ("output_audio_buffer.clear", {}, "invalid_value", "type"),
    "an unknown parameter": (
        "session.update",
        session(temperature=0.8),
        "unknown_parameter",
        "session.temperature",
    ),
    "a parameter of the beta": (
        "response.create",
        {"response": {"modalities": ["text"]}},
        "unknown_parameter",
        "response.modalities",
    ),
    "a wrong type": (
        "session.update",
        session(instructions=5),
        "invalid_type",
        "session.instructions",
    ),
    "a session without a type": (
        "session.update",
        {"session": {}},
        "missing_required_parameter",
        "session.type",
    ),
    "a transcription session": (
        "session.update",
        {"session": {"type": "transcription"}},
        "invalid_value",
        "session.type",
    ),
    "another model": (
        "session.update",
        session(model="gpt-realtime-mini"),
        "invalid_value",
        "session.model",
    ),
    "an unknown voice": (
        "session.update",
        session(audio={"output": {"voice": "bob"}}),
        "invalid_value",
        "session.audio.output.voice",
    ),
    "a custom voice": (
        "session.update",
        session(audio={"output": {"voice": {"id": "voice_1"}}}),
        "invalid_value",
        "session.audio.output.voice",
    ),
    "too high a speed": (
        "session.update",
        session(audio={"output": {"speed": 2}}),
        "decimal_above_max_value",
        "session.audio.output.speed",
    ),
    "PCM at 16 kHz": (
        "session.update",
        session(audio={"input": {"format": {"type": "audio/pcm", "rate": 16_000}}}),
        "integer_below_min_value",
        "session.audio.input.format.rate",
    ),
    "PCM without a rate": (
        "session.update",
        session(audio={"output": {"format": {"type": "audio/pcm"}}}),
        "missing_required_parameter",
        "session.audio.output.format.rate",
    ),
    "a threshold above 1": (
        "session.update",
        session(audio={"input": {"turn_detection": {"type": "server_vad", "threshold": 1.5}}}),
        "decimal_above_max_value",
        "session.audio.input.turn_detection.threshold",
    ),
    "too short an idle timeout": (
        "session.update",
        session(
            audio={"input": {"turn_detection": {"type": "server_vad", "idle_timeout_ms": 100}}}
        ),
        "integer_below_min_value",
        "session.audio.input.turn_detection.idle_timeout_ms",
    ),
    "both modalities": (
        "session.update",
        session(output_modalities=["text", "audio"]),
        "invalid_value",
        "session.output_modalities",
    ),
    "no output tokens": (
        "session.update",
        session(max_output_tokens=0),
        "integer_below_min_value",
        "session.max_output_tokens",
    ),
    "a tool without a name": (
        "session.update",
        session(tools=[{"type": "function"}]),
        "missing_required_parameter",
        "session.tools[0].name",
    ),
    "a tool name with a space": (
        "session.update",
        session(tools=[{"type": "function", "name": "a b"}]),
        "invalid_value",
        "session.tools[0].name",
    ),
    "a strict tool": (
        "session.update",
        session(tools=[{"type": "function", "name": "a", "strict": True}]),
        "unknown_parameter",
        "session.tools[0].strict",
    ),
    "two tools of one name": (
        "session.update",
        session(tools=[{"type": "function", "name": "a"}] * 2),
        "invalid_value",
        "session.tools[1]",
    ),
    "an MCP server without an address": (
        "session.update",
        session(tools=[{"type": "mcp", "server_label": "a"}]),
        "missing_required_parameter",
        "session.tools[0].server_url",
    ),
    "a forced tool that is not there": (
        "response.create",
        {
            "response": {
                "tools": [{"type": "function", "name": "a"}],
                "tool_choice": {"type": "function", "name": "b"},
            }
        },
        "invalid_value",
        "response.tool_choice",
    ),
    "an unknown conversation": (
        "response.create",
        {"response": {"conversation": "conv_1"}},
        "invalid_value",
        "response.conversation",
    ),
    "too much metadata": (
        "response.create",
        {"response": {"metadata": {str(i): "" for i in range(17)}}},
        "object_above_max_properties",
        "response.metadata",
    ),
    "an unknown reference": (
        "response.create",
        {"response": {"input": [{"type": "item_reference", "id": "item_0"}]}},
        "item_reference_invalid_item_id",
        None,
    ),
    "an unknown item type": (
        "conversation.item.create",
        {"item": {"type": "hologram"}},
        "invalid_value",
        "item.type",
    ),
    "an unknown role": (
        "conversation.item.create",
        message(role="robot", type="input_text", text="hi"),
        "invalid_value",
        "item.role",
    ),
    "a part of the wrong kind": (
        "conversation.item.create",
        message(role="assistant", type="input_text", text="hi"),
        "invalid_value",
        "item.content[0].type",
    ),
    "the assistant's audio": (
        "conversation.item.create",
        message(role="assistant", type="output_audio", transcript="hi"),
        "invalid_value",
        "item.content[0].type",
    ),
    "a part without text": (
        "conversation.item.create",
        message(type="input_text"),
        "missing_required_parameter",
        "item.content[0].text",
    ),
    "too long an id": (
        "conversation.item.create",
        {"item": {**message(type="input_text", text="hi")["item"], "id": "i" * 33}},
        "string_above_max_length",
        "item.id",
    ),
    "an unknown predecessor": (
        "conversation.item.create",
        {"previous_item_id": "item_0", **message(type="input_text", text="hi")},
        "item_create_invalid_previous_item_id",
        None,
    ),
    "an output without a call": (
        "conversation.item.create",
        {"item": {"type": "function_call_output", "call_id": "call_0", "output": ""}},
        "invalid_tool_call_id",
        None,
    ),
    "deleting what is not there": (
        "conversation.item.delete",
        {"item_id": "item_0"},
        "item_delete_invalid_item_id",
        None,
    ),
    "retrieving what is not there": (
        "conversation.item.retrieve",
        {"item_id": "item_0"},
        "item_retrieve_invalid_item_id",
        None,
    ),
    "truncating what is not there": (
        "conversation.item.truncate",
        {"item_id": "item_0", "content_index": 0, "audio_end_ms": 0},
        "item_truncate_invalid_item_id",
        None,
    ),
    "audio that is not base64": (
        "input_audio_buffer.append",
        {"audio": "a sound"},
        "invalid_value",
        "audio",
    ),
    "half a sample": ("input_audio_buffer.append", {"audio": "AAAA"}, "invalid_value", "audio"),
    "nothing to cancel": ("response.cancel", {}, "response_cancel_not_active", None),
    "an unknown response to cancel": (
        "response.cancel",
        {"response_id": "resp_0"},
        "response_cancel_not_active",
        None,
    ),
    "an empty commit": ("input_audio_buffer.commit", {}, "input_audio_buffer_commit_empty", None),
}


@pytest.mark.parametrize("what", WRONG)
async def test_a_wrong_event_gets_its_error_and_the_session_goes_on(emulator, what):
    kind, fields, code, param = WRONG[what]
    async with client(emulator) as caller:
        before = (await caller.update())["id"]
        error = await caller.ask(kind, **fields)
        assert (error["type"], error["code"]) == ("invalid_request_error", code)
        assert error["param"] == param
        assert (await caller.update())["id"] == before


@pytest.mark.parametrize(
    ("frame", "code"),
    [("not json", "invalid_json"), ("[]", "invalid_json"), (b"\0\1", "invalid_event")],
)
async def test_a_frame_that_is_no_event_gets_an_error(emulator, frame, code):
    async with client(emulator) as caller:
        await caller.socket.send(frame)
        assert (await caller.until("error"))["error"]["code"] == code
        await caller.update()


async def test_a_rejected_update_changes_nothing(emulator):
    async with client(emulator) as caller:
        before = await caller.update(instructions="Be brief.")
        audio = {"output": {"voice": "cedar"}, "input": {"turn_detection": {"type": "magic"}}}
        await caller.ask("session.update", **session(instructions="Be long.", audio=audio))
        assert await caller.update() == before


async def test_a_short_commit_says_how_much_there_was(emulator):
    async with client(emulator) as caller:
        await caller.update(audio=MANUAL)
        await caller.append(silence(60))
        error = await caller.ask("input_audio_buffer.commit")
        assert error["code"] == "input_audio_buffer_commit_empty"
        assert "buffer only has 60.00ms" in error["message"]


async def test_a_second_response_in_the_conversation_is_refused():
    async with serve(rate=1) as slow, client(slow) as caller:
        await caller.send("response.create")
        active = (await caller.until("response.created"))["response"]["id"]
        error = await caller.ask("response.create")
        assert error["code"] == "conversation_already_has_active_response"
        assert active in error["message"]


async def test_the_voice_is_fixed_once_the_assistant_has_spoken(emulator):
    async with client(emulator) as caller:
        cedar = {"output": {"voice": "cedar"}}
        assert (await caller.update(audio=cedar))["audio"]["output"]["voice"] == "cedar"
        await caller.respond()
        marin = {"output": {"voice": "marin"}}
        error = await caller.ask("session.update", **session(audio=marin))
        assert error["code"] == "cannot_update_voice"
        error = await caller.ask("response.create", response={"audio": marin})
        assert error["code"] == "cannot_update_voice"
        assert (await caller.update(audio=cedar))["audio"]["output"]["voice"] == "cedar"
        beside = await caller.respond(audio=marin, conversation="none")
        assert beside["audio"]["output"]["voice"] == "marin"


async def test_truncating_beyond_the_audio_says_how_long_it_is(emulator):
    async with client(emulator) as caller:
        item = (await caller.respond())["output"][0]["id"]
        place = {"item_id": item, "content_index": 0}
        error = await caller.ask("conversation.item.truncate", **place, audio_end_ms=121)
        assert error["message"] == "Audio content of 120ms is already shorter than 121ms"
        error = await caller.ask("conversation.item.truncate", **place, audio_end_ms=-1)
        assert error["code"] == "integer_below_min_value"


async def test_only_the_assistants_audio_can_be_truncated(emulator):
    async with client(emulator) as caller:
        said = await caller.say("hello")
        written = (await caller.respond(output_modalities=["text"]))["output"][0]
        for item in (said, written):
            place = {"item_id": item["id"], "content_index": 0, "audio_end_ms": 0}
            error = await caller.ask("conversation.item.truncate", **place)
            assert error["message"] == "Only model output audio messages can be truncated"


async def test_an_id_can_be_used_once(emulator):
    async with client(emulator) as caller:
        item = {"id": "mine", **message(type="input_text", text="hi")["item"]}
        await caller.send("conversation.item.create", item=item)
        await caller.until("conversation.item.done")
        error = await caller.ask("conversation.item.create", item=item)
        assert error["code"] == "item_create_duplicate_item_id"


KEY = {"Authorization": "Bearer any"}


@pytest.mark.parametrize(
    ("query", "headers", "code", "close"),
    [
        ("?model=gpt-realtime", {}, None, 3000),
        ("?model=gpt-realtime", {"Authorization": "Bearer "}, None, 3000),
        ("", KEY, "missing_model", 4000),
        ("?model=gpt-5", KEY, "invalid_model", 4000),
        (
            "?model=gpt-realtime",
            {**KEY, "OpenAI-Beta": "realtime=v1"},
            "beta_api_shape_disabled",
            4000,
        ),
    ],
)
async def test_who_may_not_come_in_is_told_after_the_upgrade(emulator, query, headers, code, close):
    async with connect(emulator.url + query, additional_headers=headers) as socket:
        error = json.loads(await socket.recv())["error"]
        assert (error["type"], error["code"]) == ("invalid_request_error", code)
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
        assert closed.value.rcvd.code == close
        assert closed.value.rcvd.reason.startswith("invalid_request_error")
    assert emulator.sessions == []


async def test_a_browser_brings_its_key_as_a_subprotocol(emulator):
    offered = ["realtime", "openai-insecure-api-key.ek_any"]
    async with connect(f"{emulator.url}?model=gpt-realtime", subprotocols=offered) as socket:
        assert socket.subprotocol == "realtime"
        assert json.loads(await socket.recv())["type"] == "session.created"


async def test_another_path_is_not_found(emulator):
    with pytest.raises(InvalidStatus) as refused:
        await connect(emulator.url.replace("/v1/realtime", "/v1/live"), additional_headers=KEY)
    assert refused.value.response.status_code == 404


async def test_a_session_expires_with_an_error_and_a_close_code():
    async with serve(session_minutes=0.1 / 60) as emulator, client(emulator) as caller:
        error = (await caller.until("error"))["error"]
        assert error["code"] == "session_expired"
        with pytest.raises(ConnectionClosed) as closed:
            await caller.socket.recv()
        assert closed.value.rcvd.code == 1001
        assert closed.value.rcvd.reason == error["message"]
        await asyncio.wait_for(emulator.all_over(), PATIENCE_S)


async def test_sessions_are_apart_and_leave_nothing_behind(emulator):
    async with client(emulator) as one, client(emulator) as two:
        await one.update(instructions="One.")
        assert (await two.update())["instructions"] != "One."
        assert len({session.id for session in emulator.sessions}) == 2
        await one.send("response.create")
    await asyncio.wait_for(emulator.all_over(), PATIENCE_S)
    assert emulator.sessions == []
    assert [task.get_name() for task in asyncio.all_tasks() if "sess_" in task.get_name()] == []
