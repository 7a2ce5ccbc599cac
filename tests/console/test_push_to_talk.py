"""With push-to-talk the service hears the caller while they hold, and at no other time."""

import pytest
from playwright.async_api import Locator, Page, expect

from tests.console.heard_sound import hears_nothing
from tests.console.scenes import FOUND, GREETING, HANDOFF
from tests.console.test_talk_page import BREAK_WEBRTC, axe_violations, call
from tests.console.tone_microphones import TONE_MICROPHONES, is_heard_by

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

REMEMBERED = "localStorage.setItem('switchboard.speaking', 'hold');"

# As a browser tells it; a headless one never loses its focus.
LEAVE = {
    "blur": "() => window.dispatchEvent(new Event('blur'))",
    "hidden": """() => {
      Object.defineProperty(document, "hidden", { value: true, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
      delete document.hidden;
    }""",
    "pointercancel": """(button) => button.dispatchEvent(
      new PointerEvent("pointercancel", { bubbles: true, pointerId: 1 }))""",
}


def button(page: Page) -> Locator:
    return page.get_by_role("button", name="Hold to talk")


async def choose(page: Page, mode: str) -> None:
    await page.get_by_role("button", name="Sound").click()
    await page.get_by_role("dialog").get_by_label(mode).check()
    await page.get_by_role("button", name="Done").click()


async def press(page: Page) -> None:
    """Puts the pointer on the button and holds it down."""
    box = await button(page).bounding_box()
    await page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    await page.mouse.down()


@pytest.mark.parametrize("obstacle", ["", BREAK_WEBRTC], ids=["webrtc", "websocket"])
async def test_one_is_heard_only_while_one_holds(new_page, service, obstacle):
    page = await new_page(obstacle + TONE_MICROPHONES)
    await choose(page, "Only while you hold")
    await expect(page.get_by_role("button", name="Sound")).to_contain_text("push-to-talk")
    await call(page, service)
    await hears_nothing(service.heard)
    said = page.get_by_role("status").last
    await expect(said).to_have_text("Your microphone is off")
    await press(page)
    await is_heard_by(service.heard, "")
    await expect(said).to_have_text("You are heard")
    await expect(button(page)).to_have_attribute("aria-pressed", "true")
    # Let go of beside the button.
    await page.mouse.move(5, 300)
    await page.mouse.up()
    await hears_nothing(service.heard)
    await page.keyboard.down(" ")
    await is_heard_by(service.heard, "")
    await page.keyboard.up(" ")
    await hears_nothing(service.heard)
    await choose(page, "Always")
    await is_heard_by(service.heard, "")
    await expect(button(page)).to_have_count(0)
    await page.get_by_role("button", name="Mute").click()
    await hears_nothing(service.heard)
    await choose(page, "Only while you hold")
    await press(page)
    await is_heard_by(service.heard, "")
    await page.mouse.up()
    await hears_nothing(service.heard)
    # What had been muted is muted still.
    await choose(page, "Always")
    await expect(page.get_by_role("button", name="Mute")).to_have_attribute("aria-pressed", "true")
    await hears_nothing(service.heard)


@pytest.mark.parametrize("left", LEAVE)
async def test_nobody_is_heard_who_left_while_holding(new_page, service, left):
    page = await new_page(REMEMBERED + TONE_MICROPHONES)
    await call(page, service)
    await press(page)
    await is_heard_by(service.heard, "")
    await button(page).evaluate(LEAVE[left])
    await expect(button(page)).to_have_attribute("aria-pressed", "false")
    await hears_nothing(service.heard)
    await page.mouse.up()
    if left == "pointercancel":
        return
    await page.keyboard.down(" ")
    await is_heard_by(service.heard, "")
    await button(page).evaluate(LEAVE[left])
    # The key repeats while it is down: that is no press of its own.
    await page.keyboard.down(" ")
    await hears_nothing(service.heard)


