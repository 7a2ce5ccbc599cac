import asyncio

from processors.events.calls import Problem
from processors.events.conversation import AgentTranscript, Interruption, UserSpeech, UserTranscript
from processors.events.figures import TurnLatency, Usage
from processors.realtime.mishaps import RETRY_DELAYS_S
from processors.realtime.options import ServerVad, SessionOptions
from tests.processors.realtime_call import RATE, RealtimeCall, settle

VIRTUAL_TIME = True


async def test_the_first_agent_greets_in_its_own_words():
    async with RealtimeCall() as call:
        server = await call.fake.connection()
        asked = await server.asked_to_respond()

    session = server.of_kind("session.update")[0]["session"]
    assert asked["instructions"] == 'Say to the caller: "Hello."'
    assert session["audio"]["output"] == {"format": {"type": "audio/pcmu"}, "voice": "marin"}
    assert session["instructions"].startswith("You are the front desk.\n")


async def test_what_the_caller_says_before_the_session_is_ready_is_not_lost():
    async with RealtimeCall() as call:
        call.fake.is_slow.clear()
        call.speak(2000)
        call.fake.is_slow.set()
        server = await call.fake.connection()
        await server.asked_to_respond()
        call.speak(40)

    assert len(server.audio) == 102


async def test_a_reply_reaches_the_caller_as_audio_and_words():
    async with RealtimeCall() as call:
        server = await call.greeted()
        server.caller_says("hello there")
        item_id = server.say("How can I help?", 500)
        server.finish()
        await settle()
        call.hear(500)

    assert call.audio_ms == 1500
    said = [t for t in call.of(AgentTranscript) if t.item_id == item_id]
    assert [(t.text, t.final) for t in said] == [
        ("How can I help?", False),
        ("How can I help?", True),
    ]
    assert [t.text for t in call.of(UserTranscript)] == ["hello there"]
    assert [s.speaking for s in call.of(UserSpeech)] == [True, False]
    assert len(call.of(TurnLatency)) == 1


async def test_a_reply_is_final_only_when_it_was_heard_to_its_end():
    async with RealtimeCall() as call:
        server = await call.fake.connection()
        await server.asked_to_respond()
        server.say("Hello.", 1000)
        server.finish()
        await settle()
        call.hear(999)
        assert not [t for t in call.of(AgentTranscript) if t.final]
        call.hear(1)
        assert [t for t in call.of(AgentTranscript) if t.final]


async def test_an_interruption_truncates_at_what_was_heard():
    async with RealtimeCall() as call:
        server = await call.greeted()
        server.caller_says("tell me everything")
        item_id = server.say("one two three four five six seven eight nine ten", 2000)
        server.finish()
        await settle()
        call.hear(500)
        server.caller_starts()
        truncate = await server.received("conversation.item.truncate")
        await settle()

    assert truncate["item_id"] == item_id
    assert truncate["audio_end_ms"] == 500
    assert call.was_interrupted
    assert [(i.item_id, i.heard_ms) for i in call.of(Interruption)] == [(item_id, 500)]
    final = call.of(AgentTranscript)[-1]
    assert (final.text, final.final, final.interrupted) == ("one two three", True, True)


async def test_replies_that_wait_behind_the_interrupted_one_were_not_heard_at_all():
    async with RealtimeCall() as call:
        server = await call.greeted()
        server.caller_says("go on")
        first, second = server.say("first", 1000), server.say("second", 1000)
        server.finish()
        await settle()
        call.hear(300)
        server.caller_starts()
        await settle()

    cuts = server.of_kind("conversation.item.truncate")
    assert [(c["item_id"], c["audio_end_ms"]) for c in cuts] == [(first, 300), (second, 0)]


async def test_audio_of_a_cancelled_response_that_comes_late_is_dropped():
    async with RealtimeCall() as call:
        server = await call.greeted()
        server.caller_says("go on")
        dead = server.active
        item_id = server.begin_message()
        server.send_audio_delta(item_id, 200)
        await settle()
        server.caller_starts()
        server.send_audio_delta(item_id, 800, response_id=dead)
        await settle()

        assert call.audio_ms == 1200
        assert not call.playback.is_playing


