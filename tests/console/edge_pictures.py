"""Pictures of what is rare: empty pages, refusals, questions, texts that are hard to lay out."""

import json
from pathlib import Path

from playwright.async_api import Browser, Page, expect

from processors.events.calls import CallAnswered, CallEnded, CallStarted, CallStatus
from processors.events.conversation import AgentChanged, AgentTranscript
from processors.events.event import Event
from processors.events.figures import Cost, TurnLatency
from processors.events.outcome import CallSummarised, DataExtracted
from processors.events.people import OperatorAction
from processors.events.tools import ApprovalRequested, ToolCalled, ToolFinished
from tests.bot.service import model, service
from tests.console.scenes import agent, caller
from tests.console.service_standin import DIST
from tests.console.told_calls import ToldCall, greeting

DESK = "a-key-of-the-operators-at-the-desk"
WALL = "a-key-of-the-screen-upon-the-wall"

LONG_NAME = "rechtsschutzversicherungsangelegenheiten_sachbearbeitung"
GERMAN = (
    "Guten Tag, ich rufe wegen der Donaudampfschifffahrtsgesellschaftskapitänsmützenversicherung "
    "an, und zwar wegen der Grundstücksverkehrsgenehmigungszuständigkeitsübertragungsverordnung."
)
ARABIC = "مرحبا، أريد حجز غرفة في باريس من 3 إلى 6 يونيو لشخصين."
HEBREW = "שלום, אני צריך חדר ב-Hotel du Midi לשלושה לילות."
JAPANESE = "六月三日から六日まで、パリのホテルを二名で予約したいのですが、空いていますか。"

HARD: list[Event] = [
    CallStarted(team="travel", channel="phone", from_number="+49309018200000"),
    AgentChanged(from_agent=None, to_agent="front_desk", voice="marin"),
    *agent("a1", "front_desk", "Thank you for calling the travel desk. How can I help you?"),
    *caller("u1", GERMAN),
    AgentChanged(
        from_agent="front_desk",
        to_agent=LONG_NAME,
        voice="cedar",
        reason="Der Anrufer fragt nach einer " + "Versicherung" * 9,
        context=GERMAN,
    ),
    ToolCalled(
        tool_call_id="t1",
        agent=LONG_NAME,
        tool="look-up-donaudampfschifffahrtsgesellschaftskapitaensmuetzenversicherung",
        arguments={
            "reference": "AB" * 90,
            "filters": [{"name": f"field_{n}", "value": "x" * n} for n in range(24)],
        },
    ),
    ToolFinished(
        tool_call_id="t1",
        tool="look-up-donaudampfschifffahrtsgesellschaftskapitaensmuetzenversicherung",
        output=json.dumps({"rows": [{"id": n, "text": "word " * 30} for n in range(12)]}),
        is_error=False,
        duration_ms=65_400,
    ),
    *caller("u2", ARABIC),
    *agent("a2", LONG_NAME, HEBREW),
    *caller("u3", JAPANESE),
    *agent("a3", LONG_NAME, "Everything at once: " + "a long answer that goes on and on, " * 14),
    DataExtracted(
        agent=LONG_NAME,
        data={
            "zuständigkeitsübertragungsverordnung": GERMAN,
            "name": ARABIC,
            "offers": [{"hotel": "Hotel du Midi", "price": 119}, {"hotel": "Rive Gauche Inn"}],
        },
    ),
    OperatorAction(action="coach", by="desk", detail="Say the price " + "again and " * 20),
    Cost(usd=1234.5678, by_kind={"realtime": 1234.5678}, unpriced=["gpt-of-somebody-else-mini"]),
    TurnLatency(latency_ms=12_345),
]

WAITS = ApprovalRequested(
    approval_id="appr_9",
    tool="cancel-donaudampfschifffahrtsgesellschaftskapitaensmuetzenversicherung",
    arguments={"reference": "AB" * 60, "reason": GERMAN, "refund_to": ARABIC},
    of="operator",
)


