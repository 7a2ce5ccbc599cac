"""Whatever happens in whatever order: calls are answered and told of, and responses never clash."""

import asyncio

from hypothesis import example, given, settings
from hypothesis import strategies as st

from processors.events.conversation import AgentTranscript
from processors.events.tools import ToolCalled, ToolFinished
from processors.realtime.options import ServerVad, SessionOptions
from processors.realtime.policy import CallPolicy
from processors.tools import ToolResult
from tests.processors.realtime_call import RealtimeCall, settle, tool
from tests.processors.virtual_time import VirtualTimeLoop

STEPS = ("speak", "stop", "say", "call", "finish", "release", "type", "hear", "wait")
LAG_S = 0.05
MOMENTS_S = {"blink": 0.02, "nod": 0.06, "breath": 0.2}
"""Waits that end before, between and after what is on its way."""


class Play:
    """Plays steps that make sense at the time; the server answers turns as the real one does."""

    def __init__(self, call, server, gates, *, is_orderly, resumes):
        self.is_orderly = is_orderly
        self.call = call
        self.server = server
        self.gates = gates
        self.resumes = resumes
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
                if not self.resumes:
                    server.answer_turn()
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
            case _ if name in MOMENTS_S:
                await asyncio.sleep(MOMENTS_S[name])
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


def keep_log(server):
    """The order of what the server saw: what wants an answer, and each response's begin and end."""
    server.log = []
    begin, add, finish = server.begin_response, server.add_item, server.finish

    def begin_response(metadata=None):
        response_id = begin(metadata)
        server.log.append(("begin", response_id))
        return response_id

    def add_item(item):
        if item["type"] == "function_call_output":
            server.log.append(("item", item["call_id"]))
        elif item["type"] == "message" and item["role"] == "user":
            server.log.append(("item", item["id"]))
        return add(item)

    def finish_response(status="completed", **fields):
        server.log.append((status, server.active))
        return finish(status, **fields)

    server.begin_response, server.add_item, server.finish = (
        begin_response,
        add_item,
        finish_response,
    )


def unanswered(server):
    """Results and the caller's words that no response knew of which was said to its end."""
    waiting, known = set(), {}
    for kind, detail in server.log:
        match kind:
            case "item":
                waiting.add(detail)
            case "begin":
                known[detail] = set(waiting)
            case "completed":
                waiting -= known.get(detail, set())
    return waiting


async def play(steps, *, is_orderly, interrupts=True, lag_s=0, resumes=False):
    gates = []

    async def run(call):
        gate = asyncio.Event()
        gates.append(gate)
        await gate.wait()
        return ToolResult("done")

    options = SessionOptions(turn_detection=ServerVad(interrupt_response=interrupts))
    policy = CallPolicy(idle_s=None, answer_s=None, resumes=resumes)
    slow = tool("slow", run, timeout_s=3600)
    async with RealtimeCall(tools=[slow], options=options, policy=policy) as call:
        server = await call.greeted()
        server.lag(lag_s)
        keep_log(server)
        play = Play(call, server, gates, is_orderly=is_orderly, resumes=resumes)
        for step in steps:
            await play.step(step)
        await play.come_to_rest()

        made = {event.tool_call_id for event in call.of(ToolCalled)}
        assert {event.tool_call_id for event in call.of(ToolFinished)} == made
        # A call that was cut short is answered without having been run.
        cut_short = {call_id for call_id, output in server.outputs().items() if output != "done"}
        assert resumes or not cut_short
        assert set(server.outputs()) == made | cut_short
        left = unanswered(server)
        # Sounds without words are items, too, and want no answer.
        assert left & (made | cut_short) == set() if resumes else left == set()
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


@example(steps=["speak", "stop", "call", "finish", "speak", "stop", "release"], interrupts=True)
@given(steps=st.lists(st.sampled_from(STEPS), min_size=5, max_size=60), interrupts=st.booleans())
@settings(max_examples=150, deadline=None)
def test_in_no_order_do_responses_clash_or_words_and_results_get_lost(steps, interrupts):
    run(steps, is_orderly=True, interrupts=interrupts)


@given(steps=st.lists(st.sampled_from((*STEPS, "hum")), min_size=5, max_size=60))
@settings(max_examples=150, deadline=None)
def test_nor_where_the_agent_resumes_after_sounds_without_words(steps):
    run(steps, is_orderly=True, resumes=True)


@example(
    steps=["speak", "stop", "call", "finish", "wait", "speak", "wait", "release", "stop"],
    interrupts=True,
    lag_s=0,
)
@example(steps=["type", "speak", "speak", "wait", "call"], interrupts=True, lag_s=0)
@given(
    steps=st.lists(st.sampled_from((*STEPS, *MOMENTS_S)), min_size=5, max_size=60),
    interrupts=st.booleans(),
    lag_s=st.sampled_from((0, LAG_S)),
)
@settings(max_examples=200, deadline=None)
def test_no_crossing_of_messages_on_the_wire_loses_words_or_a_result(steps, interrupts, lag_s):
    run(steps, is_orderly=False, interrupts=interrupts, lag_s=lag_s)
