"""The agency's counter: takes requests as callers make them, answers in words and rows."""

from collections.abc import Callable
from datetime import date
from typing import Any

from mcp.server.mcpserver.exceptions import ToolError
from sqlalchemy import Row, Table, select
from sqlalchemy.ext.asyncio import AsyncEngine

from mcp_servers import wording
from mcp_servers.travel import bookings, checks, search
from mcp_servers.travel.offers import Booking, Cars, Confirmation, Flights, Hotels
from mcp_servers.travel.prices import days_between, price_on, total_price
from mcp_servers.travel.tables import cars, flights, hotels

_SAID = 3
_ROWS = 6
_UNITS = {"hotel": "room", "flight": "seat", "car": "car"}


class Agency:
    """Searches, books and cancels on one database.

    Every method raises `ToolError` with a sentence for the caller when the request can't be met.
    """

    def __init__(self, engine: AsyncEngine, today: Callable[[], date]) -> None:
        self._engine = engine
        self._today = today

    async def hotels(self, said: str, check_in: date, check_out: date, guests: int) -> Hotels:
        """Hotels with rooms for all the nights."""
        city = checks.known_city(said).name
        checks.stay(check_in, check_out, self._today(), "check-in", "check-out")
        found = await search.free_hotels(self._engine, city, check_in, check_out, guests)
        when = f"from {wording.day(check_in)} to {wording.day(check_out)}"
        offers = [
            f"{hotel.name}, {wording.count(hotel.stars, 'star')}, "
            f"{wording.money(hotel.price_per_night)} a night"
            for hotel in found[:_SAID]
        ]
        return Hotels(
            city=city,
            check_in=check_in,
            check_out=check_out,
            hotels=found,
            summary=_said(offers, len(found), "hotel", f"in {city} {when}"),
        )

    async def flights(
        self, said_origin: str, said_destination: str, day: date, passengers: int
    ) -> Flights:
        """Flights with seats for all passengers."""
        origin = checks.known_city(said_origin).name
        destination = checks.known_city(said_destination).name
        if origin == destination:
            raise ToolError(f"That flight would start and end in {origin}. Where do you fly to?")
        checks.future(day, self._today())
        found = await search.free_flights(self._engine, origin, destination, day, passengers)
        offers = [
            f"{flight.name} at {wording.clock(flight.departure)}"
            f"{', with one stop' if flight.stops else ''}, "
            f"{wording.money(flight.price_per_seat)} a seat"
            for flight in found[:_SAID]
        ]
        where = f"from {origin} to {destination} on {wording.weekday(day)}"
        return Flights(
            origin=origin,
            destination=destination,
            date=day,
            flights=found,
            summary=_said(offers, len(found), "flight", where),
        )

    async def cars(self, said: str, pick_up: date, drop_off: date, car_class: str | None) -> Cars:
        """Cars that are free on all the days."""
        city = checks.known_city(said).name
        checks.stay(pick_up, drop_off, self._today(), "pick-up", "return")
        found = await search.free_cars(self._engine, city, pick_up, drop_off, car_class)
        offers = [f"{car.name}, {wording.money(car.price_per_day)} a day" for car in found[:_SAID]]
        noun = f"{car_class} car" if car_class else "car"
        when = f"from {wording.day(pick_up)} to {wording.day(drop_off)}"
        return Cars(
            city=city,
            pick_up=pick_up,
            drop_off=drop_off,
            cars=found[:_ROWS],
            summary=_said(offers, len(found), noun, f"in {city} {when}"),
        )

    async def book_hotel(
        self, hotel_id: str, check_in: date, check_out: date, guests: int, guest_name: str
    ) -> Confirmation:
        """Take rooms for all the nights."""
        checks.stay(check_in, check_out, self._today(), "check-in", "check-out")
        hotel = await self._item(hotels, hotel_id, "hotel")
        rooms = search.rooms_for(guests)
        nights = days_between(check_in, check_out)
        return await self._book(
            bookings.Request(
                kind="hotel",
                item_id=hotel.id,
                title=f"{hotel.name} in {hotel.city}",
                name=checks.full_name(guest_name),
                first_day=check_in,
                last_day=check_out,
                people=guests,
                units=rooms,
                price=total_price(hotel.id, hotel.rate, nights) * rooms,
                capacity=hotel.capacity,
            )
        )

    async def book_flight(
        self, flight_id: str, day: date, passengers: int, passenger_name: str
    ) -> Confirmation:
        """Take a seat for each passenger."""
        checks.future(day, self._today())
        flight = await self._item(flights, flight_id, "flight")
        return await self._book(
            bookings.Request(
                kind="flight",
                item_id=flight.id,
                title=f"the {flight.airline} flight from {flight.origin} to {flight.destination}",
                name=checks.full_name(passenger_name),
                first_day=day,
                last_day=day,
                people=passengers,
                units=passengers,
                price=price_on(flight.id, flight.rate, day) * passengers,
                capacity=flight.capacity,
            )
        )

    async def book_car(
        self, car_id: str, pick_up: date, drop_off: date, driver_name: str
    ) -> Confirmation:
        """Take a car for all the days."""
        checks.stay(pick_up, drop_off, self._today(), "pick-up", "return")
        car = await self._item(cars, car_id, "car")
        return await self._book(
            bookings.Request(
                kind="car",
                item_id=car.id,
                title=f"the {car.company} {car.car_class} car in {car.city}",
                name=checks.full_name(driver_name),
                first_day=pick_up,
                last_day=drop_off,
                people=1,
                units=1,
                price=total_price(car.id, car.rate, days_between(pick_up, drop_off)),
                capacity=car.capacity,
            )
        )

    async def booking(self, number: str) -> Booking:
        """A booking as it stands."""
        try:
            row = await bookings.find(self._engine, number)
        except bookings.UnknownBookingError:
            raise _no_such_booking(number) from None
        state = "is cancelled" if row.status == "cancelled" else "is confirmed"
        return _booking(
            row,
            row.status,
            f"Booking {wording.digits(number)}: {row.title}, {_when(row)}, for {row.name}, "
            f"{wording.money(row.price)} in total. It {state}.",
        )

    async def cancel(self, number: str) -> Booking:
        """Cancel a booking; one that is cancelled already stays so."""
        try:
            row = await bookings.find(self._engine, number)
            if row.status == "booked" and row.first_day < self._today():
                raise ToolError(
                    f"Booking {wording.digits(number)} began on {wording.weekday(row.first_day)}, "
                    "so it can't be cancelled any more."
                )
            row, cancelled_now = await bookings.cancel(self._engine, number)
        except bookings.UnknownBookingError:
            raise _no_such_booking(number) from None
        what = f"{row.title}, {_when(row)}"
        summary = (
            f"Booking {wording.digits(number)} is cancelled: {what}."
            if cancelled_now
            else f"Booking {wording.digits(number)}, {what}, was cancelled before. "
            "There is nothing left to do."
        )
        return _booking(row, "cancelled", summary)

    async def _item(self, table: Table, item_id: str, kind: str) -> Row[Any]:
        async with self._engine.connect() as connection:
            row = (await connection.execute(select(table).where(table.c.id == item_id))).first()
        if row is None:
            raise ToolError(f"I can't find that {kind}. Let me search again to be sure.")
        return row

    async def _book(self, request: bookings.Request) -> Confirmation:
        try:
            number = await bookings.book(self._engine, request)
        except bookings.SoldOutError:
            raise ToolError(
                f"I'm sorry, {request.title} does not have "
                f"{wording.count(request.units, _UNITS[request.kind])} left for those dates. "
                "Shall I look for another one?"
            ) from None
        return Confirmation(
            confirmation_number=number,
            total_price=request.price,
            summary=f"I booked {request.title} for {request.name}, {_when(request)}, "
            f"for {wording.money(request.price)} in total. "
            f"Your confirmation number is {wording.digits(number)}.",
        )


