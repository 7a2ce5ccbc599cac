"""The microphone that is chosen on the Talk page is the one that the service hears."""

import pytest
from playwright.async_api import Page, expect

from tests.console.heard_sound import hears_nothing
from tests.console.test_talk_page import BREAK_WEBRTC, axe_violations, call
from tests.console.tone_microphones import (
    FIRST,
    OPEN_MICROPHONES,
    SECOND,
    TONE_MICROPHONES,
    choose_microphone,
    is_heard_by,
)

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

ROUTES = pytest.mark.parametrize("obstacle", ["", BREAK_WEBRTC], ids=["webrtc", "websocket"])
NOTICE = "sound-notice"

# A browser that the page has not asked for a microphone yet; this one allows it from the start.
UNNAMED = """
(() => {
  const devices = navigator.mediaDevices;
  const [open, list] = [devices.getUserMedia.bind(devices), devices.enumerateDevices.bind(devices)];
  let allowed = false;
  devices.getUserMedia = async (asked) => {
    if (window.refuses) throw new DOMException("no", "NotAllowedError");
    const stream = await open(asked);
    allowed = true;
    return stream;
  };
  devices.enumerateDevices = async () => {
    const all = await list();
    if (allowed) return all;
    return all.filter(({ kind }) => kind === "audioinput").slice(0, 1)
      .map(({ kind }) => ({ kind, deviceId: "", label: "" }));
  };
})();
"""

# Keeps what was sent to a loudspeaker of its own.
KEEP_SINKS = """
window.sinks = [];
for (const type of [HTMLMediaElement, AudioContext]) {
  const real = type.prototype.setSinkId;
  type.prototype.setSinkId = function (id) {
    window.sinks.push(type.name);
    return real.call(this, id);
  };
}
"""


async def is_open(page: Page, name: str) -> None:
    """Waits until a microphone is open, and no other."""
    await page.wait_for_function(f"(name) => `${{({OPEN_MICROPHONES})()}}` === name", arg=name)


@ROUTES
async def test_another_microphone_is_heard_at_once_and_remembered(new_page, service, obstacle):
    page = await new_page(obstacle + TONE_MICROPHONES)
    await call(page, service)
    await is_heard_by(service.heard, "")
    for name in (FIRST, SECOND):
        await choose_microphone(page, name)
        await is_heard_by(service.heard, name)
        await is_open(page, name)
    await page.get_by_role("button", name="Mute").click()
    await hears_nothing(service.heard)
    await choose_microphone(page, FIRST)
    await is_open(page, FIRST)
    await hears_nothing(service.heard)
    await page.get_by_role("button", name="Mute").click()
    await is_heard_by(service.heard, FIRST)
    asked = await page.evaluate("() => window.microphones.map(({ asked }) => asked)")
    assert all(each["echoCancellation"] and each["noiseSuppression"] for each in asked)
    await page.get_by_role("button", name="Hang up").click()
    await is_open(page, "")
    await page.reload()
    await expect(page.get_by_role("button", name="Sound")).to_contain_text(FIRST)
    service.ready.clear()
    await call(page, service)
    await is_heard_by(service.heard, FIRST)


@ROUTES
async def test_a_microphone_that_is_taken_away_is_replaced_until_it_is_back(
    new_page, service, obstacle
):
    page = await new_page(obstacle + TONE_MICROPHONES)
    await choose_microphone(page, SECOND)
    await call(page, service)
    await is_heard_by(service.heard, SECOND)
    await expect(page.get_by_test_id(NOTICE)).to_have_count(0)
    await page.evaluate("name => window.unplug(name)", SECOND)
    await expect(page.get_by_test_id(NOTICE)).to_contain_text(f"“{SECOND}” isn’t connected")
    await expect(page.get_by_role("status").last).to_contain_text(f"“{SECOND}” isn’t connected")
    assert await axe_violations(page) == []
    await is_heard_by(service.heard, "")
    await page.evaluate("name => window.plugIn(name)", SECOND)
    await expect(page.get_by_test_id(NOTICE)).to_have_count(0)
    await is_heard_by(service.heard, SECOND)


async def test_a_microphone_that_another_program_has_is_not_taken(new_page, service):
    page = await new_page(TONE_MICROPHONES)
    await call(page, service)
    await choose_microphone(page, FIRST)
    await is_heard_by(service.heard, FIRST)
    await page.evaluate("name => { window.refused = name }", SECOND)
    await choose_microphone(page, SECOND)
    await expect(page.get_by_test_id(NOTICE)).to_contain_text("can’t be opened")
    await is_heard_by(service.heard, FIRST)
    await page.get_by_role("button", name="Close this note").click()
    await expect(page.get_by_test_id(NOTICE)).to_have_count(0)
    await page.get_by_role("button", name="Sound").click()
    chosen = page.get_by_role("dialog").get_by_label("Microphone").locator("option:checked")
    await expect(chosen).to_have_text(FIRST)


async def test_the_last_microphone_may_go_and_come_back(new_page, service):
    page = await new_page(TONE_MICROPHONES)
    await call(page, service)
    await is_heard_by(service.heard, "")
    await page.evaluate("() => { window.refused = ''; window.unplug(''); }")
    await expect(page.get_by_test_id(NOTICE)).to_contain_text("there is no other")
    await expect(page.get_by_test_id("status")).to_have_text("Connected")
    await page.evaluate("() => { window.refused = null; window.plugIn(''); }")
    await expect(page.get_by_test_id(NOTICE)).to_have_count(0)
    await is_heard_by(service.heard, "")


async def test_microphones_have_names_once_one_may_be_used(new_page, service):
    page = await new_page(UNNAMED)
    await page.get_by_role("button", name="Sound").click()
    dialog = page.get_by_role("dialog", name="Sound")
    options = dialog.get_by_label("Microphone").locator("option")
    await expect(options).to_have_text(["The browser’s choice"])
    await expect(dialog.get_by_label("Loudspeaker")).to_have_count(0)
    await page.evaluate("() => { window.refuses = true }")
    await dialog.get_by_role("button", name="Allow").click()
    await expect(dialog.get_by_role("alert")).to_have_text("The microphone is blocked")
    assert await axe_violations(page) == []
    await page.evaluate("() => { window.refuses = false }")
    await dialog.get_by_role("button", name="Allow").click()
    await expect(options).to_have_text(["The browser’s choice", FIRST, SECOND])
    await expect(dialog.get_by_role("alert")).to_have_count(0)
    await expect(dialog.get_by_role("button", name="Allow")).to_have_count(0)


@pytest.mark.parametrize("route", ["webrtc", "websocket"])
async def test_the_agent_is_heard_on_the_chosen_loudspeaker(new_page, service, route):
    page = await new_page(KEEP_SINKS + (BREAK_WEBRTC if route == "websocket" else ""))
    await call(page, service)
    await page.get_by_role("button", name="Sound").click()
    speaker = page.get_by_role("dialog").get_by_label("Loudspeaker")
    await speaker.select_option("Fake Audio Output 2")
    player = "HTMLMediaElement" if route == "webrtc" else "AudioContext"
    await page.wait_for_function("(name) => window.sinks.includes(name)", arg=player)
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Sound")).to_be_focused()
    await page.reload()
    await page.get_by_role("button", name="Sound").click()
    await expect(speaker.locator("option:checked")).to_have_text("Fake Audio Output 2")
