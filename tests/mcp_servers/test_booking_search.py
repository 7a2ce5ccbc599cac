"""What the booking server finds, and what it says when it can't."""

import pytest
from mcp import Client

from mcp_servers import booking
from mcp_servers.travel.catalogue import CAR_CLASSES
from mcp_servers.travel.climate import NORMALS
from mcp_servers.travel.offers import Cars, Flights, Hotels
from mcp_servers.travel.places import CITIES, find_city

STAY = {"check_in": "2027-06-03", "check_out": "2027-06-06"}
PARIS = {"city": "Paris", **STAY, "guests": 2}


async def test_hotels_come_cheapest_first_and_the_summary_says_the_first_three(desk):
    answer = await desk.ask("search-hotel", **PARIS)
    hotels = Hotels.model_validate(answer).hotels
    prices = [hotel.total_price for hotel in hotels]
    assert prices == sorted(prices)
    assert len(hotels) == 6
    first, second, third, fourth = (hotel.name for hotel in hotels[:4])
    summary = answer["summary"]
    assert f"First, {first}," in summary
    assert f"Second, {second}," in summary
    assert f"Third, {third}," in summary
    assert fourth not in summary
    assert "from June third to June sixth" in summary
    assert not any(letter.isdigit() for letter in summary), "a voice reads words"


async def test_a_price_for_the_stay_is_the_sum_of_its_nights(desk):
    whole = (await desk.ask("search-hotel", **PARIS))["hotels"]
    nights = [
        {
            hotel["hotel_id"]: hotel["total_price"]
            for hotel in (
                await desk.ask(
                    "search-hotel",
                    city="Paris",
                    check_in=f"2027-06-0{day}",
                    check_out=f"2027-06-0{day + 1}",
                    guests=1,
                )
            )["hotels"]
        }
        for day in (3, 4, 5)
    ]
    for hotel in whole:
        assert hotel["total_price"] == sum(night[hotel["hotel_id"]] for night in nights)
    assert any(len({night[hotel["hotel_id"]] for night in nights}) > 1 for hotel in whole)


async def test_more_than_two_guests_need_more_rooms_and_pay_for_them(desk):
    two = (await desk.ask("search-hotel", **PARIS))["hotels"][0]
    five = (await desk.ask("search-hotel", **PARIS | {"guests": 5}))["hotels"][0]
    assert (two["rooms"], five["rooms"]) == (1, 3)
    assert five["total_price"] == 3 * two["total_price"]


async def test_every_city_has_hotels_cars_flights_and_a_climate(desk):
    assert len(CITIES) >= 40
    for city in CITIES:
        assert (await desk.ask("search-hotel", **PARIS | {"city": city.name}))["hotels"]
        dates = {"pick_up": "2027-06-03", "drop_off": "2027-06-04"}
        assert (await desk.ask("search-car", city=city.name, **dates))["cars"]
        elsewhere = "Rome" if city.name == "Paris" else "Paris"
        there = {"origin": city.name, "destination": elsewhere, "day": "2027-06-03"}
        assert (await desk.ask("search-flight", **there))["flights"]
        assert len(NORMALS[city.name]) == 12
        assert all(normal.high > normal.low for normal in NORMALS[city.name])
    assert set(NORMALS) == {city.name for city in CITIES}


async def test_flights_say_when_they_leave_and_cost_per_seat(desk):
    answer = await desk.ask(
        "search-flight", origin="London", destination="New York", day="2027-06-03", passengers=3
    )
    flights = Flights.model_validate(answer).flights
    assert [flight.total_price for flight in flights] == [
        3 * flight.price_per_seat for flight in flights
    ]
    assert all(400 < flight.duration_minutes < 520 for flight in flights), "about seven hours"
    assert "from London to New York on Thursday, June third" in answer["summary"]
    assert "o'clock" in answer["summary"] or "in the" in answer["summary"]


