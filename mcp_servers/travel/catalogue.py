"""What the agency sells: the same hotels, flights and cars on every machine."""

from collections.abc import Iterator
from datetime import time
from random import Random
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from mcp_servers.travel.places import CITIES, City, distance_km
from mcp_servers.travel.tables import cars, flights, hotels, metadata

HOTEL_NAMES = (
    "Blue Lantern",
    "Castle View",
    "Garden House",
    "Golden Lion",
    "Grand Central",
    "Green Park",
    "Harbor Lights",
    "Market Square",
    "Old Town Hotel",
    "Opera House",
    "Riverside Inn",
    "Royal Crown",
    "Silver Oak",
    "Station Hotel",
    "Sunset Terrace",
    "White Rose",
)
"""Made-up names, each easy to say and to tell from the others."""

AIRLINES = ("Blue Meridian", "Northern Star", "Pacific Crown", "Silver Wing", "Sun Coast")
RENTAL_COMPANIES = ("Open Road", "Quick Lane", "Red Arrow")
CAR_CLASSES = {
    "economy": (0.8, 4),
    "compact": (0.9, 5),
    "standard": (1.1, 5),
    "luxury": (2.4, 5),
    "van": (1.8, 8),
    "sport utility": (1.6, 5),
}
"""Price relative to the average car, and seats."""

_HOTELS_PER_CITY = 6
_NIGHT, _DAY = 115, 48
_NON_STOP_KM = 9500
_DEPARTURES = ((6, 10), (12, 17), (17, 22))


async def create_and_seed(connection: AsyncConnection) -> None:
    """Create the tables that are missing and fill the catalogue if it is empty."""
    await connection.run_sync(metadata.create_all)
    if (await connection.execute(select(hotels.c.id).limit(1))).first() is not None:
        return
    await connection.execute(insert(hotels), list(_hotels()))
    await connection.execute(insert(cars), list(_cars()))
    await connection.execute(insert(flights), list(_flights()))


def _slug(*parts: str) -> str:
    return "-".join(parts).lower().replace(" ", "-")


def _hotels() -> Iterator[dict[str, Any]]:
    for city in CITIES:
        dice = Random(f"hotels of {city.code}")
        for name in dice.sample(HOTEL_NAMES, _HOTELS_PER_CITY):
            stars = dice.choice((3, 3, 3, 4, 4, 5))
            rate = _NIGHT * city.rate * {3: 0.8, 4: 1.2, 5: 2.1}[stars] * dice.uniform(0.85, 1.2)
            yield {
                "id": _slug(city.name, name),
                "city": city.name,
                "name": name,
                "stars": stars,
                "rating": round(dice.uniform(7.2, 9.6), 1),
                "rate": round(rate),
                "capacity": dice.randint(6, 24),
            }


def _cars() -> Iterator[dict[str, Any]]:
    for city in CITIES:
        dice = Random(f"cars of {city.code}")
        for car_class, (factor, seats) in CAR_CLASSES.items():
            for company in dice.sample(RENTAL_COMPANIES, 2):
                yield {
                    "id": _slug(city.name, company, car_class),
                    "city": city.name,
                    "company": company,
                    "car_class": car_class,
                    "seats": seats,
                    "rate": round(_DAY * city.rate * factor * dice.uniform(0.9, 1.15)),
                    "capacity": dice.randint(3, 10),
                }


def _flights() -> Iterator[dict[str, Any]]:
    for origin in CITIES:
        for destination in CITIES:
            if origin is not destination:
                yield from _route(origin, destination)


def _route(origin: City, destination: City) -> Iterator[dict[str, Any]]:
    """Three daily departures: morning, midday and evening, each with another airline."""
    dice = Random(f"flights {origin.code} {destination.code}")
    km = distance_km(origin, destination)
    stops = 0 if km < _NON_STOP_KM else 1
    minutes = 40 + km / 13.5 + stops * 130
    for airline, (earliest, latest) in zip(dice.sample(AIRLINES, 3), _DEPARTURES, strict=True):
        departure = time(dice.randint(earliest, latest - 1), dice.randrange(0, 60, 5))
        yield {
            "id": _slug(origin.code, destination.code, f"{departure:%H%M}"),
            "origin": origin.name,
            "destination": destination.name,
            "airline": airline,
            "departure": departure,
            "minutes": 5 * round(minutes / 5),
            "stops": stops,
            "rate": round((45 + 0.068 * km) * dice.uniform(0.85, 1.2)),
            "capacity": dice.randint(30, 60),
        }
