"""What can be chosen on the Talk page before a call, with a stand-in for the service."""

import pytest
from playwright.async_api import expect

from tests.console.test_talk_page import BREAK_WEBRTC, call

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


@pytest.mark.parametrize("obstacle", ["", BREAK_WEBRTC], ids=["webrtc", "websocket"])
async def test_a_call_is_with_the_team_and_the_voice_that_were_chosen(new_page, service, obstacle):
    service.teams["pizzeria"] = "Pizzeria"
    page = await new_page(obstacle)
    team = page.get_by_role("combobox", name="Team")
    await expect(team).to_have_value("travel")
    await team.select_option("Pizzeria")
    await expect(page.get_by_role("heading", name="Pizzeria", exact=True)).to_be_visible()
    await expect(page).to_have_url(f"{service.url}/?team=pizzeria")
    await page.get_by_role("combobox", name="Voice").select_option("ash")
    await expect(page.get_by_role("complementary")).to_contain_text("Voice ash")
    await call(page, service)
    assert service.wanted == {"team": "pizzeria", "voice": "ash"}
