"""An operator at the console: a phone call appears, is followed, coached, ended, and found again.

The service runs in this process over the emulated model, and the carrier emulator calls it.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Page, expect

from emulators.twilio.caller import Manners, Say, ScriptedCaller, Until, Wait
from emulators.twilio.carrier import Carrier
from tests.bot.service import Service, model, service, until
from tests.console.browser import chromium, require_chromium
from tests.console.test_talk_call import AGENT_IS_HEARD, refused_by_policy
from tests.patience import PATIENCE_S

pytestmark = [pytest.mark.browser, pytest.mark.call]

KEY = "a-key-of-the-operators-at-the-desk"
READER = "a-key-of-the-screen-upon-the-wall"
NUMBER = "+14155550123"

TALK = """
opening:
  - say: How can I help you today?
turns:
  - do:
      - call:
          name: transfer_to_hotel_booking
          arguments: {reason: The caller wants a hotel., context: Two people in Paris}
  - do:
      - say: We have two rooms left in the middle of the town
"""

FOLLOWED_BY = """(words) => new Promise((done) => {
  const found = () => document.querySelector('[data-testid="transcript"]')
    ?.textContent.includes(words) && done(Date.now());
  new MutationObserver(found).observe(document.body,
    { subtree: true, childList: true, characterData: true });
  found();
})"""


@asynccontextmanager
async def desk(built_page, **settings) -> AsyncIterator[tuple[Service, Page, list[str]]]:
    """The service with keys, and the console in a browser."""
    require_chromium()
    keys = f"desk:admin:{KEY},wall:read:{READER}"
    async with (
        model(TALK, ["I need a hotel", "And then"]) as emulator,
        service(
            emulator.url,
            console=built_page,
            api_keys=keys,
            caller_idle_s=0,
            answer_timeout_s=0,
            **settings,
        ) as running,
        chromium() as browser,
    ):
        page = await browser.new_page()
        yield running, page, refused_by_policy(page)


async def sign_in(page: Page, key: str) -> None:
    await page.get_by_label("API key").fill(key)
    await page.keyboard.press("Enter")


async def test_a_phone_call_is_seen_followed_coached_ended_and_found_again(
    built_page, record_property
):
    async with Carrier() as carrier, desk(built_page) as (running, page, refused):
        await page.goto(f"{running.http}/live")
        await expect(page).to_have_url(f"{running.http}/sign-in?back=%2Flive")
        await sign_in(page, "not-a-key-at-all-but-long-enough")
        await expect(page.get_by_role("alert")).to_contain_text("none of API_KEYS")
        await sign_in(page, KEY)
        await expect(page.get_by_role("status").first).to_contain_text("0 calls")

        caller = ScriptedCaller(
            [Say("I need a hotel please"), Wait(PATIENCE_S)], manners=Manners(quiet_s=0.5)
        )
        ringing = asyncio.create_task(
            carrier.call(f"{running.http}/twilio/voice", caller, from_=NUMBER)
        )
        await until(lambda: any(call.audio for call in running.switchboard.calls.live.values()))
        began = time.monotonic()
        row = page.get_by_test_id("live-call")
        await expect(row).to_contain_text(NUMBER)
        record_property("ms until a call is in the list", round(1000 * (time.monotonic() - began)))
        [call_id] = running.switchboard.calls.live
        await expect(row).to_contain_text("How can I help you today?")

        await row.click()
        await expect(page).to_have_url(f"{running.http}/live/{call_id}")
        transcript = page.get_by_test_id("transcript")
        await expect(transcript).to_contain_text("How can I help you today?")
        await expect(transcript.locator('[data-kind="caller"]')).to_contain_text("I need a hotel")
        timeline = page.get_by_test_id("timeline")
        await expect(timeline).to_contain_text("The caller wants a hotel.")
        await expect(timeline).to_contain_text("Two people in Paris")
        await expect(transcript).to_contain_text("We have two rooms left")

        line = page.get_by_label("Tell the agent, the caller does not hear it")
        await line.fill("Offer a free breakfast.")
        await line.press("Enter")
        await expect(transcript).to_contain_text("Told the agent “Offer a free breakfast.”")
        await expect(line).to_have_value("")

        await page.get_by_role("button", name="Press keys").click()
        await page.get_by_label("Keys (w waits for half a second)").fill("1w2")
        await page.keyboard.press("Enter")
        await expect(transcript).to_contain_text("Pressed 1w2")
        await page.get_by_role("button", name="Record", exact=True).click()
        await expect(page.get_by_text("recording is off")).to_be_visible()

        await page.get_by_role("button", name="Say", exact=True).click()
        said = "A colleague will ring you back"
        appears = asyncio.create_task(page.evaluate(FOLLOWED_BY, said))
        seen_by_service: list[float] = []
        with running.switchboard.bus.subscribe() as events:
            words = page.get_by_label("The agent says this to the caller")
            await words.fill(said)
            await words.press("Enter")
            async for event in events:
                if said in event.model_dump_json():
                    seen_by_service.append(event.at.timestamp() * 1000)
                    break
        record_property("ms from an event to its line", round(await appears - seen_by_service[0]))

        await page.get_by_role("button", name="Mute the caller").click()
        await expect(page.get_by_test_id("status")).to_have_text("Live, the caller is muted")
        await page.get_by_role("button", name="Listen", exact=True).click()
        await expect(page.get_by_role("button", name="Listening")).to_be_visible()
        await words.fill("This is what one hears at the desk")
        await words.press("Enter")
        assert await page.evaluate(AGENT_IS_HEARD)
        await expect(page.get_by_role("button", name="Listening")).to_be_visible()

        await page.get_by_role("button", name="End the call").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Farewell (optional)").fill("Goodbye and thank you")
        await dialog.get_by_role("button", name="End the call").click()
        await expect(page.get_by_test_id("status")).to_have_text("Over")
        await ringing
        await expect(transcript).to_contain_text("Goodbye and thank you")

        await page.get_by_role("link", name="History").click()
        found = page.get_by_test_id("history-call")
        await expect(found).to_contain_text(NUMBER)
        await page.get_by_label("Words that were said").fill("nothing like it")
        await expect(found).to_have_count(0)
        await page.get_by_label("Words that were said").fill("two rooms")
        await expect(found).to_contain_text("Completed")
        await found.click()
        await expect(page).to_have_url(f"{running.http}/history/{call_id}")
        await expect(transcript).to_contain_text("How can I help you today?")
        await expect(page.get_by_role("button", name="End the call")).to_have_count(0)

        await page.get_by_role("button", name="Delete").click()
        await page.get_by_role("dialog").get_by_role("button", name="Delete for good").click()
        await expect(page.get_by_text("There were no calls yet.")).to_be_visible()
        await page.get_by_role("button", name="Account desk").click()
        await expect(page.get_by_text("Delete calls")).to_be_visible()
        await page.get_by_role("button", name="Sign out").click()
        await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        assert refused == []


async def test_a_key_that_may_only_read_sees_calls_and_no_controls(built_page):
    async with Carrier() as carrier, desk(built_page) as (running, page, _):
        await page.goto(f"{running.http}/live")
        await sign_in(page, READER)
        seen = asyncio.Event()
        caller = ScriptedCaller([Until(seen.is_set)])
        ringing = asyncio.create_task(carrier.call(f"{running.http}/twilio/voice", caller))
        await page.get_by_test_id("live-call").click()
        await expect(page.get_by_test_id("transcript")).to_contain_text("How can I help you today?")
        await expect(page.get_by_role("button", name="Listen", exact=True)).to_be_visible()
        await expect(page.get_by_role("button", name="End the call")).to_have_count(0)
        seen.set()
        await ringing
        await expect(page.get_by_test_id("status")).to_have_text("Over")
        await expect(page.get_by_role("link", name="Export as JSON")).to_be_visible()
        await expect(page.get_by_role("button", name="Delete")).to_have_count(0)
