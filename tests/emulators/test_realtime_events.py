"""Every event that the emulator sends is one of the vendor's, field by field, in their order."""

import asyncio
import itertools

import pytest
from pydantic import ValidationError

from emulators.hearing import Hints
from emulators.realtime import RealtimeEmulator
from emulators.realtime.minds.script import script_from
from tests.emulators.realtime_client import client, silence
from tests.emulators.standins import ScriptedHearing, ToneSpeech
from tests.emulators.strict_events import known_types, parse_strictly

NOT_OVER_A_WEBSOCKET = {
    # WebRTC and SIP only.
    "output_audio_buffer.started",
    "output_audio_buffer.stopped",
    "output_audio_buffer.cleared",
    "input_audio_buffer.dtmf_event_received",
    # The beta's; GA sends conversation.item.added and done instead.
    "conversation.created",
    "conversation.item.created",
    # Diarised transcription only.
    "conversation.item.input_audio_transcription.segment",
    # The emulator reaches no MCP server, so that listing fails.
    "mcp_list_tools.completed",
}

HOTEL = {
    "type": "function",
    "name": "search-hotel",
    "description": "Finds hotels.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
}
SCRIPT = {
    "opening": [{"say": "Hello, how can I help?"}],
    "turns": [
        {
            "match": "hotel",
            "do": [
                {"say": "Let me see."},
                {"call": {"name": "search-hotel", "arguments": {"city": "Paris"}}},
                {"call": {"name": "weather", "arguments": {}}},
            ],
        },
        {
            "match": "parcel",
            "do": [
                {"remote_call": {"server": "post", "name": "track", "output": "In Lyon."}},
                {"remote_call": {"server": "post", "name": "move", "error": "Closed."}},
                {"ask_approval": {"server": "post", "name": "send_back"}},
            ],
        },
        {"do": [{"say": "Two hotels are free."}]},
    ],
    "loop": True,
}


class FailingHearing:
    async def transcribe(self, pcm: bytes, *, sample_rate: int, hints: Hints) -> str:
        raise RuntimeError("the ear is full of wax")

    async def close(self) -> None:
        pass


@pytest.fixture
async def emulator():
    mind, hearing = script_from(SCRIPT), ScriptedHearing(["i need a hotel in paris"])
    async with RealtimeEmulator(
        mind=mind, speech=ToneSpeech(), hearing=hearing, rate=50
    ) as emulator:
        yield emulator


def grouped(types):
    """Without repetitions in a row; audio and transcript deltas are interleaved."""
    names = (
        "deltas" if name.startswith("response.output_audio") and name.endswith("delta") else name
        for name in types
    )
    return [name for name, _ in itertools.groupby(names)]


MESSAGE = [
    "response.output_item.added",
    "conversation.item.added",
    "response.content_part.added",
    "deltas",
    "response.output_audio.done",
    "response.output_audio_transcript.done",
    "response.content_part.done",
    "response.output_item.done",
    "conversation.item.done",
]
CALL = [
    "response.output_item.added",
    "conversation.item.added",
    "response.function_call_arguments.delta",
    "response.function_call_arguments.done",
    "response.output_item.done",
    "conversation.item.done",
]


async def test_a_spoken_turn_has_the_vendors_order_of_events(emulator, question):
    async with client(emulator) as caller:
        await caller.update(tools=[HOTEL])
        await caller.append(question + silence(700))
        await caller.response_done()
        assert grouped(caller.types()) == [
            "session.created",
            "session.updated",
            "input_audio_buffer.speech_started",
            "input_audio_buffer.speech_stopped",
            "input_audio_buffer.committed",
            "conversation.item.added",
            "conversation.item.done",
            "response.created",
            "rate_limits.updated",
            *MESSAGE,
            *CALL,
            *CALL,
            "response.done",
        ]


async def test_every_event_is_the_openai_packages(emulator, question):
    seen: set[str] = set()
    async with client(emulator) as caller:
        transcription = {"model": "gpt-4o-mini-transcribe"}
        mcp = {"type": "mcp", "server_label": "maps", "server_url": "https://maps.invalid/mcp"}
        await caller.update(
            tools=[HOTEL, mcp],
            audio={"input": {"transcription": transcription}},
        )
        await caller.until("conversation.item.done")
        greeting = await caller.respond()
        await caller.append(question + silence(700))
        await caller.response_done()
        await caller.respond(output_modalities=["text"], tool_choice="none")
        spoken = greeting["output"][0]["id"]
        await caller.send(
            "conversation.item.truncate", item_id=spoken, content_index=0, audio_end_ms=200
        )
        await caller.until("conversation.item.truncated")
        await caller.send("conversation.item.retrieve", item_id=spoken)
        await caller.until("conversation.item.retrieved")
        await caller.send("conversation.item.delete", item_id=spoken)
        await caller.until("conversation.item.deleted")
        parcel = [{"type": "input_text", "text": "my parcel"}]
        item = {"type": "message", "role": "user", "content": parcel}
        await caller.send("conversation.item.create", item=item)
        await caller.respond()
        await caller.send("input_audio_buffer.clear")
        await caller.until("input_audio_buffer.cleared")
        await caller.ask("input_audio_buffer.commit")
        seen |= set(caller.types())
    seen |= await events_of_an_idle_caller()
    seen |= await events_of_a_failed_transcription(question)
    assert seen == known_types() - NOT_OVER_A_WEBSOCKET


async def events_of_an_idle_caller():
    """The timeout is at least 5 s, so time is run ahead."""

    def at_once(seconds, call):
        return asyncio.get_running_loop().call_soon(call)

    mind, hearing = script_from(SCRIPT), ScriptedHearing([""], check=False)
    async with (
        RealtimeEmulator(
            mind=mind, speech=ToneSpeech(), hearing=hearing, call_later=at_once
        ) as emulator,
        client(emulator) as caller,
    ):
        vad = {"type": "server_vad", "idle_timeout_ms": 5_000}
        await caller.update(audio={"input": {"turn_detection": vad}})
        await caller.respond()
        await caller.until("input_audio_buffer.timeout_triggered")
        return set(caller.types())


async def events_of_a_failed_transcription(question):
    mind = script_from(SCRIPT)
    async with (
        RealtimeEmulator(mind=mind, speech=ToneSpeech(), hearing=FailingHearing()) as emulator,
        client(emulator) as caller,
    ):
        detection = {"transcription": {"model": "whisper-1"}, "turn_detection": None}
        await caller.update(audio={"input": detection})
        await caller.append(question)
        await caller.send("input_audio_buffer.commit")
        await caller.until("conversation.item.input_audio_transcription.failed")
        return set(caller.types())


@pytest.mark.parametrize(
    "spoiled",
    [
        {"type": "input_audio_buffer.cleared"},
        {"type": "input_audio_buffer.cleared", "event_id": 5},
        {"type": "input_audio_buffer.cleared", "event_id": "a", "more": 1},
        {
            "type": "input_audio_buffer.speech_started",
            "event_id": "a",
            "item_id": "b",
            "audio_start_ms": "20",
        },
        {
            "type": "conversation.item.done",
            "event_id": "a",
            "item": {
                "type": "message",
                "role": "user",
                "content": [{"type": "input_text", "t": 1}],
            },
        },
    ],
)
def test_the_strict_check_finds_what_is_wrong(spoiled):
    with pytest.raises(ValidationError):
        parse_strictly(spoiled)
