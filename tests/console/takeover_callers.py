"""Those whose calls an operator takes over: at a telephone, or at the Talk page in a browser."""

from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Protocol

import numpy as np
import soxr
from playwright.async_api import Page, expect

from emulators.twilio.caller import Manners, Say, ScriptedCaller, Until
from emulators.twilio.carrier import Carrier
from emulators.twilio.live_call import LiveCall
from tests.bot.call_sound import RATE, Sound, heard
from tests.bot.service import Service
from tests.bot.takeover_desk import LINE_RATE, speech
from tests.console.browser import chromium

# A microphone that says what it is told, and ears: all that the page plays, by how it came.
SENSES = f"""
const taps = [];
const connect = AudioNode.prototype.connect;
window.heardBy = {{ webrtc: [], websocket: [] }};
function listen(node, heard) {{
  const tap = node.context.createScriptProcessor(16384, 1, 1);
  tap.onaudioprocess = ({{ inputBuffer }}) => heard.push(inputBuffer.getChannelData(0).slice());
  connect.call(node, tap);
  connect.call(tap, node.context.destination);
  taps.push(tap);
}}
AudioNode.prototype.connect = function (to, ...where) {{
  if (to instanceof AudioDestinationNode) listen(this, window.heardBy.websocket);
  return connect.call(this, to, ...where);
}};
const Real = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Real {{
  constructor(config) {{
    super(config);
    this.addEventListener("track", ({{ track }}) => {{
      if (track.kind !== "audio") return;
      const context = new AudioContext({{ sampleRate: {LINE_RATE} }});
      listen(context.createMediaStreamSource(new MediaStream([track])), window.heardBy.webrtc);
    }});
  }}
}};
navigator.mediaDevices.getUserMedia = async () => {{
  const context = new AudioContext({{ sampleRate: {LINE_RATE} }});
  const mouth = context.createMediaStreamDestination();
  // Where nothing comes in nothing goes out, which no microphone does.
  const silence = context.createConstantSource();
  silence.offset.value = 0;
  connect.call(silence, mouth);
  silence.start();
  window.say = (base64) => new Promise((done) => {{
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    const samples = Float32Array.from(new Int16Array(bytes.buffer), (sample) => sample / 32768);
    const words = context.createBufferSource();
    words.buffer = context.createBuffer(1, samples.length, {LINE_RATE});
    words.buffer.getChannelData(0).set(samples);
    words.onended = () => done(true);
    connect.call(words, mouth);
    words.start();
  }});
  return mouth.stream;
}};
"""
# Base64: what is long passes slowly between a page and Python as anything else.
NEWLY_HEARD = """async (route) => {
  const pieces = window.heardBy[route].splice(0)
    .map((piece) => Int16Array.from(piece, (sample) => sample * 32767));
  const reader = new FileReader();
  reader.readAsDataURL(new Blob(pieces));
  await new Promise((done) => { reader.onload = done; });
  return reader.result.split(",")[1] ?? "";
}"""


class TakenCaller(Protocol):
    """Whose call is taken over."""

    async def say(self, text: str) -> None:
        """They speak, as soon as they may."""
        ...

    async def sound(self) -> Sound:
        """All that they have heard so far."""
        ...

    async def hang_up(self) -> None:
        """They have had enough."""
        ...


class PhoneCaller:
    """Says the lines of a script, each as soon as it is asked for."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._wanted: set[str] = set()
        steps = [step for line in lines for step in (Until(partial(self._wants, line)), Say(line))]
        self.script = ScriptedCaller(
            [*steps, Until(partial(self._wants, ""))],
            manners=Manners(quiet_s=0.5, listens_first=False, longest_turn_s=120),
        )
        self.call: LiveCall | None = None

    async def say(self, text: str) -> None:
        self._wanted.add(text)

    async def sound(self) -> Sound:
        assert self.call
        return heard(self.call)

    async def hang_up(self) -> None:
        assert self.call
        self._wanted.add("")
        await self.call.over.wait()

    def _wants(self, line: str) -> bool:
        return line in self._wanted


class PageCaller:
    """Talks, and types, at the Talk page."""

    def __init__(self, page: Page, route: str) -> None:
        self.page = page
        self._route = route
        self._heard = b""

    async def say(self, text: str) -> None:
        words = b64encode(await speech(text)).decode()
        await self.page.evaluate("(words) => window.say(words)", words)

    async def type(self, text: str) -> None:
        """They type a line."""
        box = self.page.get_by_role("textbox", name="Type instead of talking")
        await box.fill(text)
        await box.press("Enter")

    async def sound(self) -> Sound:
        self._heard += b64decode(await self.page.evaluate(NEWLY_HEARD, self._route))
        return np.asarray(soxr.resample(np.frombuffer(self._heard, np.int16), LINE_RATE, RATE))

    async def hang_up(self) -> None:
        await self.page.get_by_role("button", name="Hang up").click()


@asynccontextmanager
async def on_the_phone(running: Service, lines: Sequence[str]) -> AsyncIterator[PhoneCaller]:
    """A call by the carrier; the caller will say these lines."""
    async with Carrier() as carrier:
        caller = PhoneCaller(lines)
        caller.call = await carrier.ring(f"{running.http}/twilio/voice", caller.script)
        yield caller


@asynccontextmanager
async def at_the_page(running: Service, route: str) -> AsyncIterator[PageCaller]:
    """A call from a browser of the caller's own: by WebRTC or, where UDP is blocked, WebSocket."""
    async with chromium(udp=route == "webrtc") as browser:
        page = await browser.new_page()
        await page.add_init_script(SENSES)
        await page.goto(running.http)
        await page.get_by_role("button", name="Start call").click()
        connected = "Connected" if route == "webrtc" else "Connected by WebSocket"
        await expect(page.get_by_test_id("status")).to_have_text(connected, timeout=60_000)
        yield PageCaller(page, route)
