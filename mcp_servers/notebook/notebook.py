"""The concierge's notebook: writes down what businesses say, and finds it again."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from statistics import median
from typing import Any

from mcp.server.mcpserver.exceptions import ToolError
from sqlalchemy import Row, Table, and_, func, insert, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from mcp_servers import wording
from mcp_servers.database import writing
from mcp_servers.notebook.answers import (
    Appointment,
    AppointmentAnswer,
    Appointments,
    Comparison,
    Offer,
    Order,
    OrderedItem,
    Quote,
    QuoteAnswer,
    Validation,
)
from mcp_servers.notebook.tables import appointments, metadata, offers, orders, quotes

PAGE = 5
FAR_OFF = 2.0
"""A price is doubtful at this many times the usual one, or at its inverse."""

_SAID = 3
_NEWEST = select(func.max(quotes.c.number)).group_by(quotes.c.service, quotes.c.business)
"""Numbers of the quotes that count: one for each service and business."""

_PAGE_TOKEN = re.compile(r"(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})", re.ASCII)


class Notebook:
    """Every method raises `ToolError` with a sentence for the caller when it can't be done."""

    def __init__(self, engine: AsyncEngine, today: Callable[[], date]) -> None:
        self._engine = engine
        self._today = today

    @staticmethod
    async def prepare(connection: AsyncConnection) -> None:
        """Create the tables that are missing."""
        await connection.run_sync(metadata.create_all)

    async def note_quote(
        self,
        service: str,
        business: str,
        price: float,
        currency: str,
        details: str,
        availability: str,
        valid_until: date | None,
    ) -> QuoteAnswer:
        """A business's price for a service; of several the newest counts."""
        values = {
            "service": _text(service, "service").lower(),
            "business": _text(business, "business"),
            "price": _cents(price),
            "currency": currency,
            "details": details.strip(),
            "availability": availability.strip(),
            "valid_until": valid_until,
        }
        noted = insert(quotes).values(**values, noted_at=datetime.now(UTC)).returning(*quotes.c)
        async with writing(self._engine).begin() as connection:
            quote = _quote((await connection.execute(noted)).one())
        return QuoteAnswer(
            quote=quote,
            summary=f"I noted {_money(quote.price, quote.currency)} from {quote.business} "
            f"for {quote.service}.",
        )

    async def validate(self, number: int) -> Validation:
        """What is doubtful about a quote: its age, what it leaves open, how far off it is."""
        async with self._engine.connect() as connection:
            query = select(quotes).where(quotes.c.number == number)
            row = (await connection.execute(query)).first()
            if row is None:
                raise ToolError(f"There is no quote {wording.number(number)}. Which one is it?")
            others = (
                await connection.execute(
                    select(quotes.c.price).where(
                        quotes.c.service == row.service,
                        quotes.c.currency == row.currency,
                        quotes.c.business != row.business,
                        quotes.c.number.in_(_NEWEST),
                    )
                )
            ).scalars()
            doubts = self._doubts(row, list(others))
        quote = _quote(row)
        said = f"The quote of {quote.business} over {_money(quote.price, quote.currency)}"
        return Validation(
            quote=quote,
            is_sound=not doubts,
            doubts=doubts,
            summary=f"{said} is sound." if not doubts else f"{said} is doubtful: {doubts[0]}.",
        )

    async def compare(self, service: str) -> Comparison:
        """The quotes for a service, the cheapest of each currency first."""
        wanted = _text(service, "service").lower()
        async with self._engine.connect() as connection:
            query = select(quotes).where(quotes.c.service == wanted, quotes.c.number.in_(_NEWEST))
            rows = await connection.execute(query.order_by(quotes.c.currency, quotes.c.price))
            found = [_quote(row) for row in rows]
        return Comparison(service=wanted, quotes=found, summary=_compared(wanted, found))

    async def note_offer(self, business: str, offer: str, valid_until: date | None) -> Offer:
        """A special offer, once."""
        values = {
            "business": _text(business, "business"),
            "offer": _text(offer, "offer"),
            "valid_until": valid_until,
        }
        row = await self._once(offers, values, ("business", "offer"))
        return Offer(
            number=row.number,
            business=row.business,
            offer=row.offer,
            valid_until=row.valid_until,
            summary=f"I noted the offer of {row.business}: {row.offer}.",
        )

    async def place_order(
        self,
        business: str,
        items: Sequence[OrderedItem],
        total_price: float,
        confirmation_number: str,
        estimated_time: str,
    ) -> Order:
        """An order as the business has confirmed it; the same confirmation is one order."""
        values = {
            "business": _text(business, "business"),
            "items": [item.model_dump() for item in items],
            "total": _cents(total_price),
            "confirmation_number": _text(confirmation_number, "confirmation number").upper(),
            "estimated_time": estimated_time.strip(),
        }
        row = await self._once(orders, values, ("business", "confirmation_number"))
        when = f", in {row.estimated_time}" if row.estimated_time else ""
        return Order(
            number=row.number,
            business=row.business,
            items=row.items,
            total_price=row.total / 100,
            confirmation_number=row.confirmation_number,
            estimated_time=row.estimated_time,
            summary=f"The order at {row.business} over {wording.cents(row.total)} is noted{when}, "
            f"with the confirmation number {wording.digits(row.confirmation_number)}.",
        )

    async def schedule(
        self, business: str, day: date, at: time, confirmation_number: str, notes: str
    ) -> AppointmentAnswer:
        """An appointment; there is room for one at a time."""
        if day < self._today():
            raise ToolError(f"{wording.weekday(day)} is in the past. Which day is it?")
        at = at.replace(second=0, microsecond=0, tzinfo=None)
        values = {
            "business": _text(business, "business"),
            "day": day,
            "at": at,
            "confirmation_number": confirmation_number.strip().upper(),
            "notes": notes.strip(),
        }
        row = await self._once(appointments, values, ("day", "at"))
        if row.business != values["business"]:
            raise ToolError(
                f"There is an appointment with {row.business} on {wording.weekday(day)} at "
                f"{wording.clock(at)} already. Which other time is possible?"
            )
        appointment = _appointment(row)
        return AppointmentAnswer(
            appointment=appointment,
            summary=f"The appointment with {row.business} is on {wording.weekday(day)} at "
            f"{wording.clock(at)}.",
        )

    async def upcoming(self, page: str | None) -> Appointments:
        """A page of appointments from today on."""
        query = select(appointments).where(appointments.c.day >= self._today())
        if page is not None:
            day, at = _place(page)
            query = query.where(
                or_(
                    appointments.c.day > day,
                    and_(appointments.c.day == day, appointments.c.at > at),
                )
            )
        in_order = query.order_by(appointments.c.day, appointments.c.at).limit(PAGE + 1)
        async with self._engine.connect() as connection:
            rows = (await connection.execute(in_order)).all()
        shown = [_appointment(row) for row in rows[:PAGE]]
        more = len(rows) > PAGE
        said = [
            f"On {wording.weekday(each.day)} at {wording.clock(each.at)} with {each.business}."
            for each in shown[:_SAID]
        ]
        if more or len(shown) > _SAID:
            said.append("There are more.")
        return Appointments(
            appointments=shown,
            next_page=f"{shown[-1].day}T{shown[-1].at:%H:%M}" if more else None,
            summary=" ".join(said) or "There are no appointments.",
        )

    def _doubts(self, row: Row[Any], others: list[int]) -> list[str]:
        doubts = []
        if row.valid_until and row.valid_until < self._today():
            doubts.append(f"it expired on {wording.day(row.valid_until)}")
        if row.price == 0:
            doubts.append("nothing costs nothing")
        if others:
            usual = median([row.price, *others])
            if row.price > usual * FAR_OFF:
                doubts.append("it is more than twice what is usual")
            elif row.price * FAR_OFF < usual:
                doubts.append("it is less than half of what is usual")
        if not row.details:
            doubts.append("it does not say what is included")
        if not row.availability:
            doubts.append("it does not say when it can be done")
        return doubts

    async def _once(self, table: Table, values: dict[str, Any], key: tuple[str, ...]) -> Row[Any]:
        """A new row with these values, or the one that has their key already."""
        async with writing(self._engine).begin() as connection:
            dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
            noted = dialect.insert(table).values(**values, noted_at=datetime.now(UTC))
            await connection.execute(noted.on_conflict_do_nothing(index_elements=list(key)))
            query = select(table).where(*(table.c[name] == values[name] for name in key))
            return (await connection.execute(query)).one()


