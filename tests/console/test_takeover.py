"""An operator at the console takes a phone call over by microphone, and hands it back."""

import asyncio
import wave
from pathlib import Path

import numpy as np
import pytest
import soxr
from playwright.async_api import expect

from bot.takeover import LINES
from emulators.twilio.caller import Manners, Say, ScriptedCaller, Until, Wait
from emulators.twilio.carrier import Carrier
from emulators.twilio.live_call import LiveCall
from processors.events.calls import CallEnded
from processors.events.conversation import AgentTranscript, OperatorTranscript, UserTranscript
from processors.events.event import Event
from processors.events.people import CallHandedBack, CallTakenOver
from tests.bot.call_sound import LOUD, RATE, Sound, heard
from tests.bot.service import until
from tests.bot.takeover_desk import (
    DESK,
    LINE_RATE,
    OPERATOR_SAID,
    has,
    of,
    speech,
    takeover_service,
)
from tests.console.browser import chromium, require_chromium
from tests.console.test_operator_pages import OVERFLOW
from tests.console.test_talk_call import refused_by_policy
from tests.console.test_talk_page import axe_violations

pytestmark = [pytest.mark.browser, pytest.mark.call]

ASKED, PROMISED = "I want my money back", "What did your colleague promise me"
WORDS_BEGIN_S = 6
"""Silence at the start of the microphone's recording, which is played again and again."""
PART, STARTS = RATE * 3 // 10, range(0, RATE * 18 // 10, RATE * 3 // 10)
"""Of the promise, in samples."""

# Either meter of the panel: the caller's voice where they ask, the operator's where they answer.
SIDES = ("own", "remote")
IS_HEARD = """(side) => new Promise((done) => {
  const meter = document.querySelector(`[aria-label="Take-over"] [data-side="${side}"]`);
  const look = () => Number(getComputedStyle(meter).getPropertyValue("--level") || 0) > 0.2
    ? done(true) : requestAnimationFrame(look);
  look();
})"""


async def microphone(path: Path) -> tuple[Path, Sound]:
    """A WAV of an operator who is silent, and then promises; and the promise at a phone's rate."""
    words = await speech(OPERATOR_SAID)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(LINE_RATE)
        file.writeframes(bytes(2 * LINE_RATE * WORDS_BEGIN_S) + words + bytes(2 * LINE_RATE * 2))
    return path, soxr.resample(np.frombuffer(words, np.int16), LINE_RATE, RATE)


def place(sound: Sound, of: Sound) -> tuple[float, float]:
    """How alike the best place of ``of`` in ``sound`` is to it (0 to 1), and when it begins, in s.

    Normalised cross-correlation, in which places that are nearly silent do not count.
    """
    a, b = sound.astype(float), of.astype(float)
    size = 2 ** (len(a) + len(b)).bit_length()
    products = np.fft.irfft(np.fft.rfft(a, size) * np.conj(np.fft.rfft(b, size)), size)
    sums = np.concatenate([[0.0], np.cumsum(a**2)])
    power = sums[len(b) :] - sums[: -len(b)]
    least = (b**2).sum() / 10
    alike = products[: len(power)] / np.sqrt(np.maximum(power, least) * (b**2).sum())
    best = int(np.argmax(alike))
    return float(alike[best]), best / RATE


