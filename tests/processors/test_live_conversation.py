"""A call over GPT-Live against a server in memory, event by event: what others do to it."""

import asyncio
from base64 import b64encode

import pytest
from pipecat.frames.frames import InterruptionFrame

from processors.events.conversation import (
    AgentChanged,
    DtmfReceived,
    GuardrailTripped,
    UserTranscript,
)
from processors.events.figures import Usage
from processors.events.tools import ToolFinished
from processors.live.conversation import UNHEARD
from processors.live.delegated_work import ENOUGH, NOT_NOW
from processors.live.wording import MAX_APPEND_TOKENS, pieces, tokens
from processors.realtime.function_calls import MAX_ROUNDS
from processors.realtime.idle_caller import GOODBYE, PROMPTS
from processors.tools import ToolResult
from tests.processors.live_call import SILENCE, LiveCall, fragment, guarded
from tests.processors.realtime_call import settle, tool

VIRTUAL_TIME = True


async def test_the_first_agent_greets_and_silence_is_not_passed_on():
    async with LiveCall() as call:
        assert call.server.told("commentary") == ['Say to the caller: "Hello."']
        call.server.emit("session.output_audio.delta", delta=SILENCE)
        call.server.speak("Hello.")
        for _ in range(20):
            call.server.emit("session.output_audio.delta", delta=SILENCE)
        await asyncio.sleep(2)
        assert call.said() == ["Hello."]
        # The frame before the first sound belongs to it; so does what follows within the turn.
        assert call.audio_ms < 5000


async def test_a_muted_agent_is_not_heard_and_a_muted_caller_is_silence():
    async with LiveCall() as call:
        await call.conversation.muting.mute("agent")
        assert any(isinstance(frame, InterruptionFrame) for frame in call.frames)
        call.server.speak("Nobody hears this.")
        await asyncio.sleep(2)
        assert not call.said()
        assert call.audio_ms == 0

        await call.conversation.muting.mute("caller")
        call.conversation.hear(b"\x11\x22" * 160)
        assert call.server.audio[-1] == b64encode(b"\xff" * 160).decode()
        call.server.hear("secret")
        await asyncio.sleep(2)
        assert not call.of(UserTranscript)

        call.conversation.muting.unmute("agent", owes_answer=True)
        call.server.speak("Hello again.")
        await asyncio.sleep(2)
        assert call.said() == ["Hello again."]


async def test_an_agent_who_stands_aside_for_a_person_is_not_heard_and_opens_when_it_is_back():
    async with LiveCall() as call:
        await call.conversation.stand_aside("A colleague has the caller.")
        call.server.speak("Nobody hears this.")
        call.server.hear("I want my money back.")
        await asyncio.sleep(2)
        assert not call.said()
        assert [event.text for event in call.of(UserTranscript) if event.final]
        call.conversation.tell("Your colleague said to the caller: a refund.", respond=False)
        call.conversation.come_back("The call is yours again.", "I am back.")
        told = " ".join(call.server.told("thinking"))
        for fact in ("A colleague has", "a refund", "is yours again"):
            assert fact in told
        assert "I am back." in call.server.told("commentary")[-1]
        assert told.endswith(UNHEARD)
        before = len(call.server.told("commentary"))
        call.conversation.come_back("again", "again")
        assert len(call.server.told("commentary")) == before
        call.server.speak("I am back.")
        await asyncio.sleep(2)
        assert call.said() == ["I am back."]


async def test_what_began_unheard_is_not_heard_from_its_middle_on():
    async with LiveCall(team=guarded()) as call:
        await call.conversation.stand_aside("A colleague has the caller.")
        cuts = len(call.frames)
        fragment(call.server, "Our fund has guaranteed returns")
        await settle()
        call.conversation.come_back("The call is yours again.", None)
        fragment(call.server, "of ten percent.")
        fragment(call.server, audio=SILENCE)
        await settle()
        assert call.audio_ms == 0
        assert len(call.frames) == cuts, "nothing cuts the person who talks"
        assert not call.of(GuardrailTripped)
        for words in ("I am", " with you", " again."):
            fragment(call.server, words)
        for _ in range(5):
            fragment(call.server, audio=SILENCE)
        await settle()
        await asyncio.sleep(2)
        assert call.said() == ["I am with you again."]


