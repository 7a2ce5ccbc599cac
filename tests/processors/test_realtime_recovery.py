import asyncio

from processors.events.calls import Problem
from processors.events.conversation import AgentChanged, SessionState, UserTranscript
from processors.realtime.options import ServerVad, SessionOptions
from processors.tools import ToolResult
from tests.processors.realtime_call import RealtimeCall, settle, tool

VIRTUAL_TIME = True


def states(call):
    return [event.state for event in call.of(SessionState)]


def texts(server):
    items = [event["item"] for event in server.of_kind("conversation.item.create")]
    return [i["content"][0]["text"] for i in items if i["type"] == "message"]


async def test_a_lost_session_is_replaced_with_its_history_and_nothing_is_said():
    async with RealtimeCall() as call:
        server = await call.greeted()
        server.caller_says("my name is Ann")
        server.say("Hello Ann.", 500)
        server.finish()
        await settle()
        call.hear(500)
        server.lose()
        heir = await call.fake.connection(1)
        await asyncio.sleep(60)

        assert texts(heir) == ["Hello.", "my name is Ann", "Hello Ann."]
        assert not heir.of_kind("response.create")
        assert states(call) == ["connecting", "ready", "lost", "reconnecting", "ready"]
        assert [(p.code, p.fatal) for p in call.of(Problem)] == [("connection_lost", False)]


async def test_a_reply_under_way_is_asked_for_again():
    async with RealtimeCall() as call:
        server = await call.greeted()
        server.caller_says("tell me")
        await settle()
        server.lose()
        heir = await call.fake.connection(1)
        assert "instructions" not in await heir.asked_to_respond()


async def test_a_reply_that_broke_off_is_continued_where_it_was_heard_last():
    async with RealtimeCall() as call:
        server = await call.greeted()
        server.caller_says("tell me")
        item = server.begin_message()
        server.send_words(item, "one two three four five six seven")
        server.send_audio_delta(item, 2000)
        await settle()
        server.lose()
        heir = await call.fake.connection(1)
        request = await heir.asked_to_respond()

        # "Hello." took a second: that is a pace of six characters a second.
        assert texts(heir) == ["Hello.", "tell me", "one two three"]
        assert request["instructions"].startswith("You are the front desk.")
        assert 'heard you say: "one two three"' in request["instructions"]


async def test_words_said_into_a_dead_socket_are_heard_by_the_next_session():
    async with RealtimeCall() as call:
        server = await call.greeted()
        call.speak(9000)
        server.lose()
        heir = await call.fake.connection(1)
        await settle()
        assert len(heir.audio) == 450


async def test_no_more_than_a_ping_takes_is_sent_again():
    async with RealtimeCall() as call:
        server = await call.greeted()
        call.speak(60_000)
        server.lose()
        heir = await call.fake.connection(1)
        await settle()
        assert len(heir.audio) == 600


async def test_what_the_server_has_understood_is_not_sent_again():
    async with RealtimeCall() as call:
        server = await call.greeted()
        call.speak(3000)
        server.caller_says("my name is Ann", at_ms=1200)
        server.say("Hello Ann.", 500)
        server.finish()
        await settle()
        call.speak(2000)
        server.lose()
        heir = await call.fake.connection(1)
        await settle()
        assert len(heir.audio) == 100


async def test_a_transfer_goes_on_without_the_session_that_was_lost():
    async with RealtimeCall() as call:
        server = await call.greeted()
        server.caller_stops(server.caller_starts())
        server.begin_response()
        wanted = server.begin_call("transfer_to_hotels")
        next_one = await call.fake.connection(1)
        await settle()
        call.fake.is_slow.clear()
        server.finish_call(wanted, '{"reason": "a hotel", "context": ""}')
        server.finish()
        server.lose()
        await next_one.asked_to_respond()

        assert [c.to_agent for c in call.of(AgentChanged)] == ["front", "hotels"]
        call.fake.is_slow.set()
        await settle()
        assert (await call.fake.connection(2)).is_closed
        assert [p.fatal for p in call.of(Problem)] == [False]


async def test_a_turn_that_nobody_understood_is_heard_again():
    async with RealtimeCall() as call:
        server = await call.greeted()
        call.speak(1000)
        turn = server.caller_starts(at_ms=500)
        await settle()
        call.speak(1000)
        server.caller_stops(turn)
        await settle()
        server.lose()
        await settle()
        call.speak(1000)
        heir = await call.fake.connection(1)
        await settle()

        # From 500 ms on: 1.5 s before the loss and what came during it.
        assert len(heir.audio) == 125
        again = heir.caller_starts()
        heir.caller_stops(again)
        heir.transcribe(again, "a hotel")
        heir.begin_response()
        await asyncio.sleep(60)
        assert not heir.of_kind("response.create")
        assert [t.text for t in call.of(UserTranscript)] == ["a hotel"]


async def test_a_turn_that_waited_for_the_end_of_another_response_is_heard_again():
    options = SessionOptions(turn_detection=ServerVad(interrupt_response=False))
    async with RealtimeCall(options=options) as call:
        server = await call.greeted()
        server.caller_says("tell me")
        await settle()
        call.speak(1000)
        turn = server.caller_starts(at_ms=0)
        server.caller_stops(turn)
        await settle()
        server.finish()
        server.lose()
        heir = await call.fake.connection(1)
        await settle()

        assert len(heir.audio) == 50


