"""The Talk page with a stand-in for the service, so that every state can be had at will."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from processors.events.calls import CallEnded
from processors.events.conversation import AgentTranscript
from tests.console.browser import chromium, require_chromium
from tests.console.scenes import FOUND, GREETING, HANDOFF, MODEL_LOST, TOOL_ERROR

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

AXE = Path(__file__).parents[2] / "console" / "node_modules" / "axe-core" / "axe.min.js"

# Half-way from light to dark, no contrast is what it will be. The first frame begins transitions.
TRANSITIONS_END = """() => new Promise(requestAnimationFrame).then(() => Promise.allSettled(
  document.getAnimations().filter((each) => each instanceof CSSTransition)
    .map((each) => each.finished)))"""

# A network that lets no UDP through: the browser finds no way to the service.
BLOCK_UDP = """
const Real = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Real {
  constructor(config) { super({ ...config, iceTransportPolicy: "relay" }); }
};
"""
BREAK_WEBRTC = "delete window.RTCPeerConnection;"
REMOTE_LEVEL = """() => {
  const meter = document.querySelector('[data-side="remote"]');
  return Number(getComputedStyle(meter).getPropertyValue("--level") || 0) > 0.3;
}"""


async def call(page: Page, service, *scenes) -> None:
    """Starts a call and lets the service tell the scenes."""
    await page.get_by_role("button", name="Start call").click()
    await service.ready.wait()
    await expect(page.get_by_test_id("status")).to_contain_text("Connected")
    for scene in scenes:
        for event in scene:
            await service.emit(event)


async def test_the_page_says_who_answers_and_what_to_say(page):
    await expect(page.get_by_role("heading", name="Travel front desk", exact=True)).to_be_visible()
    await expect(page.get_by_role("complementary").get_by_text("Hotel booking")).to_be_visible()
    await expect(page.get_by_text("I need a hotel in")).to_be_visible()


async def test_a_call_carries_sound_both_ways_and_shows_it(page, service):
    await call(page, service, GREETING)
    await page.wait_for_function(REMOTE_LEVEL)
    before = service.heard_samples
    await page.wait_for_function("() => new Promise(done => setTimeout(() => done(true), 300))")
    assert service.heard_samples > before


async def test_a_call_shows_words_handoff_and_tools(page, service):
    await call(page, service, GREETING, HANDOFF)
    transcript = page.get_by_test_id("transcript")
    await expect(transcript).to_contain_text("How can I help you today?")
    await expect(transcript).to_contain_text("I need a hotel in Paris")
    await expect(page.get_by_test_id("agent")).to_have_text("Hotel booking")
    handoff = transcript.locator('[data-kind="handoff"]')
    await expect(handoff).to_contain_text("The caller wants to book a hotel.")
    tool = transcript.locator('[data-kind="tool"]')
    await expect(tool).to_contain_text("running")
    for event in FOUND:
        await service.emit(event)
    await expect(tool).to_contain_text("236 ms")
    await tool.locator("summary").click()
    await expect(tool).to_contain_text('"check_in": "2027-06-03"')
    await expect(tool).to_contain_text('"hotel_id": "PAR-003"')


async def test_an_interrupted_reply_shows_what_was_heard(page, service):
    await call(page, service, GREETING, HANDOFF, FOUND)
    reply = page.get_by_test_id("transcript").locator('[data-kind="agent"]').last
    await expect(reply).to_contain_text("interrupted")
    await expect(reply).to_contain_text("Hotel du Midi")
    await expect(reply).not_to_contain_text("Rive Gauche")


async def test_what_is_typed_reaches_the_service(page, service):
    await call(page, service)
    box = page.get_by_role("textbox", name="Type instead of talking")
    await box.fill("a hotel in Paris")
    await box.press("Enter")
    assert await service.typed.get() == "a hotel in Paris"
    await expect(box).to_have_value("")


async def test_muting_silences_the_meter_and_says_so(page, service):
    await call(page, service)
    mute = page.get_by_role("button", name="Mute")
    await mute.click()
    await expect(mute).to_have_attribute("aria-pressed", "true")
    await expect(page.get_by_role("status").last).to_have_text("You are muted")
    await mute.click()
    await expect(mute).to_have_attribute("aria-pressed", "false")


async def test_a_call_outlives_a_look_at_the_other_pages(page, service):
    await call(page, service, GREETING)
    await page.get_by_role("link", name="Live", exact=True).click()
    await expect(page).to_have_url(f"{service.url}/live")
    bar = page.get_by_role("region", name="Your call")
    await expect(bar).to_contain_text("with Front desk")
    await bar.get_by_role("button", name="Mute yourself").click()
    await expect(bar).to_contain_text("muted")
    for event in HANDOFF:
        await service.emit(event)
    await expect(bar).to_contain_text("with Hotel booking")
    await bar.get_by_role("link", name="Back to it").click()
    await expect(bar).to_have_count(0)
    await expect(page.get_by_test_id("transcript")).to_contain_text("I need a hotel in Paris")
    await expect(page.get_by_role("button", name="Mute")).to_have_attribute("aria-pressed", "true")
    await page.get_by_role("link", name="Live", exact=True).click()
    await bar.get_by_role("button", name="Hang up").click()
    await service.gone.wait()
    await expect(bar).to_have_count(0)
    await page.get_by_role("link", name="Talk", exact=True).click()
    await expect(page.get_by_test_id("transcript")).to_contain_text("I need a hotel in Paris")


async def test_hanging_up_drops_the_line(page, service):
    await call(page, service, GREETING)
    await page.get_by_role("button", name="Hang up").click()
    await service.gone.wait()
    await expect(page.get_by_test_id("status")).to_have_text("You hung up")
    await expect(page.get_by_test_id("transcript")).to_contain_text("How can I help")


async def test_the_agent_can_end_the_call(page, service):
    await call(page, service, GREETING, [CallEnded(reason="agent", duration_s=12)])
    await expect(page.get_by_test_id("status")).to_have_text("The agent ended the call")
    await expect(page.get_by_role("button", name="Call again")).to_be_visible()
    await service.gone.wait()


async def test_a_line_that_the_service_closes_is_an_end_and_no_fault(page, service):
    await call(page, service, GREETING)
    await service.hang_up()
    await expect(page.get_by_test_id("status")).to_have_text("The call has ended")
    await expect(page.get_by_role("alert")).to_have_count(0)


async def test_words_darken_as_they_are_said(page, service):
    text = "How can I help you?"
    line = AgentTranscript(item_id="a9", agent="front_desk", text=text, final=False)
    await call(page, service, [line])
    await service.say("How can")
    ahead = page.get_by_test_id("transcript").locator('[data-kind="agent"] p > span')
    await expect(ahead).to_have_text(" I help you?")
    await service.emit(line.model_copy(update={"final": True}))
    await expect(ahead).to_have_text("")


async def test_trouble_with_the_model_is_said_while_the_call_goes_on(page, service):
    await call(page, service, GREETING, MODEL_LOST)
    await expect(page.get_by_test_id("status")).to_contain_text("reconnecting")
    await expect(page.get_by_test_id("transcript")).to_contain_text("is being restored")
    await expect(page.get_by_role("button", name="Hang up")).to_be_visible()


async def test_a_full_service_says_that_it_is_busy(page, service):
    service.refuse_with = 503
    await page.get_by_role("button", name="Start call").click()
    await expect(page.get_by_role("alert")).to_contain_text("All lines are busy")


async def test_a_full_service_is_busy_over_a_websocket_too(new_page, service):
    service.refuse_with = 503
    page = await new_page(BREAK_WEBRTC)
    await page.get_by_role("button", name="Start call").click()
    await expect(page.get_by_role("alert")).to_contain_text("All lines are busy")


async def test_a_refused_offer_is_said_at_once(page, service):
    service.refuse_with = 422
    await page.get_by_role("button", name="Start call").click()
    await expect(page.get_by_role("alert")).to_contain_text("refused the call")


async def test_a_service_that_is_gone_is_named_as_such(page):
    await page.route("**/api/**", lambda route: route.abort())
    await page.get_by_role("button", name="Start call").click()
    await expect(page.get_by_role("alert")).to_contain_text("can’t be reached")


async def test_a_blocked_microphone_is_explained_and_typing_works(service):
    require_chromium()
    async with chromium(allow_microphone=False) as shy:
        page = await shy.new_page()
        await page.goto(service.url)
        await page.get_by_role("button", name="Start call").click()
        await expect(page.get_by_role("alert")).to_contain_text("microphone is blocked")
        await page.get_by_role("button", name="Type instead").click()
        await service.ready.wait()
        box = page.get_by_role("textbox", name="Type instead of talking")
        await box.fill("hello")
        await box.press("Enter")
        assert await service.typed.get() == "hello"


@pytest.mark.parametrize("obstacle", [BLOCK_UDP, BREAK_WEBRTC], ids=["udp", "webrtc"])
async def test_where_webrtc_fails_the_call_goes_over_a_websocket(new_page, service, obstacle):
    page = await new_page(obstacle)
    await page.get_by_role("button", name="Start call").click()
    await expect(page.get_by_test_id("status")).to_have_text("Connected by WebSocket")
    for event in GREETING:
        await service.emit(event)
    await expect(page.get_by_test_id("transcript")).to_contain_text("How can I help")
    await page.wait_for_function(REMOTE_LEVEL)
    assert service.heard_samples > 0
    await service.hang_up()
    await expect(page.get_by_test_id("status")).to_have_text("The call has ended")


@pytest.mark.parametrize("width", [360, 390, 768, 900, 1440])
async def test_nothing_moves_and_nothing_is_cut_while_a_call_runs(page, service, width):
    await page.set_viewport_size({"width": width, "height": 740})
    await call(page, service)
    fixed = [
        page.get_by_role("button", name="Hang up"),
        page.get_by_test_id("status"),
        page.get_by_role("textbox", name="Type instead of talking"),
    ]
    places = [await element.bounding_box() for element in fixed]
    for event in [*GREETING, *HANDOFF, *FOUND, *TOOL_ERROR]:
        await service.emit(event)
    await expect(page.get_by_test_id("transcript")).to_contain_text("could not reach")
    tops = [(box["x"], box["y"]) for box in places]
    now = [await element.bounding_box() for element in fixed]
    assert [(box["x"], box["y"]) for box in now] == tops
    overflow = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await page.evaluate(overflow) == 0


async def test_new_words_stay_in_view_unless_one_reads_back(page, service):
    await page.set_viewport_size({"width": 390, "height": 440})
    await call(page, service, GREETING, HANDOFF, FOUND)
    last = page.get_by_test_id("transcript").get_by_text("book the first one")
    await expect(last).to_be_in_viewport()
    await page.get_by_role("group", name="Transcript").evaluate("box => { box.scrollTop = 0 }")
    latest = page.get_by_role("button", name="Latest")
    await expect(latest).to_be_visible()
    for event in TOOL_ERROR:
        await service.emit(event)
    apology = page.get_by_test_id("transcript").get_by_text("could not reach the booking desk")
    await expect(apology).not_to_be_in_viewport()
    await latest.click()
    await expect(apology).to_be_in_viewport()


async def test_a_call_can_be_made_by_keyboard_alone(page, service):
    await expect(page.get_by_text("I need a hotel in")).to_be_visible()
    focused = "() => document.activeElement.textContent"
    for _ in range(40):
        await page.keyboard.press("Tab")
        if await page.evaluate(focused) == "Start call":
            break
    else:
        pytest.fail("no Tab leads to the start of a call")
    await page.keyboard.press("Enter")
    await service.ready.wait()
    await page.get_by_role("button", name="Hang up").focus()
    await page.keyboard.press("Enter")
    await service.gone.wait()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_to_mend(page, service, scheme):
    await page.emulate_media(color_scheme=scheme)
    await expect(page.get_by_text("I need a hotel in")).to_be_visible()
    assert await axe_violations(page) == []
    await call(page, service, GREETING, HANDOFF, FOUND, TOOL_ERROR, MODEL_LOST)
    await page.locator("summary").first.click()
    assert await axe_violations(page) == []


async def axe_violations(page: Page) -> list[str]:
    """What axe-core complains about on the page as it is once its colours have changed."""
    await page.evaluate(TRANSITIONS_END)
    await page.evaluate(AXE.read_text())
    found = await page.evaluate("() => axe.run()")
    return [
        f"{violation['id']}: {node['html']} {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


async def test_the_chosen_colours_are_remembered(page):
    await page.get_by_role("button", name="Dark colours").click()
    await page.reload()
    scheme = "() => getComputedStyle(document.documentElement).colorScheme"
    assert await page.evaluate(scheme) == "dark"
