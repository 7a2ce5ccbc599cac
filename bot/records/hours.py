"""What figures are counted from, packed by the hour: columns of numbers in place of a row a turn.

An hour of the clock (UTC) is one row of `CallHour` once it is over and has settled. Whatever is
written about an hour deletes its row in the same transaction, and it is packed again later. An hour
without a row is read from the tables: whether it is packed makes a difference in time only.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import orjson
from sqlalchemy import ColumnElement, SQLColumnExpression, case, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from bot.records.order import write_alone
from bot.records.presence import now_of
from bot.records.tables import Call, CallHour, ToolCall, TurnLatency

HOUR_S = 3600
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_HOUR = int((datetime(1, 1, 1, tzinfo=UTC) - EPOCH).total_seconds()) // HOUR_S
BATCH = 24
"""Hours that are read, or packed, in one go: a day of many calls is some ten thousand rows."""

SETTLES = timedelta(hours=2)
"""Most of what is said of a call was said this long after it began."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What is counted: rows of a table, each with its moment, names and numbers."""

    at: Any
    names: Sequence[SQLColumnExpression[Any]]
    numbers: Sequence[SQLColumnExpression[Any]]
    counted: ColumnElement[bool] | None = None

    @property
    def facts(self) -> np.dtype[Any]:
        """How one is packed: the second of the hour, the places of its names in `Hour.names`.

        Little-endian and without gaps, whatever machine packed it.
        """
        names, numbers = (
            ("names", "<u2", (len(self.names),)),
            ("numbers", "<f8", (len(self.numbers),)),
        )
        return np.dtype([("second", "<u2"), names, numbers])


KINDS = {
    "calls": Kind(
        Call.created_at,
        (Call.team, Call.agent, Call.status, Call.outcome),
        (Call.cost_usd, Call.duration_s),
    ),
    "turns": Kind(TurnLatency.at, (TurnLatency.team, TurnLatency.agent), (TurnLatency.latency_ms,)),
    "tools": Kind(
        ToolCall.called_at,
        (
            ToolCall.team,
            ToolCall.agent,
            ToolCall.tool,
            case((ToolCall.is_error.is_(True), "error")),
        ),
        (ToolCall.duration_ms,),
        counted=ToolCall.duration_ms.is_not(None),
    ),
}
"""Names and numbers that are not known are empty and 0."""


@dataclass(frozen=True, slots=True)
class Hour:
    """The names that occur in an hour, and its packed facts by their kind."""

    names: Sequence[str]
    packed: Mapping[str, bytes]


def hour_of(moment: datetime) -> int:
    """Hours since 1970 began."""
    return int(moment.timestamp() // HOUR_S)


async def forget_hours(session: AsyncSession, moments: Iterable[datetime]) -> None:
    """Has the hours of these moments read from the tables: what they hold was changed.

    Only for who writes beside others (`bot.records.order`): nobody packs meanwhile.
    """
    hours = {hour_of(moment) for moment in moments}
    await session.execute(delete(CallHour).where(CallHour.hour.in_(hours)))


async def forget_hours_before(session: AsyncSession, moment: datetime) -> None:
    """Deletes hours of which hardly anything is left."""
    await session.execute(delete(CallHour).where(CallHour.hour < hour_of(moment)))


async def pack_hours(session: AsyncSession) -> bool:
    """Packs up to `BATCH` hours that are not, of the latest; whether there was one."""
    settled = hour_of(await now_of(session) - SETTLES)
    packed = list(await session.scalars(select(CallHour.hour).where(CallHour.hour < settled)))
    for gap in reversed(list(_gaps(range(FIRST_HOUR, settled), packed))):
        chosen = await _stretch(await session.connection(), gap)
        if chosen:
            await _pack(session, chosen)
            return True
    return False


async def _pack(session: AsyncSession, chosen: range) -> None:
    await write_alone(session)
    hours = await _read_hours(await session.connection(), chosen)
    # Another instance may have packed them in the meantime.
    await session.execute(delete(CallHour).where(CallHour.hour.in_(chosen)))
    session.add_all(
        CallHour(
            hour=number,
            names=orjson.dumps(hour.names).decode(),
            **hour.packed,
        )
        for number, hour in hours.items()
    )


async def hours_between(
    connection: AsyncConnection, begin: datetime, end: datetime
) -> dict[int, Hour]:
    """The hours that these moments and those between are in, packed or from the tables.

    Hours of which nothing is known may be missing.
    """
    asked = range(hour_of(begin), hour_of(end) + 1)
    kinds = [getattr(CallHour, kind) for kind in KINDS]
    statement = select(CallHour.hour, CallHour.names, *kinds).where(
        CallHour.hour.between(asked.start, asked[-1])
    )
    hours: dict[int, Hour] = {}
    for number, names, *packed in await connection.execute(statement):
        hours[number] = Hour(orjson.loads(names), dict(zip(KINDS, packed, strict=True)))
    for gap in list(_gaps(asked, hours)):
        left = gap
        while stretch := await _stretch(connection, left):
            hours.update(await _read_hours(connection, stretch))
            left = range(stretch.stop, gap.stop)
    return hours


def _gaps(within: range, hours: Iterable[int]) -> Iterator[range]:
    """What is missing between hours."""
    begin = within.start
    for hour in sorted(hours):
        if hour > begin:
            yield range(begin, hour)
        begin = hour + 1
    if begin < within.stop:
        yield range(begin, within.stop)


async def _stretch(connection: AsyncConnection, gap: range) -> range:
    """`BATCH` hours of a gap at most, from the first of which anything is known; else none."""
    if not gap:
        return gap
    firsts = [
        select(func.min(kind.at)).where(_during(kind, gap)).scalar_subquery()
        for kind in KINDS.values()
    ]
    moments = [moment for moment in (await connection.execute(select(*firsts))).one() if moment]
    if not moments:
        return range(0)
    first = hour_of(min(moments))
    return range(first, min(first + BATCH, gap.stop))


def _during(kind: Kind, hours: range) -> ColumnElement[bool]:
    begin, end = (EPOCH + timedelta(hours=each) for each in (hours.start, hours.stop))
    during: ColumnElement[bool] = (kind.at >= begin) & (kind.at < end)
    return during


async def _read_hours(connection: AsyncConnection, hours: range) -> dict[int, Hour]:
    names: dict[int, dict[str, int]] = {hour: {} for hour in hours}
    packed: dict[int, dict[str, bytes]] = {hour: {} for hour in hours}
    for name, kind in KINDS.items():
        statement = select(kind.at, *kind.names, *kind.numbers).where(_during(kind, hours))
        if kind.counted is not None:
            statement = statement.where(kind.counted)
        facts: dict[int, list[Any]] = {hour: [] for hour in hours}
        first_number = 1 + len(kind.names)
        for row in await connection.execute(statement):
            hour, second = divmod(int(row[0].timestamp() // 1), HOUR_S)
            known = names[hour]
            places = tuple(known.setdefault(each or "", len(known)) for each in row[1:first_number])
            facts[hour].append((second, places, tuple(each or 0 for each in row[first_number:])))
        for hour in hours:
            packed[hour][name] = np.array(facts[hour], kind.facts).tobytes()
    return {hour: Hour(list(names[hour]), packed[hour]) for hour in hours}
