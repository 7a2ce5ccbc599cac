import asyncio

from processors.events.calls import Problem
from processors.events.conversation import AgentChanged
from processors.events.tools import ToolCalled, ToolFinished
from processors.realtime.function_calls import MAX_ROUNDS
from processors.tools import ToolResult
from tests.processors.realtime_call import RealtimeCall, settle, tool

VIRTUAL_TIME = True

BECAUSE = '{"reason": "asked", "context": "none"}'


class Gate:
    """A tool that answers when the test says so."""

    def __init__(self, name="slow", **options):
        self.open = asyncio.Event()
        self.started = asyncio.Event()
        self.tool = tool(name, self._run, **options)

    async def _run(self, call):
        self.started.set()
        await self.open.wait()
        return ToolResult(f"{call.name} is done")


async def test_a_call_is_answered_and_a_response_follows():
    async with RealtimeCall(tools=[tool("look_up")]) as call:
        server = await call.greeted()
        server.caller_says("look it up")
        call_id = server.call("look_up", '{"what": "it"}')
        server.finish()
        asked = await server.asked_to_respond()

        assert server.outputs() == {call_id: "look_up done"}
        assert set(asked) == {"metadata"}
        called, finished = call.of(ToolCalled)[0], call.of(ToolFinished)[0]
        assert (called.tool, called.arguments, called.agent) == ("look_up", {"what": "it"}, "front")
        assert (finished.tool_call_id, finished.is_error) == (call_id, False)


async def test_parallel_calls_of_one_response_lead_to_one_response():
    first, second = Gate("first"), Gate("second")
    async with RealtimeCall(tools=[first.tool, second.tool]) as call:
        server = await call.greeted()
        server.caller_says("both")
        ids = [server.call("first"), server.call("second")]
        server.finish()
        await second.started.wait()
        second.open.set()
        await settle()
        assert len(server.of_kind("response.create")) == 1
        first.open.set()
        await server.asked_to_respond()
        server.finish()
        await asyncio.sleep(60)

        assert sorted(server.outputs()) == sorted(ids)
        assert len(server.of_kind("response.create")) == 2


async def test_a_tool_runs_while_the_response_goes_on():
    gate = Gate()
    async with RealtimeCall(tools=[gate.tool]) as call:
        server = await call.greeted()
        server.caller_says("go")
        server.call("slow")
        await gate.started.wait()
        assert server.active


async def refused(name, arguments, **options):
    async with RealtimeCall(tools=[tool("book", **options)]) as call:
        server = await call.greeted()
        server.caller_says("book")
        call_id = server.call(name, arguments)
        server.finish()
        await server.asked_to_respond()
        assert call.of(ToolFinished)[0].is_error
        return server.outputs()[call_id]


async def test_arguments_that_are_no_json_are_answered():
    assert "no valid JSON" in await refused("book", '{"city": ')


async def test_arguments_that_are_no_object_are_answered():
    assert "must be a JSON object" in await refused("book", "[1]")


async def test_an_unknown_tool_is_answered_with_those_that_there_are():
    output = await refused("fly_to_the_moon", "{}")
    assert "no tool 'fly_to_the_moon'" in output
    assert "book" in output


async def test_arguments_that_do_not_fit_the_schema_are_answered_with_what_is_wrong():
    schema = {
        "type": "object",
        "properties": {"guests": {"type": "integer"}, "city": {"type": "string"}},
        "required": ["city"],
    }
    output = await refused("book", '{"guests": "two"}', parameters=schema)
    assert "'city' is a required property" in output
    assert "guests: 'two' is not of type 'integer'" in output


async def test_a_schema_that_is_none_does_not_keep_a_tool_from_running():
    async with RealtimeCall(tools=[tool("odd", parameters={"type": 7})]) as call:
        server = await call.greeted()
        server.caller_says("go")
        call_id = server.call("odd", "{}")
        server.finish()
        await server.asked_to_respond()
        assert server.outputs()[call_id] == "odd done"


async def test_a_tool_that_never_answers_is_answered_for():
    gate = Gate(timeout_s=7.0)
    async with RealtimeCall(tools=[gate.tool]) as call:
        server = await call.greeted()
        server.caller_says("go")
        call_id = server.call("slow")
        server.finish()
        await server.asked_to_respond()
        assert "no answer within 7 s" in server.outputs()[call_id]


async def test_a_tool_that_raises_is_answered_for():
    async def fail(call):
        raise RuntimeError("the database is gone")

    async with RealtimeCall(tools=[tool("broken", fail)]) as call:
        server = await call.greeted()
        server.caller_says("go")
        call_id = server.call("broken")
        server.finish()
        await server.asked_to_respond()
        assert "the database is gone" in server.outputs()[call_id]


async def test_a_tool_that_cancels_itself_is_answered_for():
    async def cancel(call):
        raise asyncio.CancelledError

    async with RealtimeCall(tools=[tool("quitter", cancel)]) as call:
        server = await call.greeted()
        server.caller_says("go")
        call_id = server.call("quitter")
        server.finish()
        await server.asked_to_respond()
        assert "was cancelled" in server.outputs()[call_id]


async def test_a_call_that_an_interruption_cut_short_is_answered_and_not_run():
    ran = []

    async def run(call):
        ran.append(call)
        return ToolResult("ran")

    async with RealtimeCall(tools=[tool("book", run)]) as call:
        server = await call.greeted()
        server.caller_says("book")
        begun = server.begin_call("book")
        call_id = server.finish_call(begun, '{"ci', status="incomplete")
        server.finish("cancelled")
        await settle()

        assert not ran
        assert "did not run" in server.outputs()[call_id]


