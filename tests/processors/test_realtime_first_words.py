"""Who is called speaks first and hears who it is; nobody is talked over or left in silence."""

import asyncio

from processors.realtime.first_words import LONGEST_S
from processors.realtime.idle_caller import GOODBYE_TO_CALLED
from processors.realtime.policy import CallPolicy
from tests.processors.realtime_call import RealtimeCall, settle

VIRTUAL_TIME = True

POLICY = CallPolicy(idle_s=None, answer_s=None, is_placed=True, first_words_s=2)


def asked(server):
    """What the agent was asked to say."""
    texts = [e["response"].get("instructions", "") for e in server.of_kind("response.create")]
    return [text.split('"')[1] if '"' in text else text for text in texts]


async def test_who_says_hello_is_greeted_once_they_have_said_it():
    async with RealtimeCall(policy=POLICY) as call:
        server = await call.fake.connection()
        await asyncio.sleep(1)
        words = server.caller_starts()
        await asyncio.sleep(3)
        assert asked(server) == [], "not into their words"
        server.caller_stops(words)
        server.transcribe(words, "Hello?")
        server.answer_turn()
        await settle()
        assert asked(server) == ["Hello."], "and not the model's own answer"
        assert server.of_kind("response.cancel")


async def test_who_says_nothing_is_greeted_after_the_wait():
    async with RealtimeCall(policy=POLICY) as call:
        server = await call.fake.connection()
        await asyncio.sleep(1.9)
        assert asked(server) == []
        await asyncio.sleep(0.2)
        assert asked(server) == ["Hello."]


async def test_a_voice_that_never_pauses_is_not_waited_for_for_ever():
    async with RealtimeCall(policy=POLICY) as call:
        server = await call.fake.connection()
        words = server.caller_starts()
        await asyncio.sleep(LONGEST_S + 1)
        server.caller_stops(words)
        server.answer_turn()
        server.say("This is Ann.", 1000)
        await settle()
        assert call.audio_ms == 1000


async def test_an_agent_that_is_muted_meanwhile_does_not_open_the_call():
    async with RealtimeCall(policy=POLICY) as call:
        server = await call.fake.connection()
        muting = call.conductor.controls.muting
        await muting.mute("agent")
        await asyncio.sleep(5)
        muting.unmute("agent", owes_answer=False)
        await settle()
        assert asked(server) == []


async def test_what_somebody_has_it_say_meanwhile_stands_for_the_opening():
    async with RealtimeCall(policy=POLICY) as call:
        server = await call.fake.connection()
        saying = asyncio.create_task(call.conductor.say("One moment."))
        await asyncio.sleep(5)
        assert asked(server) == ["One moment."]
        saying.cancel()


async def test_who_did_not_call_is_not_told_to_call_again():
    policy = CallPolicy(idle_s=8, answer_s=None, is_placed=True)
    async with RealtimeCall(policy=policy) as call:
        server = await call.greeted()
        for _prompt in range(2):
            await asyncio.sleep(9)
            server.say("…", 1000)
            server.finish()
            await settle()
            call.hear(1000)
        await asyncio.sleep(9)
        assert asked(server)[-1] == GOODBYE_TO_CALLED
