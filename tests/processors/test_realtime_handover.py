import asyncio

from processors.events.conversation import (
    AgentChanged,
    AgentTranscript,
    SessionState,
    UserTranscript,
)
from processors.tools import ToolResult
from tests.processors.realtime_call import RealtimeCall, settle, tool

VIRTUAL_TIME = True

WHY = '{"reason": "wants a hotel", "context": "Paris, two people"}'


async def transfer(call, server, target="hotels", words="One moment."):
    """The caller asks, the model says something and transfers."""
    server.caller_says("a hotel in Paris")
    if words:
        server.say(words)
    call_id = server.call(f"transfer_to_{target}", WHY)
    server.finish()
    await settle()
    return call_id


def items_of(server):
    return [event["item"] for event in server.of_kind("conversation.item.create")]


async def test_another_voice_takes_over_in_a_session_that_knows_everything():
    async with RealtimeCall() as call:
        server = await call.greeted()
        call_id = await transfer(call, server)
        call.hear(1000)
        successor = await call.fake.connection(1)
        asked = await successor.asked_to_respond()

        session = successor.of_kind("session.update")[0]["session"]
        assert session["audio"]["output"]["voice"] == "cedar"
        assert session["instructions"].startswith("You book hotels.\n")
        items = items_of(successor)
        assert [(item["type"], item.get("role")) for item in items] == [
            ("message", "assistant"),
            ("message", "user"),
            ("message", "assistant"),
            ("function_call", None),
            ("function_call_output", None),
            ("message", "system"),
        ]
        assert items[1]["content"] == [{"type": "input_text", "text": "a hotel in Paris"}]
        assert items[4]["call_id"] == call_id
        note = items[5]["content"][0]["text"]
        for part in ("front", "hotels", "wants a hotel", "Paris, two people"):
            assert part in note
        assert set(asked) == {"metadata"}
        (_, changed) = call.of(AgentChanged)
        assert (changed.from_agent, changed.to_agent, changed.voice) == ("front", "hotels", "cedar")
        assert (changed.reason, changed.context) == ("wants a hotel", "Paris, two people")
        assert call.conductor.agent.name == "hotels"


async def test_the_next_session_opens_while_the_current_agent_still_speaks():
    async with RealtimeCall() as call:
        server = await call.greeted()
        server.caller_says("a hotel")
        server.begin_call("transfer_to_hotels")
        successor = await call.fake.connection(1)
        await settle()

        assert successor.of_kind("session.update")
        assert not items_of(successor)


async def test_the_transferring_agent_is_heard_to_the_end_before_the_next_one():
    async with RealtimeCall() as call:
        server = await call.greeted()
        await transfer(call, server, words="I will connect you.")
        successor = await call.fake.connection(1)
        await successor.asked_to_respond()
        successor.say("Paris, then.", 500)
        successor.finish()
        await settle()
        call.hear(1500)

        finals = [(t.agent, t.text) for t in call.of(AgentTranscript) if t.final]
        assert finals[1:] == [("front", "I will connect you."), ("hotels", "Paris, then.")]
        assert not call.was_interrupted


async def test_the_old_session_is_closed_afterwards():
    async with RealtimeCall() as call:
        server = await call.greeted()
        await transfer(call, server)
        await call.fake.connection(1)
        await asyncio.sleep(5)
        assert server.is_closed


async def test_words_that_are_written_down_late_still_become_part_of_the_record():
    async with RealtimeCall() as call:
        server = await call.greeted()
        turn = server.caller_starts()
        server.caller_stops(turn)
        server.begin_response()
        server.call("transfer_to_hotels", WHY)
        server.finish()
        await asyncio.sleep(2)
        successor = await call.fake.connection(1)
        assert successor.of_kind("response.create")
        server.transcribe(turn, "a hotel please")
        await settle()

        assert call.of(UserTranscript)[-1].text == "a hotel please"


async def test_audio_of_a_turn_under_way_goes_to_the_next_session_from_its_beginning():
    async with RealtimeCall() as call:
        server = await call.greeted()
        call.speak(5000)
        server.caller_says("a hotel")
        server.call("transfer_to_hotels", WHY)
        call.fake.is_slow.clear()
        server.finish()
        await settle()
        call.speak(400)
        server.caller_starts(at_ms=5200)
        await settle()
        call.speak(1000)
        call.fake.is_slow.set()
        successor = await call.fake.connection(1)
        await settle()

        # From 5200 ms to 6400 ms of the call's audio, then what goes on.
        assert len(successor.audio) == 60
        assert not successor.of_kind("response.create")
        call.speak(20)
        turn = successor.caller_starts(at_ms=0)
        successor.caller_stops(turn)
        successor.begin_response()
        await asyncio.sleep(60)
        assert len(successor.audio) == 61
        assert not successor.of_kind("response.create")


async def test_the_last_turns_audio_is_not_heard_twice():
    async with RealtimeCall() as call:
        server = await call.greeted()
        call.speak(3000)
        server.caller_says("a hotel", at_ms=1200)
        await settle()
        call.speak(100)
        server.call("transfer_to_hotels", WHY)
        server.finish()
        successor = await call.fake.connection(1)
        await successor.asked_to_respond()

        assert len(successor.audio) == 5


async def test_the_same_voice_takes_over_in_the_same_session():
    async with RealtimeCall() as call:
        server = await call.greeted()
        call_id = await transfer(call, server, "twin")
        await server.asked_to_respond()

        update = server.of_kind("session.update")[-1]["session"]
        assert update["instructions"].startswith("Twin.\n")
        assert "audio" not in update
        assert call_id in server.outputs()
        assert "wants a hotel" in items_of(server)[-1]["content"][0]["text"]
        assert len(call.fake.connections) == 1
        assert call.of(AgentChanged)[-1].to_agent == "twin"


