"""Telephone audio as Media Streams frames it: 20 ms of μ-law at 8 kHz."""

import audioop

SAMPLE_RATE = 8000
FRAME_SAMPLES = 160
FRAME_S = FRAME_SAMPLES / SAMPLE_RATE
SAMPLE_WIDTH = 2
SILENCE = b"\xff"
"""The μ-law byte for a sample of 0."""

SILENT_FRAME = SILENCE * FRAME_SAMPLES


def encode(pcm: bytes) -> bytes:
    """PCM16 as μ-law."""
    return audioop.lin2ulaw(pcm, SAMPLE_WIDTH)


def decode(ulaw: bytes) -> bytes:
    """μ-law as PCM16."""
    return audioop.ulaw2lin(ulaw, SAMPLE_WIDTH)


def samples(seconds: float) -> int:
    """How many samples there are in ``seconds``."""
    return round(seconds * SAMPLE_RATE)


def beats(seconds: float) -> int:
    """How many frames it takes to cover ``seconds``."""
    return -(-samples(seconds) // FRAME_SAMPLES)
