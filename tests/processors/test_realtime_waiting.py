"""Nobody waits in silence: a recorded line, and an early look for a line that is dead."""

import array
import asyncio
import math

import pytest

from processors.caller_voice import CallerVoice
from processors.events.calls import Problem
from processors.events.conversation import AgentTranscript, LineHeld
from processors.holding_line import EVERY_S, TOOL_S
from processors.line_probe import PAUSE_S, QUIET_S
from processors.realtime.announcements import Clip
from processors.realtime.policy import CallPolicy
from processors.tools import ToolResult
from tests.processors.realtime_call import RATE, RealtimeCall, settle, tool
from tests.processors.test_realtime_recovery import texts

VIRTUAL_TIME = True

HOLD_S = 2.0
LINE = "One moment, please."
CLIP = Clip(LINE, bytes(2 * RATE), RATE)


def call_with_hold(**options):
    policy = CallPolicy(hold_s=HOLD_S, idle_s=None, answer_s=None)
    return RealtimeCall(hold=lambda: CLIP, **{"policy": policy, **options})


def held(call):
    return [event.waits_for for event in call.of(LineHeld)]


def voice(ms, level=3000):
    """A tone as a caller's audio, in pieces of 20 ms."""
    samples = [int(level * math.sin(index)) for index in range(RATE // 50)]
    return [array.array("h", samples).tobytes()] * (ms // 20)


async def talk(call, ms):
    """The caller talks for so long."""
    for piece in voice(ms):
        call.conductor.hear(piece)
        await asyncio.sleep(0.02)


async def wait(call, seconds):
    """The caller says nothing."""
    for _ in range(round(seconds * 50)):
        call.conductor.hear(bytes(320))
        await asyncio.sleep(0.02)


async def test_an_answer_that_does_not_come_is_waited_for_in_company():
    async with call_with_hold() as call:
        server = await call.greeted()
        server.caller_says("how are you")
        await asyncio.sleep(HOLD_S - 0.5)
        assert not held(call)

        await asyncio.sleep(1)
        assert held(call) == ["answer"]
        call.hear(1000)
        assert LINE in [event.text for event in call.of(AgentTranscript) if event.final]
        server.say("I am fine.", 500)
        server.finish()
        await settle()
        call.hear(500)
        await asyncio.sleep(60)
        assert held(call) == ["answer"]


async def test_a_wait_that_goes_on_is_filled_again_but_not_all_the_time():
    async with call_with_hold() as call:
        server = await call.greeted()
        server.caller_says("how are you")
        await asyncio.sleep(HOLD_S + 0.5)
        call.hear(1000)
        await asyncio.sleep(EVERY_S - 1)
        assert len(held(call)) == 1
        await asyncio.sleep(2)
        assert len(held(call)) == 2


async def test_nobody_who_waits_for_nothing_hears_it_and_without_a_bound_nobody_does():
    async with call_with_hold() as call:
        await call.greeted()
        await asyncio.sleep(60)
        assert not held(call)
    policy = CallPolicy(hold_s=None, idle_s=None, answer_s=None)
    async with call_with_hold(policy=policy) as call:
        server = await call.greeted()
        server.caller_says("how are you")
        await asyncio.sleep(60)
        assert not held(call)


async def test_it_is_not_said_while_the_agent_is_heard_or_muted_or_the_caller_speaks():
    async with call_with_hold() as call:
        server = await call.greeted()
        server.caller_says("tell me")
        item = server.begin_message()
        server.send_audio_delta(item, 2000)
        await asyncio.sleep(30)
        assert not held(call), "two seconds of the answer have not been heard yet"
        call.hear(2000)
        server.caller_starts(at_ms=9000)
        await asyncio.sleep(30)
        assert not held(call)
        await call.conductor.controls.muting.mute("agent")
        await asyncio.sleep(30)
        assert not held(call)


async def test_a_tool_that_hangs_has_a_little_longer():
    never = asyncio.Event()

    async def hang(call):
        await never.wait()
        return ToolResult("found")

    async with call_with_hold(tools=[tool("search", hang)]) as call:
        server = await call.greeted()
        server.caller_says("look it up")
        server.call("search")
        server.finish()
        await asyncio.sleep(TOOL_S - 0.5)
        assert not held(call)
        await asyncio.sleep(1)
        assert held(call) == ["tool"]


async def test_keys_that_are_being_collected_are_not_talked_into():
    async with call_with_hold() as call:
        keypad = call.conductor.controls.keypad

        async def collect(_call):
            _, digits = await keypad.collect(count=4, terminator="#", timeout_s=20, sensitive=False)
            return ToolResult(digits)

        call_tools = [tool("collect_digits", collect)]
        server = await call.greeted()
        call.conductor._parts.sessions.current.tools = {each.name: each for each in call_tools}
        server.caller_says("my number")
        server.call("collect_digits")
        server.finish()
        await asyncio.sleep(15)
        assert not held(call)


async def test_an_outage_is_waited_through_in_company_and_the_model_knows_nothing_of_it():
    async with call_with_hold() as call:
        server = await call.greeted()
        server.caller_says("how are you")
        await settle()
        call.fake.is_slow.clear()
        server.lose()
        await asyncio.sleep(HOLD_S + 0.5)
        assert held(call) == ["connection"]
        call.hear(1000)

        call.fake.is_slow.set()
        heir = await call.fake.connection(1)
        await heir.asked_to_respond()
        assert texts(heir) == ["Hello.", "how are you"]


async def test_a_greeting_that_does_not_come_is_waited_for_in_company():
    async with call_with_hold() as call:
        call.fake.is_slow.clear()
        await asyncio.sleep(HOLD_S + 0.5)
        assert held(call) == ["connection"]
        call.hear(1000)
        call.fake.is_slow.set()
        server = await call.fake.connection()
        await server.asked_to_respond()


async def test_in_an_outage_only_who_is_owed_something_waits():
    async with call_with_hold() as call:
        server = await call.greeted()
        call.fake.is_slow.clear()
        server.lose()
        await wait(call, 6)
        assert not held(call), "nothing was asked"

        await talk(call, 3000)
        assert not held(call), "the caller speaks"
        await wait(call, HOLD_S + 1.5)
        assert held(call) == ["connection"]
        call.fake.is_slow.set()


async def test_what_the_agent_is_told_to_answer_in_an_outage_it_answers_after_it():
    async with call_with_hold() as call:
        await call.greeted()
        call.fake.is_slow.clear()
        (await call.fake.connection()).lose()
        await settle()
        call.conductor.controls.coaching.tell("The transfer failed.", respond=True)
        await asyncio.sleep(HOLD_S + 1.5)
        assert held(call) == ["connection"]
        call.hear(1000)
        call.fake.is_slow.set()
        heir = await call.fake.connection(1)
        await heir.asked_to_respond()
        assert texts(heir)[-1] == "The transfer failed."


async def test_what_was_said_into_the_dead_line_counts_as_well():
    async with call_with_hold() as call:
        server = await call.greeted()
        call.fake.is_slow.clear()
        await talk(call, 1000)
        server.lose()
        await wait(call, HOLD_S + 1.5)
        assert held(call) == ["connection"]
        call.fake.is_slow.set()


async def test_a_server_that_has_gone_quiet_is_asked_and_lost_when_it_does_not_answer():
    async with RealtimeCall() as call:
        server = await call.greeted()
        await asyncio.sleep(30)
        assert 10 < server.probes < 30

        server.is_there = False
        heir = await asyncio.wait_for(call.fake.connection(1), QUIET_S + 1)
        await settle()
        assert [problem.code for problem in call.of(Problem)] == ["connection_lost"]
        # A line that is slow is not to take one session after the other.
        heir.is_there = False
        await asyncio.sleep(PAUSE_S - 1)
        assert not heir.probes
        await asyncio.sleep(PAUSE_S)
        assert heir.probes == 1


async def test_nobody_is_asked_while_the_caller_hears_somebody():
    async with RealtimeCall() as call:
        server = await call.greeted()
        server.caller_says("tell me")
        server.say("A long story.", 20_000)
        server.finish()
        await settle()
        before = server.probes
        await asyncio.sleep(15)
        assert server.probes == before


@pytest.mark.parametrize("noise", [0, 40, 500])
async def test_a_voice_is_told_from_the_noise_around_it(noise):
    background = voice(20, noise)[0] if noise else bytes(320)
    heard = CallerVoice(RATE)
    for _ in range(300):
        heard.hear(background)
    heard.begin()
    for _ in range(100):
        heard.hear(background)
    assert not heard.is_speaking
    assert not heard.has_spoken

    for piece in voice(400, 6000):
        heard.hear(piece)
    assert heard.is_speaking
    assert heard.has_spoken
    for _ in range(20):
        heard.hear(background)
    assert heard.is_speaking, "a pause between two words"
    for _ in range(20):
        heard.hear(background)
    assert not heard.is_speaking


async def test_a_click_is_no_voice_and_a_line_that_sends_nothing_carries_none():
    heard = CallerVoice(RATE)
    for piece in voice(40):
        heard.hear(piece)
    assert not heard.has_spoken
    for piece in voice(400):
        heard.hear(piece)
    assert heard.is_speaking
    await asyncio.sleep(2)
    assert not heard.is_speaking
