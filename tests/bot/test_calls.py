"""Admission and memory of the registry."""

import pytest

from bot.calls import CallRegistry, NoRoomError, new_call_id
from bot.events import EventBus


def never(*_args: object, **_kwargs: object) -> None:
    raise AssertionError("no conversation is held here")


@pytest.fixture
def registry() -> CallRegistry:
    return CallRegistry(limit=2, team_name="travel", bus=EventBus(), converse=never)


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
    other = CallRegistry(limit=9, team_name="travel", bus=EventBus(), converse=never)
    for made_up in ("", "call_1", "../../etc", name + "0"):
        assert other.admit(made_up).id != made_up


async def test_draining_admits_no_more(registry):
    await registry.drain(0)
    assert not registry.has_room
    with pytest.raises(NoRoomError, match="shutting down"):
        registry.admit()


def test_an_unknown_call_has_no_outcome(registry):
    assert registry.outcome("CA1") is None
