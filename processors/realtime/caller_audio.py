"""The caller's latest audio, kept so that another session can be given what one did not hear."""

from collections import deque
from dataclasses import dataclass

from processors.realtime.audio import AudioFormat
from processors.realtime.connection import PING_INTERVAL_S

NOTICED_LATE_MS = 2000
"""So late speech may be noticed, and found in what was kept."""

KEPT_MS = int(2 * PING_INTERVAL_S * 1000) + NOTICED_LATE_MS
"""Kept while nobody speaks: a ping and its time-out pass before a dead peer is found, and what was
sent meanwhile nobody has heard."""

MAX_KEPT_MS = 30_000

OUTAGE = "outage"
"""The hold on what no session hears."""


@dataclass(frozen=True, slots=True)
class _Chunk:
    start_ms: float
    payload: str


class CallerAudio:
    """Encoded audio on one time line, in ms since the call's first audio.

    It keeps `KEPT_MS`, or everything since the earliest position that somebody holds, and never
    more than `MAX_KEPT_MS`.
    """

    def __init__(self, audio_format: AudioFormat) -> None:
        self._format = audio_format
        self._chunks: deque[_Chunk] = deque()
        # Until there is a session, everything is for the first one.
        self._holds: dict[str, float] = {OUTAGE: 0.0}
        self.position_ms = 0.0

    def append(self, pcm: bytes) -> str:
        """Adds audio, and returns it as base64 in the wire's format."""
        payload = self._format.encode(pcm)
        self._chunks.append(_Chunk(self.position_ms, payload))
        self.position_ms += len(pcm) * 500 / self._format.sample_rate
        self._trim()
        return payload

    def hold(self, name: str, position_ms: float) -> None:
        """Keeps audio from ``position_ms`` until `release` of the same name."""
        self._holds[name] = position_ms

    def release(self, name: str) -> None:
        """Ends a hold, if there is one."""
        self._holds.pop(name, None)

    def held_from_ms(self, name: str) -> float | None:
        """The position of a hold; None when there is none of this name."""
        return self._holds.get(name)

    def since(self, position_ms: float) -> tuple[float, list[str]]:
        """The audio from about ``position_ms`` on, as far as it is kept, and where it begins."""
        chunks = [chunk for chunk in self._chunks if chunk.start_ms >= position_ms]
        start_ms = chunks[0].start_ms if chunks else self.position_ms
        return start_ms, [chunk.payload for chunk in chunks]

    def _trim(self) -> None:
        needed = min([self.position_ms - KEPT_MS, *self._holds.values()])
        needed = max(needed, self.position_ms - MAX_KEPT_MS)
        while self._chunks[0].start_ms < needed:
            self._chunks.popleft()