def _said(offers: list[str], found: int, noun: str, where: str) -> str:
    """The sentence that offers what was found."""
    if not offers:
        return f"I'm sorry, I found no {noun} {where}. Would other dates or another place suit?"
    if len(offers) == 1:
        return f"I found one {noun} {where}: {wording.choices(offers)} Shall I book it?"
    begin = f"I found {wording.count(found, noun)} {where}."
    if found > len(offers):
        begin += f" Here are the {wording.number(len(offers))} cheapest."
    return f"{begin} {wording.choices(offers)} Which one would you like?"


def _when(booking: bookings.Request | Row[Any]) -> str:
    if booking.kind == "flight":
        return f"on {wording.weekday(booking.first_day)}"
    return f"from {wording.weekday(booking.first_day)} to {wording.weekday(booking.last_day)}"


def _no_such_booking(number: str) -> ToolError:
    return ToolError(
        f"I can't find a booking with the number {wording.digits(number)}. "
        "Please check the number and tell me again."
    )


def _booking(row: Row[Any], status: str, summary: str) -> Booking:
    return Booking.model_validate(
        {
            "confirmation_number": row.confirmation_number,
            "kind": row.kind,
            "title": row.title,
            "name": row.name,
            "first_day": row.first_day,
            "last_day": row.last_day,
            "people": row.people,
            "total_price": row.price,
            "status": status,
            "summary": summary,
        }
    )
