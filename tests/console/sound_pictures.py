"""Pictures of what a caller speaks with."""

from pathlib import Path

from playwright.async_api import Browser, Page, expect

from agents import load_team
from tests.console.scenes import FOUND, GREETING, HANDOFF
from tests.console.service_standin import ServiceStandIn
from tests.console.test_talk_page import call
from tests.console.tone_microphones import FIRST, SECOND, TONE_MICROPHONES, choose_microphone


async def take_sound(
    browser: Browser, folder: Path, theme: str, size: str, view: tuple[int, int]
) -> None:
    """The choice, push-to-talk at rest and held, and a microphone that is taken away."""
    async with ServiceStandIn(load_team("travel")).serving() as stand_in:
        stand_in.teams["pizzeria"] = "Pizzeria"
        page = await browser.new_page(
            viewport={"width": view[0], "height": view[1]}, color_scheme=theme
        )
        await page.add_init_script(TONE_MICROPHONES)

        async def picture(name: str) -> None:
            await page.wait_for_timeout(400)
            await page.screenshot(path=folder / f"{size}-{theme}-sound-{name}.png")

        await page.goto(stand_in.url)
        await choose_microphone(page, SECOND)
        await picture("1-choices")
        await call(page, stand_in, GREETING, HANDOFF, FOUND)
        await picture("2-open")
        await hold_to_talk(page)
        await picture("3-choice")
        await page.get_by_role("button", name="Done").click()
        await picture("4-off")
        await page.keyboard.down(" ")
        await picture("5-held")
        await page.keyboard.up(" ")
        await page.evaluate("name => window.unplug(name)", SECOND)
        await expect(page.get_by_test_id("sound-notice")).to_be_visible()
        await picture("6-unplugged")
        await page.get_by_role("button", name="Sound").click()
        await expect(page.get_by_role("dialog").get_by_label("Microphone")).to_contain_text(FIRST)
        await picture("7-missing")
        await page.close()


async def hold_to_talk(page: Page) -> None:
    await page.get_by_role("button", name="Sound").click()
    await page.get_by_role("dialog").get_by_label("Only while you hold").check()
