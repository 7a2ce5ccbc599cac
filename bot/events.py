"""Carries the facts of every call from the processors to whoever wants to know.

Publishing appends to queues and returns; nothing that a subscriber does, or fails to do, can
slow or break a call.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from processors.events.event import Emit, Event

DEFAULT_BACKLOG = 1000
"""Events that wait for a slow subscriber before its oldest are dropped."""

Sink = Callable[[Event], None]
"""Takes every event as it is published: returns at once, never raises, never blocks."""


CALLS_NUMBERED = 50_000
"""Calls whose last event's number is known, so that what comes later goes on from there."""


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
            self._bus.missed += 1
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
    """Hands every event to every subscriber of its call, in order. In memory, one event loop.

    Attributes:
        missed: Events that subscribers were too slow for, all of them together.
    """

    def __init__(self) -> None:
        self._subscriptions: set[Subscription] = set()
        self._numbers: OrderedDict[str, int] = OrderedDict()
        self._sinks: list[Sink] = []
        self.missed = 0

    def emitter(self, call_id: str) -> Emit:
        """What reports a call's facts: stamps the call's id and 1, 2, 3 … on events.

        All emitters of one call count together, also before and after its conversation.
        """

        def emit(event: Event) -> None:
            stamps = {"call_id": call_id, "sequence": self._next_number(call_id)}
            self.publish(event.model_copy(update=stamps))

        return emit

    def number_from(self, call_id: str, last: int) -> None:
        """Goes on counting a call's events after ``last``: for one from before a restart."""
        self._numbers[call_id] = max(last, self._numbers.get(call_id, 0))

    def _next_number(self, call_id: str) -> int:
        number = self._numbers.get(call_id, 0) + 1
        self._numbers[call_id] = number
        self._numbers.move_to_end(call_id)
        if len(self._numbers) > CALLS_NUMBERED:
            self._numbers.popitem(last=False)
        return number

    def publish(self, event: Event) -> None:
        """Queues an event for its subscribers and returns at once."""
        for sink in self._sinks:
            sink(event)
        for subscription in self._subscriptions:
            if subscription.call_id in (None, event.call_id):
                subscription.offer(event)

    def attach(self, sink: Sink) -> None:
        """Has ``sink`` called with every event from now on, for one who may not miss any."""
        self._sinks.append(sink)

    def detach(self, sink: Sink) -> None:
        """Stops calling ``sink``."""
        self._sinks.remove(sink)

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