@pytest.mark.timeout(180)
@pytest.mark.parametrize("route", ["webrtc", "websocket"])
async def test_the_caller_hears_the_operators_words_and_the_agent_knows_them_afterwards(
    built_page, tmp_path, route
):
    require_chromium()
    wav, words = await microphone(tmp_path / "operator.wav")
    async with (
        Carrier() as carrier,
        takeover_service(
            caller=[ASKED, PROMISED], said=[OPERATOR_SAID] * 20, console=built_page
        ) as (
            running,
            _,
            events,
        ),
        chromium(microphone=wav, loops=True, udp=route == "webrtc") as browser,
    ):
        is_followed = asyncio.Event()
        page = await browser.new_page()
        refused = refused_by_policy(page)
        caller = ScriptedCaller(
            [
                Until(is_followed.is_set),
                Say(ASKED),
                Until(lambda: has(events, CallHandedBack)),
                Until(lambda: has(events, AgentTranscript, text=LINES["operator"], final=True)),
                Say(PROMISED),
                Until(lambda: knows(events)),
                Wait(1),
            ],
            manners=Manners(quiet_s=0.5, listens_first=False, longest_turn_s=120),
        )
        live = await carrier.ring(f"{running.http}/twilio/voice", caller)
        await page.goto(f"{running.http}/live")
        await page.get_by_label("API key").fill(DESK["Authorization"].removeprefix("Bearer "))
        await page.keyboard.press("Enter")
        await page.get_by_test_id("live-call").click()
        transcript = page.get_by_test_id("transcript")
        await expect(transcript).to_contain_text("How can I help you today?")
        await until(lambda: has(events, AgentTranscript, final=True), timeout_s=60)

        await page.get_by_role("button", name="Take over").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog.get_by_label("Microphone")).to_be_visible()
        await dialog.get_by_role("button", name="Take over").click()
        status = page.get_by_test_id("takeover")
        await expect(status).to_contain_text("You are speaking with the caller", timeout=60_000)
        assert ("by WebSocket" in await status.inner_text()) == (route == "websocket")
        began = len(heard(live))
        meters = [asyncio.create_task(page.evaluate(IS_HEARD, side)) for side in SIDES]
        is_followed.set()
        async with asyncio.timeout(60):
            assert await asyncio.gather(*meters) == [True, True]
        await expect(page.get_by_test_id("status")).to_have_text(
            "Live, desk speaks with the caller"
        )
        assert await page.evaluate(OVERFLOW) == 0
        assert await axe_violations(page) == []
        await until(lambda: has(events, UserTranscript, text=ASKED, final=True), timeout_s=60)
        await until(
            lambda: has(events, OperatorTranscript, text=OPERATOR_SAID, final=True), timeout_s=60
        )
        await expect(transcript.locator('[data-kind="operator"]').first).to_contain_text(
            OPERATOR_SAID
        )

        back = page.get_by_role("button", name="Hand back")
        await expect(back).to_be_focused()
        alike, together = await recognised(live, began, words)
        print(f"{route}: {alike:.2f} alike, {together} of {len(STARTS)} parts in place")
        ended = len(heard(live))
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="Take over")).to_be_visible()
        await until(lambda: knows(events), timeout_s=60)
        await expect(transcript.locator('[data-kind="agent"]').last).to_contain_text(OPERATOR_SAID)
        await live.over.wait()
        await until(lambda: has(events, CallEnded))
        assert refused == []
    meanwhile = heard(live)[began:ended]
    loud = np.flatnonzero(np.abs(meanwhile.astype(int)) > LOUD)[0]
    before = np.abs(meanwhile[RATE // 2 : max(RATE // 2, loud - RATE // 4)].astype(int))
    print(f"before: {len(before) / RATE:.1f} s of at most {before.max(initial=0)}")
    assert before.max(initial=0) < LOUD / 10, "nobody speaks, although the caller asked"
    over = [e for e in events if isinstance(e, CallTakenOver | CallHandedBack)]
    between = range(over[0].sequence, over[1].sequence)
    assert not [e for e in of(events, AgentTranscript) if e.sequence in between]


async def recognised(live: LiveCall, began: int, words: Sound) -> tuple[float, int]:
    """Waits until the telephone has heard the words well enough: they are said again and again.

    What the browser does to noise, echo and loudness changes a voice, and so do two codecs and a
    busy machine: but its parts, each found by itself, are at the same distance.

    Returns:
        How alike they are, 0 to 1, and how many parts are where all of it was found.
    """
    async with asyncio.timeout(90):
        while True:
            sound = heard(live)[began:]
            if len(sound) > len(words):
                alike, at = place(sound, words)
                parts = [
                    place(sound, words[start : start + PART])[1] - start / RATE for start in STARTS
                ]
                together = sum(abs(part - at) < 0.02 for part in parts)
                if alike > 0.2 and together >= len(STARTS) / 2:
                    return alike, together
            await asyncio.sleep(1)


def knows(events: list[Event]) -> bool:
    """Whether the agent has said what the operator promised."""
    final = [event.text for event in of(events, AgentTranscript) if event.final]
    return any(OPERATOR_SAID in text for text in final)
