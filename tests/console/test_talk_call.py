"""Whole calls from the page: Chromium, the service as it is started, emulated model, tools."""

import asyncio
import wave
from pathlib import Path

import pytest
from playwright.async_api import ConsoleMessage, Page, expect

from emulators.speech_espeak import EspeakSpeech
from tests.console.browser import chromium, require_chromium
from tests.running import no_call_is_live, switchboard

pytestmark = [pytest.mark.browser, pytest.mark.call]

REQUEST = "I need a hotel in Paris from June third to June sixth for two people"
GREETING_S = 8
"""Silence at the start of the recording: the page connects and the front desk greets."""
RATE = 24_000

# Keeps the page's connections, so that a test can ask what they received.
KEEP_CONNECTIONS = """
window.connections = [];
const Real = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Real {
  constructor(config) { super(config); window.connections.push(this); }
};
"""
RECEIVED_ENERGY = """async () => {
  let energy = 0;
  for (const connection of window.connections)
    for (const report of (await connection.getStats()).values())
      if (report.type === "inbound-rtp" && report.kind === "audio")
        energy += report.totalAudioEnergy ?? 0;
  return energy;
}"""

# What the page plays, by the meter of the agent's side.
AGENT_IS_HEARD = """() => new Promise((done) => {
  const meter = document.querySelector('[data-side="remote"]');
  const look = () => Number(getComputedStyle(meter).getPropertyValue("--level") || 0) > 0.3
    ? done(true) : requestAnimationFrame(look);
  look();
})"""


async def recording(path: Path, text: str) -> Path:
    """A WAV file of a caller who waits for the greeting, then says ``text``."""
    pcm = bytearray(2 * RATE * GREETING_S)
    async for chunk in EspeakSpeech().speak(text, voice="caller", sample_rate=RATE):
        pcm += chunk.pcm
    pcm += bytes(2 * RATE * 3)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(pcm)
    return path


def refused_by_policy(page: Page) -> list[str]:
    """Fills with what the service's content security policy keeps the page from."""
    refused: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            refused.append(message.text)

    page.on("console", note)
    return refused


async def hang_up(page: Page, address: str) -> None:
    await page.get_by_role("button", name="Hang up").click()
    await expect(page.get_by_test_id("status")).to_have_text("You hung up")
    await no_call_is_live(address)


async def test_a_spoken_request_reaches_the_hotel_desk_over_webrtc(built_page, tmp_path):
    require_chromium()
    wav = await recording(tmp_path / "caller.wav", REQUEST)
    async with switchboard(tmp_path) as address, chromium(microphone=wav) as browser:
        page = await browser.new_page()
        refused = refused_by_policy(page)
        await page.add_init_script(KEEP_CONNECTIONS)
        await page.goto(address)
        await page.get_by_role("button", name="Start call").click()
        await expect(page.get_by_test_id("status")).to_have_text("Connected")
        transcript = page.get_by_test_id("transcript")
        await expect(transcript.locator('[data-kind="agent"]').first).to_contain_text(
            "How can I help"
        )
        caller = transcript.locator('[data-kind="caller"]').first
        # The offline ear takes its time, most of all for the first utterance on a busy machine.
        await expect(caller).to_contain_text("hotel")
        await expect(caller).to_contain_text("Paris", ignore_case=True)
        await expect(page.get_by_test_id("agent")).to_have_text("Hotel booking")
        await expect(transcript.locator('[data-kind="handoff"]')).to_contain_text("Front desk")
        await expect(transcript.locator('[data-kind="tool"]').last).to_contain_text("search-hotel")
        await expect(transcript).to_contain_text("I found")
        assert await page.evaluate(RECEIVED_ENERGY) > 0.001
        await hang_up(page, address)
        assert refused == []


@pytest.mark.timeout(180)
async def test_where_udp_is_blocked_a_request_is_answered_over_a_websocket(built_page, tmp_path):
    require_chromium()
    async with switchboard(tmp_path) as address, chromium(udp=False) as browser:
        page = await browser.new_page()
        refused = refused_by_policy(page)
        await page.goto(address)
        await page.get_by_role("button", name="Type only").click()
        await expect(page.get_by_test_id("status")).to_have_text(
            "Connected by WebSocket", timeout=60_000
        )
        transcript = page.get_by_test_id("transcript")
        await expect(transcript).to_contain_text("How can I help")
        box = page.get_by_role("textbox", name="Type instead of talking")
        heard = asyncio.create_task(page.evaluate(AGENT_IS_HEARD))
        await box.fill(REQUEST)
        await box.press("Enter")
        await expect(transcript.locator('[data-kind="caller"]')).to_contain_text(REQUEST)
        await expect(page.get_by_test_id("agent")).to_have_text("Hotel booking")
        await expect(transcript.locator('[data-kind="tool"]').last).to_contain_text("search-hotel")
        await expect(transcript).to_contain_text("I found", timeout=60_000)
        async with asyncio.timeout(60):
            assert await heard
        await hang_up(page, address)
        assert refused == []
