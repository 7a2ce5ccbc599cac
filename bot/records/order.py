"""Who may write at a time, on PostgreSQL: many who add to calls, or one who needs them to rest.

SQLite has one who writes at a time.
"""

import zlib

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

LOCK = zlib.crc32(b"call_events")


async def write_beside_others(session: AsyncSession) -> None:
    """Waits until nobody writes alone, and keeps that off until the transaction ends."""
    if _is_postgresql(session):
        await session.execute(select(func.pg_advisory_xact_lock_shared(LOCK)))


async def write_alone(session: AsyncSession) -> None:
    """Waits for those who write, and keeps others off until the transaction ends.

    What they wrote is seen by the statements from here on.
    """
    if _is_postgresql(session):
        await session.execute(select(func.pg_advisory_xact_lock(LOCK)))


def _is_postgresql(session: AsyncSession) -> bool:
    return session.get_bind().dialect.name == "postgresql"
