"""The openai package's own client holds a whole conversation with the emulator."""

import asyncio
import json
from base64 import b64decode, b64encode

from openai import AsyncOpenAI

from emulators.realtime import RealtimeEmulator
from emulators.realtime.minds.script import script_from
from tests.emulators.realtime_client import silence
from tests.emulators.standins import WORD_MS, ScriptedHearing, ToneSpeech
from tests.patience import PATIENCE_S

SCRIPT = {
    "opening": [{"say": "Hello, how can I help?"}],
    "turns": [
        {
            "match": "^i need a hotel",
            "do": [{"call": {"name": "search-hotel", "arguments": {"city": "Paris"}}}],
        },
        {"match": "lutetia", "do": [{"say": "The Lutetia is free. " + "It is nice. " * 30}]},
        {"match": "thank", "do": [{"say": "Goodbye."}]},
    ],
}
TOOL = {
    "type": "function",
    "name": "search-hotel",
    "description": "Finds hotels.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
}


class Recorder:
    """Handles the events of a connection as an application does; answers function calls."""

    def __init__(self, connection):
        self.connection = connection
        self.done = asyncio.Queue()
        self.transcripts = []
        self.audio_bytes = 0
        self.speaking = asyncio.Event()

    async def run(self):
        async for event in self.connection:
            match event.type:
                case "response.output_audio.delta":
                    self.audio_bytes += len(b64decode(event.delta))
                    self.speaking.set()
                case "conversation.item.input_audio_transcription.completed":
                    self.transcripts.append(event.transcript)
                case "response.function_call_arguments.done":
                    output = json.dumps({"hotel": "Lutetia", **json.loads(event.arguments)})
                    await self.connection.conversation.item.create(
                        item={
                            "type": "function_call_output",
                            "call_id": event.call_id,
                            "output": output,
                        }
                    )
                case "response.done":
                    self.done.put_nowait(event.response)
                case "error":
                    raise AssertionError(event.error)

    async def next_response(self):
        self.speaking.clear()
        return await asyncio.wait_for(self.done.get(), PATIENCE_S)


async def test_the_openai_client_holds_a_whole_conversation(question):
    mind = script_from(SCRIPT)
    hearing = ScriptedHearing(["i need a hotel in paris", "thank you and goodbye"])
    async with RealtimeEmulator(mind=mind, speech=ToneSpeech(), hearing=hearing, rate=2) as server:
        base_url = server.url.removesuffix("/realtime")
        openai = AsyncOpenAI(api_key="any", websocket_base_url=base_url)
        async with openai.realtime.connect(model="gpt-realtime-2") as connection:
            assert (await connection.recv()).type == "session.created"
            recorder = Recorder(connection)
            running = asyncio.create_task(recorder.run())
            await connection.session.update(
                session={
                    "type": "realtime",
                    "instructions": "You book hotels.",
                    "tools": [TOOL],
                    "audio": {"input": {"transcription": {"model": "gpt-4o-mini-transcribe"}}},
                }
            )
            await connection.response.create()
            greeting = await recorder.next_response()
            assert greeting.output[0].content[0].transcript == "Hello, how can I help?"

            await speak(connection, question)
            called = await recorder.next_response()
            assert called.output[0].name == "search-hotel"
            assert recorder.transcripts == ["i need a hotel in paris"]

            recorder.speaking.clear()
            await connection.response.create()
            await asyncio.wait_for(recorder.speaking.wait(), PATIENCE_S)
            await speak(connection, question)
            cut = await recorder.next_response()
            assert (cut.status, cut.status_details.reason) == ("cancelled", "turn_detected")
            await connection.conversation.item.truncate(
                item_id=cut.output[0].id, content_index=0, audio_end_ms=100
            )
            goodbye = await recorder.next_response()
            assert goodbye.output[0].content[0].transcript == "Goodbye."
            assert goodbye.usage.input_token_details.audio_tokens > 0
            spoken_words = 5 + 1  # of the greeting and the goodbye, besides what was cut
            assert recorder.audio_bytes > spoken_words * WORD_MS * 48
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        await asyncio.wait_for(server.all_over(), PATIENCE_S)


async def speak(connection, pcm):
    for start in range(0, len(spoken := pcm + silence(700)), 4800):
        chunk = b64encode(spoken[start : start + 4800]).decode()
        await connection.input_audio_buffer.append(audio=chunk)