async def test_a_response_that_begins_while_the_caller_speaks_is_interrupted():
    async with RealtimeCall() as call:
        server = await call.greeted()
        call.conductor.append([{"role": "user", "content": "typed"}], respond=True)
        # On the wire the request and the news of the caller's speech cross.
        turn = server.caller_starts()
        dead = (await server.received("response.cancel"))["response_id"]
        server.send_audio_delta("item_over_words", 1000, response_id=dead)
        await settle()
        assert not call.playback.is_playing
        server.caller_stops(turn)
        server.answer_turn()
        server.say("to your words", 1000)
        await settle()
        assert call.playback.is_playing

    assert call.audio_ms == 2000
    assert len(server.of_kind("response.create")) == 2


async def test_a_turn_that_the_server_can_not_answer_at_its_end_is_answered_later():
    options = SessionOptions(turn_detection=ServerVad(interrupt_response=False))
    async with RealtimeCall(options=options) as call:
        server = await call.greeted()
        server.caller_says("go on")
        server.say("a long story", 1000)
        server.caller_says("and how much is it?")
        await asyncio.sleep(5)
        assert len(server.of_kind("response.create")) == 1
        server.finish()
        asked = await server.received("response.create")
        await settle()

    assert "instructions" not in asked["response"]
    assert len(server.of_kind("response.create")) == 2
    assert server.refusals == []


async def test_speech_over_silence_interrupts_nothing():
    async with RealtimeCall() as call:
        server = await call.greeted()
        server.caller_starts()
        await settle()

    assert not call.was_interrupted
    assert not server.of_kind("conversation.item.truncate")


async def test_without_interrupt_response_the_agent_talks_on():
    options = SessionOptions(turn_detection=ServerVad(interrupt_response=False))
    async with RealtimeCall(options=options) as call:
        server = await call.greeted()
        server.caller_says("go on")
        server.say("still here", 1000)
        server.finish()
        await settle()
        server.caller_starts()
        await settle()

        assert call.playback.is_playing
        assert not call.was_interrupted


async def test_typed_text_interrupts_and_is_answered():
    async with RealtimeCall() as call:
        server = await call.greeted()
        server.caller_says("go on")
        server.say("a long story", 3000)
        await settle()
        call.conductor.append([{"role": "user", "content": "Stop, book it"}], respond=True)
        cancel = await server.received("response.cancel")
        asked = await server.asked_to_respond()

    assert cancel
    assert "instructions" not in asked
    assert call.was_interrupted
    item = server.of_kind("conversation.item.create")[0]["item"]
    assert item["content"] == [{"type": "input_text", "text": "Stop, book it"}]
    assert call.of(UserTranscript)[-1].text == "Stop, book it"


async def test_typed_text_without_a_wish_for_an_answer_only_informs():
    async with RealtimeCall() as call:
        server = await call.greeted()
        message = {"role": "system", "content": [{"type": "text", "text": "Be brief."}]}
        call.conductor.append([message], respond=False)
        item = (await server.received("conversation.item.create"))["item"]
        await settle()

    assert item["role"] == "system"
    assert len(server.of_kind("response.create")) == 1
    assert not call.of(UserTranscript)


async def test_unknown_and_malformed_events_are_survived():
    async with RealtimeCall() as call:
        server = await call.greeted()
        server.emit("mcp_list_tools.in_progress", item_id="x")
        server.emit("response.created")
        server.emit("input_audio_buffer.speech_started", item_id="x", audio_start_ms="soon")
        server.emit("conversation.item.added", item={"id": "y", "type": "hologram"})
        server.emit("response.output_audio.delta", response_id=1, item_id="z", content_index=0)
        server.emit("error")
        server.caller_says("still there?")
        server.say("Yes.", 100)
        await settle()

        assert call.of(AgentTranscript)[-1].text == "Yes."


async def test_a_response_that_failed_is_asked_for_once_more():
    async with RealtimeCall() as call:
        server = await call.greeted()
        error = {"type": "server_error", "code": "server_error", "message": "sorry"}
        server.caller_says("hello?")
        server.finish("failed", status_details={"type": "failed", "error": error})
        await server.asked_to_respond()
        server.say("Yes.", 500)
        server.finish()
        await asyncio.sleep(60)

    assert len(server.of_kind("response.create")) == 2


async def fail(server):
    """The response that was asked for fails."""
    error = {"type": "server_error", "code": "server_error", "message": "no"}
    await server.asked_to_respond()
    server.finish("failed", status_details={"type": "failed", "error": error})


