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
    *,
    microphone: Path | None = None,
    loops: bool = False,
    allow_microphone: bool = True,
    udp: bool = True,
) -> AsyncIterator[Browser]:
    """A browser; ``microphone`` is played as what it hears (a beeping tone without).

    It is played once unless it ``loops``.

    Without ``udp`` WebRTC may use none, as where a firewall blocks it: no media comes through.
    """
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
    if not udp:
        flags.append("--webrtc-ip-handling-policy=disable_non_proxied_udp")
    if microphone:
        flags.append(f"--use-file-for-fake-audio-capture={microphone}{'' if loops else '%noloop'}")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        try:
            yield browser
        finally:
            await browser.close()
