"""What an operator does to a live conversation: coaching and muting."""

import asyncio

from processors.events.conversation import AgentTranscript, Interruption
from processors.realtime.policy import CallPolicy
from tests.processors.realtime_call import RealtimeCall, settle
from tests.processors.test_realtime_idle_caller import POLICY

VIRTUAL_TIME = True


def told(server):
    """System messages in the session, in order."""
    items = [event["item"] for event in server.of_kind("conversation.item.create")]
    return [i["content"][0]["text"] for i in items if i.get("role") == "system"]


def responses(server):
    return len(server.of_kind("response.create"))


async def test_a_coached_agent_is_told_in_the_conversation_and_says_nothing_because_of_it():
    async with RealtimeCall() as call:
        server = await call.greeted()
        before = responses(server)
        call.conductor.controls.coaching.tell("Offer a discount.", respond=False)
        await settle()
        assert told(server) == ["Offer a discount."]
        assert responses(server) == before


async def test_a_coached_agent_answers_at_once_when_it_is_asked_to():
    async with RealtimeCall() as call:
        server = await call.greeted()
        before = responses(server)
        call.conductor.controls.coaching.tell("Offer a discount.", respond=True)
        await settle()
        assert responses(server) == before + 1


async def test_an_instruction_survives_the_loss_of_the_session_and_a_handover():
    async with RealtimeCall() as call:
        first = await call.greeted()
        call.conductor.controls.coaching.tell("Offer a discount.", respond=False)
        await settle()
        first.lose()
        second = await call.fake.connection(1)
        await settle()
        call.conductor.controls.coaching.tell("Be quick.", respond=False)
        await settle()
        assert told(second) == ["Offer a discount.", "Be quick."]
        second.begin_response()
        second.call("transfer_to_hotels", '{"reason": "a hotel", "context": "Paris"}')
        second.finish()
        third = await call.fake.connection(2)
        await settle()
        await asyncio.sleep(2)
        assert told(third)[:2] == ["Offer a discount.", "Be quick."]


async def test_an_instruction_given_while_the_line_to_the_model_is_down_reaches_the_next_session():
    async with RealtimeCall() as call:
        first = await call.greeted()
        call.fake.is_slow.clear()
        first.lose()
        await settle()
        call.conductor.controls.coaching.tell("Offer a discount.", respond=False)
        call.fake.is_slow.set()
        second = await call.fake.connection(1)
        await settle()
        assert told(second) == ["Offer a discount."]


async def test_a_muted_caller_is_silence_to_the_model():
    async with RealtimeCall() as call:
        server = await call.greeted()
        loud, silence = b"\x55" * 320, bytes(320)
        for pcm in (loud, silence):
            call.conductor.hear(pcm)
        expected = list(server.audio[-2:])
        await call.conductor.controls.muting.mute("caller")
        call.conductor.hear(loud)
        call.conductor.append([{"role": "user", "content": "my card number"}], respond=True)
        call.conductor.controls.muting.unmute("caller")
        call.conductor.hear(loud)
        await settle()
        assert server.audio[-2:] == [expected[1], expected[0]]
        assert not [e for e in server.sent if "card" in str(e)]


async def test_a_muted_agent_is_cut_where_it_was_heard_and_says_nothing_until_it_may():
    async with RealtimeCall() as call:
        server = await call.greeted()
        server.caller_says("Tell me a story.")
        await settle()
        server.say("Once upon a time there was", 4000)
        await settle()
        call.hear(1000)
        await call.conductor.controls.muting.mute("agent")
        await settle()
        assert [e.heard_ms for e in call.of(Interruption)] == [1000]
        [truncation] = server.of_kind("conversation.item.truncate")
        assert truncation["audio_end_ms"] == 1000
        call.frames.clear()
        server.caller_says("Are you there?")
        await settle()
        assert server.active is None, "the answer is cancelled as it begins"
        assert call.audio_ms == 0
        finals = [e for e in call.of(AgentTranscript) if e.final]
        assert finals[-1].interrupted
        before = responses(server)
        call.conductor.controls.muting.unmute("agent")
        await settle()
        assert responses(server) == before + 1, "what is owed is answered"
        server.say("Yes.", 500)
        server.finish()
        await settle()
        assert call.audio_ms == 500


async def test_an_agent_who_owes_nothing_says_nothing_when_it_may_speak_again():
    async with RealtimeCall() as call:
        server = await call.greeted()
        before = responses(server)
        await call.conductor.controls.muting.mute("agent")
        call.conductor.controls.muting.unmute("agent")
        await settle()
        assert responses(server) == before


async def test_nobody_is_asked_whether_they_are_there_or_hung_up_on_while_somebody_is_muted():
    for side in ("caller", "agent"):
        async with RealtimeCall(policy=CallPolicy(idle_s=POLICY.idle_s, answer_s=6)) as call:
            server = await call.greeted()
            before = responses(server)
            await call.conductor.controls.muting.mute(side)
            await asyncio.sleep(120)
            assert responses(server) == before
            call.conductor.controls.muting.unmute(side)
            await asyncio.sleep(POLICY.idle_s + 1)
            assert responses(server) == before + 1