async def test_a_call_that_only_the_finished_response_tells_of_runs():
    async with RealtimeCall(tools=[tool("look_up")]) as call:
        server = await call.greeted()
        server.caller_says("look")
        item = {
            "id": "item_x",
            "type": "function_call",
            "call_id": "call_x",
            "name": "look_up",
            "arguments": "{}",
            "status": "completed",
        }
        server.finish(output=[item])
        await server.asked_to_respond()
        assert server.outputs() == {"call_x": "look_up done"}


async def test_a_result_that_comes_while_the_caller_speaks_waits_for_their_turns_answer():
    gate = Gate()
    async with RealtimeCall(tools=[gate.tool]) as call:
        server = await call.greeted()
        server.caller_says("go")
        call_id = server.call("slow")
        server.finish()
        await gate.started.wait()
        turn = server.caller_starts()
        await settle()
        gate.open.set()
        await settle()
        assert server.outputs() == {call_id: "slow is done"}
        assert len(server.of_kind("response.create")) == 1

        server.caller_stops(turn)
        server.begin_response()
        server.say("Here it is.")
        server.finish()
        await asyncio.sleep(60)

        assert len(server.of_kind("response.create")) == 1


async def test_a_result_is_told_of_when_the_server_leaves_the_turn_unanswered():
    gate = Gate()
    async with RealtimeCall(tools=[gate.tool]) as call:
        server = await call.greeted()
        server.caller_says("go")
        server.call("slow")
        server.finish()
        await gate.started.wait()
        turn = server.caller_starts()
        await settle()
        gate.open.set()
        server.caller_stops(turn)
        await server.asked_to_respond()


async def test_a_result_that_comes_during_another_response_waits_for_its_end():
    gate = Gate()
    async with RealtimeCall(tools=[gate.tool]) as call:
        server = await call.greeted()
        server.caller_says("go")
        server.call("slow")
        server.finish()
        await gate.started.wait()
        server.caller_says("and what is the weather?")
        await settle()
        gate.open.set()
        await settle()
        assert len(server.of_kind("response.create")) == 1
        server.say("Sunny.")
        server.finish()
        await server.asked_to_respond()

        assert not server.of_kind("response.cancel")


async def test_a_refused_response_is_asked_for_again_once_the_other_one_is_over():
    async with RealtimeCall(tools=[tool("look_up")]) as call:
        server = await call.greeted()
        server.caller_says("go")
        server.call("look_up")
        server.acknowledges = False
        server.finish()
        refused = await server.received("response.create")
        # The server had begun one by itself, before it knew of the output.
        server.begin_response()
        server.refuse("conversation_already_has_active_response", event_id=refused["event_id"])
        server.acknowledges = True
        await settle()
        assert len(server.of_kind("response.create")) == 2
        server.finish()
        await server.received("response.create")


async def test_a_very_long_output_is_cut_off():
    async def run(call):
        return ToolResult("x" * 100_000)

    async with RealtimeCall(tools=[tool("verbose", run)]) as call:
        server = await call.greeted()
        server.caller_says("go")
        call_id = server.call("verbose")
        server.finish()
        await server.asked_to_respond()
        assert len(server.outputs()[call_id]) < 33_000


async def test_tools_of_the_same_name_are_offered_once():
    async with RealtimeCall(tools=[tool("twice"), tool("twice")]) as call:
        server = await call.greeted()
        names = [t["name"] for t in server.of_kind("session.update")[0]["session"]["tools"]]

    assert names == ["transfer_to_hotels", "transfer_to_twin", "hotels_expert", "twice", "end_call"]


async def call_in_vain(server, name, times, arguments="{}"):
    """The model calls a tool again and again, a response each; what the last request was like."""
    for _ in range(times):
        server.call(name, arguments)
        server.finish()
        asked = await server.asked_to_respond()
    return asked


async def test_a_model_that_calls_without_end_has_to_speak():
    async with RealtimeCall(tools=[tool("look_up")]) as call:
        server = await call.greeted()
        server.caller_says("look it up")
        assert "tool_choice" not in await call_in_vain(server, "look_up", MAX_ROUNDS - 1)
        assert not call.of(Problem)
        asked = await call_in_vain(server, "look_up", 1)

        assert asked["tool_choice"] == "none"
        assert asked["instructions"].startswith("You are the front desk.")
        assert "tell the caller what you have found" in asked["instructions"]
        assert [problem.code for problem in call.of(Problem)] == ["endless_calls"]

        server.say("I have found nothing so far.", 1000)
        server.finish()
        await settle()
        heard = call.audio_ms
        assert heard >= 1000

        # The next turn of the caller's is a new beginning.
        server.caller_says("try once more", at_ms=5000)
        assert "tool_choice" not in await call_in_vain(server, "look_up", 1)


async def test_calls_that_come_all_the_same_do_not_run():
    ran = []

    async def run(call):
        ran.append(call)
        return ToolResult("ran")

    async with RealtimeCall(tools=[tool("book", run)]) as call:
        server = await call.greeted()
        server.caller_says("book")
        asked = await call_in_vain(server, "book", MAX_ROUNDS + 1)

        assert len(ran) == MAX_ROUNDS
        assert asked["tool_choice"] == "none"
        assert "did not run" in list(server.outputs().values())[-1]


async def test_agents_do_not_pass_the_caller_on_without_end():
    async with RealtimeCall(tools=[tool("look_up")]) as call:
        server = await call.greeted()
        server.caller_says("the twin, please")
        await call_in_vain(server, "look_up", MAX_ROUNDS - 1)
        asked = await call_in_vain(server, "transfer_to_twin", 1, BECAUSE)

        assert call.of(AgentChanged)[-1].to_agent == "twin"
        assert asked["tool_choice"] == "none"
        assert asked["instructions"].startswith("Twin.")
