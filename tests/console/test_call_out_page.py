"""The page that places calls: forms from schemas, mistakes at their fields, and on to the call."""

import pytest
from playwright.async_api import expect

from tests.bot.outbound_service import OURS, THEIRS, desk
from tests.console.browser import chromium, require_chromium
from tests.console.test_talk_page import axe_violations

pytestmark = [pytest.mark.browser, pytest.mark.call]

TALKS = "turns: [{do: [{say: I see}]}]"


@pytest.mark.timeout(120)
async def test_a_call_is_filled_in_corrected_placed_and_followed(built_page):
    require_chromium()
    async with desk(TALKS, console=built_page) as here, chromium() as browser:
        page = await browser.new_page()
        await page.goto(f"{here.running.http}/call-out")
        await expect(page.get_by_test_id("destination")).to_contain_text("nobody’s telephone rings")
        await expect(page.get_by_test_id("destination")).to_contain_text(OURS)
        await page.get_by_label("What for").select_option("task:notification")
        number = page.get_by_label("Number", exact=True)
        await number.fill("+442079460010")
        await number.blur()
        await expect(page.get_by_text("not called from here")).to_be_visible()
        call = page.get_by_role("button", name="Start the dry run")
        await call.click()
        await expect(page.get_by_text("This is missing")).to_have_count(2)
        assert not here.carrier.calls
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme)
            assert await axe_violations(page) == [], scheme

        await page.get_by_label("Organisation").fill("City Library")
        await page.get_by_label("Message", exact=True).fill("The book is here.")
        await expect(page.get_by_text("This is missing")).to_have_count(0)
        await number.fill("+1415555000")  # only the service knows that there is none
        await call.click()
        await expect(page.get_by_role("alert")).to_contain_text("no such telephone number")
        await expect(number).to_be_focused()
        await expect(number).to_have_attribute("aria-invalid", "true")

        await number.fill(THEIRS)
        async with page.expect_request("**/api/calls") as sent:
            await page.keyboard.press("Enter")
        assert len((await sent.value).headers["idempotency-key"]) == 32
        await expect(page.get_by_role("heading", name=THEIRS)).to_be_visible()
        [live] = here.carrier.calls.values()
        assert live.call.to == THEIRS
        transcript = page.get_by_test_id("transcript")
        await expect(transcript).to_contain_text("automated assistant of City Library")
        await page.goto(f"{here.running.http}/call-out")
        await page.get_by_role("group", name="Recent numbers").get_by_text(THEIRS).click()
        await expect(number).to_have_value(THEIRS)


async def test_without_an_account_the_page_says_how_to_get_one(built_page):
    require_chromium()
    async with desk(TALKS, console=built_page) as here, chromium() as browser:
        here.running.switchboard.carrier = None
        page = await browser.new_page()
        await page.goto(f"{here.running.http}/call-out")
        await expect(page.get_by_test_id("destination")).to_contain_text("TWILIO_ACCOUNT_SID")
        await expect(page.get_by_role("button", name="Call")).to_have_count(0)
