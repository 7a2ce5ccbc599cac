"""Responses: their parameters, their ends, and what they cost."""

import asyncio
import json
from base64 import b64decode

import pytest

from emulators.realtime import RealtimeEmulator
from emulators.realtime.mind import Call, Say
from emulators.realtime.minds.script import script_from
from tests.emulators.realtime_client import client, silence
from tests.emulators.standins import WORD_MS, ScriptedHearing, ToneSpeech

TOOL = {"type": "function", "name": "look_up", "parameters": {"type": "object", "properties": {}}}


class RecordingMind:
    """Gives the same actions each time and keeps the prompts."""

    def __init__(self, *actions):
        self.actions = actions
        self.prompts = []

    async def respond(self, prompt):
        self.prompts.append(prompt)
        for action in self.actions:
            yield action


def serve(*actions, lines=(), **options):
    mind = RecordingMind(*actions)
    options.setdefault("rate", 50)
    emulator = RealtimeEmulator(
        mind=mind, speech=ToneSpeech(), hearing=ScriptedHearing(lines), **options
    )
    return mind, emulator


async def test_a_response_has_its_own_parameters():
    mind, server = serve(Say("Yes."))
    async with server as emulator, client(emulator) as caller:
        await caller.update(instructions="Be long.", tools=[TOOL], tool_choice="auto")
        await caller.say("hello")
        done = await caller.respond(
            instructions="Be brief.",
            tools=[],
            tool_choice="none",
            output_modalities=["text"],
            metadata={"purpose": "test"},
            max_output_tokens=100,
        )
        assert done["metadata"] == {"purpose": "test"}
        assert done["output_modalities"] == ["text"]
        assert done["max_output_tokens"] == 100
        assert done["output"][0]["content"] == [{"type": "output_text", "text": "Yes."}]
        prompt = mind.prompts[0]
        assert (prompt.instructions, prompt.session_instructions) == ("Be brief.", "Be long.")
        assert (prompt.tools, prompt.tool_choice) == ([], "none")
        assert prompt.metadata == {"purpose": "test"}
        await caller.respond()
        assert mind.prompts[1].instructions == "Be long."
        assert mind.prompts[1].tools == [TOOL]


async def test_own_input_replaces_the_conversation():
    mind, server = serve(Say("Yes."))
    async with server as emulator, client(emulator) as caller:
        await caller.say("hello")
        kept = await caller.say("how are you")
        own = {
            "type": "message",
            "role": "user",
            "content": [{"type": "input_text", "text": "what did i say"}],
        }
        await caller.respond(input=[{"type": "item_reference", "id": kept["id"]}, own])
        said = [item["content"][0]["text"] for item in mind.prompts[0].items]
        assert said == ["how are you", "what did i say"]


async def test_out_of_band_responses_run_beside_the_one_in_the_conversation():
    mind, server = serve(Say("word " * 20), rate=5)
    async with server as emulator, client(emulator) as caller:
        await caller.send("response.create")
        beside = {"conversation": "none", "input": [], "metadata": {"n": "1"}}
        await caller.send("response.create", response=beside)
        await caller.send("response.create", response={**beside, "metadata": {"n": "2"}})
        done = [await caller.response_done() for _ in range(3)]
        assert {response["status"] for response in done} == {"completed"}
        outside = [response for response in done if response["conversation_id"] is None]
        assert {response["metadata"]["n"] for response in outside} == {"1", "2"}
        assert [prompt.out_of_band for prompt in mind.prompts] == [False, True, True]
        in_conversation = [event["item"]["id"] for event in caller.of("conversation.item.added")]
        inside = next(response for response in done if response["conversation_id"])
        assert in_conversation == [inside["output"][0]["id"]]
        item = outside[0]["output"][0]["id"]
        error = await caller.ask("conversation.item.retrieve", item_id=item)
        assert error["code"] == "item_retrieve_invalid_item_id"


async def test_parallel_calls_are_items_of_one_response():
    calls = [Call("look_up", {"city": "Paris"}), Call("look_up", {"city": "Rome"})]
    _, server = serve(Say("Let me see."), *calls)
    async with server as emulator, client(emulator) as caller:
        await caller.update(tools=[TOOL])
        output = (await caller.respond())["output"]
        assert [item["type"] for item in output] == ["message", "function_call", "function_call"]
        assert [json.loads(item["arguments"])["city"] for item in output[1:]] == ["Paris", "Rome"]
        for index, item in enumerate(output[1:], start=1):
            deltas = [
                event["delta"]
                for event in caller.of("response.function_call_arguments.delta")
                if event["output_index"] == index
            ]
            assert "".join(deltas) == item["arguments"]
            answer = {"type": "function_call_output", "call_id": item["call_id"], "output": "{}"}
            await caller.send("conversation.item.create", item=answer)
            await caller.until("conversation.item.done")


async def test_no_calls_are_made_when_tools_are_off():
    _, server = serve(Call("look_up", {}), Say("I can't."))
    async with server as emulator, client(emulator) as caller:
        done = await caller.respond(tool_choice="none")
        assert [item["type"] for item in done["output"]] == ["message"]


async def test_output_ends_at_the_token_limit():
    _, server = serve(Say("word " * 50))
    async with server as emulator, client(emulator) as caller:
        done = await caller.respond(max_output_tokens=20)
        assert done["status"] == "incomplete"
        assert done["status_details"] == {"type": "incomplete", "reason": "max_output_tokens"}
        assert done["output"][0]["status"] == "incomplete"
        assert 0 < done["usage"]["output_tokens"] <= 20