async def test_nothing_is_done_for_the_caller_while_a_person_talks_with_them():
    ran = []

    async def run(made):
        ran.append(made)
        return ToolResult("booked")

    async with LiveCall(tools=[tool("book", run)]) as call:
        server = call.server
        await call.conversation.stand_aside("A colleague has the caller.")
        before = len(server.told("commentary"))
        server.call("book")
        await settle()
        assert server.outputs() == {"call_1": NOT_NOW}
        call.conversation.append([{"role": "user", "content": "Book it."}], respond=True)
        await call.conversation.press("1")
        await call.conversation.press("#")
        server.lose()
        await asyncio.sleep(5)
        assert len(call.servers) == 2
        assert len(server.told("commentary")) == before
        assert not call.server.told("commentary"), "the next session is asked for nothing either"
        assert next(e.text for e in call.of(UserTranscript) if e.final) == "Book it."
        call.conversation.come_back("The call is yours again.", None)
        call.server.call("book", call_id="call_2")
        await settle()
        assert call.server.outputs() == {"call_2": "booked"}
        assert len(ran) == 1


async def test_a_transfer_that_was_under_way_is_carried_out_in_silence():
    async with LiveCall() as call:
        call.server.call("transfer_to_hotels", '{"reason": "r", "context": "c"}')
        await settle()
        await call.conversation.stand_aside("A colleague has the caller.")
        await asyncio.sleep(5)
        assert call.conversation.agent.name == "hotels"
        assert not call.server.told("commentary")
        call.conversation.come_back("The call is yours again.", "I am back.")
        assert "I am back." in call.server.told("commentary")[-1]


async def test_an_instruction_is_unheard_and_stays_for_the_next_session():
    async with LiveCall() as call:
        call.conversation.coach("offer a discount", respond=False)
        assert "offer a discount" in call.server.told("instructions")[0]
        assert len(call.server.told("commentary")) == 1
        call.server.lose()
        await asyncio.sleep(1)
        assert len(call.servers) == 2
        history = call.server.sent[0]["session"]["input"]
        assert history[-1]["role"] == "developer"
        assert "offer a discount" in history[-1]["content"][0]["text"]


async def test_a_line_returns_once_it_was_heard():
    async with LiveCall() as call:
        saying = asyncio.create_task(call.conversation.say('The "code" is new.'))
        await settle()
        assert call.server.told("commentary")[-1] == "Say to the caller: \"The 'code' is new.\""
        assert not saying.done()
        call.server.speak("The code is new.")
        await asyncio.sleep(2)
        assert saying.done()


async def test_keys_are_collected_or_told():
    async with LiveCall() as call:
        for key in "12#":
            call.conversation.keypad.press(key)
        assert [e.digits for e in call.of(DtmfReceived)] == ["12"]
        assert call.server.told("commentary")[-1] == "The caller has pressed keys: 1 2"
        wanted = {"count": 4, "terminator": "#", "timeout_s": 5, "sensitive": True}
        collecting = asyncio.create_task(call.conversation.keypad.collect(**wanted))
        await settle()
        for key in "4321":
            call.conversation.keypad.press(key)
        assert await collecting == ("complete", "4321")
        assert call.of(DtmfReceived)[-1].digits == "••••"
        assert await call.conversation.keypad.collect(**wanted) == ("timeout", "")


async def test_the_call_ends_when_the_goodbye_was_heard_and_not_when_the_caller_goes_on():
    async with LiveCall() as call:
        call.server.call("end_call")
        await settle()
        assert call.server.count("response.create") == 1
        call.server.hear("wait, one more thing")
        await asyncio.sleep(20)
        assert not call.ended
        call.server.call("end_call", call_id="call_2")
        await settle()
        call.server.speak("Goodbye.")
        await asyncio.sleep(3)
        assert call.ended == [""]