async def take_edges(
    browser: Browser, folder: Path, theme: str, size: str, view: tuple[int, int]
) -> None:
    """Each of these states once."""
    settings = {"console": DIST, "api_keys": f"desk:admin:{DESK},wall:read:{WALL}"}
    async with model() as emulator, service(emulator.url, **settings) as running:
        page = await browser.new_page(
            viewport={"width": view[0], "height": view[1]}, color_scheme=theme
        )

        async def picture(name: str) -> None:
            await page.wait_for_timeout(400)
            await page.screenshot(path=folder / f"{size}-{theme}-{name}.png")

        await page.goto(f"{running.http}/live")
        await sign_in(page, "not-a-key-at-all-but-long-enough")
        await expect(page.get_by_role("alert")).to_contain_text("none of API_KEYS")
        await picture("sign-in-refused")
        await sign_in(page, DESK)
        await expect(page.get_by_text("Nobody is calling")).to_be_visible()
        await picture("live-empty")
        await page.get_by_role("button", name="Account desk").click()
        await picture("account")
        await page.keyboard.press("Escape")
        await page.goto(f"{running.http}/history")
        await expect(page.get_by_text("There were no calls yet.")).to_be_visible()
        await picture("history-empty")
        await page.goto(f"{running.http}/numbers")
        await expect(page.get_by_test_id("total")).to_be_visible()
        await picture("numbers-empty")
        await page.goto(f"{running.http}/call-out")
        await expect(page.get_by_test_id("destination")).to_contain_text("No account")
        await picture("call-out-no-account")
        await page.goto(f"{running.http}/live/call_00000000000000000000000000000000")
        await expect(page.get_by_text("There is no such call")).to_be_visible()
        await picture("call-missing")
        await page.goto(f"{running.http}/no/such/page")
        await picture("nowhere")

        hard = ToldCall(running, began_s_ago=4000)
        hard.tell(*HARD)
        ringing = ToldCall(running, began_s_ago=4)
        ringing.tell(
            CallStatus(status="ringing", team="outreach", to_number="+442079460018", task="survey")
        )
        await page.goto(f"{running.http}/live/{hard.id}")
        transcript = page.get_by_test_id("transcript")
        await expect(transcript).to_contain_text("goes on and on")
        await picture("hard-call")
        await page.locator("summary").first.click()
        await transcript.get_by_text("look-up").scroll_into_view_if_needed()
        await picture("hard-call-tool")
        if size != "desktop":
            await page.get_by_role("button", name="Details").click()
        await page.get_by_text("Events", exact=True).click()
        await expect(page.get_by_test_id("events")).to_contain_text("data.extracted")
        await page.get_by_role("heading", name="Data").scroll_into_view_if_needed()
        await picture("hard-call-details")
        await page.get_by_text("data.extracted", exact=True).click()
        await page.get_by_text("data.extracted", exact=True).scroll_into_view_if_needed()
        await picture("hard-call-events")
        if size != "desktop":
            await page.get_by_role("button", name="Transcript").click()
        await page.get_by_role("button", name="Transfer").click()
        await picture("transfer-question")
        await page.keyboard.press("Escape")
        hard.tell(WAITS)
        await expect(page.get_by_role("button", name="Approve")).to_be_visible()
        await picture("hard-call-approval")
        await page.goto(f"{running.http}/live/{ringing.id}")
        await expect(page.get_by_test_id("status")).to_have_text("Ringing")
        await page.get_by_role("button", name="End the call").click()
        await picture("ringing-question")
        await page.keyboard.press("Escape")
        for number in range(200):
            call = ToldCall(running, began_s_ago=5 + number)
            call.tell(*greeting(f"+1415555{number:04}"), Cost(usd=number / 7, by_kind={}))
            if number % 9 == 0:
                call.tell(
                    AgentTranscript(
                        item_id="a2", agent="front_desk", text=ARABIC + " " + GERMAN, final=False
                    )
                )
        await page.goto(f"{running.http}/live")
        await expect(page.get_by_test_id("live-call")).to_have_count(202)
        await picture("live-many")
        await page.get_by_label("Number, agent, words").fill("nobody like this")
        await expect(page.get_by_text("No live call has")).to_be_visible()
        await picture("live-none-found")
        hard.tell(
            CallAnswered(answered_by="human", source="carrier", action="talk"),
            CallEnded(reason="limit", duration_s=4012),
            CallSummarised(
                summary=ARABIC + " " + GERMAN * 2,
                intent="Versicherungsangelegenheiten",
                outcome="follow_up",
                data={},
                model="gpt-5-mini",
            ),
        )
        await page.goto(f"{running.http}/history?status=completed")
        await expect(page.get_by_test_id("history-call")).to_have_count(1)
        await picture("history-hard")
        await page.get_by_test_id("history-call").click()
        await expect(transcript).to_contain_text("goes on and on")
        if size != "desktop":
            await page.get_by_role("button", name="Details").click()
        await picture("hard-call-over")
        await page.get_by_role("button", name="Delete").click()
        await picture("delete-question")
        await page.close()


async def sign_in(page: Page, key: str) -> None:
    """Types a key and sends it."""
    await page.get_by_label("API key").fill(key)
    await page.keyboard.press("Enter")