async def test_cars_can_be_limited_to_a_class(desk):
    days = {"city": "Rome", "pick_up": "2027-06-03", "drop_off": "2027-06-06"}
    answer = await desk.ask("search-car", **days, car_class="luxury")
    cars = Cars.model_validate(answer).cars
    assert {car.car_class for car in cars} == {"luxury"}
    every = Cars.model_validate(await desk.ask("search-car", **days)).cars
    assert every[0].total_price < cars[0].total_price


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("paris", "Paris"),
        ("Paris, France", "Paris"),
        ("new york city", "New York"),
        ("Vegas", "Las Vegas"),
        ("Zürich", "Zurich"),
        ("  rio   de janeiro", "Rio de Janeiro"),
        ("Barcelonna", "Barcelona"),
    ],
)
def test_a_city_is_found_by_what_a_caller_said(said, meant):
    assert find_city(said).name == meant


async def test_an_unknown_city_is_answered_with_the_nearest_names(desk):
    refusal = await desk.refusal("search-hotel", **PARIS | {"city": "Viena Nova"})
    assert "no offers for Viena Nova" in refusal
    assert "Vienna" in refusal
    nonsense = await desk.refusal("search-hotel", **PARIS | {"city": "Xqzwv"})
    assert "Did you mean" not in nonsense


@pytest.mark.parametrize(
    ("dates", "said"),
    [
        (("2027-06-06", "2027-06-03"), "must be after the check-in date"),
        (("2027-06-06", "2027-06-06"), "must be after the check-in date"),
        (("2026-11-20", "2026-11-22"), "is in the past; today is Saturday, November twenty-first"),
        (("2027-06-03", "2027-07-30"), "thirty days"),
        (("2031-06-03", "2031-06-05"), "too far ahead"),
    ],
)
async def test_dates_that_make_no_sense_are_refused_in_a_sentence(desk, dates, said):
    check_in, check_out = dates
    refusal = await desk.refusal(
        "search-hotel", city="Paris", check_in=check_in, check_out=check_out, guests=2
    )
    assert said in refusal


async def test_today_can_still_be_booked(desk):
    tonight = {"check_in": "2026-11-21", "check_out": "2026-11-22"}
    assert (await desk.ask("search-hotel", city="Paris", **tonight, guests=1))["hotels"]


async def test_a_flight_to_where_it_starts_is_refused(desk):
    there = {"origin": "Rome", "destination": "roma", "day": "2027-06-03"}
    assert "start and end in Rome" in await desk.refusal("search-flight", **there)


async def test_arguments_that_do_not_fit_are_explained_without_jargon(desk):
    refusal = await desk.refusal("search-hotel", city="Paris", check_in="June third", guests=20)
    assert "check_in must be a date in the form" in refusal
    assert "check_out is missing: The check-out date." in refusal
    assert "guests can't be 20" in refusal
    for jargon in ("validation error", "pydantic", "type=", "\n", "Error executing"):
        assert jargon not in refusal


async def test_an_unknown_tool_is_an_error_not_a_crash(desk):
    assert "search-boat" in await desk.refusal("search-boat")


async def test_two_machines_sell_the_same_things_at_the_same_prices(desk, tmp_path, today):
    fresh = booking.build(f"sqlite:///{tmp_path / 'other' / 'travel.db'}", today=today)
    async with Client(fresh) as other:
        answer = await other.call_tool("search-hotel", PARIS)
    assert answer.structured_content == await desk.ask("search-hotel", **PARIS)


async def test_tools_ask_for_what_they_need_and_say_truthfully_what_they_do(desk):
    tools = {tool.name: tool for tool in (await desk.client.list_tools()).tools}
    assert list(tools) == [
        *("search-hotel", "search-flight", "search-car"),
        *("book-hotel", "book-flight", "book-car"),
        "get-destination-weather",
    ]
    for name, tool in tools.items():
        assert tool.title
        assert tool.description
        assert "summary" in tool.output_schema["properties"]
        assert tool.annotations.read_only_hint is not name.startswith("book-")
        for part in tool.input_schema["properties"].values():
            assert part["description"]
    book = tools["book-hotel"]
    assert (book.annotations.idempotent_hint, book.annotations.destructive_hint) == (False, False)
    assert (
        book.input_schema["properties"]["guest_name"]["description"] == "The name for the booking"
    )
    stay = tools["search-hotel"].input_schema["properties"]
    assert stay["check_in"]["format"] == "date"
    assert (stay["guests"]["minimum"], stay["guests"]["maximum"]) == (1, 8)
    kinds = tools["search-car"].input_schema["properties"]["car_class"]["anyOf"][0]["enum"]
    assert kinds == list(CAR_CLASSES)
