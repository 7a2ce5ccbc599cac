import asyncio

from processors.realtime.ending import STALLED_S
from tests.processors.realtime_call import RealtimeCall, settle

VIRTUAL_TIME = True


async def say_goodbye(server, ms=1000):
    server.caller_says("goodbye")
    server.say("Goodbye!", ms)
    server.call("end_call", '{"reason": "done"}')
    server.finish()
    await settle()


async def test_the_goodbye_is_heard_before_the_call_ends():
    async with RealtimeCall() as call:
        server = await call.greeted()
        await say_goodbye(server)
        assert not call.ended
        call.hear(999)
        await settle()
        assert not call.ended
        call.hear(1)
        await settle()

        assert call.ended == ["done"]
        assert len(server.of_kind("response.create")) == 1


async def test_a_model_that_only_hangs_up_is_asked_for_a_goodbye():
    async with RealtimeCall() as call:
        server = await call.greeted()
        server.caller_says("goodbye")
        server.call("end_call", '{"reason": "done"}')
        server.finish()
        asked = await server.asked_to_respond()
        assert asked["tool_choice"] == "none"
        server.say("Goodbye!", 1000)
        server.finish()
        await settle()
        assert not call.ended
        call.hear(1000)
        await settle()

        assert call.ended == ["done"]


async def test_a_caller_who_speaks_into_the_goodbye_is_not_hung_up_on():
    async with RealtimeCall() as call:
        server = await call.greeted()
        await say_goodbye(server)
        call.hear(200)
        server.caller_says("wait, one more thing")
        server.say("Yes?", 100)
        server.finish()
        await settle()
        call.hear(100)
        await asyncio.sleep(600)

        assert not call.ended


async def test_a_goodbye_that_never_comes_does_not_keep_the_line_open():
    async with RealtimeCall() as call:
        server = await call.greeted()
        server.caller_says("goodbye")
        server.call("end_call", "{}")
        server.finish()
        await server.asked_to_respond()
        await asyncio.sleep(60)

        assert call.ended == [""]


async def test_a_line_that_plays_nothing_any_more_is_given_up():
    async with RealtimeCall() as call:
        server = await call.greeted()
        await say_goodbye(server, 3000)
        await asyncio.sleep(STALLED_S - 1)
        call.hear(500)
        await asyncio.sleep(STALLED_S - 1)
        assert not call.ended
        await asyncio.sleep(STALLED_S + 1)

        assert call.ended == ["done"]
