"""Which calls are over and were not summed up: the records say so, also after a restart."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from bot.records.presence import now_of
from bot.records.projection import LIVE
from bot.records.tables import Call, CallEvent, Utterance

GIVEN_UP_AFTER = timedelta(hours=24)
LONGEST_CALL = timedelta(hours=24)
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Background:
    """What else the records know of a call.

    Attributes:
        request: What was asked for when we placed it.
        cost: The payload of its last `cost` event.
    """

    request: dict[str, Any] | None
    cost: dict[str, Any] | None


async def due_calls(database: AsyncEngine) -> list[str]:
    """Ids of calls that somebody spoke in and that ended within the last day, oldest first."""
    async with AsyncSession(database) as session:
        now = await now_of(session)
        of_call = CallEvent.call_id == Call.id
        given_up = select(CallEvent.id).where(
            of_call,
            CallEvent.event_type == "error",
            CallEvent.payload["source"].as_string() == "summary",
        )
        heard = select(Utterance.id).where(
            Utterance.call_id == Call.id, Utterance.speaker == "caller"
        )
        wanted = (
            select(Call.id)
            .where(
                Call.created_at > now - GIVEN_UP_AFTER - LONGEST_CALL,
                Call.ended_at > now - GIVEN_UP_AFTER,
                Call.status.not_in(LIVE),
                Call.summary.is_(None),
                heard.exists(),
                ~given_up.exists(),
            )
            .order_by(Call.created_at)
            .limit(AT_ONCE)
        )
        return list(await session.scalars(wanted))


async def background_of(database: AsyncEngine, call_id: str) -> Background:
    """What the call was to be, and what it had cost."""
    async with AsyncSession(database) as session:

        async def last(event_type: str) -> dict[str, Any] | None:
            of_type = (CallEvent.call_id == call_id, CallEvent.event_type == event_type)
            payload = select(CallEvent.payload).where(*of_type)
            return await session.scalar(payload.order_by(CallEvent.sequence.desc()).limit(1))

        planned = await last("call.planned")
        return Background((planned or {}).get("request"), await last("cost"))
