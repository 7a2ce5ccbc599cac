"""An operator at the console takes a call over by microphone, and hands it back."""

import asyncio
import wave
from pathlib import Path

import numpy as np
import pytest
import soxr
from playwright.async_api import Page, expect

from bot.takeover import LINES
from processors.events.calls import CallEnded
from processors.events.conversation import AgentTranscript, OperatorTranscript, UserTranscript
from processors.events.event import Event
from processors.events.people import CallHandedBack, CallTakenOver
from tests.bot.call_sound import LOUD, RATE, Sound, loud_ms
from tests.bot.service import until
from tests.bot.takeover_desk import (
    AGENT_HZ,
    DESK,
    LINE_RATE,
    OPERATOR_SAID,
    has,
    of,
    share_at,
    speech,
    takeover_service,
)
from tests.console.browser import chromium, require_chromium
from tests.console.takeover_callers import PageCaller, TakenCaller, at_the_page, on_the_phone
from tests.console.test_operator_pages import OVERFLOW
from tests.console.test_talk_call import refused_by_policy
from tests.console.test_talk_page import axe_violations

pytestmark = [pytest.mark.browser, pytest.mark.call]

ASKED, PROMISED = "I want my money back", "What did your colleague promise me"
TYPED = "Am I talking with a person?"
WORDS_BEGIN_S = 6
"""Silence at the start of the microphone's recording, which is played again and again."""
VOICE_MS = 800
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


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("caller_by", "route"),
    [("phone", "webrtc"), ("webrtc", "webrtc"), ("websocket", "websocket")],
)
async def test_the_caller_hears_the_operators_words_and_the_agent_knows_them_afterwards(
    built_page, tmp_path, caller_by, route
):
    require_chromium()
    wav, words = await microphone(tmp_path / "operator.wav")
    async with (
        takeover_service(
            caller=[ASKED, PROMISED], said=[OPERATOR_SAID] * 20, console=built_page
        ) as (
            running,
            _,
            events,
        ),
        chromium(microphone=wav, loops=True, udp=route == "webrtc") as browser,
        on_the_phone(running, [ASKED, PROMISED])
        if caller_by == "phone"
        else at_the_page(running, caller_by) as caller,
    ):
        page = await browser.new_page()
        refused = refused_by_policy(page)
        await page.goto(f"{running.http}/live")
        await page.get_by_label("API key").fill(DESK["Authorization"].removeprefix("Bearer "))
        await page.keyboard.press("Enter")
        # What a browser without UDP has tried before is seen for a while, too.
        calls = running.switchboard.calls.live.values()
        [call_id] = [call.id for call in calls if call.line and call.line.channel == caller_by]
        await page.locator(f'[data-testid="live-call"][href="/live/{call_id}"]').click()
        transcript = page.get_by_test_id("transcript")
        await expect(transcript).to_contain_text("How can I help you today?")
        await until(lambda: has(events, AgentTranscript, final=True), timeout_s=60)

        await take_over(page)
        status = page.get_by_test_id("takeover")
        assert ("by WebSocket" in await status.inner_text()) == (route == "websocket")
        began = len(await caller.sound())
        meters = [asyncio.create_task(page.evaluate(IS_HEARD, side)) for side in SIDES]
        await caller.say(ASKED)
        async with asyncio.timeout(60):
            assert await asyncio.gather(*meters) == [True, True]
        await expect(page.get_by_test_id("status")).to_have_text(
            "Live, desk speaks with the caller"
        )
        if caller_by == "phone":
            assert await page.evaluate(OVERFLOW) == 0
            assert await axe_violations(page) == []
        await until(lambda: has(events, UserTranscript, text=ASKED, final=True), timeout_s=60)
        await until(
            lambda: has(events, OperatorTranscript, text=OPERATOR_SAID, final=True), timeout_s=60
        )
        await expect(transcript.locator('[data-kind="operator"]').first).to_contain_text(
            OPERATOR_SAID
        )
        if isinstance(caller, PageCaller):
            await caller.type(TYPED)
            await until(lambda: has(events, UserTranscript, text=TYPED, final=True))
            await expect(transcript.locator('[data-kind="caller"]').last).to_contain_text(TYPED)
            theirs = caller.page.get_by_test_id("transcript")
            await expect(theirs).to_contain_text(OPERATOR_SAID)

        back = page.get_by_role("button", name="Hand back")
        await expect(back).to_be_focused()
        if caller_by == "phone":
            alike, together = await recognised(caller, began, words)
            print(f"{route}: {alike:.2f} alike, {together} of {len(STARTS)} parts in place")
        else:
            await a_voice(caller, began)
        meanwhile = (await caller.sound())[began:]
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="Take over")).to_be_visible()
        opening = LINES["operator"]
        await until(lambda: has(events, AgentTranscript, text=opening, final=True), timeout_s=60)
        await caller.say(PROMISED)
        await until(lambda: knows(events), timeout_s=60)
        await expect(transcript.locator('[data-kind="agent"]').last).to_contain_text(OPERATOR_SAID)
        if caller_by == "webrtc":
            await take_over(page)
            await until(lambda: len(of(events, CallTakenOver)) == 2)
            await page.reload()
            sorry = LINES["connection_lost"]
            await until(lambda: has(events, AgentTranscript, text=sorry), timeout_s=60)
        await caller.hang_up()
        await until(lambda: has(events, CallEnded, reason="caller"), timeout_s=60)
        assert refused == []
    loud = np.flatnonzero(np.abs(meanwhile.astype(int)) > LOUD)[0]
    before = np.abs(meanwhile[RATE // 2 : max(RATE // 2, loud - RATE // 4)].astype(int))
    print(f"before: {len(before) / RATE:.1f} s of at most {before.max(initial=0)}")
    assert before.max(initial=0) < LOUD / 10, "nobody speaks, although the caller asked"
    assert share_at(AGENT_HZ, meanwhile) < 0.5, "what is loud is not the agent"
    over = [e for e in events if isinstance(e, CallTakenOver | CallHandedBack)]
    between = range(over[0].sequence, over[1].sequence)
    assert not [e for e in of(events, AgentTranscript) if e.sequence in between]


async def take_over(page: Page) -> None:
    """Of the call that is looked at; the microphone is connected then."""
    await page.get_by_role("button", name="Take over").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_label("Microphone")).to_be_visible()
    await dialog.get_by_role("button", name="Take over").click()
    await expect(page.get_by_test_id("takeover")).to_contain_text(
        "You are speaking with the caller", timeout=60_000
    )


async def recognised(caller: TakenCaller, began: int, words: Sound) -> tuple[float, int]:
    """Waits until the caller has heard the words well enough: they are said again and again.

    What the browser does to noise, echo and loudness changes a voice, and so do two codecs and a
    busy machine: but its parts, each found by itself, are at the same distance.

    Returns:
        How alike they are, 0 to 1, and how many parts are where all of it was found.
    """
    async with asyncio.timeout(90):
        while True:
            sound = (await caller.sound())[began:]
            if len(sound) > len(words):
                alike, at = place(sound, words)
                parts = [
                    place(sound, words[start : start + PART])[1] - start / RATE for start in STARTS
                ]
                together = sum(abs(part - at) < 0.02 for part in parts)
                if alike > 0.2 and together >= len(STARTS) / 2:
                    return alike, together
            await asyncio.sleep(1)


async def a_voice(caller: TakenCaller, began: int) -> None:
    """Waits until the caller has heard as much of a voice as the words have.

    Between two browsers there is a jitter buffer at each end, and on a busy machine each of them
    stretches and leaves out what it likes: nothing can be found again, sample by sample.
    """
    async with asyncio.timeout(90):
        while True:
            if loud_ms((await caller.sound())[began:]) > VOICE_MS:
                return
            await asyncio.sleep(1)


def knows(events: list[Event]) -> bool:
    """Whether the agent has said what the operator promised."""
    final = [event.text for event in of(events, AgentTranscript) if event.final]
    return any(OPERATOR_SAID in text for text in final)