async def test_a_silent_caller_is_asked_twice_and_let_go():
    async with LiveCall(idle_s=8) as call:
        for line in (*PROMPTS, GOODBYE):
            await asyncio.sleep(9)
            expected = line.replace('"', "'")
            assert call.server.told("commentary")[-1] == f'Say to the caller: "{expected}"'
            call.server.speak(line)
        await asyncio.sleep(4)
        assert call.ended == ["the caller was silent"]


async def test_parallel_calls_lead_to_one_continuation():
    release = asyncio.Event()

    async def slow(call):
        await release.wait()
        return await tool("x").run(call)

    async with LiveCall(tools=[tool("quick"), tool("slow", slow)]) as call:
        where = {"delegation_id": "dlg_1"}
        for name in ("quick", "slow"):
            item = {"id": name, "type": "function_call", "status": "completed", "name": name}
            item |= {"call_id": name, "arguments": "no json" if name == "quick" else "{}"}
            inner = {"type": "response.output_item.done", "item": item}
            call.server.emit("response.event", **where, event=inner)
        done = {"type": "response.completed", "response": {}}
        call.server.emit("response.event", **where, event=done)
        await settle()
        assert "no valid JSON" in call.server.outputs()["quick"]
        assert call.server.count("response.create") == 0
        release.set()
        await settle()
        assert set(call.server.outputs()) == {"quick", "slow"}
        assert call.server.count("response.create") == 1
        assert len(call.of(ToolFinished)) == 2


async def test_a_transfer_that_fails_is_told_and_the_agent_keeps_the_caller():
    async with LiveCall() as call:
        call.refuses = True
        call.server.call("transfer_to_hotels", '{"reason": "r", "context": "c"}')
        await asyncio.sleep(5)
        assert "failed" in call.server.outputs()["call_1"]
        assert call.server.count("response.create") == 1
        assert [e.to_agent for e in call.of(AgentChanged)] == ["front"]
        assert call.conversation.agent.name == "front"


async def test_who_is_called_may_speak_first():
    async with LiveCall(first_words_s=5) as call:
        await asyncio.sleep(2)
        assert not call.server.told("commentary")
        call.server.hear("hello?")
        await asyncio.sleep(2)
        assert call.server.told("commentary") == ['Say to the caller: "Hello."']
    async with LiveCall(first_words_s=5) as call:
        await asyncio.sleep(4)
        assert not call.server.told("commentary")
        await asyncio.sleep(2)
        assert call.server.told("commentary") == ['Say to the caller: "Hello."']


async def test_time_goes_on_where_a_line_sends_nothing():
    async with LiveCall() as call:
        await asyncio.sleep(1)
        assert 6 <= len(call.server.audio) <= 9


async def test_the_time_of_a_session_is_billed_once():
    async with LiveCall() as call:
        call.server.emit("session.usage.updated", usage={"seconds": 15})
        await settle()
        first = call.server
    assert [e.audio_s for e in call.of(Usage)] == [15, 15]
    assert first.is_closed


@pytest.mark.parametrize("text", ["word " * 3000, "x" * 9000, "語" * 2000, "short"])
def test_appends_are_cut_to_what_the_api_takes(text):
    for piece in pieces(text):
        assert tokens(piece) <= MAX_APPEND_TOKENS
    assert "".join(pieces(text)).replace(" ", "") == text.replace(" ", "")


async def test_a_backend_that_calls_without_end_has_to_answer():
    ran = []

    async def run(call):
        ran.append(call)
        return ToolResult("ran")

    async with LiveCall(tools=[tool("look_up", run)]) as call:
        for number in range(MAX_ROUNDS + 2):
            call.server.call("look_up", call_id=f"call_{number}")
            await settle()
        assert len(ran) == MAX_ROUNDS
        assert call.server.outputs()[f"call_{MAX_ROUNDS}"] == ENOUGH

        call.server.hear("try again")
        await asyncio.sleep(2)
        call.server.call("look_up", call_id="again")
        await settle()
        assert call.server.outputs()["again"] == "ran"