async def test_responses_that_go_on_failing_are_asked_for_elsewhere():
    async with RealtimeCall(endpoints=2) as call:
        server = await call.greeted()
        server.caller_says("hi")
        error = {"type": "server_error", "code": "server_error", "message": "no"}
        server.finish("failed", status_details={"type": "failed", "error": error})
        for _ in RETRY_DELAYS_S:
            await fail(server)
        heir = await call.fake.connection(1)
        await heir.asked_to_respond()
        heir.say("Hello.", 500)
        heir.finish()
        await settle()
        call.hear(500)
        assert call.fake.endpoints == ["e0", "e1"]
        assert not call.unavailable


async def test_a_model_that_fails_in_every_session_is_apologised_for():
    async with RealtimeCall() as call:
        server = await call.greeted()
        server.caller_says("hi")
        error = {"type": "server_error", "code": "server_error", "message": "no"}
        server.finish("failed", status_details={"type": "failed", "error": error})
        for _ in RETRY_DELAYS_S:
            await fail(server)
        await fail(await call.fake.connection(1))
        await asyncio.sleep(10)
        assert len(call.unavailable) == 1


async def test_a_response_that_failed_in_the_middle_is_asked_for_once_more():
    async with RealtimeCall() as call:
        server = await call.greeted()
        error = {"type": "server_error", "code": "server_error", "message": "sorry"}
        server.caller_says("where is it?")
        item_id = server.say("It is in the garden", 400)
        message = {"id": item_id, "type": "message", "role": "assistant", "status": "incomplete"}
        details = {"type": "failed", "error": error}
        server.finish("failed", status_details=details, output=[message])
        asked = await server.asked_to_respond()
        call.playback.played(RATE)

        heard = call.of(AgentTranscript)[-1].text
        assert "It is in the garden".startswith(heard)
        assert 0 < len(heard) < 10
        assert f'The caller heard you say: "{heard}"' in asked["instructions"]
        assert server.of_kind("conversation.item.truncate")[-1]["audio_end_ms"] == 400


async def test_a_request_that_was_refused_is_made_once_more():
    async with RealtimeCall() as call:
        server = await call.fake.connection()
        server.acknowledges = False
        await settle()
        server.emit("session.updated", session={})
        asked = await server.received("response.create")
        server.refuse("rate_limit_exceeded", event_id=asked["event_id"])
        await asyncio.sleep(60)

        assert len(server.of_kind("response.create")) == 2
        assert [p.code for p in call.of(Problem)] == ["rate_limit_exceeded"]


async def test_a_line_can_be_said_for_sure_whatever_goes_on():
    async with RealtimeCall() as call:
        server = await call.greeted()
        server.caller_says("hello")
        saying = asyncio.create_task(call.conductor.say('We close. "Bye"'))
        server.say("Hi.", 100)
        server.finish()
        asked = await server.asked_to_respond()
        assert asked["instructions"] == "Say to the caller: \"We close. 'Bye'\""
        server.say("We close.", 500)
        server.finish()
        await settle()
        call.hear(599)
        await settle()
        assert not saying.done()
        call.hear(1)
        await saying


async def test_usage_is_reported():
    usage = {
        "input_token_details": {"text_tokens": 5, "audio_tokens": 7, "cached_tokens": 3},
        "output_token_details": {"text_tokens": 2, "audio_tokens": 9},
    }
    async with RealtimeCall() as call:
        server = await call.greeted()
        server.caller_says("hello")
        server.finish(usage=usage)
        await settle()

    (event,) = call.of(Usage)
    assert (event.input_text_tokens, event.input_audio_tokens, event.cached_tokens) == (5, 7, 3)
    assert (event.output_text_tokens, event.output_audio_tokens, event.model) == (2, 9, "m")


async def test_nothing_is_left_when_the_call_ends():
    before = asyncio.all_tasks()
    async with RealtimeCall() as call:
        server = await call.greeted()
        server.caller_says("hello")
        server.say("unheard words", 1000)
        await settle()

    assert asyncio.all_tasks() == before
    assert server.is_closed
    final = call.of(AgentTranscript)[-1]
    assert (final.text, final.final, final.interrupted) == ("", True, True)
