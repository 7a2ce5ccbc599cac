"""A line that is too slow: what waits for it is bounded, and the call goes on."""

from pipecat.frames.frames import TTSAudioRawFrame

from processors.events.calls import Problem
from processors.events.conversation import AgentTranscript
from processors.realtime.outlet import MOST_UNHEARD_S
from tests.processors.realtime_call import RATE, RealtimeCall, settle

VIRTUAL_TIME = True

DELTA_MS = 10_000
WORDS = " ".join(f"word{number}" for number in range(900))


def kept_bytes(call):
    frames = [f for f in call.frames if isinstance(f, TTSAudioRawFrame)]
    return sum(len(frame.audio) for frame in frames)


async def test_an_agent_is_stopped_when_the_line_can_no_longer_keep_up():
    async with RealtimeCall() as call:
        server = await call.greeted()
        server.caller_says("tell me everything")
        item_id = server.begin_message()
        server.send_words(item_id, WORDS)
        for _ in range(90):
            server.send_audio_delta(item_id, DELTA_MS)
        cancelled = await server.received("response.cancel")
        truncated = await server.received("conversation.item.truncate")
        await settle()

        assert cancelled
        assert truncated["item_id"] == item_id
        assert truncated["audio_end_ms"] == MOST_UNHEARD_S * 1000
        assert call.playback.waiting_ms == MOST_UNHEARD_S * 1000
        assert kept_bytes(call) == (MOST_UNHEARD_S + 1) * RATE * 2
        assert [(p.code, p.fatal) for p in call.of(Problem)] == [("line_behind", False)]

        call.hear(MOST_UNHEARD_S * 1000)
        await settle()
        (said,) = [t for t in call.of(AgentTranscript) if t.item_id == item_id and t.final]
        assert WORDS.startswith(said.text)
        assert len(said.text) < len(WORDS)

        server.caller_says("and now?")
        answer = server.say("Now it works.")
        server.finish()
        await settle()
        call.hear(1000)
        assert [t.text for t in call.of(AgentTranscript) if t.item_id == answer and t.final] == [
            "Now it works."
        ]


async def test_what_a_stalled_line_was_given_is_heard_when_it_moves_again():
    async with RealtimeCall() as call:
        server = await call.greeted()
        server.caller_says("hello")
        item_id = server.say("A reply of a minute.", 60_000)
        server.finish()
        await settle()
        assert call.playback.waiting_ms == 60_000
        call.hear(60_000)
        await settle()
        assert not call.of(Problem)
        assert [t.text for t in call.of(AgentTranscript) if t.item_id == item_id and t.final] == [
            "A reply of a minute."
        ]


async def test_a_model_that_hears_the_caller_too_late_is_told_of_once():
    async with RealtimeCall() as call:
        server = await call.greeted()
        call.speak(200)
        assert not call.of(Problem)
        server.dropped_audio = 3
        call.speak(200)
        server.dropped_audio = 9
        call.speak(200)

        assert [(p.code, p.fatal) for p in call.of(Problem)] == [("caller_audio_dropped", False)]
        assert len(server.audio) == 30
