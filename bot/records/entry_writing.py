"""Writes a batch of events to the database, and sets aside what it can't hold.

One event that the database refuses for what it holds would stop all that come after it: such a
batch is halved until the event is found, and a gap is written in its place.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from loguru import logger
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.records import store
from bot.records.entries import GAP, Entry

ATTEMPTS = 3
"""Times that a batch which the database refuses is tried before it is taken apart."""

Transaction = Callable[[Callable[[AsyncSession], Awaitable[Any]]], Awaitable[Any]]


async def write_entries(
    transaction: Transaction, instance_id: str, entries: Sequence[Entry]
) -> None:
    """Writes entries in their order, together if that is possible.

    Args:
        transaction: Runs what it is given in one, and commits.
        instance_id: Whose entries they are.
        entries: The next ones of its spool.

    Raises:
        Exception: The database is away, whatever its driver calls that; nothing is lost.
    """
    for attempt in range(ATTEMPTS):
        try:
            await transaction(lambda s: store.write(s, instance_id, entries))
        except Exception as error:
            if not is_refusal(error):
                raise
            logger.debug("attempt {}: the database refused a batch: {}", attempt, error)
        else:
            return
    if len(entries) > 1:
        half = len(entries) // 2
        await write_entries(transaction, instance_id, entries[:half])
        await write_entries(transaction, instance_id, entries[half:])
    else:
        await _set_aside(transaction, instance_id, entries[0])


async def _set_aside(transaction: Transaction, instance_id: str, entry: Entry) -> None:
    log = logger.bind(call_id=entry.call_id)
    if await _is_taken(transaction, instance_id, entry, projected=False):
        log.error("an event {} is stored, but not understood", entry.type)
        return
    log.error("an event {} can't be stored: the database refuses it", entry.type)
    gap = Entry(entry.position, {"type": GAP, "call_id": entry.call_id, "count": 1})
    await _is_taken(transaction, instance_id, gap, projected=True)


async def _is_taken(
    transaction: Transaction, instance_id: str, entry: Entry, *, projected: bool
) -> bool:
    """Writes one entry; False when the database refuses it."""
    try:
        await transaction(
            lambda session: store.write(session, instance_id, [entry], projected=projected)
        )
    except Exception as error:
        if not is_refusal(error):
            raise
        return False
    return True


def is_refusal(error: Exception) -> bool:
    """Whether it is the data that is wrong, which waiting does not mend."""
    if isinstance(error, IntegrityError | DataError):
        return True
    if isinstance(error, DBAPIError):
        # SQLSTATE class 22 is a data exception, 23 an integrity constraint violation.
        return str(getattr(error.orig, "sqlstate", None) or "")[:2] in ("22", "23")
    return isinstance(error, StatementError | ValueError | TypeError | LookupError)
