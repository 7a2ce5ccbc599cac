"""Which instances live, and which calls went down with one that doesn't."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.records.database import UtcDateTime
from bot.records.tables import Call, Instance

HEARTBEAT_S = 10.0
STALE = timedelta(seconds=60)
"""Without a heartbeat for this long an instance is taken for dead."""

FORGOTTEN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class LostCall:
    """A call whose process died during it; ``at`` is when it was last heard of."""

    call_id: str
    last_sequence: int
    at: datetime
    duration_s: float


async def beat(session: AsyncSession, instance_id: str) -> None:
    """Says that this instance lives, by the database's clock."""
    now = await now_of(session)
    instance = await session.get(Instance, instance_id)
    if instance is None:
        session.add(Instance(id=instance_id, started_at=now, heartbeat_at=now, written_position=0))
    else:
        instance.heartbeat_at = now


async def leave(session: AsyncSession, instance_id: str) -> None:
    """Takes an instance off the list: what it had to say is written."""
    await session.execute(delete(Instance).where(Instance.id == instance_id))


async def lost_calls(session: AsyncSession, *, by_heartbeat: bool) -> list[LostCall]:
    """Calls in progress whose instance is gone.

    Args:
        session: On the database.
        by_heartbeat: Whether an instance whose heartbeat stopped counts as gone. Only one that
            has itself been there for a while can tell: after an interruption of the database all
            heartbeats are old.
    """
    alive = select(Instance.id)
    if by_heartbeat:
        alive = alive.where(Instance.heartbeat_at > await now_of(session) - STALE)
    calls = await session.scalars(
        select(Call).where(
            Call.status == "in_progress",
            Call.started_at.is_not(None),
            Call.ended_at.is_(None),
            Call.instance_id.not_in(alive),
        )
    )
    return [
        LostCall(
            call_id=call.id,
            last_sequence=call.last_sequence,
            at=call.updated_at,
            duration_s=(call.updated_at - (call.started_at or call.updated_at)).total_seconds(),
        )
        for call in calls
    ]


async def forget_instances(session: AsyncSession) -> None:
    """Deletes instances that were gone without a word long ago."""
    before = await now_of(session) - FORGOTTEN
    await session.execute(delete(Instance).where(Instance.heartbeat_at < before))


async def now_of(session: AsyncSession) -> datetime:
    """The time by the database's clock, which all instances share."""
    moment = await session.scalar(select(func.current_timestamp(type_=UtcDateTime)))
    return cast("datetime", moment)