async def test_the_space_bar_does_what_it_does_where_it_has_a_use(new_page, service):
    page = await new_page(REMEMBERED)
    await call(page, service, GREETING, HANDOFF, FOUND)
    await expect(button(page)).to_be_focused()
    pressed = "true", "false"

    async def holds() -> None:
        await page.keyboard.down(" ")
        await expect(button(page)).to_have_attribute("aria-pressed", pressed[0])
        await page.keyboard.up(" ")
        await expect(button(page)).to_have_attribute("aria-pressed", pressed[1])

    await holds()
    await page.get_by_role("group", name="Transcript").focus()
    await holds()
    box = page.get_by_role("textbox", name="Type instead of talking")
    await box.press("a")
    await page.keyboard.down(" ")
    await expect(box).to_have_value("a ")
    await expect(button(page)).to_have_attribute("aria-pressed", "false")
    await page.keyboard.up(" ")
    await page.locator("summary").first.focus()
    await page.keyboard.press(" ")
    await expect(page.locator("details").first).to_have_attribute("open", "")
    await page.get_by_role("button", name="Sound").focus()
    await page.keyboard.press(" ")
    await page.get_by_role("dialog").get_by_label("Only while you hold").focus()
    await page.keyboard.press(" ")
    await expect(page.get_by_role("status").last).to_have_text("Your microphone is off")
    await page.keyboard.press("Escape")
    # From here the space bar would open it again.
    await expect(button(page)).to_be_focused()
    await page.keyboard.down("Enter")
    await expect(button(page)).to_have_attribute("aria-pressed", "true")
    await page.keyboard.up("Enter")
    await expect(button(page)).to_have_attribute("aria-pressed", "false")


async def test_a_finger_may_move_while_it_holds(new_page, service):
    page = await new_page(REMEMBERED + TONE_MICROPHONES)
    await page.set_viewport_size({"width": 390, "height": 740})
    await call(page, service, GREETING, HANDOFF, FOUND)
    touch = await page.context.new_cdp_session(page)
    await touch.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    box = await button(page).bounding_box()

    async def finger(kind: str, dy: float | None = None) -> None:
        at = {"x": box["x"] + 50, "y": box["y"] + 20}
        points = [] if dy is None else [{**at, "y": at["y"] + dy}]
        await touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    await finger("touchStart", 0)
    await is_heard_by(service.heard, "")
    # Elsewhere this scrolls, and the browser takes the touch away.
    for dy in range(0, -200, -20):
        await finger("touchMove", dy)
    await expect(button(page)).to_have_attribute("aria-pressed", "true")
    await finger("touchEnd")
    await expect(button(page)).to_have_attribute("aria-pressed", "false")
    await hears_nothing(service.heard)


async def test_nobody_is_heard_while_another_page_is_looked_at(new_page, service):
    page = await new_page(REMEMBERED + TONE_MICROPHONES)
    await call(page, service)
    await page.keyboard.down(" ")
    await is_heard_by(service.heard, "")
    await page.get_by_role("link", name="Live", exact=True).click()
    await hears_nothing(service.heard)
    await page.keyboard.up(" ")
    bar = page.get_by_role("region", name="Your call")
    await expect(bar).to_contain_text("muted")
    await expect(bar.get_by_role("button", name="Mute yourself")).to_have_count(0)
    await page.keyboard.down(" ")
    await hears_nothing(service.heard)
    await page.keyboard.up(" ")
    await bar.get_by_role("link", name="Back to it").click()
    await page.keyboard.down(" ")
    await is_heard_by(service.heard, "")
    await page.keyboard.up(" ")


async def test_a_click_that_no_pointer_made_switches(new_page, service):
    page = await new_page(REMEMBERED)
    await call(page, service)
    for state in ("true", "false"):
        await button(page).evaluate("element => element.click()")
        await expect(button(page)).to_have_attribute("aria-pressed", state)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_to_mend_in_push_to_talk_and_its_choice(new_page, service, scheme):
    page = await new_page(REMEMBERED)
    await page.emulate_media(color_scheme=scheme)
    await call(page, service, GREETING)
    assert await axe_violations(page) == []
    await press(page)
    assert await axe_violations(page) == []
    await page.mouse.up()
    await page.get_by_role("button", name="Sound").click()
    assert await axe_violations(page) == []


@pytest.mark.parametrize("width", [360, 390, 768, 1440])
async def test_the_button_has_room_and_nothing_moves_while_it_is_held(new_page, service, width):
    page = await new_page(REMEMBERED)
    await page.set_viewport_size({"width": width, "height": 740})
    await call(page, service)
    fixed = [
        button(page),
        page.get_by_role("button", name="Sound"),
        page.get_by_role("textbox", name="Type instead of talking"),
        page.get_by_role("button", name="Hang up"),
    ]
    places = [await element.bounding_box() for element in fixed]
    await press(page)
    await expect(button(page)).to_have_attribute("aria-pressed", "true")
    assert [await element.bounding_box() for element in fixed] == places
    for place in places:
        assert 0 <= place["x"] <= width - place["width"]
        assert 44 <= place["height"] <= 740 - place["y"]
    if width < 600:
        assert places[0]["width"] > width * 0.85, "as wide as a thumb may want it"
    overflow = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await page.evaluate(overflow) == 0
