"""The conversation's items: their order, their audio, and what the model knows of them."""

from base64 import b64decode, b64encode

from emulators.realtime import RealtimeEmulator
from emulators.realtime.mind import Say
from tests.emulators.realtime_client import client, silence
from tests.emulators.standins import WORD_MS, ScriptedHearing, ToneSpeech


class Mind:
    def __init__(self):
        self.prompts = []

    async def respond(self, prompt):
        self.prompts.append(prompt)
        yield Say("one two three four five")

    def knows(self):
        """What it is told by the last prompt, item by item."""
        return [
            part.get("text") or part.get("transcript")
            for item in self.prompts[-1].items
            for part in item["content"]
        ]


def serve(lines=()):
    mind = Mind()
    hearing = ScriptedHearing(lines)
    return mind, RealtimeEmulator(mind=mind, speech=ToneSpeech(), hearing=hearing, rate=50)


async def test_items_go_where_they_are_put():
    mind, server = serve()
    async with server as emulator, client(emulator) as caller:
        last = await caller.say("last")
        first = await caller.say("first", previous_item_id="root")
        await caller.say("middle", previous_item_id=first["id"])
        before = [event["previous_item_id"] for event in caller.of("conversation.item.added")]
        assert before == [None, None, first["id"]]
        await caller.respond()
        assert mind.knows() == ["first", "middle", "last"]
        assert caller.of("conversation.item.added")[-1]["previous_item_id"] == last["id"]


async def test_a_deleted_item_is_forgotten():
    mind, server = serve()
    async with server as emulator, client(emulator) as caller:
        kept = await caller.say("keep this")
        gone = await caller.say("forget this")
        await caller.send("conversation.item.delete", item_id=gone["id"])
        await caller.until("conversation.item.deleted", item_id=gone["id"])
        await caller.say("and this")
        assert caller.of("conversation.item.added")[-1]["previous_item_id"] == kept["id"]
        await caller.respond()
        assert mind.knows() == ["keep this", "and this"]


async def test_a_retrieved_item_has_its_audio(question):
    _, server = serve(["i need a hotel in paris"])
    async with server as emulator, client(emulator) as caller:
        await caller.update(audio={"input": {"turn_detection": None}})
        await caller.append(question)
        await caller.send("input_audio_buffer.commit")
        added = await caller.until("conversation.item.added")
        assert "audio" not in added["item"]["content"][0]
        await caller.send("conversation.item.retrieve", item_id=added["item"]["id"])
        item = (await caller.until("conversation.item.retrieved"))["item"]
        assert b64decode(item["content"][0]["audio"]) == question


async def test_the_model_hears_audio_that_is_not_transcribed(question):
    mind, server = serve(["i need a hotel in paris"])
    async with server as emulator, client(emulator) as caller:
        await caller.append(question + silence(700))
        await caller.response_done()
        assert mind.knows() == ["i need a hotel in paris"]
        done = caller.of("conversation.item.done")[0]
        assert done["item"]["content"] == [{"type": "input_audio", "transcript": None}]
        assert not [name for name in caller.types() if "transcription" in name]


async def test_truncation_cuts_audio_and_transcript_and_what_the_model_said():
    mind, server = serve()
    async with server as emulator, client(emulator) as caller:
        item = (await caller.respond())["output"][0]
        # Two words and a half have been heard: the third had begun.
        place = {"item_id": item["id"], "content_index": 0, "audio_end_ms": WORD_MS * 5 // 2}
        await caller.send("conversation.item.truncate", **place)
        truncated = await caller.until("conversation.item.truncated")
        assert {name: truncated[name] for name in place} == place
        await caller.send("conversation.item.retrieve", item_id=item["id"])
        part = (await caller.until("conversation.item.retrieved"))["item"]["content"][0]
        assert "transcript" not in part
        assert len(b64decode(part["audio"])) == place["audio_end_ms"] * 48
        await caller.respond()
        assert mind.knows() == ["one two three"]
        error = await caller.ask(
            "conversation.item.truncate", **{**place, "audio_end_ms": WORD_MS * 3}
        )
        assert "already shorter" in error["message"]


async def test_history_can_be_replayed_into_a_new_session():
    mind, server = serve()
    call = {"type": "function_call", "name": "look_up", "call_id": "call_1", "arguments": "{}"}
    output = {"type": "function_call_output", "call_id": "call_1", "output": "nothing"}
    said = {
        "type": "message",
        "role": "assistant",
        "content": [{"type": "output_text", "text": "Let me see."}],
    }
    note = {
        "type": "message",
        "role": "system",
        "content": [{"type": "input_text", "text": "The caller is in a hurry."}],
    }
    async with server as emulator, client(emulator) as caller:
        for item in (said, call, output, note):
            await caller.send("conversation.item.create", item=item)
            await caller.until("conversation.item.done")
        await caller.respond()
        kinds = [(item["type"], item.get("role")) for item in mind.prompts[0].items]
        assert kinds == [
            ("message", "assistant"),
            ("function_call", None),
            ("function_call_output", None),
            ("message", "system"),
        ]


async def test_a_client_may_send_audio_and_images_in_an_item(question):
    mind, server = serve(["i need a hotel in paris"])
    async with server as emulator, client(emulator) as caller:
        audio = {"type": "input_audio", "audio": b64encode(question).decode()}
        image = {"type": "input_image", "image_url": "data:image/png;base64,iVBORw0KGgo="}
        item = {"type": "message", "role": "user", "content": [audio, image]}
        await caller.send("conversation.item.create", item=item)
        await caller.until("conversation.item.done")
        usage = (await caller.respond())["usage"]
        assert mind.knows()[0] == "i need a hotel in paris"
        assert usage["input_token_details"]["image_tokens"] > 0
        assert usage["input_token_details"]["audio_tokens"] > 0
        bad = {**item, "content": [{"type": "input_audio", "audio": "a sound"}]}
        error = await caller.ask("conversation.item.create", item=bad)
        assert error["param"] == "item.content[0].audio"
