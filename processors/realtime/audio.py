"""The audio formats that Realtime sessions speak, and our PCM16 in and out of them."""

import audioop
from binascii import a2b_base64, b2a_base64
from dataclasses import dataclass

SAMPLE_WIDTH = 2


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """One format of the wire, in both directions. Inside it is mono PCM16 of the same rate.

    Attributes:
        type: ``audio/pcm`` or ``audio/pcmu``.
        sample_rate: In Hz: 24000 for ``audio/pcm``, 8000 for ``audio/pcmu``.
    """

    type: str
    sample_rate: int

    @property
    def payload(self) -> dict[str, object]:
        """As the session's configuration names it."""
        if self.type == "audio/pcm":
            return {"type": self.type, "rate": self.sample_rate}
        return {"type": self.type}

    def encode(self, pcm: bytes) -> str:
        """PCM16 as base64 in this format. μ-law is a table look-up per sample, no resampling."""
        data = audioop.lin2ulaw(pcm, SAMPLE_WIDTH) if self.type == "audio/pcmu" else pcm
        return b2a_base64(data, newline=False).decode("ascii")

    def decode(self, payload: str) -> bytes:
        """Base64 in this format as PCM16. Raises ``ValueError`` for what is not base64."""
        data = a2b_base64(payload)
        if self.type == "audio/pcmu":
            return audioop.ulaw2lin(data, SAMPLE_WIDTH)
        return data[: len(data) // SAMPLE_WIDTH * SAMPLE_WIDTH]

    def samples(self, ms: int) -> int:
        """How many samples ``ms`` of audio are."""
        return self.sample_rate * ms // 1000


PCMU = AudioFormat("audio/pcmu", 8000)
"""μ-law as telephone networks carry it."""

PCM = AudioFormat("audio/pcm", 24_000)
"""Linear audio at the only rate that the API takes."""


def format_for(sample_rate: int) -> AudioFormat:
    """The format that needs no resampling for a call of this rate.

    Raises:
        ValueError: The API speaks no format of this rate.
    """
    for audio_format in (PCMU, PCM):
        if audio_format.sample_rate == sample_rate:
            return audio_format
    raise ValueError(f"no Realtime audio format has a rate of {sample_rate} Hz; use 8000 or 24000")
