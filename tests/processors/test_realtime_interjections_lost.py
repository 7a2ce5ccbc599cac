"""A session that is lost while it is not known whether the caller interrupts."""

import asyncio

import pytest

from processors.events.conversation import (
    AgentResumed,
    AgentTranscript,
    Interruption,
)
from tests.processors.realtime_call import settle
from tests.processors.storytelling import (
    STORY,
    resuming_call,
    telling,
)

VIRTUAL_TIME = True


async def lost_in_doubt(call, *, is_done=False):
    """The session is lost while it is not known what the caller means; the next one."""
    server, _ = await telling(call, is_done=is_done)
    call.speak(2000)
    server.caller_starts(at_ms=1000)
    await settle()
    if not is_done:
        server.call("search")
        await settle()
    server.lose()
    heir = await call.fake.connection(1)
    await settle()
    assert len(heir.audio) == 50
    assert call.playback.is_suspended
    return heir


async def test_words_after_a_loss_in_doubt_are_an_interruption():
    async with resuming_call() as call:
        heir = await lost_in_doubt(call)
        turn = heir.caller_starts()
        heir.caller_stops(turn)
        heir.transcribe(turn, "stop")
        assert "instructions" not in await heir.asked_to_respond()
        heir.say("Yes?", 100)
        heir.finish()
        await asyncio.sleep(60)
        assert len(call.of(Interruption)) == 1
        assert not call.of(AgentResumed)
        assert len(heir.of_kind("response.create")) == 1


@pytest.mark.parametrize("is_noticed", [True, False])
async def test_noise_before_a_loss_does_not_end_the_reply(is_noticed):
    async with resuming_call() as call:
        heir = await lost_in_doubt(call)
        if is_noticed:
            heir.caller_stops(heir.caller_starts(), speech_ms=100)
        request = await heir.asked_to_respond()

        assert 'heard you say: "one two three' in request["instructions"], "the rest is due"
        assert len(call.of(AgentResumed)) == 1
        assert not call.of(Interruption)
        assert call.audio_ms == 1000 + 10_000 + 6000, "from where it was heard last"
        heir.say("eight nine ten", 2000)
        heir.finish()
        await settle()
        assert call.audio_ms == 1000 + 10_000 + 6000 + 2000
        assert len(heir.of_kind("response.create")) == 1


async def test_noise_before_a_loss_does_not_end_a_reply_that_was_made():
    async with resuming_call() as call:
        heir = await lost_in_doubt(call, is_done=True)
        heir.caller_stops(heir.caller_starts(), speech_ms=100)
        await settle()
        call.hear(6000)
        await asyncio.sleep(60)

        assert len(call.of(AgentResumed)) == 1
        assert not call.of(Interruption)
        assert not heir.of_kind("response.create")
        said = [(t.text, t.interrupted) for t in call.of(AgentTranscript) if t.final]
        assert said == [("Hello.", False), (STORY, False)]


async def test_a_sound_is_judged_after_two_losses_as_well():
    async with resuming_call() as call:
        heir = await lost_in_doubt(call)
        heir.lose()
        last = await call.fake.connection(2)
        await settle()
        assert len(last.audio) == 50
        assert not last.of_kind("response.create"), "the turn is heard first"
        last.caller_stops(last.caller_starts(), speech_ms=100)
        await last.asked_to_respond()
        assert len(call.of(AgentResumed)) == 1


async def test_a_line_of_ours_is_heard_when_a_loss_in_doubt_is_the_end():
    async with resuming_call() as call:
        server, _ = await telling(call, is_done=False)
        server.caller_starts()
        await settle()
        call.fake.closed.add("e0")
        server.lose(is_permanent=True)
        await asyncio.sleep(60)
        assert call.unavailable
        assert not call.playback.is_suspended
        assert len(call.of(Interruption)) == 1


async def test_a_caller_who_goes_on_before_the_reply_has_begun_is_not_talked_over():
    async with resuming_call() as call:
        server = await call.greeted()
        server.interrupts = False
        server.acknowledges = False
        turn = server.caller_starts()
        server.caller_stops(turn)
        request = await server.received("response.create")
        again = server.caller_starts()
        server.begin_response(request["response"]["metadata"])
        server.say("A hotel.", 1000)
        await settle()
        assert call.audio_ms == 1000, "the greeting"
        server.acknowledges = True
        server.caller_stops(again)
        server.transcribe(again, "in Paris")
        await server.asked_to_respond()
