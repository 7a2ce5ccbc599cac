"""What a concierge notes on the telephone: quotes, offers, orders and appointments."""

import asyncio
from datetime import date

import pytest
from mcp import Client

from mcp_servers import errands
from tests.mcp_servers.conftest import Desk, in_one_task

TODAY = date(2026, 11, 21)
OIL_CHANGE = {
    "service": "Oil change",
    "details": "full synthetic",
    "availability": "tomorrow morning",
}


@pytest.fixture(params=["sqlite", "postgres"])
def any_database(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'errands.db'}"
    return request.getfixturevalue("postgres")


@pytest.fixture
async def desk(tmp_path):
    server = errands.build(f"sqlite:///{tmp_path / 'errands.db'}", today=lambda: TODAY)
    async with in_one_task(Client(server)) as client:
        yield Desk(client)


async def test_quotes_are_compared_the_cheapest_first(any_database):
    async with Client(errands.build(any_database, today=lambda: TODAY)) as client:
        desk = Desk(client)
        for business, price in (("Swift Garage", 59.5), ("Old Mill Motors", 49.99)):
            await desk.ask("extract-quote", **OIL_CHANGE, business=business, price=price)
        await desk.ask("extract-quote", **OIL_CHANGE, business="Swift Garage", price=45)
        compared = await desk.ask("compare-quotes", service="oil  CHANGE")
    assert [quote["business"] for quote in compared["quotes"]] == [
        "Swift Garage",
        "Old Mill Motors",
    ], "of a business the newest quote counts"
    assert compared["summary"] == (
        "The cheapest of two quotes: Swift Garage asks forty-five dollars for oil change; "
        "Old Mill Motors forty-nine dollars and ninety-nine cents."
    )


async def test_a_service_without_a_quote_is_told_so(desk):
    compared = await desk.ask("compare-quotes", service="haircut")
    assert compared["summary"] == "There is no quote for haircut yet."


@pytest.mark.parametrize(
    ("changes", "doubt"),
    [
        ({}, None),
        ({"valid_until": "2026-11-20"}, "it expired on November twentieth"),
        ({"details": " "}, "it does not say what is included"),
        ({"availability": ""}, "it does not say when it can be done"),
        ({"price": 150}, "it is more than twice what is usual"),
        ({"price": 20}, "it is less than half of what is usual"),
        ({"price": 0}, "nothing costs nothing"),
    ],
)
async def test_a_quote_is_checked(desk, changes, doubt):
    for business, price in (("A", 50), ("B", 55)):
        await desk.ask("extract-quote", **OIL_CHANGE, business=business, price=price)
    quote = OIL_CHANGE | {"business": "C", "price": 52} | changes
    number = (await desk.ask("extract-quote", **quote))["quote"]["number"]
    checked = await desk.ask("validate-quote", quote_number=number)
    assert checked["is_sound"] is (doubt is None)
    assert checked["doubts"][:1] == ([doubt] if doubt else [])
    assert "no quote ninety-nine" in await desk.refusal("validate-quote", quote_number=99)


async def test_other_currencies_are_not_compared_as_if_they_were_the_same(desk):
    await desk.ask("extract-quote", **OIL_CHANGE, business="A", price=50)
    euros = await desk.ask("extract-quote", **OIL_CHANGE, business="B", price=500, currency="EUR")
    checked = await desk.ask("validate-quote", quote_number=euros["quote"]["number"])
    assert checked["is_sound"]
    assert "500 EUR" in checked["summary"]


async def test_an_order_is_noted_once_by_its_confirmation(any_database):
    order = {
        "business": "Pizzeria Vesuvio",
        "items": [{"name": "Large margherita", "customizations": ["extra cheese"]}],
        "total_price": 15.99,
        "confirmation_number": "ord67",
        "estimated_time": "thirty minutes",
    }
    async with Client(errands.build(any_database, today=lambda: TODAY)) as client:
        desk = Desk(client)
        noted = await asyncio.gather(*(desk.ask("place-order", **order) for _ in range(5)))
    assert len({answer["number"] for answer in noted}) == 1
    assert noted[0]["items"][0] == {
        "name": "Large margherita",
        "quantity": 1,
        "customizations": ["extra cheese"],
    }
    assert noted[0]["summary"].endswith("with the confirmation number O R D 6 7.")


async def test_an_order_needs_something_and_a_confirmation(desk):
    order = {"business": "Vesuvio", "total_price": 1, "confirmation_number": "1"}
    assert "items" in await desk.refusal("place-order", **order, items=[])
    unconfirmed = order | {"confirmation_number": " ", "items": [{"name": "Pizza"}]}
    assert "I need the confirmation number" in await desk.refusal("place-order", **unconfirmed)


async def test_an_offer_is_noted_once(desk):
    offer = {"business": "Swift Garage", "offer": "ten percent off this week"}
    first = await desk.ask("record-special-offer", **offer)
    assert await desk.ask("record-special-offer", **offer) == first


async def test_two_appointments_can_not_be_at_the_same_time(desk):
    given = {"business": "Dr. Moor", "day": "2026-11-25", "at": "14:00"}
    first = await desk.ask("schedule-appointment", **given, confirmation_number="apt1")
    assert first["summary"] == (
        "The appointment with Dr. Moor is on Wednesday, November twenty-fifth at "
        "two o'clock in the afternoon."
    )
    again = await desk.ask("schedule-appointment", **given)
    assert again["appointment"] == first["appointment"]
    refusal = await desk.refusal("schedule-appointment", **given | {"business": "Swift Garage"})
    assert "an appointment with Dr. Moor" in refusal
    past = await desk.refusal("schedule-appointment", **given | {"day": "2026-11-20"})
    assert "is in the past" in past


async def test_appointments_come_in_pages_the_next_one_first(any_database):
    async with Client(errands.build(any_database, today=lambda: TODAY)) as client:
        desk = Desk(client)
        assert (await desk.ask("list-appointments"))["summary"] == "There are no appointments."
        for hour in (15, 9, 11, 10, 14, 16, 13):
            await desk.ask(
                "schedule-appointment", business=f"B{hour}", day="2026-11-25", at=f"{hour:02}:00"
            )
        first = await desk.ask("list-appointments")
        rest = await desk.ask("list-appointments", page=first["next_page"])
        times = [each["at"][:2] for each in first["appointments"] + rest["appointments"]]
        assert times == ["09", "10", "11", "13", "14", "15", "16"]
        assert rest["next_page"] is None
        assert "page" in await desk.refusal("list-appointments", page="2026-99-01T10:00")
