"""What the caller says while the agent speaks: words interrupt, sounds do not."""

import asyncio

import pytest
from pipecat.frames.frames import InterruptionFrame

from processors.events.calls import Problem
from processors.events.conversation import (
    AgentResumed,
    AgentTranscript,
    Interruption,
    UserTranscript,
)
from processors.events.tools import ToolCalled
from processors.realtime.doubt import MIN_SPEECH_MS, MIN_WORD_MS, SURE_SPEECH_MS
from processors.realtime.options import SemanticVad, SessionOptions
from processors.tools import ToolResult
from tests.processors.realtime_call import settle, tool
from tests.processors.storytelling import (
    STORY,
    asked,
    interject,
    resuming_call,
    sent_again_ms,
    telling,
)

VIRTUAL_TIME = True


async def test_the_server_is_told_to_answer_and_interrupt_nothing():
    async with resuming_call() as call:
        server = await call.greeted()
        (update,) = server.of_kind("session.update")
        turns = update["session"]["audio"]["input"]["turn_detection"]
        assert (turns["create_response"], turns["interrupt_response"]) == (False, False)


async def test_a_turn_is_answered_as_soon_as_it_is_an_item():
    async with resuming_call() as call:
        server = await call.greeted()
        turn = server.caller_starts()
        server.caller_stops(turn)
        await server.asked_to_respond()
        server.transcribe(turn, "hello")
        server.say("Hello.", 100)
        server.finish()
        await asyncio.sleep(60)
        assert len(server.of_kind("response.create")) == 2


async def test_the_line_is_cleared_at_once():
    async with resuming_call() as call:
        server, _ = await telling(call)
        server.caller_starts()
        await settle()
        assert call.was_interrupted
        assert not server.of_kind("conversation.item.truncate")
        assert not call.of(Interruption)


@pytest.mark.parametrize("text", ["", "Uh-huh.", "okay", "Mm-hmm, right."])
async def test_the_agent_goes_on_where_it_was_heard_when_no_words_follow(text):
    async with resuming_call() as call:
        server, item_id = await telling(call)
        turn = await interject(server, text)

        assert sent_again_ms(call) == 6000
        assert [event.item_id for event in call.of(AgentResumed)] == [turn]
        assert call.playback.heard_ms(item_id) == 4000
        call.hear(6000)
        final = call.of(AgentTranscript)[-1]
        assert (final.text, final.final, final.interrupted) == (STORY, True, False)
        await asyncio.sleep(60)
        assert not asked(server)
        assert not server.of_kind("conversation.item.truncate")
        assert not call.of(Interruption)
        assert not call.of(Problem)


async def test_words_interrupt_at_what_was_heard_and_are_answered():
    async with resuming_call() as call:
        server, item_id = await telling(call)
        await interject(server, "no, stop")
        await asyncio.sleep(1)

        (cut,) = server.of_kind("conversation.item.truncate")
        assert (cut["item_id"], cut["audio_end_ms"]) == (item_id, 4000)
        assert [(i.item_id, i.heard_ms) for i in call.of(Interruption)] == [(item_id, 4000)]
        final = [t for t in call.of(AgentTranscript) if t.final][-1]
        assert (final.text, final.interrupted) == ("one two three four five", True)
        assert asked(server) == 1
        assert not call.playback.is_playing
        assert len([f for f in call.frames if isinstance(f, InterruptionFrame)]) == 1


async def test_a_reply_under_way_is_cancelled_by_words_only():
    async with resuming_call() as call:
        server, item_id = await telling(call, is_done=False)
        await interject(server, "mm")
        server.send_audio_delta(item_id, 1000)
        await settle()
        assert not server.of_kind("response.cancel")
        assert sent_again_ms(call) == 7000
        await interject(server, "stop it")
        assert len(server.of_kind("response.cancel")) == 1
        await asyncio.sleep(1)
        assert asked(server) == 1
        assert not server.refusals


