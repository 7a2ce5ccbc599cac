"""A browser's end of a call: sound both ways in real time, and the service's messages."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import soxr

from emulators.twilio.clock import FrameClock
from emulators.twilio.frames import FRAME_S, SAMPLE_RATE, encode
from emulators.twilio.leg import Leg
from emulators.twilio.party import Party
from emulators.twilio.suite.mouth import BROWSER
from emulators.twilio.telephone import Telephone

RATE = BROWSER.sample_rate
CONNECT_TIMEOUT_S = 60.0

READY = {
    "label": "rtvi-ai",
    "type": "client-ready",
    "id": "1",
    "data": {"version": "2.0.0", "about": {"library": "switchboard-suite"}},
}
"""Says that the page can be talked to (RTVI protocol, https://docs.pipecat.ai/client/rtvi-standard)."""


class Sound(Protocol):
    """Takes the caller's 20 ms; PCM16 at `RATE`."""

    def send(self, frame: bytes) -> None:
        """Sends them."""
        ...


class BrowserCall:
    """One call from a browser, whatever carries it.

    A headset is a telephone with a better mouthpiece; what it hears is kept as telephones keep it.

    Attributes:
        phone: What the caller speaks into.
        leg: The call's audio.
        call_id: As the service calls it, once it has said so.
    """

    def __init__(self, clock: FrameClock) -> None:
        self.phone = Telephone(frame_bytes=BROWSER.frame_bytes, silence=BROWSER.silence)
        self.call_id: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.closed = asyncio.Event()
        self.leg: Leg | None = None
        self._clock = clock

    async def talk(self, caller: Party, sound: Sound) -> None:
        """Lets the caller talk until he hangs up or the service closes the line."""
        self.leg = Leg(self._clock, self.phone)
        untap = self.leg.tap(sound.send)
        talking = asyncio.create_task(caller.talk(self.phone))
        closed = asyncio.create_task(self.closed.wait())
        try:
            await asyncio.wait({talking, closed}, return_when=asyncio.FIRST_COMPLETED)
            if talking.done():
                talking.result()
        finally:
            talking.cancel()
            closed.cancel()
            await asyncio.wait({talking, closed})
            untap()
            self.leg.close()

    def hear(self, pcm: npt.NDArray[np.int16], resampler: "Narrowed") -> None:
        """Takes sound of the service, at the resampler's rate."""
        if self.leg:
            self.leg.playback.add(resampler.ulaw(pcm))

    def told(self, message: Mapping[str, Any] | str) -> None:
        """Takes a message of the service's."""
        said = json.loads(message) if isinstance(message, str) else message
        if said.get("type") == "server-message" and not self.call_id.done():
            data = said.get("data")
            if isinstance(data, dict) and "call_id" in data:
                self.call_id.set_result(str(data["call_id"]))


class Narrowed:
    """Brings a stream of PCM16 to what a telephone hears: 8 kHz μ-law."""

    def __init__(self, rate: int) -> None:
        self._stream = soxr.ResampleStream(rate, SAMPLE_RATE, 1, dtype="int16", quality="MQ")

    def ulaw(self, pcm: npt.NDArray[np.int16]) -> bytes:
        """The next stretch."""
        return encode(self._stream.resample_chunk(pcm).tobytes())


FRAME_SAMPLES = round(RATE * FRAME_S)
