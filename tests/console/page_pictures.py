"""Pictures of the pages that show what there is rather than one call: teams, figures, forms."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.async_api import Browser, expect

from emulators.twilio.asgi_server import serving
from emulators.twilio.callees import Callee, Directory
from emulators.twilio.carrier import Carrier
from emulators.twilio.rest import rest_app
from mcp_servers import booking, post_booking
from tests.bot.service import Service, model, service
from tests.console.service_standin import DIST
from tests.console.test_playback import tell_a_recorded_call
from tests.console.told_calls import tell_a_month
from tests.processors.mcp_tools.tool_server import Uvicorn, http_app

Size = tuple[int, int]

TOKEN = "12345"


@asynccontextmanager
async def furnished_service(**settings: object) -> AsyncIterator[Service]:
    """The service with the travel team's own tool servers."""
    urls: dict[str, str] = {}
    servers = {"booking": booking.build, "post_booking": post_booking.build}
    hosts = {name: Uvicorn() for name in servers}
    for name, build in servers.items():
        await hosts[name].start(http_app(build("sqlite+aiosqlite://")))
        urls[name] = hosts[name].url
    try:
        async with (
            model() as emulator,
            service(emulator.url, console=DIST, tool_servers=urls, **settings) as running,
        ):
            await running.switchboard.mcp.settled(20)
            yield running
    finally:
        for host in hosts.values():
            await host.stop()


async def take_pages(browser: Browser, folder: Path, theme: str, size: str, view: Size) -> None:
    """Each of these pages once, or twice where it is long."""
    with TemporaryDirectory() as name:
        recordings = Path(name)
        await _take_pages(browser, folder, f"{size}-{theme}", view, theme, recordings)


async def _take_pages(
    browser: Browser, folder: Path, prefix: str, view: Size, theme: str, recordings: Path
) -> None:
    async with (
        Carrier(auth_token=TOKEN, directory=Directory(Callee(ring_s=60))) as carrier,
        serving(rest_app(carrier)) as carrier_url,
        furnished_service(
            twilio_account_sid=carrier.account_sid,
            twilio_auth_token=TOKEN,
            twilio_api_url=carrier_url,
            twilio_phone_number="+14155550100",
            outbound_quiet_hours="none",
            recordings_dir=recordings,
            outbound_calls_per_minute=100,
        ) as running,
    ):
        page = await browser.new_page(
            viewport={"width": view[0], "height": view[1]}, color_scheme=theme
        )

        async def picture(name: str) -> None:
            await page.wait_for_timeout(500)
            await page.screenshot(path=folder / f"{prefix}-{name}.png")

        await page.goto(f"{running.http}/agents")
        await expect(page.get_by_test_id("agent")).to_have_count(5)
        await picture("agents")
        await page.get_by_test_id("agent").filter(has_text="Post booking").click()
        await page.get_by_role("heading", name="Instructions").scroll_into_view_if_needed()
        await picture("agents-instructions")
        await page.goto(f"{running.http}/agents/travel/hotel_booking")
        await page.get_by_role("link", name="Try it out").click()
        await expect(page.get_by_text("You are calling")).to_be_visible()
        await picture("agents-try-out")
        call = tell_a_recorded_call(running, recordings)
        await page.goto(f"{running.http}/history/{call.id}")
        await expect(page.get_by_test_id("waveform")).to_be_visible()
        await page.get_by_text("Gladly").click()
        await picture("call-played")
        tell_a_month(running)
        await page.goto(f"{running.http}/numbers")
        await expect(page.get_by_test_id("total")).to_contain_text("151")
        await picture("numbers")
        await page.get_by_role("heading", name="Tools").scroll_into_view_if_needed()
        await picture("numbers-below")
        await page.goto(f"{running.http}/numbers?from=2026-01-05&to=2026-06-28")
        await page.get_by_label("To", exact=True).fill("2026-01-01")
        await expect(page.get_by_role("alert")).to_be_visible()
        await picture("numbers-days")
        await page.goto(f"{running.http}/call-out")
        await expect(page.get_by_role("heading", name="Dry run")).to_be_visible()
        await page.get_by_label("What for").select_option("task:survey")
        await page.get_by_label("Number", exact=True).fill("+442079460010")
        await page.get_by_label("Organisation").fill("Hotel Sunrise")
        await picture("call-out")
        await page.get_by_role("button", name="Start the dry run").click()
        await picture("call-out-mistakes")
        await page.close()