async def test_what_the_agent_says_meanwhile_is_heard_later_or_never():
    async with resuming_call() as call:
        server, item_id = await telling(call, ms=5000, is_done=False)
        turn = server.caller_starts()
        await settle()
        before = call.audio_ms
        server.send_audio_delta(item_id, 2000)
        await settle()
        assert call.audio_ms == before
        server.caller_stops(turn)
        server.transcribe(turn, "uh-huh")
        await settle()
        assert sent_again_ms(call) == 3000


async def test_words_decide_before_the_transcript_is_complete():
    async with resuming_call() as call:
        server, _ = await telling(call)
        turn = server.caller_starts()
        kind = "conversation.item.input_audio_transcription.delta"
        server.emit(kind, item_id=turn, delta="okay")
        server.emit(kind, item_id=turn, delta=" but")
        await settle()
        assert not call.of(Interruption)
        server.emit(kind, item_id=turn, delta=" wait")
        await settle()
        assert call.of(Interruption)
        server.caller_stops(turn)
        server.transcribe(turn, "okay but wait")
        await asyncio.sleep(1)
        assert asked(server) == 1


async def test_a_click_is_noise_whatever_a_transcriber_hears():
    async with resuming_call() as call:
        server, _ = await telling(call)
        turn = await interject(server, "Thank you.", MIN_WORD_MS - 50)

        assert sent_again_ms(call) == 6000
        assert [e["item_id"] for e in server.of_kind("conversation.item.delete")] == [turn]
        assert "Thank you." not in [t.text for t in call.of(UserTranscript)]
        server.lose()
        heir = await call.fake.connection(1)
        await settle()
        texts = [e["item"]["content"][0]["text"] for e in heir.of_kind("conversation.item.create")]
        assert texts == ["Hello.", "tell me", STORY]


async def test_long_speech_does_not_wait_for_its_words():
    async with resuming_call() as call:
        server, _ = await telling(call)
        await interject(server, None, SURE_SPEECH_MS)
        assert call.of(Interruption)
        assert asked(server) == 1


@pytest.mark.parametrize(
    ("speech_ms", "is_meant"), [(MIN_SPEECH_MS - 50, False), (MIN_SPEECH_MS, True)]
)
@pytest.mark.parametrize("fails", [True, False])
async def test_without_a_transcript_the_length_decides(speech_ms, is_meant, fails):
    async with resuming_call() as call:
        server, _ = await telling(call)
        turn = await interject(server, None, speech_ms)
        assert not call.of(Interruption)
        if fails:
            kind = "conversation.item.input_audio_transcription.failed"
            server.emit(kind, item_id=turn, content_index=0, error={})
            await settle()
        else:
            await asyncio.sleep(2)
        assert bool(call.of(Interruption)) is is_meant
        assert bool(call.of(AgentResumed)) is not is_meant
        assert asked(server) == is_meant


async def test_without_transcription_the_length_decides_at_once():
    options = SessionOptions(transcription_model=None)
    async with resuming_call(options=options) as call:
        server, _ = await telling(call)
        await interject(server, None, MIN_SPEECH_MS - 50)
        assert call.of(AgentResumed)
        await interject(server, None, MIN_SPEECH_MS)
        assert call.of(Interruption)


async def test_semantic_vad_says_nothing_of_the_length():
    options = SessionOptions(turn_detection=SemanticVad())
    async with resuming_call(options=options) as call:
        server, _ = await telling(call)
        await interject(server, "uh-huh", 10)
        assert call.of(AgentResumed)
        await interject(server, None, 10)
        await asyncio.sleep(2)
        assert call.of(Interruption)


@pytest.mark.parametrize("end_ms", [None, 300])
async def test_a_server_that_measures_in_another_way_is_not_misunderstood(end_ms):
    async with resuming_call() as call:
        server, _ = await telling(call)
        turn = server.caller_starts()
        server.emit("input_audio_buffer.speech_stopped", item_id=turn, audio_end_ms=end_ms)
        server.emit("input_audio_buffer.committed", item_id=turn, previous_item_id=None)
        await settle()
        assert not call.of(AgentResumed)
        assert not call.of(Interruption)
        server.transcribe(turn, "stop")
        await settle()
        assert call.of(Interruption)


