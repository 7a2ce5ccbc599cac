"""Both sides of a call's audio for whoever wants it, without a part in the call."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from pipecat.frames.frames import Frame, InputAudioRawFrame
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from processors.call_audio.line_quality import LineQuality
from processors.call_audio.media_clock import MediaClock
from processors.call_audio.played_track import PlayedTrack

Side = Literal["caller", "agent"]

SAMPLE_WIDTH = 2
RING_PIECES = 1000
"""What waits for a slow listener: pieces of 20 to 100 ms, at least 10 s of both sides."""

SENT_MS = "sent_ms"
"""In an audio frame's metadata: the carrier's time stamp of its first sample, in ms."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one side's audio in its place.

    Attributes:
        side: Whose it is.
        start: Position of its first sample in the call.
        pcm: Mono PCM16 of the call's rate.
    """

    side: Side
    start: int
    pcm: bytes


class Listener:
    """One listener's ring: the oldest piece gives way when it is full.

    Pieces may be taken on another thread than the one that offers them.

    Attributes:
        missed: Pieces that gave way.
        closed: Whether the call is over, or the listener has left.
        changed: Set when there is something to take, or no more to come. Belongs to the event
            loop; a thread looks now and then instead.
    """

    def __init__(self, ring: int) -> None:
        self.missed = 0
        self.closed = False
        self.changed = asyncio.Event()
        self._pieces: deque[Piece] = deque(maxlen=ring)

    def offer(self, piece: Piece) -> None:
        """Adds a piece and returns at once."""
        if len(self._pieces) == self._pieces.maxlen:
            self.missed += 1
        self._pieces.append(piece)
        self.changed.set()

    def take(self) -> list[Piece]:
        """What has come since the last time."""
        pieces = []
        while self._pieces:
            pieces.append(self._pieces.popleft())
        return pieces

    def close(self) -> None:
        """There is no more to come."""
        self.closed = True
        self.changed.set()


class AudioTap:
    """A call's audio, both sides in one time: what the caller said, and heard, and when.

    The caller's side is what arrives; the agent's is what was played, as the transport reports
    it, so that what an interruption cut off is not there. Time is the `MediaClock`'s.

    Args:
        sample_rate: Of the call, in Hz.
        clock: Seconds of a monotonic clock.
    """

    def __init__(self, sample_rate: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.sample_rate = sample_rate
        self.quality = LineQuality(sample_rate)
        self.is_closed = False
        self._now = clock
        self._clock = MediaClock(sample_rate)
        self._track = PlayedTrack(sample_rate)
        self._listeners: list[Listener] = []

    @property
    def position(self) -> int:
        """This moment, in samples."""
        return self._clock.at(self._now())

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._listeners)

    def listen(self, *, ring: int = RING_PIECES) -> Listener:
        """What is heard from now on; leave with `leave`. Closed at once when the call is over."""
        listener = Listener(ring)
        if self.is_closed:
            listener.close()
        else:
            self._listeners.append(listener)
        return listener

    def leave(self, listener: Listener) -> None:
        """Ends what `listen` began; may be called twice."""
        if listener in self._listeners:
            self._listeners.remove(listener)
        listener.close()

    def arrived(self, pcm: bytes, sent_ms: int | None = None) -> None:
        """The caller's audio (mono PCM16) came in."""
        now = self._now()
        samples = len(pcm) // SAMPLE_WIDTH
        start = self._clock.arrived(samples, now, sent_ms)
        self.quality.hear(pcm, start=start, now=now, missing=self._clock.missing)
        if self._listeners:
            self._offer(Piece("caller", start, pcm))

    def played(self, pcm: bytes) -> None:
        """The agent's audio (mono PCM16) was played to its end just now."""
        if not self._listeners:
            return
        samples = len(pcm) // SAMPLE_WIDTH
        start, skip = self._track.place(samples, self.position)
        if skip < samples:
            self._offer(Piece("agent", start, pcm[skip * SAMPLE_WIDTH :]))

    def close(self) -> None:
        """The call is over; may be called twice."""
        self.is_closed = True
        for listener in self._listeners:
            listener.close()
        self._listeners.clear()

    def _offer(self, piece: Piece) -> None:
        for listener in self._listeners:
            listener.offer(piece)


class CallerTap(FrameProcessor):
    """Stands behind the line's input and shows the caller's audio to a tap as it passes."""

    def __init__(self, tap: AudioTap) -> None:
        super().__init__(enable_direct_mode=True)
        self._tap = tap

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Passes everything on."""
        if isinstance(frame, InputAudioRawFrame):
            self._tap.arrived(frame.audio, frame.metadata.get(SENT_MS))
        else:
            await super().process_frame(frame, direction)
        await self.push_frame(frame, direction)

    async def cleanup(self) -> None:
        """The call's audio ends with its pipeline."""
        await super().cleanup()
        self._tap.close()
