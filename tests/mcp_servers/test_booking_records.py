"""Booking and cancelling: one database, finite stock, confirmation numbers."""

import asyncio
import re
from datetime import date

import pytest
from mcp import Client
from sqlalchemy import func, select, update

from mcp_servers import booking, post_booking
from mcp_servers.database import open_database
from mcp_servers.travel.agency import Agency
from mcp_servers.travel.tables import bookings, hotels, stock

STAY = {"check_in": "2027-06-03", "check_out": "2027-06-06"}


async def cheapest(desk, **changes):
    search = {"city": "Paris", **STAY, "guests": 2} | changes
    return (await desk.ask("search-hotel", **search))["hotels"][0]


async def book(desk, hotel_id, **changes):
    request = {"hotel_id": hotel_id, **STAY, "guests": 2, "guest_name": "john smith"} | changes
    return await desk.ask("book-hotel", **request)


async def leave_rooms(database, hotel_id, rooms):
    engine = open_database(database)
    async with engine.begin() as connection:
        await connection.execute(
            update(hotels).where(hotels.c.id == hotel_id).values(capacity=rooms)
        )
    await engine.dispose()


async def test_a_booking_is_confirmed_by_six_digits_and_found_by_the_other_server(desk, records):
    hotel = await cheapest(desk)
    confirmation = await book(desk, hotel["hotel_id"])
    number = confirmation["confirmation_number"]
    assert re.fullmatch(r"[1-9][0-9]{5}", number)
    assert f"confirmation number is {' '.join(number)}." in confirmation["summary"]
    assert confirmation["total_price"] == hotel["total_price"]

    found = await records.ask("get-booking", confirmation_number=number)
    assert found["status"] == "booked"
    assert found["name"] == "John Smith", "what a recogniser writes gets its capitals"
    assert found["title"] == f"{hotel['name']} in Paris"
    assert "from Thursday, June third to Sunday, June sixth" in found["summary"]


async def test_flights_and_cars_are_booked_the_same_way(desk, records):
    flight = (
        await desk.ask("search-flight", origin="Paris", destination="Rome", day="2027-06-03")
    )["flights"][0]
    seats = await desk.ask(
        "book-flight",
        flight_id=flight["flight_id"],
        day="2027-06-03",
        passengers=2,
        passenger_name="Ann Lee",
    )
    assert seats["total_price"] == 2 * flight["price_per_seat"]
    days = {"pick_up": "2027-06-03", "drop_off": "2027-06-05"}
    car = (await desk.ask("search-car", city="Rome", **days))["cars"][0]
    rented = await desk.ask("book-car", car_id=car["car_id"], **days, driver_name="Ann Lee")
    assert rented["total_price"] == car["total_price"]
    for confirmation, kind in ((seats, "flight"), (rented, "car")):
        found = await records.ask(
            "get-booking", confirmation_number=confirmation["confirmation_number"]
        )
        assert found["kind"] == kind
    again = await desk.ask("search-flight", origin="Paris", destination="Rome", day="2027-06-03")
    left = {offer["flight_id"]: offer["seats_left"] for offer in again["flights"]}
    assert left[flight["flight_id"]] == flight["seats_left"] - 2


async def test_the_last_room_is_gone_for_overlapping_nights_only(desk, database):
    hotel = await cheapest(desk)
    await leave_rooms(database, hotel["hotel_id"], 1)
    await book(desk, hotel["hotel_id"])
    overlapping = {"check_in": "2027-06-05", "check_out": "2027-06-07"}
    assert (await cheapest(desk, **overlapping))["hotel_id"] != hotel["hotel_id"]
    refusal = await desk.refusal(
        "book-hotel",
        hotel_id=hotel["hotel_id"],
        **overlapping,
        guests=2,
        guest_name="Ann Lee",
    )
    assert "does not have one room left" in refusal
    adjacent = {"check_in": "2027-06-06", "check_out": "2027-06-07"}
    await book(desk, hotel["hotel_id"], **adjacent)


async def test_a_refused_booking_takes_nothing(desk, database):
    hotel = await cheapest(desk)
    await leave_rooms(database, hotel["hotel_id"], 1)
    await book(desk, hotel["hotel_id"], check_in="2027-06-05", check_out="2027-06-06")
    await desk.refusal(
        "book-hotel", hotel_id=hotel["hotel_id"], **STAY, guests=2, guest_name="Ann Lee"
    )
    await book(desk, hotel["hotel_id"], check_in="2027-06-03", check_out="2027-06-05")


async def test_cancelling_gives_the_room_back(desk, records, database):
    hotel = await cheapest(desk)
    await leave_rooms(database, hotel["hotel_id"], 1)
    number = (await book(desk, hotel["hotel_id"]))["confirmation_number"]
    cancelled = await records.ask("cancel-booking", confirmation_number=number)
    assert cancelled["status"] == "cancelled"
    assert "is cancelled" in cancelled["summary"]
    await book(desk, hotel["hotel_id"])


