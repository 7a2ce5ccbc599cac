"""How far the calls that we placed have come, by what the carrier reports and what it is asked."""

import asyncio
import time
from collections import OrderedDict
from contextlib import suppress
from typing import Protocol

from loguru import logger

from bot.calls import CALL_ID
from bot.carrier import Carrier
from bot.events import EventBus
from bot.outbound.call import OutboundCall
from bot.outbound.states import Status, may_follow, read_status
from bot.plan import AnnouncedCalls
from processors.events.calls import CallAnswered, CallPlanned, CallStatus

CALLS_KEPT = 10_000
"""Calls that are known after their end: for what the carrier says late, and for repeated wishes."""

OVERDUE_S = 120.0
"""A call whose end was not reported by then is asked about."""

FIRST_SETTLE_S = 5.0
SETTLE_EVERY_S = 60.0


class Memory(Protocol):
    """Where calls are found that this process does not know: `bot.outbound.memory`."""

    async def call(self, call_id: str) -> OutboundCall | None:
        """The call of that id."""
        ...

    async def by_key(self, key: str) -> OutboundCall | None:
        """The call of that idempotency key."""
        ...

    async def unfinished(self) -> list[OutboundCall]:
        """Calls that have not ended and whose process is gone."""
        ...


class ReportedCalls:
    """Keeps the states of calls: forward only, whatever the carrier says late or twice.

    Args:
        own_number: The one that calls are placed from.
        carrier: Our account; None without one.
        memory: Knows the calls from before a restart, and of other processes.
        announced: Where plans wait for their media.
        bus: Carries the calls' events.
    """

    def __init__(
        self,
        own_number: str | None,
        *,
        carrier: Carrier | None,
        memory: Memory,
        announced: AnnouncedCalls,
        bus: EventBus,
    ) -> None:
        self._own_number = own_number
        self._carrier = carrier
        self._memory = memory
        self._announced = announced
        self._bus = bus
        self._known: OrderedDict[str, OutboundCall] = OrderedDict()
        self._settling: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Looks, from time to time, for calls whose end the carrier could not tell us."""
        if self._carrier:
            self._settling = asyncio.create_task(self._settle(), name="outbound-settle")

    async def close(self) -> None:
        """Stops looking."""
        if self._settling:
            self._settling.cancel()
            with suppress(asyncio.CancelledError):
                await self._settling

    @property
    def live(self) -> list[OutboundCall]:
        """Calls that the carrier has and that are not over."""
        return [call for call in self._known.values() if call.provider_call_id and not call.is_over]

    def get(self, call_id: str) -> OutboundCall | None:
        """The call of that id, also for a while after its end."""
        return self._known.get(call_id)

    async def report(
        self, call_id: str, provider_call_id: str, status: Status, sequence: int, detail: str = ""
    ) -> bool:
        """The carrier says how far a call is; whether that was news.

        What comes late, twice or out of order is ignored.
        """
        call = await self.find(call_id, provider_call_id)
        if call is None or sequence <= call.provider_sequence:
            return False
        if not self._advance(call, status, detail, sequence):
            logger.debug("ignored a report of {} after {}", status, call.status)
            return False
        return True

    def _advance(self, call: OutboundCall, status: Status, detail: str, sequence: int) -> bool:
        if not may_follow(call.status, status):
            return False
        if status == "completed" and call.answered is None:
            # The call was answered, and ended before anybody could tell by what.
            self.answered_by(
                call, CallAnswered(answered_by="unknown", source="none", action="talk")
            )
        call.provider_sequence = sequence
        call.status = status
        self._emit(call, detail)
        if call.is_over:
            self._announced.claim(call.id)
        return True

    def answered_by(self, call: OutboundCall, answered: CallAnswered) -> None:
        """Somebody found out what answered."""
        call.answered = answered
        call.told.set()
        self._bus.emitter(call.id)(answered)

    async def find(self, call_id: str, provider_call_id: str) -> OutboundCall | None:
        """The call that the carrier means; None for one that was not placed here."""
        call = await self._recall(call_id)
        if call is None or call.provider_call_id not in (None, provider_call_id):
            logger.warning("the carrier reports a call that was not placed here")
            return None
        self._begin(call, provider_call_id)
        return call

    async def _recall(self, call_id: str) -> OutboundCall | None:
        if known := self._known.get(call_id):
            return known
        if not CALL_ID.fullmatch(call_id):
            return None
        call = await self._memory.call(call_id)
        return self._remember(call) if call else None

    async def _settle(self) -> None:
        """Asks the carrier about calls that should be over, and those whose process is gone."""
        await asyncio.sleep(FIRST_SETTLE_S)
        while True:
            for call in await self._memory.unfinished():
                self._remember(call)
            for call in self.live:
                if call.due_at <= time.monotonic():
                    await self._ask_carrier(call)
            await asyncio.sleep(SETTLE_EVERY_S)

    async def _ask_carrier(self, call: OutboundCall) -> None:
        if self._carrier is None or call.provider_call_id is None:
            return
        said = await self._carrier.status(call.provider_call_id)
        status = read_status(said or "")
        if status and self._advance(call, status, "", call.provider_sequence):
            logger.bind(call_id=call.id).info("the carrier says, when asked: {}", status)

    def _begin(self, call: OutboundCall, provider_call_id: str) -> None:
        """The carrier has the call. Its first report can come before its answer to our wish."""
        if call.provider_call_id:
            return
        call.provider_call_id = provider_call_id
        planned = CallPlanned(request=dict(call.request), idempotency_key=call.key)
        self._bus.emitter(call.id)(planned)
        self._emit(call)

    def _emit(self, call: OutboundCall, detail: str = "") -> None:
        sequence = call.provider_sequence
        self._bus.emitter(call.id)(
            CallStatus(
                status=call.status,
                team=call.plan.team.name,
                from_number=self._own_number,
                to_number=call.plan.to,
                task=call.plan.task,
                provider_call_id=call.provider_call_id,
                provider_sequence=sequence if sequence >= 0 else None,
                detail=detail,
            )
        )

    def _remember(self, call: OutboundCall) -> OutboundCall:
        """Keeps a call; the one that is known already, if two looked for it at once."""
        call = self._known.setdefault(call.id, call)
        while len(self._known) > CALLS_KEPT:
            self._known.popitem(last=False)
        return call

    def _forget(self, call: OutboundCall) -> None:
        self._known.pop(call.id, None)
        self._announced.claim(call.id)
