"""How good the caller's line is: jitter, gaps, level, noise, clipping, and an estimated MOS."""

import audioop
import math

import numpy as np

from processors.events.figures import Quality

SAMPLE_WIDTH = 2
FULL_SCALE = 32768.0
FLOOR_DB = 96
"""16 bits reach no lower than so many dB below full scale."""

CLIPPED = 32_000
"""From here on a sample counts as clipped: the loudest one that μ-law has is 32,124."""

SPEECH_OVER_NOISE_DB = 12
QUIETEST_SPEECH_DB = 50
"""Frames that are louder than the noise by the one, and than full scale less the other, count as
speech: the margin of 15.9 dB of ITU-T P.56 method B, rounded down for frames of 20 ms."""

NOISE_QUANTILE = 0.1
"""A talker pauses more than a tenth of the time: the quietest tenth of the frames is noise."""

PACKET_MS = 20
MIN_FRAMES = 50
"""Before a second of audio has come there is nothing to say."""


def estimated_mos(*, loss: float, delay_ms: float) -> float:
    """Mean opinion score (1 to 4.5) of a narrow-band G.711 line, by the E-model.

    ITU-T G.107 with its default values gives R = 93.2 - Id - Ie,eff. Ie,eff = Ie + (95 - Ie) ·
    Ppl / (Ppl + Bpl) is clause 7.5 for random loss, with Ie = 0 and Bpl = 4.3 of ITU-T G.113
    appendix I (G.711 without concealment). Id = 0.024 d + 0.11 (d - 177.3) for d over 177.3 ms is
    the simplification of Cole and Rosenbluth ("Voice over IP performance monitoring", 2001). The
    mapping to MOS is annex B of G.107.

    Args:
        loss: Share of the audio that is missing, 0 to 1.
        delay_ms: From mouth to ear, in ms.
    """
    percent = loss * 100
    impairment = 95 * percent / (percent + 4.3)
    late = max(0.0, delay_ms - 177.3)
    r = 93.2 - (0.024 * delay_ms + 0.11 * late) - impairment
    if r <= 0:
        return 1.0
    return 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6


class LineQuality:
    """Measures the caller's audio as it arrives, in constant memory and a few µs a frame."""

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._frames = 0
        self._samples = 0
        self._clipped = 0
        self._jitter = 0.0
        self._worst_jitter = 0.0
        self._transit: float | None = None
        self._missing = 0
        self._gaps = 0
        # How many frames were so many dB below full scale, and their power together.
        self._levels = [0] * (FLOOR_DB + 1)
        self._power = [0.0] * (FLOOR_DB + 1)

    def hear(self, pcm: bytes, *, start: int, now: float, missing: int) -> None:
        """Takes the next frame.

        Args:
            pcm: Mono PCM16.
            start: The position of its first sample, by the call's `MediaClock`.
            now: When it came, in s.
            missing: Samples that gaps have taken so far.
        """
        samples = len(pcm) // SAMPLE_WIDTH
        if not samples:
            return
        self._frames += 1
        self._samples += samples
        if missing > self._missing:
            self._gaps += 1
            self._missing = missing
        # Interarrival jitter of RFC 3550, section 6.4.1, in seconds.
        transit = now - start / self._rate
        if self._transit is not None:
            self._jitter += (abs(transit - self._transit) - self._jitter) / 16
            self._worst_jitter = max(self._worst_jitter, self._jitter)
        self._transit = transit
        if audioop.max(pcm, SAMPLE_WIDTH) >= CLIPPED:
            loud = np.abs(np.frombuffer(pcm, np.int16).astype(np.int32)) >= CLIPPED
            self._clipped += int(np.count_nonzero(loud))
        power = (audioop.rms(pcm, SAMPLE_WIDTH) / FULL_SCALE) ** 2
        level = min(FLOOR_DB, round(-_db(power)))
        self._levels[level] += 1
        self._power[level] += power

    def figures(self) -> Quality | None:
        """The figures so far; None before a second of audio has come."""
        if self._frames < MIN_FRAMES:
            return None
        noise = self._noise()
        threshold = min(noise - SPEECH_OVER_NOISE_DB, QUIETEST_SPEECH_DB)
        spoken = sum(self._levels[: threshold + 1]) if threshold >= 0 else 0
        power = sum(self._power[: threshold + 1]) if threshold >= 0 else 0.0
        loss = self._missing / (self._missing + self._samples)
        jitter_ms = self._jitter * 1000
        # The network's own delay cannot be seen from one end: a packet, and a buffer of twice
        # the jitter, as a telephone would need to play it.
        delay_ms = PACKET_MS + 2 * jitter_ms
        return Quality(
            jitter_ms=round(jitter_ms, 2),
            worst_jitter_ms=round(self._worst_jitter * 1000, 2),
            gaps=self._gaps,
            missing_ms=self._missing * 1000 // self._rate,
            received_ms=self._samples * 1000 // self._rate,
            speech_dbfs=round(_db(power / spoken), 1) if spoken else None,
            noise_dbfs=float(-noise),
            clipped=round(self._clipped / self._samples, 6),
            mos=round(estimated_mos(loss=loss, delay_ms=delay_ms), 2),
        )

    def _noise(self) -> int:
        """How many dB below full scale the noise is."""
        quietest = self._frames * NOISE_QUANTILE
        for level in range(FLOOR_DB, -1, -1):
            quietest -= self._levels[level]
            if quietest <= 0:
                return level
        return 0


def _db(power: float) -> float:
    return 10 * math.log10(power) if power > 0 else -float(FLOOR_DB)
