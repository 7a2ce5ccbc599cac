"""What is free on given dates, and for how much; cheapest first."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncEngine

from mcp_servers.travel.bookings import most_taken, occupied
from mcp_servers.travel.offers import CarOffer, FlightOffer, HotelOffer
from mcp_servers.travel.prices import price_on, total_price
from mcp_servers.travel.tables import cars, flights, hotels

GUESTS_PER_ROOM = 2

Offer = TypeVar("Offer")


def rooms_for(guests: int) -> int:
    """How many rooms that many guests need."""
    return -(-guests // GUESTS_PER_ROOM)


async def free_hotels(
    engine: AsyncEngine, city: str, check_in: date, check_out: date, guests: int
) -> list[HotelOffer]:
    """Hotels in a city with enough rooms on every night."""
    nights = occupied("hotel", check_in, check_out)
    rooms = rooms_for(guests)

    def offer(row: Row[Any], left: int) -> HotelOffer:
        price = total_price(row.id, row.rate, iter(nights)) * rooms
        return HotelOffer(
            hotel_id=row.id,
            name=row.name,
            stars=row.stars,
            rating=row.rating,
            price_per_night=round(price / len(nights)),
            total_price=price,
            rooms=rooms,
            rooms_left=left,
        )

    query = select(hotels).where(hotels.c.city == city)
    offers = await _free(engine, query, nights, rooms, offer)
    return sorted(offers, key=lambda found: found.total_price)


async def free_flights(
    engine: AsyncEngine, origin: str, destination: str, day: date, passengers: int
) -> list[FlightOffer]:
    """Flights between two cities with enough seats on a day."""

    def offer(row: Row[Any], left: int) -> FlightOffer:
        price = price_on(row.id, row.rate, day)
        return FlightOffer(
            flight_id=row.id,
            name=row.airline,
            departure=row.departure,
            duration_minutes=row.minutes,
            stops=row.stops,
            price_per_seat=price,
            total_price=price * passengers,
            seats_left=left,
        )

    query = select(flights).where(flights.c.origin == origin, flights.c.destination == destination)
    offers = await _free(engine, query, [day], passengers, offer)
    return sorted(offers, key=lambda found: found.total_price)


async def free_cars(
    engine: AsyncEngine, city: str, pick_up: date, drop_off: date, car_class: str | None
) -> list[CarOffer]:
    """Cars in a city that are free on every day, of one class or of any."""
    days = occupied("car", pick_up, drop_off)

    def offer(row: Row[Any], left: int) -> CarOffer:
        price = total_price(row.id, row.rate, iter(days))
        return CarOffer(
            car_id=row.id,
            name=f"{row.company} {row.car_class}",
            car_class=row.car_class,
            seats=row.seats,
            price_per_day=round(price / len(days)),
            total_price=price,
            cars_left=left,
        )

    query = select(cars).where(cars.c.city == city)
    if car_class is not None:
        query = query.where(cars.c.car_class == car_class)
    offers = await _free(engine, query, days, 1, offer)
    return sorted(offers, key=lambda found: found.total_price)


async def _free(
    engine: AsyncEngine,
    query: Select[Any],
    days: Sequence[date],
    units: int,
    offer: Callable[[Row[Any], int], Offer],
) -> list[Offer]:
    """What ``offer`` makes of each row that has ``units`` left on all ``days``."""
    async with engine.connect() as connection:
        rows = (await connection.execute(query)).all()
        taken = await most_taken(connection, [row.id for row in rows], days)
    left = {row.id: row.capacity - taken.get(row.id, 0) for row in rows}
    return [offer(row, left[row.id]) for row in rows if left[row.id] >= units]
