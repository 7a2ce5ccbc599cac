"""The calls that we place: from the wish to the carrier, once for each key, and back again."""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

import orjson
from loguru import logger

from bot.carrier import Carrier, CarrierAwayError, CarrierRefusedError, PlacedCall
from bot.events import EventBus
from bot.outbound.call import OutboundCall
from bot.outbound.reported import CALLS_KEPT, OVERDUE_S, Memory, ReportedCalls
from bot.outbound.rules import RefusedCallError, Rules, WrongNumberError
from bot.plan import AnnouncedCalls, CallPlan
from bot.settings import Settings

CUT_OFF_GRACE_S = 30
"""The carrier cuts a call off so long after the limit at which we end it politely ourselves."""

NUMBER_ERRORS = {21211, 21214, 21215, 21216, 21217, 21219, 13224, 13225, 13226, 13227}
"""What the carrier has against a number: https://www.twilio.com/docs/api/errors."""


class NoAccountError(RefusedCallError):
    """The service has no account at a carrier, or no number there."""


class KeyReusedError(RefusedCallError):
    """An idempotency key came a second time, with another wish."""


class KeyInUseError(RefusedCallError):
    """The wish of that idempotency key is being carried out at this moment."""


class AnsweredError(Exception):
    """A call can't be cancelled any more; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhooks:
    """Where the carrier reaches us: ``base`` is the service's public URL."""

    base: str

    def url(self, what: str, call_id: str) -> str:
        """The address for one kind of report about one call."""
        return f"{self.base}/twilio/{what}?call_id={call_id}"


class OutboundCalls(ReportedCalls):
    """Places calls and keeps their states.

    Args:
        settings: Of the service.
        carrier: Our account; None without one.
        memory: Knows the calls from before a restart, and of other processes.
        announced: Where plans wait for their media.
        bus: Carries the calls' events.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        carrier: Carrier | None,
        memory: Memory,
        announced: AnnouncedCalls,
        bus: EventBus,
    ) -> None:
        super().__init__(
            settings.twilio_phone_number,
            carrier=carrier,
            memory=memory,
            announced=announced,
            bus=bus,
        )
        self.rules = Rules(settings)
        self._settings = settings
        self._keys: OrderedDict[str, tuple[bytes, OutboundCall | None]] = OrderedDict()

    async def place(
        self, plan: CallPlan, request: Mapping[str, Any], webhooks: Webhooks, *, key: str | None
    ) -> OutboundCall:
        """Has a number called.

        Args:
            plan: The call; its `from_` is filled in here.
            request: What was asked for.
            webhooks: Where the carrier is to report to.
            key: The same key with the same request is the same call, however often it comes.

        Raises:
            RefusedCallError: It may not be placed, or not now; see `bot.outbound.rules`.
            CarrierAwayError: Nobody knows whether the carrier places it.
        """
        if key is None:
            return await self._place(plan, request, webhooks, key)
        fingerprint = _fingerprint(request)
        if known := self._keys.get(key):
            earlier, call = known
            _check_same(earlier, fingerprint)
            if call is None:
                raise KeyInUseError(
                    "the request of this key is being carried out", field="Idempotency-Key"
                )
            return call
        self._keys[key] = (fingerprint, None)
        try:
            call = await self._memory.by_key(key)
            if call:
                _check_same(_fingerprint(call.request), fingerprint)
                call = self._remember(call)
            else:
                call = await self._place(plan, request, webhooks, key)
        except BaseException:
            # Nothing came of it: it may be tried again.
            del self._keys[key]
            raise
        self._keys[key] = (fingerprint, call)
        while len(self._keys) > CALLS_KEPT:
            self._keys.popitem(last=False)
        return call

    async def _place(
        self, plan: CallPlan, request: Mapping[str, Any], webhooks: Webhooks, key: str | None
    ) -> OutboundCall:
        carrier, own_number = self._carrier, self._settings.twilio_phone_number
        if carrier is None or own_number is None:
            raise NoAccountError(
                "placing calls needs TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_PHONE_NUMBER"
            )
        number = self.rules.check_number(plan.to or "")
        self.rules.check_hour(number)
        self.rules.check_room(len(self.live))
        self.rules.count()
        limit = plan.max_duration_s or self._settings.outbound_max_duration_s
        due_at = time.monotonic() + self._settings.outbound_ring_s + limit + OVERDUE_S
        call = OutboundCall(plan=plan, request=request, key=key, due_at=due_at)
        self._remember(call)
        self._announced.announce(call.id, plan)
        try:
            sid = await carrier.place(
                PlacedCall(
                    to=plan.to or "",
                    from_=own_number,
                    answer_url=webhooks.url("answered", call.id),
                    status_url=webhooks.url("status", call.id),
                    machine_url=webhooks.url("machine", call.id),
                    waits_for_beep=plan.voicemail is not None,
                    ring_s=self._settings.outbound_ring_s,
                    time_limit_s=ceil(limit) + CUT_OFF_GRACE_S,
                )
            )
        except CarrierRefusedError as refused:
            self._forget(call)
            if refused.code in NUMBER_ERRORS:
                raise WrongNumberError(
                    f"the carrier does not call this number (its error {refused.code})", field="to"
                ) from refused
            logger.warning("the carrier refused a call: {} {}", refused.code, refused)
            raise CarrierAwayError(
                f"the carrier refused the call with its error {refused.code}"
            ) from refused
        self._begin(call, sid)
        return call

    async def cancel(self, call_id: str) -> None:
        """Ends a call that nobody has answered yet. Its status follows by the carrier's report.

        Raises:
            LookupError: We placed no such call.
            AnsweredError: It is answered, or over, or the carrier doesn't.
        """
        call = await self._recall(call_id)
        if call is None or call.provider_call_id is None or self._carrier is None:
            raise LookupError(f"there is no outbound call {call_id}")
        if call.status not in ("initiated", "ringing"):
            raise AnsweredError(f"the call is {call.status.replace('_', ' ')}")
        if not await self._carrier.cancel(call.provider_call_id):
            raise AnsweredError("the carrier did not cancel the call")

    async def cancel_unanswered(self) -> None:
        """Ends what still rings: the service stops, and nobody would talk to who picks up."""
        ringing = [call for call in self.live if call.status in ("initiated", "ringing")]
        outcomes = await asyncio.gather(
            *(self.cancel(call.id) for call in ringing), return_exceptions=True
        )
        for call, outcome in zip(ringing, outcomes, strict=True):
            if outcome is not None:
                logger.bind(call_id=call.id).warning("a call still rings: {}", outcome)


def _fingerprint(request: Mapping[str, Any]) -> bytes:
    return hashlib.sha256(orjson.dumps(request, option=orjson.OPT_SORT_KEYS)).digest()


def _check_same(earlier: bytes, now: bytes) -> None:
    if earlier != now:
        raise KeyReusedError("this key came with another request before", field="Idempotency-Key")
