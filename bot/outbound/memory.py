"""Outbound calls as the records know them: for what the carrier says of them after a restart."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from loguru import logger
from pydantic import ValidationError
from sqlalchemy import Select, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.events import EventBus
from bot.outbound.call import OutboundCall
from bot.outbound.rules import RefusedCallError
from bot.outbound.states import FINAL, Status
from bot.plan import CallPlan
from bot.records.service import Records
from bot.records.tables import Call, CallEvent, Instance
from bot.records.writer import DatabaseAwayError

KEY_LIFETIME = timedelta(hours=24)
CATCH_UP_S = 2.0
UNFINISHED_AT_ONCE = 100

PlanOf = Callable[[Mapping[str, Any]], CallPlan]
"""Makes a request into its plan. Raises `RefusedCallError` or ``ValidationError``."""


class OutboundMemory:
    """Finds calls that another process, or this one before a restart, placed.

    A database that is away knows no call: nothing here raises because of it.

    Args:
        records: Of all calls.
        bus: Whose numbering of a call's events goes on.
        plan_of: What a request stands for.
    """

    def __init__(self, records: Records, bus: EventBus, plan_of: PlanOf) -> None:
        self._records = records
        self._bus = bus
        self._plan_of = plan_of

    async def call(self, call_id: str) -> OutboundCall | None:
        """The call of that id."""
        found = await self._find(select(Call).where(Call.id == call_id))
        return found[0] if found else None

    async def by_key(self, key: str) -> OutboundCall | None:
        """The call that was placed with that idempotency key in the last day."""
        planned = select(CallEvent.call_id).where(
            CallEvent.event_type == "call.planned",
            CallEvent.created_at > datetime.now(UTC) - KEY_LIFETIME,
            CallEvent.payload["idempotency_key"].as_string() == key,
        )
        found = await self._find(select(Call).where(Call.id.in_(planned)))
        return found[0] if found else None

    async def unfinished(self) -> list[OutboundCall]:
        """Calls that have not ended and whose process is gone."""
        return await self._find(
            select(Call)
            .where(
                Call.direction == "outbound",
                Call.status.not_in(FINAL),
                Call.instance_id.not_in(select(Instance.id)),
            )
            .limit(UNFINISHED_AT_ONCE)
        )

    async def _find(self, wanted: Select[Call]) -> list[OutboundCall]:
        try:
            await self._records.caught_up(CATCH_UP_S)
            async with AsyncSession(self._records.database) as session:
                calls = list(await session.scalars(wanted.where(Call.direction == "outbound")))
                found = [await self._restored(session, call) for call in calls]
        except (DatabaseAwayError, SQLAlchemyError, OSError) as error:
            logger.warning("outbound calls could not be looked up: {}", type(error).__name__)
            return []
        return [call for call in found if call]

    async def _restored(self, session: AsyncSession, call: Call) -> OutboundCall | None:
        of_call = CallEvent.call_id == call.id
        planned = await session.scalar(
            select(CallEvent.payload).where(of_call, CallEvent.event_type == "call.planned")
        )
        statuses = select(CallEvent.payload).where(of_call, CallEvent.event_type == "call.status")
        reported = list(await session.scalars(statuses.order_by(CallEvent.sequence)))
        last = await session.scalar(select(func.max(CallEvent.sequence)).where(of_call))
        if planned is None or not reported:
            return None
        try:
            plan = self._plan_of(planned["request"])
        except (RefusedCallError, ValidationError, KeyError):
            logger.warning("the request of {} is not understood any more", call.id)
            return None
        self._bus.number_from(call.id, last or 0)
        return OutboundCall(
            id=call.id,
            plan=plan,
            request=planned["request"],
            key=planned.get("idempotency_key"),
            status=cast("Status", reported[-1]["status"]),
            provider_call_id=reported[-1].get("provider_call_id"),
            provider_sequence=max(
                (n for n in (each.get("provider_sequence") for each in reported) if n is not None),
                default=-1,
            ),
        )
