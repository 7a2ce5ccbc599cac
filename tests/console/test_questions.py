"""Tools that ask operators: their questions are seen, filled in, answered, and gone."""

import json

import httpx
import pytest
from playwright.async_api import Page, expect

from emulators.twilio.caller import ScriptedCaller
from emulators.twilio.carrier import Carrier
from processors.events.calls import CallEnded
from processors.events.people import OperatorAction
from processors.events.tools import ElicitationAnswered, ElicitationRequested
from tests.bot.events import events_of
from tests.bot.service import model, service
from tests.console.browser import chromium, require_chromium
from tests.console.told_calls import ASKING, QUESTION, ToldCall, greeting
from tests.patience import PATIENCE_S
from tests.processors.mcp_tools.restaurant import restaurant
from tests.processors.mcp_tools.tool_server import Uvicorn, http_app

pytestmark = [pytest.mark.browser, pytest.mark.asyncio]


@pytest.mark.timeout(120)
async def test_a_question_is_filled_in_sent_and_goes(built_page):
    require_chromium()
    async with (
        model() as emulator,
        service(emulator.url, console=built_page) as running,
        chromium() as browser,
    ):
        call = ToldCall(running)
        call.tell(*greeting("+14155550177"), *ASKING)
        page = await browser.new_page()
        await page.goto(f"{running.http}/live")
        row = page.get_by_test_id("live-call")
        await expect(row).to_contain_text("Waits for an answer")
        await expect(page.get_by_role("status").first).to_contain_text("1 waiting for an operator")
        await row.click()
        form = page.get_by_role("form", name="What reserve-table asks")
        answer = form.get_by_role("button", name="Answer", exact=True)
        await answer.click()
        await expect(form.get_by_text("This is missing")).to_have_count(2)
        await expect(form.get_by_label("Room")).to_be_focused()
        await form.get_by_label("Room").select_option("Garden room")
        await form.get_by_label("High chairs").fill("9")
        await form.get_by_label("Without steps").select_option("Yes")
        await form.get_by_label("Contact").fill("nobody")
        await form.get_by_label("Cake").check()
        await expect(form.get_by_text("At most 6")).to_be_visible()
        await expect(form.get_by_text("name@example.org")).to_be_visible()
        # What is being typed is not lost by the key that leaves the page.
        await page.keyboard.press("Escape")
        await form.get_by_label("High chairs").fill("2")
        await form.get_by_label("Contact").fill("ada@example.org")
        sent = await _sent(page, running.http, answer.click)
        assert sent == {
            "action": "accept",
            "answers": {
                "room": "garden",
                "high_chairs": 2,
                "step_free": True,
                "contact": "ada@example.org",
                "extras": ["cake"],
            },
        }
        # The call is told, so the service knows of no question.
        await expect(form.get_by_role("alert")).to_contain_text("waits no more")
        for button, action in (("Decline", "decline"), ("Skip", "cancel")):
            click = form.get_by_role("button", name=button).click
            assert await _sent(page, running.http, click) == {"action": action}
        call.tell(ElicitationAnswered(elicitation_id="elicitation_1", action="accept", by="wall"))
        await expect(form).to_have_count(0)
        await expect(page.get_by_test_id("transcript")).to_contain_text("Answered by wall")
        call.tell(QUESTION.model_copy(update={"elicitation_id": "elicitation_2"}))
        await expect(form).to_be_visible()
        call.tell(CallEnded(reason="caller", duration_s=9))
        await expect(form).to_have_count(0)


async def _sent(page: Page, url: str, click) -> dict[str, object]:
    """What a click has the page send as an answer."""
    async with page.expect_response(f"{url}/api/calls/*/elicitations/elicitation_1") as answered:
        await click()
    return json.loads((await answered.value).request.post_data or "{}")


ASKED = """
opening: [{say: Hello there}]
turns:
  - match: table please
    do: [{call: {name: book, arguments: {city: Rome}}}]
  - match: a colleague
    do: [{say: That takes a moment}]
loop: true
"""


@pytest.mark.call
@pytest.mark.timeout(180)
async def test_an_operator_answers_at_the_console_what_a_tool_asks(built_page, tmp_path):
    require_chromium()
    http = Uvicorn()
    await http.start(http_app(restaurant()))
    path = tmp_path / "mcp.json"
    path.write_text(json.dumps({"mcpServers": {"tables": {"url": http.url, "asks": "operator"}}}))
    settings = {"mcp_servers": str(path), "destructive_tools": "free", "tool_timeout_s": 60}
    try:
        async with (
            Carrier() as carrier,
            model(ASKED, ["a table please"] * 3) as emulator,
            service(emulator.url, console=built_page, **settings) as running,
            events_of(running) as events,
            httpx.AsyncClient(base_url=running.http) as api,
            chromium() as browser,
        ):
            page = await browser.new_page()
            await page.goto(f"{running.http}/live")

            def of(kind):
                return [event for event in events if isinstance(event, kind)]

            class Caller(ScriptedCaller):
                async def talk(self, phone):
                    await self._hear_out(phone)
                    await self._say(phone, "a table please")
                    await phone.until(lambda: bool(of(ElicitationRequested)), timeout_s=PATIENCE_S)
                    [question] = of(ElicitationRequested)
                    url = f"/api/calls/{question.call_id}/elicitations"
                    gone = await api.post(f"{url}/elicitation_9", json={"action": "decline"})
                    assert gone.status_code == 404
                    wrong = {"action": "accept", "answers": {"guests": "many"}}
                    refused = await api.post(f"{url}/{question.elicitation_id}", json=wrong)
                    assert refused.status_code == 422
                    assert "guests" in refused.json()["detail"]
                    row = page.get_by_test_id("live-call")
                    await expect(row).to_contain_text("Waits for an answer")
                    await row.click()
                    form = page.get_by_test_id("question")
                    await expect(form).to_contain_text("How many guests in Rome?")
                    await form.get_by_label("Guests").fill("3")
                    await page.keyboard.press("Enter")
                    await expect(form).to_have_count(0)
                    transcript = page.get_by_test_id("transcript")
                    await expect(transcript).to_contain_text("Answered by Operator")

            await carrier.call(f"{running.http}/twilio/voice", Caller(["a table please"]))
    finally:
        await http.stop()
    [answer] = of(ElicitationAnswered)
    assert answer.action == "accept"
    assert [event.action for event in of(OperatorAction)] == ["answer"]
