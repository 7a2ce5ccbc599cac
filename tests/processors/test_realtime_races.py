"""Whatever happens in whatever order: calls are answered and told of, and responses never clash."""

import asyncio

from hypothesis import example, given, settings
from hypothesis import strategies as st

from processors.events import AgentTranscript, ToolCalled, ToolFinished
from processors.realtime.policy import CallPolicy
from processors.tools import ToolResult
from tests.processors.realtime_call import RealtimeCall, settle, tool
from tests.processors.virtual_time import VirtualTimeLoop

STEPS = ("speak", "stop", "hum", "say", "call", "finish", "release", "type", "hear", "wait")


class Play:
    """Plays steps that make sense at the time; the server answers turns as the real one does."""

    def __init__(self, call, server, gates, *, is_orderly):
        self.is_orderly = is_orderly
        self.call = call
        self.server = server
        self.gates = gates
        self.turn = None

    async def step(self, name):
        server = self.server
        match name:
            case "speak" if self.turn is None:
                self.turn = server.caller_starts()
            case "stop" | "hum" if self.turn:
                server.caller_stops(self.turn)
                server.transcribe(self.turn, "words" if name == "stop" else "mm")
                self.turn = None
                # One that began while the caller spoke stands in the way of another.
                if server.interrupts and not server.active:
                    server.begin_response()
            case "say" if server.active:
                server.say("one two three", 500)
            case "call" if server.active:
                server.call("slow")
            case "finish" if server.active:
                server.finish()
            case "release" if self.gates:
                self.gates.pop(0).set()
            case "type":
                message = {"role": "user", "content": "typed"}
                self.call.conductor.append([message], respond=True)
            case "hear":
                self.call.hear(300)
            case "wait":
                await asyncio.sleep(2)
        if self.is_orderly:
            await settle()

    async def come_to_rest(self):
        """Everybody falls silent; whatever is owed is said."""
        await settle()
        await self.step("stop")
        for _ in range(30):
            await self.step("release")
            await self.step("finish")
            await self.step("wait")


def told_of(server):
    """Calls whose output stood in the conversation when a later response was asked for or began."""
    outputs, told = set(), set()
    for kind, detail in server.log:
        if kind == "output":
            outputs.add(detail)
        else:
            told |= outputs
    return told


def keep_log(server):
    """The order of what the server saw: outputs, and beginnings of responses."""
    server.log = []
    begin, add = server.begin_response, server.add_item

    def begin_response(metadata=None):
        response_id = begin(metadata)
        server.log.append(("response", response_id))
        return response_id

    def add_item(item):
        if item["type"] == "function_call_output":
            server.log.append(("output", item["call_id"]))
        return add(item)

    server.begin_response, server.add_item = begin_response, add_item


async def play(steps, *, is_orderly, resumes=False):
    gates = []

    async def run(call):
        gate = asyncio.Event()
        gates.append(gate)
        await gate.wait()
        return ToolResult("done")

    tools = [tool("slow", run, timeout_s=3600)]
    policy = CallPolicy(idle_s=None, answer_s=None, resumes=resumes)
    async with RealtimeCall(tools=tools, policy=policy) as call:
        server = await call.greeted()
        server.interrupts = not resumes
        keep_log(server)
        play = Play(call, server, gates, is_orderly=is_orderly)
        for step in steps:
            await play.step(step)
        await play.come_to_rest()

        made = {event.tool_call_id for event in call.of(ToolCalled)}
        assert {event.tool_call_id for event in call.of(ToolFinished)} == made
        # A call that was cut short is answered without having been run.
        cut_short = {call_id for call_id, output in server.outputs().items() if output != "done"}
        assert resumes or not cut_short
        assert set(server.outputs()) == made | cut_short
        assert told_of(server) == made | cut_short
        if is_orderly:
            assert server.refusals == []
        assert server.active is None
    finals = [event.item_id for event in call.of(AgentTranscript) if event.final]
    assert len(finals) == len(set(finals)), "an item was final twice"
    assert {event.item_id for event in call.of(AgentTranscript)} == set(finals)


def run(steps, **options):
    loop = VirtualTimeLoop()
    try:
        loop.run_until_complete(play(steps, **options))
    finally:
        loop.close()


@example(["speak", "stop", "call", "finish", "speak", "stop", "release"])
@given(st.lists(st.sampled_from(STEPS), min_size=5, max_size=60))
@settings(max_examples=150, deadline=None)
def test_in_no_order_do_responses_clash_or_results_get_lost(steps):
    run(steps, is_orderly=True)


@example(["speak", "stop", "call", "finish", "wait", "speak", "wait", "release", "stop"])
@given(st.lists(st.sampled_from(STEPS), min_size=5, max_size=60))
@settings(max_examples=150, deadline=None)
def test_no_crossing_of_messages_on_the_wire_loses_a_result(steps):
    run(steps, is_orderly=False)


@given(st.lists(st.sampled_from(STEPS), min_size=5, max_size=60))
@settings(max_examples=150, deadline=None)
def test_nor_where_the_agent_resumes_after_sounds_without_words(steps):
    run(steps, is_orderly=True, resumes=True)
