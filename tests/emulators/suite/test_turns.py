"""When a simulated caller speaks, what he says then, and how it sounds."""

import asyncio

import numpy as np
import pytest

from emulators.twilio.frames import decode
from emulators.twilio.suite.admission import Admission
from emulators.twilio.suite.by_rules import RulesPlayer
from emulators.twilio.suite.call_view import CallView
from emulators.twilio.suite.mouth import BROWSER, TELEPHONE, Mouth
from emulators.twilio.suite.persona import Persona
from emulators.twilio.suite.player import Heard
from tests.emulators.suite.made_calls import scenario


def view(*events):
    made = CallView("call_1")
    for number, (kind, fields) in enumerate(events, start=1):
        made.take({"type": kind, "sequence": number, **fields})
    return made


def words(text, *, final=True, item="i1", interrupted=False):
    fields = {"item_id": item, "text": text, "final": final, "interrupted": interrupted}
    return "agent.transcript", fields


CALLED = ("tool.called", {"tool_call_id": "t1", "tool": "search-hotel"})
FINISHED = ("tool.finished", {"tool_call_id": "t1", "tool": "search-hotel"})
CHANGED = ("agent.changed", {"to_agent": "hotel_booking"})


@pytest.mark.parametrize(
    ("events", "is_done"),
    [
        ((), False),
        ((words("One moment", final=False),), False),
        ((words("One moment"),), True),
        ((words("One moment"), CALLED), False),
        ((words("One moment"), CALLED, FINISHED), False),
        ((words("One moment"), CALLED, FINISHED, words("I found", item="i2", final=False)), False),
        ((words("One moment"), CALLED, FINISHED, words("I found two", item="i2")), True),
        ((words("I will connect you"), CHANGED), False),
        ((words("I will", interrupted=True),), False),
        ((words("I will", interrupted=True), words("What is it?", item="i2")), True),
    ],
    ids=str,
)
def test_the_agent_is_done_when_it_was_heard_to_the_end_and_owes_nothing(events, is_done):
    assert view(*events).is_done(0, needs_answer=True) is is_done


def test_only_what_came_since_the_callers_last_step_counts():
    made = view(words("Hello"), CALLED, FINISHED, words("Two hotels", item="i2"))
    assert made.said_since(0) == "Hello Two hotels"
    assert made.said_since(1) == "Two hotels"
    assert not made.is_done(4, needs_answer=True)
    assert made.is_done(4, needs_answer=False)


def test_an_agent_that_ends_the_call_is_let_do_so():
    ending = ("tool.called", {"tool_call_id": "t2", "tool": "end_call"})
    assert view(words("Goodbye"), ending).is_closing(0)
    assert not view(words("Goodbye"), ending).is_closing(2)


async def said(player, *agent, **memory):
    return [str(await player.next(Heard(each, memory))) for each in agent]


async def test_a_rule_comes_before_the_next_line_and_the_lines_before_what_is_done_otherwise():
    player = RulesPlayer(
        scenario(
            lines=["a hotel", "for {number}"],
            rules=[{"when": "which CITY", "say": "Paris", "times": 1}],
            otherwise="goodbye",
        )
    )
    agent = ("Hello", "In which city?", "In which city?", "What else?", "Anything else?")
    assert await said(player, *agent, number="two") == [
        "a hotel",
        "Paris",
        "for two",
        "goodbye",
        "goodbye",
    ]


async def test_a_line_that_was_not_understood_is_said_again_as_often_as_the_caller_cares_to():
    player = RulesPlayer(scenario(lines=["a hotel", "Paris"], persona={"repeats": 1}))
    sorry = "Sorry, I did not understand that."
    assert await said(player, "Hello", sorry, sorry, sorry) == [
        "a hotel",
        "a hotel",
        "Paris",
        "(hangs up)",
    ]


def test_a_rule_interrupts_once_the_agent_has_said_what_it_waits_for():
    rule = {"when": "first", "say": "stop", "interrupt_after_s": 1}
    player = RulesPlayer(scenario(rules=[rule]))
    assert player.interruption(Heard("I found two hotels.")) is None
    assert str(player.interruption(Heard("I found two hotels. First"))) == "stop"


def level(pcm):
    return 20 * np.log10(np.sqrt(np.mean((pcm / 32768) ** 2)))


async def test_noise_and_hesitations_are_the_same_for_the_same_seed():
    persona = Persona(noise_dbfs=-50, hesitations=0.9, pace=1.2)
    line = "I need a hotel in Paris from June third"
    first, again, other = [
        await Mouth(persona, TELEPHONE, seed).say(line) for seed in ("1", "1", "2")
    ]
    assert first == again != other
    plain = await Mouth(Persona(pace=1.2), TELEPHONE, "1").say(line)
    assert len(first) > len(plain)


@pytest.mark.parametrize("format", [TELEPHONE, BROWSER], ids=["telephone", "browser"])
def test_the_room_has_the_level_that_was_asked_for(format):
    room = Mouth(Persona(noise_dbfs=-50), format, "1").room
    pcm = np.frombuffer(decode(room) if format.is_ulaw else room, np.int16)
    assert level(pcm) == pytest.approx(-50, abs=0.5)
    assert len(room) % format.frame_bytes == 0
    assert not any(Mouth(Persona(), BROWSER, "1").room)


async def test_fewer_calls_are_let_in_while_the_machine_is_busy():
    load = 1.0
    admission = Admission(8, load=lambda: load, cores=2)
    assert admission.places == 8
    load = 6.0
    assert admission.places == 4
    load = 50.0
    assert admission.places == 2
    inside = 0

    async def stay():
        nonlocal inside
        async with admission.place():
            inside += 1
            await done.wait()

    done = asyncio.Event()
    staying = [asyncio.create_task(stay()) for _ in range(3)]
    for _ in range(20):
        await asyncio.sleep(0)
    assert inside == 2
    done.set()
    await asyncio.gather(*staying)
    assert inside == 3
