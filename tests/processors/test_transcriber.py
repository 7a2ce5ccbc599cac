"""What somebody says beside the conversation is written down in a session that never answers."""

import asyncio
from contextlib import asynccontextmanager

from processors.events.calls import Problem
from processors.events.figures import Usage
from processors.realtime.endpoints import Endpoint
from processors.realtime.options import SessionOptions
from processors.realtime.transcriber import MAX_KEPT, Transcriber
from tests.processors.fake_realtime import FakeRealtime
from tests.processors.realtime_call import settle

VIRTUAL_TIME = True

FRAME = bytes(960)


class Written:
    def __init__(self, endpoints=1):
        self.fake = FakeRealtime()
        self.words = []
        self.events = []
        self.transcriber = Transcriber(
            [Endpoint(f"e{i}", "ws://x", "key", "m") for i in range(endpoints)],
            SessionOptions(),
            lambda item_id, text, final: self.words.append((text, final)),
            self.events.append,
            connect=self.fake.connect,
        )


@asynccontextmanager
async def written(**options):
    writing = Written(**options)
    yield writing
    await writing.transcriber.close()
    assert all(connection.is_closed for connection in writing.fake.connections)


def says(server, text):
    item_id = server.caller_starts()
    server.caller_stops(item_id)
    for word in text.split():
        kind = "conversation.item.input_audio_transcription.delta"
        server.emit(kind, item_id=item_id, content_index=0, delta=f"{word} ")
    return item_id


async def test_words_come_as_they_are_written_and_whole_in_the_end():
    async with written() as writing:
        server = await writing.fake.connection()
        await settle()
        item_id = says(server, "a full refund")
        server.transcribe(item_id, "A full refund.")
        await settle()
        expected = [("a ", False), ("a full ", False), ("a full refund ", False)]
        assert writing.words == [*expected, ("A full refund.", True)]
        assert [e["item_id"] for e in server.of_kind("conversation.item.delete")] == [item_id]


async def test_the_session_never_answers_and_has_neither_tools_nor_a_voice():
    async with written() as writing:
        server = await writing.fake.connection()
        await settle()
        [update] = server.of_kind("session.update")
        session = update["session"]
        assert session["output_modalities"] == ["text"]
        assert "tools" not in session
        assert "output" not in session["audio"]
        turns = session["audio"]["input"]["turn_detection"]
        assert not turns["create_response"]
        assert session["audio"]["input"]["transcription"]["model"] == "gpt-4o-mini-transcribe"
        says(server, "hello")
        await asyncio.sleep(60)
        assert not server.of_kind("response.create")


async def test_what_is_said_before_there_is_a_session_is_heard_when_there_is_one():
    async with written() as writing:
        writing.fake.refuse(3)
        await settle()
        for _ in range(MAX_KEPT + 100):
            writing.transcriber.hear(FRAME)
        server = await writing.fake.connection()
        await settle()
        assert len(server.audio) == MAX_KEPT, "the latest of it"
        writing.transcriber.hear(FRAME)
        assert len(server.audio) == MAX_KEPT + 1
        [problem] = writing.events
        assert isinstance(problem, Problem)
        assert problem.code == "no_transcript"


async def test_a_lost_session_is_replaced_at_the_next_endpoint():
    async with written(endpoints=2) as writing:
        (await writing.fake.connection()).lose()
        await settle()
        server = await writing.fake.connection(1)
        await settle()
        assert writing.fake.endpoints == ["e0", "e1"]
        server.transcribe(says(server, "hello"), "Hello.")
        await settle()
        assert writing.words[-1] == ("Hello.", True)


async def test_finishing_waits_for_the_words_that_are_owed_but_not_for_ever():
    async with written() as writing:
        server = await writing.fake.connection()
        await settle()
        loop = asyncio.get_running_loop()
        began = loop.time()
        await writing.transcriber.finish(2.5)
        assert loop.time() == began, "nothing is owed"
        item_id = says(server, "")
        finishing = asyncio.create_task(writing.transcriber.finish(2.5))
        await asyncio.sleep(1)
        assert not finishing.done()
        server.transcribe(item_id, "Goodbye.")
        await finishing
        assert writing.words == [("Goodbye.", True)]
        says(server, "")
        await settle()
        began = loop.time()
        await writing.transcriber.finish(2.5)
        assert 2 < loop.time() - began < 3


async def test_a_turn_that_goes_on_is_ended_by_finishing():
    async with written() as writing:
        server = await writing.fake.connection()
        await settle()
        item_id = server.caller_starts()
        await settle()
        finishing = asyncio.create_task(writing.transcriber.finish(2.5))
        await settle()
        assert server.of_kind("input_audio_buffer.commit")
        server.emit("input_audio_buffer.committed", item_id=item_id, previous_item_id=None)
        server.transcribe(item_id, "I promise.")
        await finishing
        assert writing.words == [("I promise.", True)]


async def test_what_a_transcript_costs_is_told():
    async with written() as writing:
        server = await writing.fake.connection()
        await settle()
        item_id = says(server, "")
        server.emit(
            "conversation.item.input_audio_transcription.completed",
            item_id=item_id,
            content_index=0,
            transcript="Hello.",
            usage={"type": "duration", "seconds": 3},
        )
        await settle()
        [usage] = writing.events
        assert isinstance(usage, Usage)
        assert (usage.model, usage.audio_s) == ("gpt-4o-mini-transcribe", 3)
