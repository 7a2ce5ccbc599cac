"""The operators' pages with calls that are told: nothing cut, nothing that axe would mend."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import Page, expect

from processors.events.calls import CallEnded, CallStarted
from tests.bot.service import Service, model, service
from tests.console.browser import chromium, require_chromium
from tests.console.test_talk_page import axe_violations
from tests.console.told_calls import ToldCall, tell_a_busy_morning

pytestmark = [pytest.mark.browser, pytest.mark.asyncio]

OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@asynccontextmanager
async def console(built_page, **look) -> AsyncIterator[tuple[Service, Page]]:
    """The service without keys, as on one's own machine, and a page."""
    require_chromium()
    async with (
        model() as emulator,
        service(emulator.url, console=built_page) as running,
        chromium() as browser,
    ):
        yield running, await browser.new_page(**look)


@pytest.mark.parametrize(
    ("width", "scheme"), [(390, "dark"), (1440, "light")], ids=["phone", "desktop"]
)
async def test_nothing_is_cut_and_axe_finds_nothing_to_mend(built_page, width, scheme):
    look = {"viewport": {"width": width, "height": 844}, "color_scheme": scheme}
    async with console(built_page, **look) as (running, page):
        booking, cancelling, *_, asking = tell_a_busy_morning(running)
        places = {
            "/live": page.get_by_text("Waits for an approval"),
            f"/live/{booking.id}": page.get_by_text("I could not reach the booking desk"),
            f"/live/{cancelling.id}": page.get_by_role("button", name="Approve"),
            f"/live/{asking.id}": page.get_by_role("button", name="Answer", exact=True),
            "/history": page.get_by_test_id("history-call").first,
            "/numbers": page.get_by_test_id("chart").first,
            "/call-out": page.get_by_test_id("destination"),
            "/agents": page.get_by_test_id("instructions"),
            "/sign-in": page.get_by_test_id("live-call").first,  # nobody signs in here
        }
        for address, sight in places.items():
            await page.goto(running.http + address)
            await expect(sight).to_be_visible()
            assert await page.evaluate(OVERFLOW) == 0, address
            assert await axe_violations(page) == [], address


async def test_calls_come_and_go_and_are_reached_by_the_keyboard_alone(built_page):
    async with console(built_page) as (running, page):
        await page.goto(f"{running.http}/live")
        await expect(page.get_by_text("Nobody is calling")).to_be_visible()
        started = {"team": "travel", "channel": "phone"}
        first, second = ToldCall(running), ToldCall(running)
        first.tell(CallStarted(from_number="+14155550101", **started))
        second.tell(CallStarted(from_number="+14155550102", **started))
        rows = page.get_by_test_id("live-call")
        await expect(rows).to_have_count(2)
        first.tell(CallEnded(reason="caller", duration_s=1))
        await expect(rows.filter(has_text="+14155550101")).to_contain_text("The caller hung up")
        await expect(page.get_by_role("status").first).to_have_text("1 call")
        await page.keyboard.press("/")
        await page.keyboard.type("0102")
        await expect(rows).to_have_count(1)
        await rows.focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="+14155550102")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page).to_have_url(f"{running.http}/live")


async def test_older_calls_come_page_by_page(built_page):
    async with console(built_page) as (running, page):
        for index in range(60):
            past = ToldCall(running, began_s_ago=600 + 60 * index)
            past.tell(
                CallStarted(team="travel", channel="phone", from_number=f"+1415555{1000 + index}"),
                CallEnded(reason="caller", duration_s=5),
            )
        await page.goto(f"{running.http}/history")
        rows = page.get_by_test_id("history-call")
        await expect(rows).to_have_count(50)
        await page.get_by_role("button", name="Older").click()
        await expect(rows).to_have_count(60)
        await expect(rows.last).to_contain_text("+14155551059")
        await expect(page.get_by_role("button", name="Older")).to_have_count(0)


async def test_any_days_are_counted_and_stay_in_the_address(built_page):
    async with console(built_page) as (running, page):

        async def counted(change) -> list[str]:
            """The days and the periods that the service is asked for after a change."""
            async with page.expect_request("**/api/numbers?*") as asked:
                await change
            query = parse_qs(urlsplit((await asked.value).url).query)
            assert query["team"] == ["travel"]
            return [query[name][0] for name in ("from", "to", "by")]

        week = f"{running.http}/numbers?range=7d&team=travel"
        earliest, today, _ = asked = await counted(page.goto(week))
        assert asked[2] == "day"
        first, last = page.get_by_label("From"), page.get_by_label("To", exact=True)
        await expect(first).to_have_value(earliest)
        await expect(last).to_have_value(today)
        assert await counted(first.fill("2020-02-01")) == ["2020-02-01", today, "month"]
        address = f"{running.http}/numbers?from=2020-02-01&to={today}&team=travel"
        await expect(page).to_have_url(address)
        time = page.locator("select").first
        await expect(time).to_have_value("own")
        await last.fill("2020-01-31")
        await expect(page.get_by_role("alert")).to_have_text("The first day comes after the last")
        await expect(page).to_have_url(address)
        assert await counted(last.fill("2020-05-31")) == ["2020-02-01", "2020-05-31", "week"]
        assert await counted(page.reload()) == ["2020-02-01", "2020-05-31", "week"]
        await expect(page.get_by_text("No call began in this time.")).to_be_visible()
        await expect(last).to_have_value("2020-05-31")
        assert await counted(time.select_option("7d")) == asked
        await expect(page).to_have_url(week)
        await expect(last).to_have_value(today)


async def test_an_agent_is_found_in_the_drawing_and_tried_out(built_page):
    async with console(built_page) as (running, page):
        await page.goto(f"{running.http}/agents")
        hotels = page.get_by_test_id("agent").filter(has_text="Hotel booking")
        await expect(hotels).to_be_visible()
        await hotels.focus()
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(f"{running.http}/agents/travel/hotel_booking")
        told = running.switchboard.team.agent("hotel_booking").instructions.splitlines()
        await expect(page.get_by_test_id("instructions")).to_contain_text(told[1])
        await page.get_by_role("link", name="Try it out").click()
        await page.get_by_role("button", name="Type only").click()
        await expect(page.get_by_test_id("transcript")).to_contain_text("Hotel booking")
        await expect(page.get_by_test_id("transcript")).to_contain_text("Hello there")
        await page.goto(f"{running.http}/?agent=nobody")
        await expect(page.get_by_role("alert")).to_contain_text("nobody")
