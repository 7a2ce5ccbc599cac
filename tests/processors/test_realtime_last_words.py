import asyncio

from processors.events.conversation import UserTranscript
from tests.processors.fake_realtime import new_id
from tests.processors.realtime_call import RealtimeCall, settle

VIRTUAL_TIME = True


def said(call):
    return [t.text for t in call.of(UserTranscript) if t.final]


async def test_a_transcript_that_is_due_at_the_hang_up_is_waited_for():
    async with RealtimeCall() as call:
        server = await call.greeted()
        turn = server.caller_starts()
        server.caller_stops(turn)
        await settle()
        call.conductor.stop()
        await asyncio.sleep(1)
        assert not server.is_closed
        server.transcribe(turn, "goodbye")
        await settle()

        assert said(call) == ["goodbye"]
        assert server.is_closed
        assert not server.of_kind("input_audio_buffer.commit")


async def test_it_is_not_waited_for_for_long():
    async with RealtimeCall() as call:
        server = await call.greeted()
        turn = server.caller_starts()
        server.caller_stops(turn)
        await settle()
        call.conductor.stop()
        await asyncio.sleep(2.1)
        assert server.is_closed


async def test_a_turn_that_the_hang_up_cut_off_is_written_down():
    async with RealtimeCall() as call:
        server = await call.greeted()
        turn = server.caller_starts()
        await settle()
        call.conductor.stop()
        await server.received("input_audio_buffer.commit")
        server.emit("input_audio_buffer.committed", item_id=turn, previous_item_id=None)
        server.transcribe(turn, "never mind, I will")
        await settle()

        assert said(call) == ["never mind, I will"]
        assert server.is_closed


async def test_nothing_is_said_any_more_after_the_hang_up():
    async with RealtimeCall() as call:
        server = await call.greeted()
        turn = server.caller_starts()
        server.caller_stops(turn)
        server.begin_response()
        await settle()
        frames = len(call.frames)
        call.conductor.stop()
        server.say("You are welcome.", 500)
        server.transcribe(turn, "thank you")
        await settle()
        assert said(call) == ["thank you"]
        assert len(call.frames) == frames


async def test_a_call_that_owes_no_words_ends_at_once():
    async with RealtimeCall() as call:
        server = await call.greeted()
        server.caller_says("hello")
        await settle()
        call.conductor.stop()
        await settle()
        assert server.is_closed


async def test_a_lost_line_is_not_waited_for():
    async with RealtimeCall() as call:
        server = await call.greeted()
        server.caller_stops(server.caller_starts())
        await settle()
        call.fake.is_slow.clear()
        server.lose(new_id("gone"))
        await settle()
        begun = asyncio.get_running_loop().time()
        await call.conductor.close()
        assert asyncio.get_running_loop().time() - begun < 0.1
