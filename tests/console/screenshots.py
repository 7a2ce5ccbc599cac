"""Pictures of the page, to be looked at: ``python -m tests.console.screenshots [FOLDER]``.

Each state of a call and each of the operators' pages, light and dark, at the width of a phone, a
tablet and a desktop.
"""

import asyncio
import sys
from pathlib import Path

from playwright.async_api import Browser, Page, expect

from agents import load_team
from processors.events.calls import CallEnded
from processors.events.event import Event
from tests.bot.service import model, service
from tests.console.browser import chromium
from tests.console.edge_pictures import take_edges
from tests.console.page_pictures import take_pages
from tests.console.scenes import FOUND, GREETING, HANDOFF, MODEL_LOST, TOOL_ERROR
from tests.console.service_standin import DIST, ServiceStandIn
from tests.console.sound_pictures import take_sound
from tests.console.takeover_pictures import take_takeover
from tests.console.told_calls import tell_a_busy_morning

KEY = "a-key-of-the-operators-at-the-desk"
SIZES = {"phone": (390, 844), "tablet": (768, 1024), "desktop": (1440, 900)}


async def settle(page: Page, stand_in: ServiceStandIn, events: list[Event]) -> None:
    """Sends events and waits until the last that is visible was drawn."""
    for event in events:
        await stand_in.emit(event)
    await page.wait_for_timeout(400)


async def take(browser: Browser, folder: Path, theme: str, size: str) -> None:
    """One call, pictured at its stations."""
    width, height = SIZES[size]
    async with ServiceStandIn(load_team("travel")).serving() as stand_in:
        page = await browser.new_page(
            viewport={"width": width, "height": height}, color_scheme=theme
        )

        async def picture(name: str) -> None:
            await page.screenshot(path=folder / f"{size}-{theme}-{name}.png")

        await page.goto(stand_in.url)
        await expect(page.get_by_role("heading", name="Travel", exact=False).last).to_be_attached()
        await page.wait_for_timeout(300)
        await picture("1-idle")
        stand_in.refuse_with = 422
        await page.get_by_role("button", name="Start call").click()
        await expect(page.get_by_role("alert")).to_be_visible()
        await picture("2-refused")
        stand_in.refuse_with = None
        await page.get_by_role("button", name="Call again").click()
        await stand_in.ready.wait()
        await settle(page, stand_in, GREETING)
        await picture("3-greeting")
        await settle(page, stand_in, HANDOFF)
        await picture("4-tool-running")
        await settle(page, stand_in, FOUND)
        await picture("5-tool-done")
        await page.locator("summary").first.click()
        await page.get_by_role("button", name="Mute").click()
        await settle(page, stand_in, TOOL_ERROR)
        await page.locator("summary").first.scroll_into_view_if_needed()
        await page.wait_for_timeout(300)
        await picture("6-tool-open")
        await page.get_by_role("button", name="Latest").click()
        await settle(page, stand_in, MODEL_LOST)
        await picture("7-trouble")
        await settle(page, stand_in, [CallEnded(reason="agent", duration_s=42)])
        await expect(page.get_by_role("button", name="Call again")).to_be_visible()
        await picture("8-over")
        await page.close()


async def take_operators(browser: Browser, folder: Path, theme: str, size: str) -> None:
    """The pages behind the sign-in, on a busy morning."""
    width, height = SIZES[size]
    settings = {"console": DIST, "api_keys": f"desk:admin:{KEY}"}
    async with model() as emulator, service(emulator.url, **settings) as running:
        booking, cancelling, *_, asking = tell_a_busy_morning(running)
        page = await browser.new_page(
            viewport={"width": width, "height": height}, color_scheme=theme
        )

        async def picture(name: str) -> None:
            await page.wait_for_timeout(500)
            await page.screenshot(path=folder / f"{size}-{theme}-{name}.png")

        await page.goto(f"{running.http}/live/{booking.id}")
        await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        await picture("sign-in")
        await page.get_by_label("API key").fill(KEY)
        await page.keyboard.press("Enter")
        await expect(page.get_by_test_id("transcript")).to_contain_text("could not reach")
        await picture("call")
        if size != "desktop":
            await page.get_by_role("button", name="Details").click()
            await picture("call-details")
            await page.get_by_role("button", name="Transcript").click()
        await page.get_by_role("button", name="End the call").click()
        await picture("call-end")
        await page.goto(f"{running.http}/live/{cancelling.id}")
        await expect(page.get_by_role("button", name="Approve")).to_be_visible()
        await picture("call-approval")
        await page.goto(f"{running.http}/live/{asking.id}")
        await page.get_by_role("button", name="Answer", exact=True).click()
        await picture("call-question")
        await page.goto(f"{running.http}/live")
        await expect(page.get_by_test_id("live-call")).to_have_count(5)
        await picture("live")
        await page.goto(f"{running.http}/history")
        await expect(page.get_by_test_id("history-call").first).to_be_visible()
        await picture("history")
        await page.get_by_text("Filters", exact=True).click()
        await picture("history-filters")
        await page.get_by_test_id("history-call").nth(6).click()
        await expect(page.get_by_test_id("transcript")).to_contain_text("could not reach")
        if size != "desktop":
            await page.get_by_role("button", name="Details").click()
        await picture("call-over")
        await page.close()


async def main(folder: Path) -> None:
    async with chromium() as browser:
        for size in SIZES:
            for theme in ("light", "dark"):
                await take(browser, folder, theme, size)
                await take_sound(browser, folder, theme, size, SIZES[size])
                await take_operators(browser, folder, theme, size)
                await take_pages(browser, folder, theme, size, SIZES[size])
                await take_takeover(browser, folder, theme, size, SIZES[size])
                await take_edges(browser, folder, theme, size, SIZES[size])
    print(f"pictures in {folder}")


if __name__ == "__main__":
    pictures = Path(sys.argv[1] if len(sys.argv) > 1 else "data/screenshots")
    pictures.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(pictures))
