"""Work that only one instance may do at a time: who holds it says so in the database.

A lease that is not renewed runs out, so that another instance goes on where one has died; at once,
where that one is known to be gone.
"""

from datetime import timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from bot.records.database import writing
from bot.records.presence import now_of
from bot.records.tables import Instance, Lease

LASTS = timedelta(seconds=30)


async def hold(database: AsyncEngine, name: str, holder: str) -> bool:
    """Takes a lease that is free, or renews one's own; False while another instance has it."""
    try:
        return await _hold(database, name, holder)
    except IntegrityError:
        return False  # Another one took it at the same moment, for the first time.


async def _hold(database: AsyncEngine, name: str, holder: str) -> bool:
    async with AsyncSession(writing(database)) as session, session.begin():
        now = await now_of(session)
        lease = await session.get(Lease, name, with_for_update=True)
        if lease is None:
            lease = Lease(name=name, holder=holder, expires_at=now)
            session.add(lease)
        elif lease.holder != holder and lease.expires_at > now and await _lives(session, lease):
            return False
        lease.holder = holder
        lease.expires_at = now + LASTS
        return True


async def _lives(session: AsyncSession, lease: Lease) -> bool:
    return await session.get(Instance, lease.holder) is not None
