"""Carries the facts of every call from the processors to whoever wants to know.

Publishing appends to queues and returns; nothing that a subscriber does, or fails to do, can
slow or break a call.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import count
from types import TracebackType
from typing import Self

from processors.events import Emit, Event

DEFAULT_BACKLOG = 1000
"""Events that wait for a slow subscriber before its oldest are dropped."""


@dataclass(frozen=True, slots=True)
class Missed:
    """Stands where events were dropped because the subscriber was too slow."""

    count: int


class Subscription(AsyncIterator[Event | Missed]):
    """One subscriber's queue: iterate over it, and close it (or use it as a context manager).

    Iteration ends after `close`, once what was published before has been read.
    """

    def __init__(self, bus: "EventBus", call_id: str | None, backlog: int) -> None:
        self.call_id = call_id
        self._bus = bus
        self._backlog = backlog
        self._waiting: deque[Event] = deque()
        self._missed = 0
        self._changed = asyncio.Event()
        self._closed = False

    def offer(self, event: Event) -> None:
        """Queues an event; drops the oldest one when the backlog is full."""
        if len(self._waiting) >= self._backlog:
            self._waiting.popleft()
            self._missed += 1
        self._waiting.append(event)
        self._changed.set()

    def close(self) -> None:
        """Ends the subscription; may be called twice."""
        self._bus.unsubscribe(self)
        self._closed = True
        self._changed.set()

    async def __anext__(self) -> Event | Missed:
        while True:
            if self._missed:
                missed, self._missed = self._missed, 0
                return Missed(missed)
            if self._waiting:
                return self._waiting.popleft()
            if self._closed:
                raise StopAsyncIteration
            self._changed.clear()
            await self._changed.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class EventBus:
    """Hands every event to every subscriber of its call, in order. In memory, one event loop."""

    def __init__(self) -> None:
        self._subscriptions: set[Subscription] = set()

    def emitter(self, call_id: str) -> Emit:
        """What a call's processors report with: stamps the call's id and 1, 2, 3 … on events."""
        numbers = count(1)

        def emit(event: Event) -> None:
            self.publish(event.model_copy(update={"call_id": call_id, "sequence": next(numbers)}))

        return emit

    def publish(self, event: Event) -> None:
        """Queues an event for its subscribers and returns at once."""
        for subscription in self._subscriptions:
            if subscription.call_id in (None, event.call_id):
                subscription.offer(event)

    def subscribe(
        self, *, call_id: str | None = None, backlog: int = DEFAULT_BACKLOG
    ) -> Subscription:
        """Events of one call, or of all, from now on."""
        subscription = Subscription(self, call_id, backlog)
        self._subscriptions.add(subscription)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """Stops handing events to ``subscription``."""
        self._subscriptions.discard(subscription)

    @property
    def subscribers(self) -> int:
        """How many subscriptions are open."""
        return len(self._subscriptions)
