"""What all calls of a carrier share."""

from dataclasses import dataclass

from emulators.speech import Speech
from emulators.twilio.clock import FrameClock
from emulators.twilio.frames import SAMPLE_RATE, encode
from emulators.twilio.webhooks import Webhooks

ANNOUNCER = "shimmer"
"""The voice of ``<Say>``; the emulator has one, whatever the verb's attributes ask for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """The carrier's machinery.

    Attributes:
        ring_pace: How long ringing takes, of what it would: what happens meanwhile is the same.
    """

    account_sid: str
    clock: FrameClock
    webhooks: Webhooks
    speech: Speech
    ring_pace: float = 1.0

    async def speak(self, text: str, voice: str = ANNOUNCER) -> bytes:
        """μ-law audio of a text."""
        chunks = self.speech.speak(text, voice=voice, sample_rate=SAMPLE_RATE)
        return encode(b"".join([chunk.pcm async for chunk in chunks]))
