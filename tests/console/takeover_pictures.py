"""Pictures of a phone call that an operator takes over."""

from pathlib import Path

from playwright.async_api import Browser, expect

from processors.events.conversation import AgentTranscript
from tests.bot.service import until
from tests.bot.takeover_desk import DESK, has, takeover_service, talking
from tests.console.service_standin import DIST


async def take_takeover(
    browser: Browser, folder: Path, theme: str, size: str, view: tuple[int, int]
) -> None:
    """The question, the panel, and what is left of it when the caller hangs up."""
    async with (
        takeover_service(console=DIST) as (running, _, events),
        talking(running) as (phone, call_id),
    ):
        page = await browser.new_page(
            viewport={"width": view[0], "height": view[1]}, color_scheme=theme
        )

        async def picture(name: str) -> None:
            await page.wait_for_timeout(500)
            await page.screenshot(path=folder / f"{size}-{theme}-{name}.png")

        await until(lambda: has(events, AgentTranscript, final=True), timeout_s=60)
        await page.goto(f"{running.http}/live/{call_id}")
        await page.get_by_label("API key").fill(DESK["Authorization"].removeprefix("Bearer "))
        await page.keyboard.press("Enter")
        await expect(page.get_by_test_id("transcript")).to_contain_text("How can I help")
        await page.get_by_role("button", name="Take over").click()
        await picture("takeover-question")
        dialog = page.get_by_role("dialog")
        await dialog.get_by_role("button", name="Take over").click()
        await expect(page.get_by_test_id("takeover")).to_contain_text("You are speaking")
        await picture("takeover")
        await phone.socket.close()
        await expect(page.get_by_text("The caller hung up while")).to_be_visible()
        await picture("takeover-over")
        await page.close()
