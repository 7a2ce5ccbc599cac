"""The three audio formats on the wire, and PCM16 inside.

``audio/pcm`` is 24 kHz PCM16 little-endian; ``audio/pcmu`` and ``audio/pcma`` are G.711 at
8 kHz, one byte a sample. G.711 is decoded and coded with tables, without resampling.
"""

import audioop
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """One of the formats.

    Attributes:
        name: As on the wire, such as ``audio/pcm``.
        sample_rate: In Hz.
        sample_bytes: Bytes of one sample on the wire.
    """

    name: str
    sample_rate: int
    sample_bytes: int

    @property
    def bytes_per_ms(self) -> int:
        """Wire bytes of one millisecond."""
        return self.sample_rate * self.sample_bytes // 1000

    def duration_ms(self, size: int) -> float:
        """How long ``size`` wire bytes play."""
        return size / self.bytes_per_ms

    def decode(self, wire: bytes) -> bytes:
        """Wire bytes to PCM16 at :attr:`sample_rate`."""
        match self.name:
            case "audio/pcmu":
                return audioop.ulaw2lin(wire, 2)
            case "audio/pcma":
                return audioop.alaw2lin(wire, 2)
            case _:
                return wire

    def encode(self, pcm: bytes) -> bytes:
        """PCM16 at :attr:`sample_rate` to wire bytes."""
        match self.name:
            case "audio/pcmu":
                return audioop.lin2ulaw(pcm, 2)
            case "audio/pcma":
                return audioop.lin2alaw(pcm, 2)
            case _:
                return pcm

    def to_wire(self) -> dict[str, Any]:
        """The object in a session: PCM names its rate, G.711 has none."""
        if self.name == "audio/pcm":
            return {"type": self.name, "rate": self.sample_rate}
        return {"type": self.name}


PCM = AudioFormat("audio/pcm", 24_000, 2)
PCMU = AudioFormat("audio/pcmu", 8_000, 1)
PCMA = AudioFormat("audio/pcma", 8_000, 1)

_FORMATS = {known.name: known for known in (PCM, PCMU, PCMA)}


def audio_format(wire: dict[str, Any]) -> AudioFormat:
    """The format that a session's ``format`` object names (validated before)."""
    return _FORMATS[wire["type"]]
