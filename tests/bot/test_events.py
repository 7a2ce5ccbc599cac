"""The bus: everything in order to everyone, and no subscriber can hold a call up."""

import asyncio

from bot.events import EventBus, Missed
from processors.events.calls import Problem
from processors.events.conversation import UserSpeech


def speech(speaking: bool = True) -> UserSpeech:
    return UserSpeech(speaking=speaking)


async def test_events_carry_the_call_and_count_up_per_call():
    bus = EventBus()
    with bus.subscribe() as events:
        first, second = bus.emitter("call_1"), bus.emitter("call_2")
        first(speech())
        second(speech())
        first(Problem(source="call", code="x", message="y"))
        stamps = [await anext(events) for _ in range(3)]
    assert [(event.call_id, event.sequence) for event in stamps] == [
        ("call_1", 1),
        ("call_2", 1),
        ("call_1", 2),
    ]


async def test_a_subscription_to_one_call_gets_that_call_only():
    bus = EventBus()
    with bus.subscribe(call_id="call_1") as events:
        bus.emitter("call_2")(speech())
        bus.emitter("call_1")(speech())
        assert (await anext(events)).call_id == "call_1"


async def test_a_slow_subscriber_loses_the_oldest_and_is_told():
    bus = EventBus()
    emit = bus.emitter("call_1")
    with bus.subscribe(backlog=2) as slow, bus.subscribe() as quick:
        for _ in range(5):
            emit(speech())
        assert await anext(slow) == Missed(3)
        assert [(await anext(slow)).sequence for _ in range(2)] == [4, 5]
        assert [(await anext(quick)).sequence for _ in range(5)] == [1, 2, 3, 4, 5]


async def test_a_waiting_subscriber_wakes_up():
    bus = EventBus()
    with bus.subscribe() as events:
        waiting = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0)
        bus.emitter("call_1")(speech())
        assert (await waiting).sequence == 1


async def test_closing_ends_the_iteration_after_what_was_published():
    bus = EventBus()
    events = bus.subscribe()
    bus.emitter("call_1")(speech())
    events.close()
    bus.emitter("call_1")(speech())
    assert [event.sequence async for event in events] == [1]
    assert bus.subscribers == 0


async def test_nobody_listening_is_fine():
    EventBus().emitter("call_1")(speech())