async def test_cancel_by_id_and_by_default():
    _, server = serve(Say("word " * 100), rate=1)
    async with server as emulator, client(emulator) as caller:
        await caller.send("response.create")
        inside = (await caller.until("response.created"))["response"]["id"]
        await caller.send("response.create", response={"conversation": "none"})
        beside = (await caller.until("response.created"))["response"]["id"]
        await caller.until("response.output_audio.delta", response_id=beside)
        await caller.send("response.cancel", response_id=beside)
        done = await caller.response_done()
        assert (done["id"], done["status"]) == (beside, "cancelled")
        await caller.send("response.cancel")
        done = await caller.response_done()
        assert (done["id"], done["status"]) == (inside, "cancelled")
        assert done["status_details"]["reason"] == "client_cancelled"
        ended = len(caller.events)
        await caller.update()
        assert not [event for event in caller.events[ended:] if "delta" in event["type"]]


async def test_a_response_may_follow_a_cancellation_at_once():
    _, server = serve(Say("word " * 100), rate=1)
    async with server as emulator, client(emulator) as caller:
        await caller.send("response.create")
        await caller.send("response.cancel")
        await caller.send("response.create")
        assert (await caller.response_done())["status"] == "cancelled"
        await caller.until("response.output_audio.delta")


async def test_a_mind_that_fails_fails_the_response_and_not_the_session():
    class Failing:
        async def respond(self, prompt):
            yield Say("Well,")
            raise RuntimeError("out of ideas")

    async with (
        RealtimeEmulator(
            mind=Failing(), speech=ToneSpeech(), hearing=ScriptedHearing([]), rate=50
        ) as emulator,
        client(emulator) as caller,
    ):
        done = await caller.respond()
        assert done["status"] == "failed"
        error = done["status_details"]["error"]
        assert error["type"] == "server_error"
        assert "out of ideas" in error["message"]
        assert done["output"][0]["status"] == "incomplete"
        await caller.update()


async def test_audio_is_sent_faster_than_real_time_at_the_rate():
    loop = asyncio.get_running_loop()
    _, server = serve(Say("word " * 20), rate=10)
    async with server as emulator, client(emulator) as caller:
        began = loop.time()
        await caller.respond()
        took = loop.time() - began
        audio = b"".join(b64decode(e["delta"]) for e in caller.of("response.output_audio.delta"))
        assert len(audio) == 20 * WORD_MS * 48
        # All but the last delta must be due; nothing says how much later a busy machine is.
        assert took >= (20 * WORD_MS - 200) / 1000 / 10


async def test_usage_counts_audio_as_documented():
    _, server = serve(Say("one two three four"), lines=[""])
    async with server as emulator, client(emulator) as caller:
        await caller.update(audio={"input": {"turn_detection": None}})
        await caller.append(silence(1000))
        await caller.send("input_audio_buffer.commit")
        await caller.until("conversation.item.done")
        first = (await caller.respond())["usage"]
        assert first["input_token_details"]["audio_tokens"] == 10  # 1000 ms at 1 per 100 ms
        assert first["output_token_details"]["audio_tokens"] == 10  # 480 ms at 1 per 50 ms
        assert first["total_tokens"] == first["input_tokens"] + first["output_tokens"]
        second = (await caller.respond())["usage"]
        assert second["input_token_details"]["audio_tokens"] == 20
        cached = second["input_token_details"]["cached_tokens_details"]
        assert cached["text_tokens"] % 64 == 0
        assert second["input_token_details"]["cached_tokens"] > 0


@pytest.mark.parametrize(
    ("model", "kind"), [("gpt-4o-mini-transcribe", "tokens"), ("whisper-1", "duration")]
)
async def test_transcription_is_billed_by_the_models_unit(question, model, kind):
    _, server = serve(lines=["i need a hotel in paris"])
    async with server as emulator, client(emulator) as caller:
        await caller.update(
            audio={"input": {"turn_detection": None, "transcription": {"model": model}}}
        )
        await caller.append(question)
        await caller.send("input_audio_buffer.commit")
        done = await caller.until("conversation.item.input_audio_transcription.completed")
        assert done["usage"]["type"] == kind


async def test_an_mcp_server_is_imported_once_and_not_reached():
    _, server = serve(Say("Yes."))
    async with server as emulator, client(emulator) as caller:
        tool = {"type": "mcp", "server_label": "maps", "server_url": "https://maps.invalid/mcp"}
        await caller.update(tools=[tool])
        failed = await caller.until("mcp_list_tools.failed")
        done = await caller.until("conversation.item.done")
        assert done["item"]["id"] == failed["item_id"]
        assert done["item"]["server_label"] == "maps"
        await caller.update(tools=[tool])
        await caller.respond()
        assert len(caller.of("mcp_list_tools.in_progress")) == 1


async def test_a_script_answers_by_pattern_in_sequence_and_on_command():
    script = script_from(
        {
            "opening": [{"say": "Hello."}],
            "turns": [
                {"match": "HOTEL", "do": [{"say": "A hotel."}]},
                {"do": [{"say": "First."}]},
                {"do": [{"say": "Second."}]},
            ],
        }
    )
    async with (
        RealtimeEmulator(
            mind=script, speech=ToneSpeech(), hearing=ScriptedHearing([]), rate=50
        ) as emulator,
        client(emulator) as caller,
    ):
        await caller.update(output_modalities=["text"])

        async def answer(**response):
            output = (await caller.respond(**response))["output"]
            return output[0]["content"][0]["text"] if output else None

        assert await answer() == "Hello."
        assert await answer(instructions='Say to the caller: "Good day."') == "Good day."
        answers = []
        for text in ("one", "a hotel please", "two", "three"):
            await caller.say(text)
            answers.append(await answer())
        assert answers == ["First.", "A hotel.", "Second.", None]
