"""Booking and cancelling: what is taken on which day, and by whom."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Row, Table, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from mcp_servers.database import writing
from mcp_servers.travel.prices import days_between
from mcp_servers.travel.tables import bookings, stock

_ATTEMPTS = 20


class SoldOutError(Exception):
    """At least one of the days has too little left. Nothing was taken."""


class UnknownBookingError(LookupError):
    """No booking has that confirmation number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to book: ``units`` of an item on each of its days, of which ``capacity`` exist."""

    kind: str
    item_id: str
    title: str
    name: str
    first_day: date
    last_day: date
    people: int
    units: int
    price: int
    capacity: int


def occupied(kind: str, first_day: date, last_day: date) -> Sequence[date]:
    """The days on which a booking takes stock: nights, the flight's day, or rental days."""
    return [first_day] if kind == "flight" else list(days_between(first_day, last_day))


async def most_taken(
    connection: AsyncConnection, items: Iterable[str], days: Sequence[date]
) -> dict[str, int]:
    """For each item, how many units are taken on the fullest of ``days``; 0 is left out."""
    rows = await connection.execute(
        select(stock.c.item_id, func.max(stock.c.taken).label("taken"))
        .where(stock.c.item_id.in_(items), stock.c.day.in_(days))
        .group_by(stock.c.item_id)
    )
    return {row.item_id: row.taken for row in rows}


async def book(engine: AsyncEngine, request: Request) -> str:
    """Take the stock and store the booking, or neither; returns the confirmation number.

    Each day is taken by one conditional update, which the database serialises: two callers who
    want the last room at the same moment cannot both have it.

    Raises:
        SoldOutError: Not enough is left on at least one day.
    """
    async with writing(engine).begin() as connection:
        for day in occupied(request.kind, request.first_day, request.last_day):
            await _insert_unless_there(
                connection, stock, {"item_id": request.item_id, "day": day, "taken": 0}
            )
            taken = await connection.execute(
                update(stock)
                .where(
                    stock.c.item_id == request.item_id,
                    stock.c.day == day,
                    stock.c.taken + request.units <= request.capacity,
                )
                .values(taken=stock.c.taken + request.units)
            )
            if taken.rowcount == 0:
                raise SoldOutError
        values = {
            "kind": request.kind,
            "item_id": request.item_id,
            "title": request.title,
            "name": request.name,
            "first_day": request.first_day,
            "last_day": request.last_day,
            "people": request.people,
            "units": request.units,
            "price": request.price,
            "status": "booked",
            "created_at": datetime.now(UTC),
        }
        for _ in range(_ATTEMPTS):
            number = str(secrets.randbelow(900_000) + 100_000)
            if await _insert_unless_there(
                connection, bookings, {"confirmation_number": number, **values}
            ):
                return number
        raise RuntimeError("no free confirmation number was found")


async def find(engine: AsyncEngine, number: str) -> Row[Any]:
    """The booking with that confirmation number; raises `UnknownBookingError`."""
    async with engine.connect() as connection:
        return await _find(connection, number)


async def cancel(engine: AsyncEngine, number: str) -> tuple[Row[Any], bool]:
    """Cancel a booking and give back what it took.

    Returns:
        The booking as it was, and whether this call cancelled it (not an earlier one).

    Raises:
        UnknownBookingError: There is none with that number.
    """
    async with writing(engine).begin() as connection:
        booking = await _find(connection, number)
        changed = await connection.execute(
            update(bookings)
            .where(bookings.c.confirmation_number == number, bookings.c.status == "booked")
            .values(status="cancelled", cancelled_at=datetime.now(UTC))
        )
        if changed.rowcount == 0:
            return booking, False
        await connection.execute(
            update(stock)
            .where(
                stock.c.item_id == booking.item_id,
                stock.c.day.in_(occupied(booking.kind, booking.first_day, booking.last_day)),
            )
            .values(taken=stock.c.taken - booking.units)
        )
        return booking, True


async def _find(connection: AsyncConnection, number: str) -> Row[Any]:
    row = (
        await connection.execute(select(bookings).where(bookings.c.confirmation_number == number))
    ).first()
    if row is None:
        raise UnknownBookingError(number)
    return row


async def _insert_unless_there(
    connection: AsyncConnection, table: Table, values: dict[str, Any]
) -> bool:
    """Insert a row unless its key exists; says whether it was inserted."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    result = await connection.execute(dialect.insert(table).values(values).on_conflict_do_nothing())
    return result.rowcount == 1
