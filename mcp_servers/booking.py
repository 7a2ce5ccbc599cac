"""MCP server ``booking``: search and book hotels, flights and rental cars; destination weather."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date
from typing import Annotated, Any

from mcp.server.mcpserver import MCPServer
from mcp_types import ToolAnnotations
from pydantic import Field

from mcp_servers.database import open_database, prepare
from mcp_servers.serve import run
from mcp_servers.spoken_server import SpokenServer
from mcp_servers.travel.agency import Agency
from mcp_servers.travel.catalogue import create_and_seed
from mcp_servers.travel.offers import CarClass, Cars, Confirmation, Flights, Hotels
from mcp_servers.travel.places import CITIES
from mcp_servers.weather import Forecasts, Month, Weather, weather_report

SEARCHES = ToolAnnotations(read_only_hint=True, open_world_hint=False)
LOOKS_OUTSIDE = ToolAnnotations(read_only_hint=True, open_world_hint=True)
BOOKS = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=False
)

_NAMES = [city.name for city in CITIES]
_DATES = ["2027-06-03"]

CityName = Annotated[str, Field(description="The city", examples=_NAMES, max_length=60)]
Origin = Annotated[str, Field(description="The city to fly from", examples=_NAMES, max_length=60)]
Destination = Annotated[
    str, Field(description="The city to fly to", examples=_NAMES, max_length=60)
]
CheckIn = Annotated[date, Field(description="The check-in date", examples=_DATES)]
CheckOut = Annotated[date, Field(description="The check-out date", examples=["2027-06-06"])]
FlightDay = Annotated[date, Field(description="The date of the flight", examples=_DATES)]
PickUp = Annotated[date, Field(description="The pick-up date", examples=_DATES)]
DropOff = Annotated[date, Field(description="The return date", examples=["2027-06-06"])]
Guests = Annotated[int, Field(description="The number of guests", ge=1, le=8, examples=[2])]
Passengers = Annotated[int, Field(description="The number of passengers", ge=1, le=9, examples=[1])]
Name = Annotated[str, Field(min_length=2, max_length=80, examples=["John Smith"])]
ItemId = Annotated[str, Field(min_length=1, max_length=60)]


def build(
    database: str,
    *,
    today: Callable[[], date] = date.today,
    forecasts: Forecasts | None = None,
) -> MCPServer[Any]:
    """The server on a database; see `mcp_servers.database` for its URL.

    Args:
        database: URL of the database; tables are created and filled when the server starts.
        today: The current date.
        forecasts: Where forecasts come from; by default the public service.
    """
    engine = open_database(database)
    agency = Agency(engine, today)
    weather_source = forecasts or Forecasts()

    @asynccontextmanager
    async def lifespan(_server: MCPServer[Any]) -> AsyncIterator[None]:
        await prepare(engine, "travel", create_and_seed)
        try:
            yield
        finally:
            await weather_source.close()
            await engine.dispose()

    server = SpokenServer(
        "booking",
        title="Travel booking",
        instructions="Search before booking: a booking takes the id of an offer from a search.",
        lifespan=lifespan,
    )

    @server.tool("search-hotel", title="Search hotels", annotations=SEARCHES)
    async def search_hotel(
        city: CityName, check_in: CheckIn, check_out: CheckOut, guests: Guests
    ) -> Hotels:
        """Find hotels in a city with rooms free on the given nights, cheapest first."""
        return await agency.hotels(city, check_in, check_out, guests)

    @server.tool("search-flight", title="Search flights", annotations=SEARCHES)
    async def search_flight(
        origin: Origin, destination: Destination, day: FlightDay, passengers: Passengers = 1
    ) -> Flights:
        """Find flights between two cities on a day with seats free, cheapest first. One way."""
        return await agency.flights(origin, destination, day, passengers)

    @server.tool("search-car", title="Search rental cars", annotations=SEARCHES)
    async def search_car(
        city: CityName,
        pick_up: PickUp,
        drop_off: DropOff,
        car_class: Annotated[CarClass | None, Field(description="The kind of car")] = None,
    ) -> Cars:
        """Find rental cars in a city that are free on the given days, cheapest first."""
        return await agency.cars(city, pick_up, drop_off, car_class)

    @server.tool("book-hotel", title="Book a hotel", annotations=BOOKS)
    async def book_hotel(
        hotel_id: Annotated[ItemId, Field(description="The hotel_id of an offer of search-hotel")],
        check_in: CheckIn,
        check_out: CheckOut,
        guests: Guests,
        guest_name: Annotated[Name, Field(description="The name for the booking")],
    ) -> Confirmation:
        """Book a hotel that search-hotel found. Answers with a confirmation number."""
        return await agency.book_hotel(hotel_id, check_in, check_out, guests, guest_name)

    @server.tool("book-flight", title="Book a flight", annotations=BOOKS)
    async def book_flight(
        flight_id: Annotated[
            ItemId, Field(description="The flight_id of an offer of search-flight")
        ],
        day: FlightDay,
        passenger_name: Annotated[Name, Field(description="The name of the passenger")],
        passengers: Passengers = 1,
    ) -> Confirmation:
        """Book a flight that search-flight found. Answers with a confirmation number."""
        return await agency.book_flight(flight_id, day, passengers, passenger_name)

    @server.tool("book-car", title="Book a rental car", annotations=BOOKS)
    async def book_car(
        car_id: Annotated[ItemId, Field(description="The car_id of an offer of search-car")],
        pick_up: PickUp,
        drop_off: DropOff,
        driver_name: Annotated[Name, Field(description="The name of the driver")],
    ) -> Confirmation:
        """Book a rental car that search-car found. Answers with a confirmation number."""
        return await agency.book_car(car_id, pick_up, drop_off, driver_name)

    @server.tool(
        "get-destination-weather", title="Weather at a destination", annotations=LOOKS_OUTSIDE
    )
    async def get_destination_weather(
        city: CityName,
        month: Annotated[Month | None, Field(description="The month of the visit")] = None,
        day: Annotated[date | None, Field(description="The date of the visit")] = None,
    ) -> Weather:
        """Say what the weather is like in a city: on a date, in a month, or today."""
        return await weather_report(weather_source, city, month, day, today())

    return server


if __name__ == "__main__":
    run(build, __doc__)
