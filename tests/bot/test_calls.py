"""Admission and memory of the registry."""

import asyncio
from types import SimpleNamespace
from typing import cast

import pytest

from agents import load_team
from bot.calls import CallRegistry, NoRoomError, new_call_id
from bot.draining import Draining
from bot.events import EventBus
from bot.follow_up import Apologise, HangUp
from bot.plan import CallPlan
from bot.transports.line import Line
from tests.patience import PATIENCE_S

PLAN = CallPlan(team=load_team("travel"))


def never(*_args: object, **_kwargs: object) -> None:
    raise AssertionError("no conversation is held here")


@pytest.fixture
def registry() -> CallRegistry:
    return CallRegistry(limit=2, plan=PLAN, bus=EventBus(), converse=never)


def test_admits_calls_up_to_the_limit(registry):
    first, _ = registry.admit(), registry.admit()
    assert not registry.has_room
    with pytest.raises(NoRoomError, match="2 calls are live"):
        registry.admit()
    first.release()
    assert registry.has_room
    registry.admit()


def test_releasing_twice_frees_one_place(registry):
    first, _ = registry.admit(), registry.admit()
    first.release()
    first.release()
    assert len(registry.live) == 1


def test_takes_the_name_that_the_webhook_made_and_no_other(registry):
    name = new_call_id()
    assert registry.admit(name).id == name
    assert registry.admit(name).id != name, "it is in use"
    other = CallRegistry(limit=9, plan=PLAN, bus=EventBus(), converse=never)
    for made_up in ("", "call_1", "../../etc", name + "0"):
        assert other.admit(made_up).id != made_up


async def test_draining_admits_no_more(registry):
    await Draining(registry).run(0)
    assert not registry.has_room
    with pytest.raises(NoRoomError, match="shutting down"):
        registry.admit()


def test_after_a_call_that_was_never_here_an_apology_is_due(registry):
    assert registry.follow_up("CA1") == Apologise()


async def test_a_carrier_that_asked_before_the_call_was_freed_is_not_waited_for(registry):
    call = registry.admit()
    call.line = cast(Line, SimpleNamespace(provider_call_id="CA1"))
    registry.admit_no_more()
    call.reason = "shutdown"
    assert registry.follow_up("CA1") == HangUp()
    call.release()
    async with asyncio.timeout(PATIENCE_S):
        await registry.followed_up(3600)


async def test_a_carrier_that_never_asks_is_waited_for_once(registry):
    call = registry.admit()
    call.line = cast(Line, SimpleNamespace(provider_call_id="CA1"))
    registry.admit_no_more()
    call.reason = "shutdown"
    call.release()
    await registry.followed_up(0.01)
    async with asyncio.timeout(PATIENCE_S):
        await registry.followed_up(3600)
