"""A story that is told over a Realtime session in memory, and callers who make a sound into it."""

from pipecat.frames.frames import InterruptionFrame, TTSAudioRawFrame

from processors.realtime.policy import CallPolicy
from tests.processors.realtime_call import RealtimeCall, settle

POLICY = CallPolicy(idle_s=None, answer_s=6, resumes=True)

STORY = "one two three four five six seven eight nine ten"


def resuming_call(**options):
    return RealtimeCall(policy=POLICY, **options)


async def telling(call, *, ms=10_000, heard_ms=4000, is_done=True):
    """A server whose agent tells a story, of which the caller has heard some."""
    server = await call.greeted()
    server.interrupts = False
    turn = server.caller_starts()
    server.caller_stops(turn)
    await server.asked_to_respond()
    server.transcribe(turn, "tell me")
    item_id = server.say(STORY, ms) if is_done else server.begin_message()
    if is_done:
        server.finish()
    else:
        server.send_words(item_id, STORY)
        server.send_audio_delta(item_id, ms)
    await settle()
    call.hear(heard_ms)
    return server, item_id


async def interject(server, text, speech_ms=600):
    turn = server.caller_starts()
    await settle()
    server.caller_stops(turn, speech_ms)
    await settle()
    if text is not None:
        server.transcribe(turn, text)
    await settle()
    return turn


def asked(server):
    """Responses that were asked for after those to the greeting and the request for a story."""
    return len(server.of_kind("response.create")) - 2


def sent_again_ms(call):
    """Audio that went to the line after it was cleared."""
    last = max(i for i, frame in enumerate(call.frames) if isinstance(frame, InterruptionFrame))
    frames = [f for f in call.frames[last:] if isinstance(f, TTSAudioRawFrame)]
    return sum(len(frame.audio) for frame in frames) // 16