async def test_cancelling_twice_is_told_politely_and_gives_nothing_back_twice(
    desk, records, database
):
    hotel = await cheapest(desk)
    await leave_rooms(database, hotel["hotel_id"], 2)
    await book(desk, hotel["hotel_id"])
    number = (await book(desk, hotel["hotel_id"]))["confirmation_number"]
    await records.ask("cancel-booking", confirmation_number=number)
    again = await records.ask("cancel-booking", confirmation_number=number)
    assert "was cancelled before" in again["summary"]
    await book(desk, hotel["hotel_id"])
    refusal = await desk.refusal(
        "book-hotel", hotel_id=hotel["hotel_id"], **STAY, guests=2, guest_name="Ann Lee"
    )
    assert "does not have" in refusal


@pytest.mark.parametrize("spelled", ["{} {} {} {} {} {}", "{}{}{}-{}{}{}"])
async def test_a_confirmation_number_may_be_spelled(desk, records, spelled):
    number = (await book(desk, (await cheapest(desk))["hotel_id"]))["confirmation_number"]
    found = await records.ask("get-booking", confirmation_number=spelled.format(*number))
    assert found["confirmation_number"] == number


async def test_numbers_that_are_none_are_refused_in_a_sentence(records):
    unknown = await records.refusal("cancel-booking", confirmation_number="100000")
    assert "I can't find a booking with the number 1 0 0 0 0 0" in unknown
    short = await records.refusal("get-booking", confirmation_number="123")
    assert "The six-digit confirmation number" in short


async def test_a_stay_that_began_can_not_be_cancelled(database, desk):
    number = (await book(desk, (await cheapest(desk))["hotel_id"]))["confirmation_number"]
    later = post_booking.build(database, today=lambda: date(2027, 6, 4))
    async with Client(later) as client:
        result = await client.call_tool("cancel-booking", {"confirmation_number": number})
    assert result.is_error
    assert "began on Thursday, June third" in result.content[0].text


async def test_bookings_need_a_name_and_something_to_book(desk):
    hotel = await cheapest(desk)
    request = {"hotel_id": hotel["hotel_id"], **STAY, "guests": 2}
    assert "a name" in await desk.refusal("book-hotel", **request, guest_name=" 7 ")
    unknown = request | {"hotel_id": "paris-nowhere", "guest_name": "Ann Lee"}
    assert "can't find that hotel" in await desk.refusal("book-hotel", **unknown)


async def test_what_a_tool_did_not_foresee_is_not_told(desk, monkeypatch):
    async def crash(*_: object) -> None:
        raise ValueError("a secret of the database")

    monkeypatch.setattr(Agency, "hotels", crash)
    refusal = await desk.refusal("search-hotel", city="Paris", **STAY, guests=2)
    assert "secret" not in refusal


@pytest.fixture(params=["sqlite", "postgres"])
def any_database(request):
    if request.param == "sqlite":
        return request.getfixturevalue("database")
    return request.getfixturevalue("postgres")


async def test_the_last_room_is_booked_once_by_twenty_callers_at_once(any_database, today):
    """On two servers, which have a pool of connections each."""
    async with (
        Client(booking.build(any_database, today=today)) as one,
        Client(booking.build(any_database, today=today)) as other,
    ):
        search = {"city": "Paris", **STAY, "guests": 2}
        found = (await one.call_tool("search-hotel", search)).structured_content
        hotel_id = found["hotels"][0]["hotel_id"]
        await leave_rooms(any_database, hotel_id, 1)
        results = await asyncio.gather(
            *(
                server.call_tool(
                    "book-hotel",
                    {"hotel_id": hotel_id, **STAY, "guests": 2, "guest_name": f"Caller {name}"},
                )
                for name in "ABCDEFGHIJ"
                for server in (one, other)
            )
        )
        confirmed = [result for result in results if not result.is_error]
        assert len(confirmed) == 1
        assert all("does not have" in r.content[0].text for r in results if r.is_error)

    engine = open_database(any_database)
    async with engine.connect() as connection:
        assert (await connection.execute(select(func.count()).select_from(bookings))).scalar() == 1
        taken = await connection.execute(select(stock.c.taken).where(stock.c.item_id == hotel_id))
        assert taken.scalars().all() == [1, 1, 1]
    await engine.dispose()


async def test_two_servers_that_start_at_once_seed_one_database_once(postgres, tmp_path, today):
    for database in (postgres, f"sqlite:///{tmp_path / 'new.db'}"):
        servers = [booking.build(database, today=today), post_booking.build(database, today=today)]

        async def start(server):
            async with Client(server) as client:
                await client.list_tools()

        await asyncio.gather(*map(start, servers))
        engine = open_database(database)
        async with engine.connect() as connection:
            count = (await connection.execute(select(func.count()).select_from(hotels))).scalar()
        await engine.dispose()
        assert count == 6 * 59


async def test_a_booking_is_cancelled_on_postgresql_too(postgres, today):
    async with (
        Client(booking.build(postgres, today=today)) as one,
        Client(post_booking.build(postgres, today=today)) as other,
    ):
        search = {"city": "Oslo", **STAY, "guests": 3}
        found = (await one.call_tool("search-hotel", search)).structured_content
        request = {"hotel_id": found["hotels"][0]["hotel_id"], **STAY, "guests": 3}
        made = await one.call_tool("book-hotel", request | {"guest_name": "Ann Lee"})
        number = made.structured_content["confirmation_number"]
        cancelled = await other.call_tool("cancel-booking", {"confirmation_number": number})
        assert cancelled.structured_content["status"] == "cancelled"
        after = (await one.call_tool("search-hotel", search)).structured_content
        assert after["hotels"] == found["hotels"]
