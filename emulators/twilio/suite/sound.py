"""The sound of a call for people: two channels in a file, and its outline as a picture."""

import itertools
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import soxr

from emulators.twilio.frames import SAMPLE_RATE, decode
from emulators.twilio.suite.evidence import Evidence

BIT_RATE = 24_000
COLUMNS = 480
_FULL_SCALE = 32768

Stereo = npt.NDArray[np.int16]
"""Samples at 8 kHz in two columns: the caller, and what he heard."""


def stereo(evidence: Evidence) -> Stereo:
    """Both sides of a call from the moment that it was connected."""
    said = decode(evidence.said) if evidence.said_is_ulaw else evidence.said
    caller = np.frombuffer(said, np.int16)
    if evidence.said_rate != SAMPLE_RATE and len(caller):
        caller = soxr.resample(caller, evidence.said_rate, SAMPLE_RATE).astype(np.int16)
    agent = np.frombuffer(decode(evidence.heard), np.int16)
    both = np.zeros((max(len(caller), len(agent)), 2), np.int16)
    both[: len(caller), 0], both[: len(agent), 1] = caller, agent
    return both


def write_opus(path: Path, sound: Stereo) -> None:
    """Writes Opus in Ogg (RFC 7845), which every browser plays."""
    with av.open(str(path), "w", format="ogg") as container:
        stream = container.add_stream(
            "libopus", rate=SAMPLE_RATE, options={"application": "voip", "compression_level": "3"}
        )
        stream.bit_rate = BIT_RATE
        stream.layout = "stereo"
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(sound).reshape(1, -1), format="s16", layout="stereo"
        )
        frame.sample_rate, frame.pts = SAMPLE_RATE, 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def outline(channel: npt.NDArray[np.int16], columns: int = COLUMNS) -> list[float]:
    """How loud a channel is, column by column: the highest sample of each, 0 to 1."""
    if not len(channel):
        return [0.0] * columns
    edges = np.linspace(0, len(channel), columns + 1).astype(int)
    loudness = np.abs(channel.astype(np.int32))
    return [
        float(loudness[start : max(end, start + 1)].max()) / _FULL_SCALE
        for start, end in itertools.pairwise(edges)
    ]
