"""A call that is over is played from its waveform and its lines; the list is taken along."""

import csv
import io
from pathlib import Path

import pytest
from playwright.async_api import expect

from processors.events.calls import CallEnded, CallStarted
from processors.events.conversation import (
    AgentChanged,
    AgentTranscript,
    OperatorTranscript,
    UserSpeech,
    UserTranscript,
)
from processors.events.figures import TurnLatency
from processors.events.people import CallTakenOver
from processors.events.recording import RecordingFinished, RecordingStarted
from tests.bot.service import Service, model, service
from tests.bot.test_recording_peaks import record
from tests.console.browser import chromium, require_chromium
from tests.console.test_talk_page import axe_violations
from tests.console.told_calls import ToldCall

pytestmark = [pytest.mark.browser, pytest.mark.asyncio]

POSITION = "() => document.querySelector('audio').currentTime"


def tell_a_recorded_call(running: Service, folder: Path) -> ToldCall:
    """The caller speaks in the third second, the agent in the sixth, an operator in the ninth."""
    call = ToldCall(running, began_s_ago=600)
    file = f"{call.id}.ogg"
    sides = ["caller", "agent"]
    finished = {"channels": sides, "duration_s": 10, "bytes": 1000, "sha256": "0" * 64}
    call.tell(
        CallStarted(team="travel", channel="phone", from_number="+14155550123"),
        RecordingStarted(file=file, channels=sides),
        AgentChanged(from_agent=None, to_agent="front_desk", voice="marin"),
        UserSpeech(speaking=True),
        UserSpeech(speaking=False),
        UserTranscript(item_id="u1", text="I need a hotel", final=True),
        TurnLatency(latency_ms=900),
        AgentTranscript(item_id="a1", agent="front_desk", text="Gladly", final=True),
        CallTakenOver(by="desk"),
        TurnLatency(latency_ms=900),
        OperatorTranscript(item_id="o1", by="desk", text="One room is left", final=True),
        RecordingFinished(file=file, **finished),
        CallEnded(reason="caller", duration_s=10),
    )
    record(folder).rename(folder / file)
    return call


@pytest.mark.timeout(120)
async def test_lines_and_waveform_play_the_call_and_show_where_it_is(built_page, tmp_path):
    require_chromium()
    async with (
        model() as emulator,
        service(emulator.url, console=built_page, recordings_dir=tmp_path) as running,
        chromium() as browser,
    ):
        call = tell_a_recorded_call(running, tmp_path)
        page = await browser.new_page()
        await page.goto(f"{running.http}/history/{call.id}")
        await expect(page.get_by_test_id("waveform")).to_be_visible()
        lines = page.get_by_test_id("transcript").locator('li[data-playable="true"]')
        await expect(lines).to_have_count(3)
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme)
            assert await axe_violations(page) == [], scheme
        await lines.filter(has_text="Gladly").click()
        await expect(lines.filter(has_text="Gladly")).to_have_attribute("aria-current", "true")
        assert await page.evaluate(POSITION) > 4.5
        pause = page.get_by_role("button", name="Pause")
        if await pause.count():  # It may have come to its end by now.
            await pause.click()
        await expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
        await lines.filter(has_text="One room").get_by_label("Play from here").press("Enter")
        await expect(lines.filter(has_text="One room")).to_have_attribute("aria-current", "true")
        assert await page.evaluate(POSITION) > 7.5
        if await pause.count():
            await pause.click()
        slider = page.get_by_label("Position in the recording")
        await slider.focus()
        await page.keyboard.press("Home")
        await expect(page.locator("li[aria-current]")).to_have_count(0)
        for _ in range(3):
            await page.keyboard.press("ArrowRight")
        await expect(lines.filter(has_text="I need")).to_have_attribute("aria-current", "true")

        await page.goto(f"{running.http}/history?from=%2B14155550123")
        async with page.expect_download() as download:
            await page.get_by_role("link", name="CSV").click()
        written = (await (await download.value).path()).read_text("utf-8-sig")
        assert [row["id"] for row in csv.DictReader(io.StringIO(written))] == [call.id]
