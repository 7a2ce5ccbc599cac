"""How far each receiver was told: a place in the events of the records, not a copy of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from bot.records.database import writing
from bot.records.store import settled_up_to
from bot.records.tables import CallEvent, WebhookReceiver
from bot.webhooks.receiver import Receiver


@dataclass(slots=True)
class Progress:
    """What the database knows of one receiver.

    Attributes:
        position: All events up to this id were taken, or given up.
        taken: Ids above it that were taken as well.
        given_up: How many events were too old before they were taken.
        delivered_at: When the last one was taken.
        failed_at: When the last attempt failed that did.
        last_error: Why it did; empty since the receiver takes events again.
    """

    position: int
    taken: set[int] = field(default_factory=set)
    given_up: int = 0
    delivered_at: datetime | None = None
    failed_at: datetime | None = None
    last_error: str = ""


async def begin(database: AsyncEngine, receiver: Receiver) -> Progress:
    """How far the receiver was told; one that is new begins with what happens from now on."""
    async with AsyncSession(writing(database)) as session, session.begin():
        row = await session.get(WebhookReceiver, receiver.id)
        if row is None:
            row = WebhookReceiver(
                id=receiver.id, position=await settled_up_to(session), taken=[], given_up=0
            )
            session.add(row)
        return _progress(row)


async def look_up(database: AsyncEngine, receiver: Receiver) -> Progress | None:
    """How far the receiver was told, if it ever was."""
    async with AsyncSession(database) as session:
        row = await session.get(WebhookReceiver, receiver.id)
        return _progress(row) if row else None


async def save(database: AsyncEngine, receiver: Receiver, progress: Progress) -> None:
    """Keeps how far the receiver was told."""
    async with AsyncSession(writing(database)) as session, session.begin():
        row = await session.get(WebhookReceiver, receiver.id, with_for_update=True)
        if row is not None:
            row.position = progress.position
            row.taken = sorted(progress.taken)
            row.given_up = progress.given_up
            row.delivered_at = progress.delivered_at
            row.failed_at = progress.failed_at
            row.last_error = progress.last_error or None


async def settled(database: AsyncEngine) -> int:
    """The id up to which no event will still appear."""
    async with AsyncSession(database) as session:
        return await settled_up_to(session)


async def events_between(
    database: AsyncEngine, after: int, up_to: int, types: Collection[str], limit: int
) -> Sequence[CallEvent]:
    """Events of these types by their ids, the first ones."""
    statement = (
        select(CallEvent)
        .where(CallEvent.id > after, CallEvent.id <= up_to, CallEvent.event_type.in_(types))
        .order_by(CallEvent.id)
        .limit(limit)
    )
    async with AsyncSession(database) as session:
        return (await session.scalars(statement)).all()


async def waiting(database: AsyncEngine, receiver: Receiver, progress: Progress) -> int:
    """How many events the receiver has not taken yet."""
    statement = select(func.count()).where(
        CallEvent.id > progress.position,
        CallEvent.id.not_in(list(progress.taken)),
        CallEvent.event_type.in_(receiver.event_types),
    )
    async with AsyncSession(database) as session:
        return await session.scalar(statement) or 0


def _progress(row: WebhookReceiver) -> Progress:
    return Progress(
        position=row.position,
        taken=set(row.taken),
        given_up=row.given_up,
        delivered_at=row.delivered_at,
        failed_at=row.failed_at,
        last_error=row.last_error or "",
    )
