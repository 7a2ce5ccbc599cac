"""A session that is renewed while the agent is heard: interruptions reach its successor."""

import asyncio

from processors.events.conversation import (
    AgentResumed,
    Interruption,
)
from processors.realtime.policy import CallPolicy
from tests.processors.realtime_call import RealtimeCall, settle
from tests.processors.renewing import POLICY, at, moments, texts

VIRTUAL_TIME = True

STORY = "once upon a time there was a king"


async def in_a_story(call):
    """The session has been renewed by force while the agent, who tells a story, is heard."""
    server = await call.greeted()
    await at(800)
    server.caller_says("tell me")
    await at(950)
    told = server.say(STORY, 100_000)
    server.finish()
    await settle()
    assert [moment for moment, _ in moments(call)] == ["forced"]
    return server, await call.fake.connection(1), told


async def test_an_interruption_of_words_that_the_session_before_spoke_reaches_the_model():
    async with RealtimeCall(policy=POLICY) as call:
        _, heir, told = await in_a_story(call)
        call.hear(30_000)
        heir.caller_starts()
        await settle()

        assert not heir.of_kind("conversation.item.truncate"), "there it is no audio"
        instead = heir.of_kind("conversation.item.create")[-1]
        assert instead["previous_item_id"] == told
        assert instead["item"]["content"][0]["text"] == "once upon"
        assert [e["item_id"] for e in heir.of_kind("conversation.item.delete")] == [told]
        heir.lose()
        last = await call.fake.connection(2)
        await settle()
        assert texts(last) == ["Hello.", "tell me", "once upon"]


async def test_words_that_the_session_before_spoke_and_nobody_heard_are_deleted():
    async with RealtimeCall(policy=POLICY) as call:
        _, heir, told = await in_a_story(call)
        heir.caller_starts()
        await settle()

        assert [e["item_id"] for e in heir.of_kind("conversation.item.delete")] == [told]
        assert texts(heir) == ["Hello.", "tell me", STORY]


async def doubted(call):
    """The caller makes a sound into a story, and the session is renewed by force."""
    server = await call.greeted()
    await at(800)
    turn = server.caller_starts()
    server.caller_stops(turn)
    server.transcribe(turn, "tell me")
    await server.asked_to_respond()
    await at(935)
    server.say(STORY, 100_000)
    server.finish()
    await at(939)
    server.caller_starts(at_ms=0)
    await at(941)
    assert [moment for moment, _ in moments(call)] == ["forced"]
    assert call.playback.is_suspended
    return await call.fake.connection(1)


RESUMING = CallPolicy(session_s=1000, idle_s=None, answer_s=None, resumes=True)


async def test_a_cough_during_a_renewal_is_no_interruption():
    async with RealtimeCall(policy=RESUMING) as call:
        call.speak(1000)
        heir = await doubted(call)
        heir.caller_stops(heir.caller_starts(), speech_ms=100)
        await settle()

        assert len(call.of(AgentResumed)) == 1
        assert not call.of(Interruption)
        assert not call.playback.is_suspended
        assert not heir.of_kind("response.create")


async def test_a_sound_that_the_next_session_does_not_notice_is_no_interruption():
    async with RealtimeCall(policy=RESUMING) as call:
        call.speak(1000)
        await doubted(call)
        await asyncio.sleep(5)
        assert len(call.of(AgentResumed)) == 1
        assert not call.of(Interruption)


async def test_words_during_a_renewal_are_an_interruption_and_answered():
    async with RealtimeCall(policy=RESUMING) as call:
        call.speak(1000)
        heir = await doubted(call)
        turn = heir.caller_starts()
        heir.caller_stops(turn)
        heir.transcribe(turn, "stop it please")
        await heir.asked_to_respond()
        assert len(call.of(Interruption)) == 1
        assert not call.of(AgentResumed)
