"""The live pages under load: bounds on the work that events make, and nothing that jumps."""

import pytest
from playwright.async_api import Page, expect

from processors.events.calls import CallStarted
from processors.events.conversation import AgentTranscript
from processors.events.figures import Cost, TurnLatency
from processors.events.tools import ApprovalRequested
from tests.bot.service import model, service, until
from tests.console.browser import chromium, require_chromium
from tests.console.scenes import FOUND, HANDOFF, TOOL_ERROR
from tests.console.told_calls import ToldCall, greeting

pytestmark = [pytest.mark.browser, pytest.mark.asyncio]

CALLS = 200
WORDS = 400
AT_ONCE = 100
"""Of so many calls the page reads at once what happened before it looked (useLiveCalls.ts)."""

WATCH = """() => {
  const seen = { frames: 0, batches: 0, mutations: 0, rows: new Set() };
  const frame = () => { seen.frames += 1; requestAnimationFrame(frame); };
  requestAnimationFrame(frame);
  // Clocks go on by themselves, once a second.
  const isClock = (node) => (node.parentElement ?? node).closest?.('[role="timer"]');
  new MutationObserver((records) => {
    const own = records.filter(({ target }) => !isClock(target));
    if (own.length === 0) return;
    seen.batches += 1;
    seen.mutations += own.length;
    for (const { target } of own) {
      const row = (target.parentElement ?? target).closest('[data-testid="live-call"]');
      seen.rows.add(row?.getAttribute("href") ?? "list");
    }
  }).observe(document.querySelector('[data-testid="live-calls"]'),
    { subtree: true, childList: true, characterData: true, attributes: true });
  window.seen = seen;
}"""
SEEN = """() => ({ ...window.seen, rows: [...window.seen.rows] })"""

SHIFTS = """() => {
  window.shifted = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
  }).observe({ type: "layout-shift" });
}"""


async def rested(page: Page) -> None:
    """Two frames later all that was to be drawn is."""
    await page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )


@pytest.mark.timeout(240)
async def test_two_hundred_live_calls_cost_a_frame_at_most_and_only_their_own_rows(built_page):
    require_chromium()
    async with (
        model() as emulator,
        service(emulator.url, console=built_page) as running,
        chromium() as browser,
    ):
        calls = [ToldCall(running) for _ in range(CALLS)]
        for number, call in enumerate(calls):
            call.tell(
                CallStarted(team="travel", channel="phone", from_number=f"+1415555{number:04}"),
                Cost(usd=0.01, by_kind={}),
            )
        # Not one of those in view: what the page says of it, it has read.
        calls[0].tell(
            ApprovalRequested(approval_id="appr_1", tool="cancel", arguments={}, of="operator")
        )
        page = await browser.new_page(viewport={"width": 1440, "height": 900})
        read: list[str] = []
        page.on("requestfinished", lambda request: read.append(request.url))
        await page.goto(f"{running.http}/live")
        rows = page.get_by_test_id("live-call")
        await expect(rows).to_have_count(CALLS)
        await until(lambda: sum("/events?" in url for url in read) == CALLS // AT_ONCE)
        await expect(rows.filter(has_text="Waits for an approval")).to_have_count(1)
        await expect(page).to_have_title("(1) Live · Switchboard")
        await rested(page)

        await page.evaluate(WATCH)
        busy = calls[50]
        text = ""
        for word in range(WORDS):
            text += f" word{word}"
            busy.tell(
                AgentTranscript(item_id="a1", agent="front_desk", text=text.strip(), final=False)
            )
        row = page.locator(f'a[href="/live/{busy.id}"]')
        await expect(row).to_contain_text(f"word{WORDS - 1}")
        await rested(page)
        one = await page.evaluate(SEEN)
        assert one["rows"] == [f"/live/{busy.id}"], "the other rows are left alone"
        assert one["batches"] <= one["frames"], "events are drawn together, once a frame"
        assert one["mutations"] <= 8 * one["batches"]

        await page.evaluate(WATCH)
        for call in calls:
            call.tell(TurnLatency(latency_ms=4321))
        await expect(rows.filter(has_text="4.3 s")).to_have_count(CALLS)
        await rested(page)
        everyone = await page.evaluate(SEEN)
        assert len(everyone["rows"]) == CALLS
        assert everyone["mutations"] <= 4 * CALLS
        assert everyone["batches"] <= everyone["frames"]


@pytest.mark.timeout(120)
@pytest.mark.parametrize("width", [390, 1440])
async def test_nothing_jumps_while_a_call_runs(built_page, width):
    require_chromium()
    async with (
        model() as emulator,
        service(emulator.url, console=built_page) as running,
        chromium() as browser,
    ):
        call = ToldCall(running)
        call.tell(*greeting("+14155550123"))
        page = await browser.new_page(viewport={"width": width, "height": 844})
        await page.goto(f"{running.http}/live/{call.id}")
        transcript = page.get_by_test_id("transcript")
        await expect(transcript).to_contain_text("Thank you for calling")
        await rested(page)
        await page.evaluate(SHIFTS)
        for event in [*HANDOFF, *FOUND, *TOOL_ERROR]:
            call.tell(event)
            await rested(page)
        await expect(transcript).to_contain_text("could not reach the booking desk")
        await rested(page)
        # Below 0.1 counts as good: https://web.dev/articles/cls.
        assert await page.evaluate("() => window.shifted") < 0.05
