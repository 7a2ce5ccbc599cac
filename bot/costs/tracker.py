"""Adds up what every call costs while it runs, says so, and ends it at its limit.

A subscriber of the bus, beside the calls: what it does in `CostTracker.take` is arithmetic.
"""

import asyncio
import math
from collections import OrderedDict
from dataclasses import dataclass, field

from loguru import logger

from bot.calls import TIME_IS_UP, Call, CallRegistry
from bot.costs.account import Account
from bot.costs.prices import Prices
from bot.events import EventBus
from bot.transports.twilio import TwilioLine
from processors.events.calls import CallEnded, CallStarted
from processors.events.event import Event
from processors.events.figures import Cost, CostLimit, Usage

EVERY_S = 5.0
"""The least time between two `cost` events of a live call."""

WARNING_SHARE = 0.8
ENDED_CALLS_KEPT = 1000
"""Calls that are over and may still cost something: their summary, say."""

COME_TO_AN_END = (
    "This call has to be over soon. Finish what you are at in one or two short turns, tell the "
    "caller what they need to know, begin nothing new, say goodbye and end the call."
)


@dataclass(slots=True)
class _Watched:
    """One call's account and what was said of it by now."""

    call_id: str
    limit_usd: float | None = None
    account: Account = field(default_factory=Account)
    started_at: float = -math.inf
    told_at: float = -math.inf
    told: tuple[float, int, bool] | None = None
    is_over: bool = False
    warned: bool = False
    limited: bool = False
    timer: asyncio.TimerHandle | None = None
    minutes: asyncio.TimerHandle | None = None


class CostTracker:
    """The accounts of this process' calls; `start` it on the event loop of the calls."""

    def __init__(
        self,
        bus: EventBus,
        calls: CallRegistry,
        prices: Prices,
        *,
        carrier_usd_per_minute: float = 0.0,
        limit_usd: float = 0.0,
    ) -> None:
        """Watches nothing yet.

        Args:
            bus: Whose calls they are.
            calls: Where a call is told to end.
            prices: Of the models.
            carrier_usd_per_minute: What a minute of telephone costs that has begun; 0: nothing.
            limit_usd: What a call may cost whose plan says nothing else; 0: any.
        """
        self._bus = bus
        self._calls = calls
        self._prices = prices
        self._carrier_usd_per_minute = carrier_usd_per_minute
        self._limit_usd = limit_usd or None
        self._watched: OrderedDict[str, _Watched] = OrderedDict()
        self._ending: set[asyncio.Task[None]] = set()
        self._unpriced: set[str] = set()
        self._started = False

    def start(self) -> None:
        """Takes events from now on."""
        self._loop = asyncio.get_running_loop()
        self._bus.attach(self.take)
        self._started = True

    async def close(self) -> None:
        """Stops, once the calls that are being ended are over."""
        if self._started:
            self._bus.detach(self.take)
            self._started = False
        for watched in self._watched.values():
            _cancel(watched)
        await asyncio.gather(*self._ending, return_exceptions=True)

    def take(self, event: Event) -> None:
        """Notes what an event says about costs; called with every event."""
        if not isinstance(event, CallStarted | Usage | CallEnded):
            return
        watched = self._watch(event.call_id)
        if isinstance(event, Usage):
            if not watched.account.use(event, self._prices):
                self._complain(event.model)
        elif isinstance(event, CallStarted):
            self._begin(watched, is_phone=event.channel == "phone")
        else:
            self._end(watched, event.duration_s)
        # Later: the other subscribers are to see this event before what follows from it.
        self._loop.call_soon(self._changed, watched)

    def go_on(self, call_id: str, cost: Cost) -> None:
        """Knows again what a call of another process had cost when it was over."""
        if call_id not in self._watched:
            watched = self._watch(call_id)
            watched.is_over = True
            watched.account = Account(dict(cost.by_kind), list(cost.unpriced))

    def _watch(self, call_id: str) -> _Watched:
        watched = self._watched.get(call_id)
        if watched is None:
            watched = self._watched[call_id] = _Watched(call_id)
            over = [each for each in self._watched.values() if each.is_over]
            for old in over[: max(0, len(over) - ENDED_CALLS_KEPT)]:
                del self._watched[old.call_id]
        return watched

    def _begin(self, watched: _Watched, *, is_phone: bool) -> None:
        call = self._calls.live.get(watched.call_id)
        planned = call.plan.max_cost_usd if call else None
        watched.limit_usd = planned or self._limit_usd
        watched.is_over = False
        if is_phone and self._carrier_usd_per_minute:
            watched.started_at = self._loop.time()
            self._next_minute(watched)

    def _end(self, watched: _Watched, duration_s: float) -> None:
        watched.is_over = True
        _cancel(watched)
        if watched.started_at > -math.inf:
            watched.account.connected(duration_s, self._carrier_usd_per_minute)

    def _next_minute(self, watched: _Watched) -> None:
        minutes = int((self._loop.time() - watched.started_at) // 60)
        watched.account.connected(60 * (minutes + 1), self._carrier_usd_per_minute)
        at = watched.started_at + 60 * (minutes + 1)
        watched.minutes = self._loop.call_at(at, self._minute_began, watched)

    def _minute_began(self, watched: _Watched) -> None:
        self._next_minute(watched)
        self._changed(watched)

    def _changed(self, watched: _Watched) -> None:
        self._hold_to_limit(watched)
        if not watched.account.by_kind and not watched.account.unpriced:
            return
        due_in = 0.0 if watched.is_over else watched.told_at + EVERY_S - self._loop.time()
        if due_in <= 0:
            self._tell(watched)
        elif watched.timer is None:
            watched.timer = self._loop.call_later(due_in, self._tell, watched)

    def _tell(self, watched: _Watched) -> None:
        if watched.timer:
            watched.timer.cancel()
            watched.timer = None
        watched.told_at = self._loop.time()
        account = watched.account
        told = (account.usd, len(account.unpriced), watched.is_over)
        if watched.told == told:
            return  # Several events at once, and one has said it all.
        watched.told = told
        self._bus.emitter(watched.call_id)(account.event())

    def _hold_to_limit(self, watched: _Watched) -> None:
        call = self._calls.live.get(watched.call_id)
        limit = watched.limit_usd
        if limit is None or watched.is_over or call is None or call.model is None or call.reason:
            return
        if isinstance(call.line, TwilioLine) and call.line.is_suspended:
            return  # The caller talks with a person; what comes after is held to it.
        usd = watched.account.usd
        if usd >= limit and not watched.limited:
            watched.limited = watched.warned = True
            call.emit(CostLimit(state="reached", usd=round(usd, 6), limit_usd=limit))
            self._finish(call)
        elif usd >= WARNING_SHARE * limit and not watched.warned:
            watched.warned = True
            call.emit(CostLimit(state="near", usd=round(usd, 6), limit_usd=limit))
            call.model.tell(COME_TO_AN_END, respond=False)

    def _finish(self, call: Call) -> None:
        task = asyncio.create_task(call.end("limit", farewell=TIME_IS_UP), name=f"cost-{call.id}")
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    def _complain(self, model: str) -> None:
        if model not in self._unpriced:
            self._unpriced.add(model)
            logger.warning(
                "the model {} has no price: calls cost more than is said. Put it into PRICES_FILE",
                model,
            )


def _cancel(watched: _Watched) -> None:
    for timer in (watched.timer, watched.minutes):
        if timer:
            timer.cancel()
    watched.timer = watched.minutes = None
