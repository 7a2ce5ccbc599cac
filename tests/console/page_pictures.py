"""Pictures of the pages that show what there is rather than one call: teams, figures, forms."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, expect

from mcp_servers import booking, post_booking
from tests.bot.service import Service, model, service
from tests.console.service_standin import DIST
from tests.processors.mcp_tools.tool_server import Uvicorn, http_app

Size = tuple[int, int]


@asynccontextmanager
async def furnished_service(**settings: object) -> AsyncIterator[Service]:
    """The service with the travel team's own tool servers."""
    urls: dict[str, str] = {}
    servers = {"booking": booking.build, "post_booking": post_booking.build}
    serving = {name: Uvicorn() for name in servers}
    for name, build in servers.items():
        await serving[name].start(http_app(build("sqlite+aiosqlite://")))
        urls[name] = serving[name].url
    try:
        async with (
            model() as emulator,
            service(emulator.url, console=DIST, tool_servers=urls, **settings) as running,
        ):
            await running.switchboard.mcp.settled(20)
            yield running
    finally:
        for server in serving.values():
            await server.stop()


async def take_pages(browser: Browser, folder: Path, theme: str, size: str, view: Size) -> None:
    """Each of these pages once, or twice where it is long."""
    async with furnished_service() as running:
        page = await browser.new_page(
            viewport={"width": view[0], "height": view[1]}, color_scheme=theme
        )

        async def picture(name: str) -> None:
            await page.wait_for_timeout(500)
            await page.screenshot(path=folder / f"{size}-{theme}-{name}.png")

        await page.goto(f"{running.http}/agents")
        await expect(page.get_by_text("book-hotel").first).to_be_visible()
        await picture("agents")
        await page.get_by_test_id("agent").filter(has_text="Post booking").click()
        await page.get_by_role("heading", name="Instructions").scroll_into_view_if_needed()
        await picture("agents-instructions")
        await page.goto(f"{running.http}/agents/travel/hotel_booking")
        await page.get_by_role("link", name="Try it out").click()
        await expect(page.get_by_text("You are calling")).to_be_visible()
        await picture("agents-try-out")
        await page.close()
