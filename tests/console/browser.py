"""Debian's Chromium as the tests drive it: a WAV file is its microphone."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright, expect

from tests.patience import PATIENCE_S

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"

# What a page will show it may show late: a busy machine renders, hears and speaks slowly.
expect.set_options(timeout=1000 * PATIENCE_S)


def require_chromium() -> None:
    """Skips the test where Chromium is missing; on CI, which installs it, fails."""
    if Path(CHROMIUM).exists():
        return
    message = "browser tests need Debian's Chromium: apt-get install chromium"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@asynccontextmanager
async def chromium(
    *, microphone: Path | None = None, allow_microphone: bool = True
) -> AsyncIterator[Browser]:
    """A browser; ``microphone`` is played once as what it hears (a beeping tone without)."""
    flags = [
        "--no-sandbox",
        "--autoplay-policy=no-user-gesture-required",
        # Names like <uuid>.local for local addresses want mDNS, which containers lack.
        "--disable-features=WebRtcHideLocalIpsWithMdns",
        "--disable-background-networking",
        "--use-fake-device-for-media-stream",
    ]
    if allow_microphone:
        flags.append("--use-fake-ui-for-media-stream")
    if microphone:
        flags.append(f"--use-file-for-fake-audio-capture={microphone}%noloop")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        try:
            yield browser
        finally:
            await browser.close()