async def test_there_and_back_again():
    async with RealtimeCall() as call:
        server = await call.greeted()
        await transfer(call, server)
        second = await call.fake.connection(1)
        await second.asked_to_respond()
        second.say("Done.", 100)
        second.finish()
        second.caller_says("that is all")
        second.call("transfer_to_front", '{"reason": "finished", "context": "booked"}')
        second.finish()
        third = await call.fake.connection(2)
        await third.asked_to_respond()

        session = third.of_kind("session.update")[0]["session"]
        assert session["audio"]["output"]["voice"] == "marin"
        notes = [i for i in items_of(third) if i.get("role") == "system"]
        assert len(notes) == 1
        assert "finished" in notes[0]["content"][0]["text"]
        assert [c.to_agent for c in call.of(AgentChanged)] == ["front", "hotels", "front"]


async def test_a_transfer_that_fails_leaves_the_caller_with_the_agent():
    async with RealtimeCall() as call:
        server = await call.greeted()
        call.fake.refuse(3)
        call_id = await transfer(call, server)
        await server.asked_to_respond()

        assert "failed" in server.outputs()[call_id]
        assert call.conductor.agent.name == "front"
        assert len(call.of(AgentChanged)) == 1


async def test_a_prepared_session_that_was_lost_is_replaced():
    async with RealtimeCall() as call:
        server = await call.greeted()
        server.caller_says("a hotel")
        begun = server.begin_call("transfer_to_hotels")
        prepared = await call.fake.connection(1)
        await settle()
        prepared.lose()
        await settle()
        server.finish_call(begun, WHY)
        server.finish()
        successor = await call.fake.connection(2)
        await successor.asked_to_respond()
        assert call.conductor.agent.name == "hotels"


async def test_a_prepared_session_that_is_not_needed_is_closed():
    async with RealtimeCall() as call:
        server = await call.greeted()
        server.caller_says("a hotel")
        begun = server.begin_call("transfer_to_hotels")
        await call.fake.connection(1)
        server.finish_call(begun, "{}")
        server.finish()
        await server.asked_to_respond()
        prepared = await call.fake.connection(1)
        await settle()
        assert prepared.is_closed
        assert "reason" in next(iter(server.outputs().values()))


async def test_of_two_transfers_at_once_one_is_made_and_the_other_refused():
    async with RealtimeCall() as call:
        server = await call.greeted()
        server.caller_says("both")
        server.call("transfer_to_hotels", WHY)
        other = server.call("transfer_to_twin", WHY)
        server.finish()
        successor = await call.fake.connection(1)
        await successor.asked_to_respond()

        assert "under way" in server.outputs()[other]
        assert len(call.of(AgentChanged)) == 2


async def test_tools_beside_a_transfer_are_answered_before_it():
    async with RealtimeCall(tools=[tool("look_up")]) as call:
        server = await call.greeted()
        server.caller_says("both")
        server.call("transfer_to_hotels", WHY)
        server.call("look_up")
        server.finish()
        successor = await call.fake.connection(1)
        await successor.asked_to_respond()

        assert "look_up done" in successor.outputs().values()


async def test_a_result_that_comes_after_the_handover_goes_to_the_next_session():
    gate = asyncio.Event()

    async def run(call):
        await gate.wait()
        return ToolResult("late")

    async with RealtimeCall(tools=[tool("slow", run)]) as call:
        server = await call.greeted()
        server.caller_says("search")
        call_id = server.call("slow")
        server.finish()
        await settle()
        await transfer(call, server)
        successor = await call.fake.connection(1)
        await successor.asked_to_respond()
        successor.finish()
        gate.set()
        await successor.asked_to_respond()

        assert successor.outputs()[call_id] == "late"


async def test_an_agent_as_a_tool_answers_out_of_band():
    looked = tool("look_up", read_only=True)
    async with RealtimeCall(tools=[looked, tool("book")]) as call:
        server = await call.greeted()
        server.caller_says("how much is a hotel in Rome?")
        call_id = server.call("hotels_expert", '{"question": "Price in Rome?"}')
        server.finish()
        asked = await server.asked_to_respond()
        assert asked["conversation"] == "none"
        assert asked["output_modalities"] == ["text"]
        assert asked["instructions"].startswith("You book hotels.")
        assert [t["name"] for t in asked["tools"]] == ["look_up"]
        assert asked["input"][0]["content"][0]["text"] == "Price in Rome?"

        (aside, _) = server.asides[0]
        wanted = {
            "id": "item_c",
            "type": "function_call",
            "call_id": "call_c",
            "name": "look_up",
            "arguments": "{}",
        }
        done = {"id": aside, "status": "completed", "output": [wanted]}
        server.emit("response.done", response=done)
        again = await server.asked_to_respond()
        assert again["input"][-1]["output"] == "look_up done"

        (aside, _) = server.asides[1]
        said = {
            "id": "item_d",
            "type": "message",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "About ninety euros."}],
        }
        server.emit(
            "response.output_text.delta",
            response_id=aside,
            item_id="item_d",
            content_index=0,
            delta="About",
        )
        done = {"id": aside, "status": "completed", "output": [said]}
        server.emit("response.done", response=done)
        await server.asked_to_respond()

        assert server.outputs() == {call_id: "About ninety euros."}
        assert "About" not in [t.text for t in call.of(AgentTranscript)]


async def test_ready_is_reported_once_per_outage_not_per_handover():
    async with RealtimeCall() as call:
        server = await call.greeted()
        await transfer(call, server)
        successor = await call.fake.connection(1)
        await successor.asked_to_respond()
        assert [s.state for s in call.of(SessionState)] == ["connecting", "ready"]
