"""Writes batches of events: each batch, and how far the spool is written, in one transaction."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from sqlalchemy import func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.records.entries import GAP, PARTIAL, Entry
from bot.records.facts import Fact, Rows, moment_of
from bot.records.hours import forget_hours
from bot.records.order import write_alone, write_beside_others
from bot.records.projection import new_call, project
from bot.records.tables import (
    Call,
    CallEvent,
    ErasedCall,
    Instance,
    ToolCall,
    TurnLatency,
    Utterance,
)


async def settled_up_to(session: AsyncSession) -> int:
    """The highest id of an event, when no event with a lower one can still appear.

    Ids are given out before they are committed, and not in the same order: this waits for those
    who are adding events.
    """
    await write_alone(session)
    return await session.scalar(select(func.max(CallEvent.id))) or 0


async def write(
    session: AsyncSession, instance_id: str, entries: Sequence[Entry], *, projected: bool = True
) -> None:
    """Adds entries of an instance's spool to the database; the caller commits.

    Entries that are there already are skipped: those up to the instance's `written_position`.
    An event whose number in its call is taken by another one (a call that went on in another
    process) gets the next free number.

    Args:
        session: In a transaction that writes.
        instance_id: Whose entries they are.
        entries: In the order of their positions.
        projected: Whether to read more from the events than that they were.
    """
    await write_beside_others(session)
    instance = await session.get(Instance, instance_id, with_for_update=True)
    if instance is None:
        now = datetime.now(UTC)
        instance = Instance(id=instance_id, started_at=now, heartbeat_at=now, written_position=0)
        session.add(instance)
    fresh = [entry for entry in entries if entry.position > instance.written_position]
    if not fresh:
        return
    instance.written_position = fresh[-1].position
    erased = await _erased(session, fresh)
    fresh = [entry for entry in fresh if entry.call_id and entry.call_id not in erased]
    rows = await _rows(session, fresh)
    known = {call.id: call.call_sid for call in rows.calls.values()}
    counted = set(_counted_at(rows))
    with session.no_autoflush:
        for entry in fresh:
            await _add(session, rows, instance_id, entry, projected=projected)
    session.add_all(rows.calls.values())
    # First the calls: there is no relationship that would tell the session so.
    await session.flush()
    session.add_all(rows.added)
    await session.flush()
    await forget_hours(session, counted.union(_counted_at(rows)))
    for call in rows.calls.values():
        if call.call_sid != known.get(call.id):
            await session.execute(
                update(CallEvent)
                .where(CallEvent.call_id == call.id, CallEvent.call_sid.is_(None))
                .values(call_sid=call.call_sid)
            )


async def _add(
    session: AsyncSession, rows: Rows, instance_id: str, entry: Entry, *, projected: bool
) -> None:
    call = rows.calls.get(entry.call_id)
    if call is None:
        call = rows.calls[entry.call_id] = new_call(entry.call_id, moment_of(entry), instance_id)
    if entry.type == GAP:
        project(rows, call, GAP, Fact.of(entry, call.last_sequence))
        return
    sequence = int(entry.fields.get("sequence") or 0)
    if sequence <= call.last_sequence:
        if await _is_there(session, rows, entry):
            return
        sequence = call.last_sequence + 1
    call.last_sequence = sequence
    if entry.type == "call.started":
        call.instance_id = instance_id
    fact = Fact.of(entry, sequence)
    rows.add(
        CallEvent(
            call_id=call.id,
            call_sid=call.call_sid,
            sequence=sequence,
            position=entry.position,
            event_type=entry.type,
            payload={**entry.fields, "sequence": sequence},
            created_at=fact.at,
        )
    )
    if projected:
        project(rows, call, entry.type, fact)


async def _is_there(session: AsyncSession, rows: Rows, entry: Entry) -> bool:
    """Whether this very event was written before."""
    of_call = (row for row in rows.added if isinstance(row, CallEvent))
    if any((row.call_id, row.position) == (entry.call_id, entry.position) for row in of_call):
        return True
    statement = select(CallEvent.id).where(
        CallEvent.position == entry.position, CallEvent.call_id == entry.call_id
    )
    return await session.scalar(statement) is not None


async def _erased(session: AsyncSession, entries: Sequence[Entry]) -> set[str]:
    ids = {entry.call_id for entry in entries}
    found = await session.scalars(select(ErasedCall.call_id).where(ErasedCall.call_id.in_(ids)))
    return set(found)


async def _rows(session: AsyncSession, entries: Sequence[Entry]) -> Rows:
    """The rows that these entries may change."""
    calls = await session.scalars(
        select(Call).where(Call.id.in_({entry.call_id for entry in entries}))
    )
    rows = Rows(calls={call.id: call for call in calls})
    tools = {
        (entry.call_id, str(entry.fields.get("tool_call_id")))
        for entry in entries
        if entry.type in ("tool.called", "tool.finished")
    }
    if tools:
        found = await session.scalars(
            select(ToolCall).where(tuple_(ToolCall.call_id, ToolCall.tool_call_id).in_(tools))
        )
        rows.tool_calls = {(each.call_id, each.tool_call_id): each for each in found}
    items = {
        (entry.call_id, str(entry.fields.get("item_id")))
        for entry in entries
        if entry.type in PARTIAL
    }
    if items:
        said = await session.scalars(
            select(Utterance).where(tuple_(Utterance.call_id, Utterance.item_id).in_(items))
        )
        rows.utterances = {(each.call_id, each.speaker, each.item_id): each for each in said}
    return rows


def _counted_at(rows: Rows) -> Iterator[datetime]:
    """When that was which figures count and the batch may change."""
    yield from (call.created_at for call in rows.calls.values())
    yield from (tool_call.called_at for tool_call in rows.tool_calls.values())
    yield from (row.at for row in rows.added if isinstance(row, TurnLatency))