async def test_audio_during_an_outage_is_kept():
    async with RealtimeCall() as call:
        server = await call.greeted()
        call.fake.is_slow.clear()
        server.lose()
        await settle()
        call.speak(10_000)
        call.fake.is_slow.set()
        heir = await call.fake.connection(1)
        await settle()

        assert len(heir.audio) == 500


async def test_the_next_endpoint_takes_over_when_one_refuses_for_good():
    async with RealtimeCall(endpoints=2) as call:
        call.fake.refuse(1, is_permanent=True)
        server = await call.fake.connection()
        await server.asked_to_respond()
        assert call.fake.endpoints == ["e0", "e1"]
        server.lose()
        await call.fake.connection(1)
        assert call.fake.endpoints == ["e0", "e1", "e1"]


async def test_without_any_endpoint_the_call_is_told_once():
    async with RealtimeCall(endpoints=2) as call:
        call.fake.refuse(100)
        await asyncio.sleep(60)

        assert len(call.fake.endpoints) == 6
        assert states(call) == ["connecting", "failed"]
        assert [p.fatal for p in call.of(Problem)] == [True]
        assert len(call.unavailable) == 1


async def test_a_server_that_drops_every_session_is_given_up():
    async with RealtimeCall() as call:
        for index in range(20):
            try:
                server = await call.fake.connection(index)
            except TimeoutError:
                break
            await settle()
            server.lose()

        assert len(call.fake.connections) < 10
        assert len(call.unavailable) == 1


async def test_an_expired_session_is_replaced():
    async with RealtimeCall() as call:
        server = await call.greeted()
        server.refuse("session_expired", "Your session hit the maximum duration of 60 minutes.")
        await call.fake.connection(1)
        await settle()
        assert states(call)[-1] == "ready"


async def test_a_harmless_error_is_not_worth_an_event():
    async with RealtimeCall() as call:
        server = await call.greeted()
        server.refuse("response_cancel_not_active")
        server.refuse("invalid_value", "Audio content of 900ms is already shorter than 950ms")
        await settle()
        assert not call.of(Problem)
        server.refuse("invalid_value", "Something else")
        await settle()
        assert [(p.code, p.fatal) for p in call.of(Problem)] == [("invalid_value", False)]
        assert len(call.fake.connections) == 1


async def test_a_tool_that_finishes_during_the_outage_is_answered_after_it():
    gate = asyncio.Event()

    async def run(call):
        await gate.wait()
        return ToolResult("found")

    async with RealtimeCall(tools=[tool("search", run)]) as call:
        server = await call.greeted()
        server.caller_says("search")
        call_id = server.call("search")
        server.finish()
        await settle()
        call.fake.is_slow.clear()
        server.lose()
        await settle()
        gate.set()
        await settle()
        call.fake.is_slow.set()
        heir = await call.fake.connection(1)
        await heir.asked_to_respond()
        heir.finish()
        await asyncio.sleep(60)

        assert heir.outputs() == {call_id: "found"}
        assert len(heir.of_kind("response.create")) == 1


async def test_a_call_that_ends_during_an_outage_ends():
    before = asyncio.all_tasks()
    async with RealtimeCall() as call:
        server = await call.greeted()
        call.fake.is_slow.clear()
        server.lose()
        await settle()

    assert asyncio.all_tasks() == before


async def test_an_endpoint_that_failed_is_asked_last_from_then_on():
    async with RealtimeCall(endpoints=3) as call:
        call.fake.refuse(1)
        server = await call.greeted()
        assert call.fake.endpoints == ["e0", "e1"]
        call.fake.refuse(2)
        server.lose()
        await call.fake.connection(1)
        assert call.fake.endpoints[2:] == ["e1", "e2", "e0"]


async def test_a_server_that_is_back_after_five_seconds_is_found():
    async with RealtimeCall() as call:
        server = await call.greeted()
        began = asyncio.get_running_loop().time()
        call.fake.refuse(1000)
        server.lose()
        await asyncio.sleep(5)
        call.fake.refusals.clear()
        await call.fake.connection(1)

        assert asyncio.get_running_loop().time() - began < 8
        assert not call.unavailable


async def test_two_attempts_at_once_may_find_the_same_endpoint_unusable():
    async with RealtimeCall(endpoints=2) as call:
        server = await call.greeted()
        server.caller_says("a hotel")
        call.fake.is_slow.clear()
        server.begin_call("transfer_to_hotels")
        await settle()
        call.fake.closed.add("e0")
        server.lose()
        await settle()
        call.fake.is_slow.set()
        await call.fake.connection(2)
        await settle()

        assert call.fake.endpoints == ["e0", "e0", "e0", "e1", "e1"]
        assert states(call)[-1] == "ready"


async def test_a_transfer_that_goes_on_without_the_lost_session_ends_the_outage():
    async with RealtimeCall() as call:
        server = await call.greeted()
        # Of which the words are not known yet: the transfer waits for them.
        server.caller_stops(server.caller_starts())
        server.begin_response()
        begun = server.begin_call("transfer_to_hotels")
        await call.fake.connection(1)
        await settle()
        call.fake.refuse(1000)
        server.finish_call(begun, '{"reason": "r", "context": "c"}')
        server.lose()
        await asyncio.sleep(30)

        assert call.conductor.agent.name == "hotels"
        assert states(call) == ["connecting", "ready", "lost", "reconnecting", "ready"]