def _text(said: str, what: str) -> str:
    text = " ".join(said.split())
    if not text:
        raise ToolError(f"I need the {what}. What is it?")
    return text


def _cents(price: float) -> int:
    return round(price * 100)


def _money(price: float, currency: str) -> str:
    if currency == "USD":
        return wording.cents(_cents(price))
    return f"{price:g} {currency}"


def _quote(row: Row[Any]) -> Quote:
    return Quote(
        number=row.number,
        service=row.service,
        business=row.business,
        price=row.price / 100,
        currency=row.currency,
        details=row.details,
        availability=row.availability,
        valid_until=row.valid_until,
    )


def _appointment(row: Row[Any]) -> Appointment:
    return Appointment(
        number=row.number,
        business=row.business,
        day=row.day,
        at=row.at,
        confirmation_number=row.confirmation_number,
        notes=row.notes,
    )


def _compared(service: str, found: list[Quote]) -> str:
    if not found:
        return f"There is no quote for {service} yet."
    first = found[0]
    said = f"{first.business} asks {_money(first.price, first.currency)} for {service}"
    if len(found) == 1:
        return f"{said}. It is the only quote."
    others = [f"{each.business} {_money(each.price, each.currency)}" for each in found[1:_SAID]]
    return f"The cheapest of {wording.count(len(found), 'quote')}: {said}; {', '.join(others)}."


def _place(page: str) -> tuple[date, time]:
    match = _PAGE_TOKEN.fullmatch(page)
    try:
        if match:
            return date.fromisoformat(match[1]), time.fromisoformat(match[2])
    except ValueError:
        pass
    raise ToolError("I can't find that page. Let me begin with the next appointment.")
