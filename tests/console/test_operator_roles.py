"""What a key may not do is not offered: a reader sees every page, and no button that is refused."""

import pytest
from playwright.async_api import expect

from tests.bot.service import model, service
from tests.console.browser import chromium, require_chromium
from tests.console.told_calls import tell_a_busy_morning

pytestmark = [pytest.mark.browser, pytest.mark.asyncio]

KEYS = {
    "read": "a-key-of-the-screen-upon-the-wall",
    "operate": "a-key-of-the-operators-at-the-desk",
}
CHANGES = ("End", "Coach", "Say", "Mute", "Transfer", "Approve", "Deny", "Delete", "Take over")


@pytest.mark.timeout(240)
@pytest.mark.parametrize("scope", ["read", "operate"])
async def test_only_what_a_key_may_do_is_offered(built_page, scope):
    require_chromium()
    keys = ",".join(f"{name}:{name}:{key}" for name, key in KEYS.items())
    async with (
        model() as emulator,
        # As from another machine: who is here may do more by default.
        service(emulator.url, console=built_page, api_keys=keys, talk_access="key") as running,
        chromium() as browser,
    ):
        _, waiting, *_, asking = tell_a_busy_morning(running)
        page = await browser.new_page()
        refused: list[str] = []
        page.on(
            "response",
            lambda response: (
                refused.append(f"{response.status} {response.url}")
                if response.status == 403
                else None
            ),
        )
        await page.goto(f"{running.http}/live/{waiting.id}")
        # By the keyboard alone: the field has the focus.
        await expect(page.get_by_label("API key")).to_be_focused()
        await page.keyboard.type(KEYS[scope])
        await page.keyboard.press("Enter")
        await expect(page.get_by_test_id("transcript")).to_contain_text("cancel my booking")
        may = scope == "operate"
        buttons = page.get_by_role("button")
        await expect(buttons.filter(has_text="Listen")).to_be_visible()
        await expect(buttons.filter(has_text="Approve")).to_have_count(int(may))
        for name in () if may else CHANGES:
            await expect(page.get_by_role("button", name=name, exact=False)).to_have_count(0)
        await page.goto(f"{running.http}/live/{asking.id}")
        question = page.get_by_test_id("question")
        await expect(question).to_contain_text("before it keeps a table")
        await expect(question).to_contain_text("High chairs")
        for name in ("Answer", "Decline", "Skip"):
            await expect(question.get_by_role("button", name=name, exact=True)).to_have_count(
                int(may)
            )
        await expect(question.get_by_role("combobox")).to_have_count(2 if may else 0)
        nav = page.get_by_role("navigation", name="Pages")
        await expect(nav.get_by_role("link", name="Call out")).to_have_count(int(may))

        await nav.get_by_role("link", name="Agents").focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_test_id("instructions")).to_be_visible()
        await expect(page.get_by_role("link", name="Try it out")).to_have_count(int(may))
        await nav.get_by_role("link", name="Numbers").focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_test_id("total")).to_be_visible()
        await page.goto(f"{running.http}/call-out")
        form = page.get_by_test_id("destination")
        if may:
            await expect(form).to_be_visible()
        else:
            await expect(page.get_by_text("This key may not place calls")).to_be_visible()
            await expect(form).to_have_count(0)
        await nav.get_by_role("link", name="History").click()
        await page.get_by_test_id("history-call").nth(6).focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Export as JSON")).to_be_visible()
        await expect(buttons.filter(has_text="Delete")).to_have_count(0)
        assert refused == [], "nothing is asked for that is refused"