async def test_an_okay_to_a_question_that_is_ending_is_an_answer():
    async with resuming_call() as call:
        server, _ = await telling(call, ms=5000, heard_ms=4500)
        await interject(server, "okay")
        assert call.of(Interruption)
        assert asked(server) == 1


async def test_several_sounds_in_a_row_are_judged_together():
    async with resuming_call() as call:
        server, _ = await telling(call)
        first = server.caller_starts()
        server.caller_stops(first)
        await settle()
        second = server.caller_starts()
        server.transcribe(first, "mm")
        await settle()
        assert not call.of(AgentResumed), "the caller speaks again"
        server.caller_stops(second)
        server.transcribe(second, "")
        await settle()
        assert len(call.of(AgentResumed)) == 1
        assert sent_again_ms(call) == 6000


async def test_the_agent_can_be_paused_again_and_again():
    async with resuming_call() as call:
        server, item_id = await telling(call)
        for _ in range(3):
            await interject(server, "mm")
            call.hear(1000)
        assert call.playback.heard_ms(item_id) == 7000
        await interject(server, "stop")
        (cut,) = server.of_kind("conversation.item.truncate")
        assert cut["audio_end_ms"] == 7000


@pytest.mark.parametrize("text", ["mm", "no, don't"])
async def test_a_function_call_waits_for_what_the_caller_means(text):
    async def run(call):
        return ToolResult("booked")

    async with resuming_call(tools=[tool("book", run)]) as call:
        server, _ = await telling(call, is_done=False)
        turn = server.caller_starts()
        await settle()
        call_id = server.call("book")
        server.finish()
        await settle()
        assert not call.of(ToolCalled)
        assert call_id not in server.outputs()
        server.caller_stops(turn)
        server.transcribe(turn, text)
        await asyncio.sleep(1)

        output = "booked" if text == "mm" else "The call was cut short and did not run."
        assert server.outputs() == {call_id: output}
        assert bool(call.of(ToolCalled)) is (text == "mm")
        assert asked(server) == 1


async def test_a_cough_into_the_goodbye_does_not_keep_the_line_open():
    async with resuming_call() as call:
        server = await call.greeted()
        server.interrupts = False
        turn = server.caller_starts()
        server.caller_stops(turn)
        await server.asked_to_respond()
        server.transcribe(turn, "bye")
        server.say("Goodbye!", 3000)
        server.call("end_call", '{"reason": "done"}')
        server.finish()
        await settle()
        call.hear(1000)
        turn = server.caller_starts()
        await asyncio.sleep(20)
        assert not call.ended, "the line is not dead, the agent is paused"
        server.caller_stops(turn)
        server.transcribe(turn, "")
        await settle()
        call.hear(2000)
        await settle()
        assert call.ended == ["done"]


async def test_an_interruption_that_is_not_answered_is_noticed():
    async with resuming_call() as call:
        server, item_id = await telling(call, is_done=False)
        turn = server.caller_starts()
        server.caller_stops(turn)
        server.send_audio_delta(item_id, 1000)
        server.transcribe(turn, "stop it")
        await asyncio.sleep(5.9)
        assert asked(server) == 1
        assert not call.of(Problem)
        await asyncio.sleep(0.2)
        assert [problem.code for problem in call.of(Problem)] == ["no_answer"]
        await asyncio.sleep(1)
        assert asked(server) == 2


async def test_typed_text_ends_the_doubt():
    async with resuming_call() as call:
        server, item_id = await telling(call)
        server.caller_starts()
        await settle()
        call.conductor.append([{"role": "user", "content": "Stop"}], respond=True)
        cut = await server.received("conversation.item.truncate")
        assert (cut["item_id"], cut["audio_end_ms"]) == (item_id, 4000)
        assert not call.playback.is_playing
