"""Deletes calls for good: because somebody asked for it, or because they are old enough."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.records.hours import KINDS, forget_hours, forget_hours_before
from bot.records.order import write_beside_others
from bot.records.projection import LIVE
from bot.records.tables import (
    Call,
    CallEvent,
    Consent,
    ErasedCall,
    Handoff,
    ToolCall,
    TurnLatency,
    Usage,
    Utterance,
)

BATCH = 100
REMEMBERED = timedelta(days=30)
"""How long what is still said of an erased call is refused."""

_OF_CALLS = (CallEvent, Handoff, ToolCall, Utterance, Usage, TurnLatency, Consent)


class CallIsLiveError(Exception):
    """A call that goes on can't be erased."""


async def erase(session: AsyncSession, call_ids: Sequence[str]) -> None:
    """Deletes calls and all that the database knows of them; the caller commits."""
    for of_call, kind in (
        (Call.id, "calls"),
        (TurnLatency.call_id, "turns"),
        (ToolCall.call_id, "tools"),
    ):
        moments = await session.scalars(select(KINDS[kind].at).where(of_call.in_(call_ids)))
        await forget_hours(session, moments)
    for table in _OF_CALLS:
        await session.execute(delete(table).where(table.call_id.in_(call_ids)))
    await session.execute(delete(Call).where(Call.id.in_(call_ids)))
    now = datetime.now(UTC)
    for call_id in call_ids:
        await session.merge(ErasedCall(call_id=call_id, erased_at=now))


async def erase_one(session: AsyncSession, call_id: str) -> bool:
    """Deletes one call; False when there is none of that id.

    Raises:
        CallIsLiveError: It goes on.
    """
    await write_beside_others(session)
    call = await session.get(Call, call_id, with_for_update=True)
    if call is None:
        return False
    if call.status in LIVE and call.ended_at is None:
        raise CallIsLiveError(call_id)
    session.expunge(call)
    await erase(session, [call_id])
    return True


async def erase_old(session: AsyncSession, retention: timedelta) -> list[str]:
    """Deletes up to `BATCH` calls that are over and began longer ago; says which."""
    await write_beside_others(session)
    before = datetime.now(UTC) - retention
    ids = list(
        await session.scalars(
            select(Call.id)
            .where(Call.created_at < before, Call.status.not_in(LIVE))
            .order_by(Call.created_at)
            .limit(BATCH)
        )
    )
    if ids:
        await erase(session, ids)
        await forget_hours_before(session, before)
    return ids


async def forget_erasures(session: AsyncSession) -> None:
    """Deletes what was kept to refuse latecomers."""
    before = datetime.now(UTC) - REMEMBERED
    await session.execute(delete(ErasedCall).where(ErasedCall.erased_at < before))
