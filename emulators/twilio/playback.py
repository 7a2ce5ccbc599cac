"""What the carrier holds for a telephone and plays in real time, and what was heard of it."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from emulators.twilio.frames import FRAME_SAMPLES, SILENCE

Mark = Callable[[], None]
"""Called when everything before it has been played, or has been dropped by `Playback.clear`."""


@dataclass(slots=True)
class Stretch:
    """Samples ``start`` to ``end`` (exclusive) of `Playback.heard` came from the buffer."""

    start: int
    end: int


class Playback:
    """A buffer that plays one frame a beat, silence where it is empty.

    Attributes:
        heard: Everything that was played since the start, silence included, μ-law: index is time.
        stretches: Where ``heard`` is buffered audio; the rest is silence.
        cleared: Positions in ``heard`` at which audio was dropped, with the samples dropped.
    """

    def __init__(self) -> None:
        self.heard = bytearray()
        self.stretches: list[Stretch] = []
        self.cleared: list[tuple[int, int]] = []
        self._queue: deque[bytes | Mark] = deque()
        self._held = 0

    @property
    def held(self) -> int:
        """Samples that wait to be played."""
        return self._held

    def add(self, audio: bytes) -> None:
        """Appends μ-law audio of any length."""
        if audio:
            self._queue.append(audio)
            self._held += len(audio)

    def mark(self, reached: Mark) -> None:
        """Calls ``reached`` once everything added so far has been played; now if it has been."""
        if self._queue:
            self._queue.append(reached)
        else:
            reached()

    def clear(self) -> None:
        """Drops everything; the marks in it are reached, in their order."""
        marks = [entry for entry in self._queue if not isinstance(entry, bytes)]
        self.cleared.append((len(self.heard), self._held))
        self._queue.clear()
        self._held = 0
        for reached in marks:
            reached()

    def play(self) -> tuple[bytes, list[Mark]]:
        """The next 20 ms that are heard, and the marks that are reached with their end."""
        frame = bytearray()
        marks: list[Mark] = []
        while self._queue:
            head = self._queue[0]
            if not isinstance(head, bytes):
                marks.append(head)
                self._queue.popleft()
                continue
            missing = FRAME_SAMPLES - len(frame)
            if not missing:
                break
            frame += head[:missing]
            if len(head) > missing:
                self._queue[0] = head[missing:]
            else:
                self._queue.popleft()
        self._note(len(frame))
        frame += SILENCE * (FRAME_SAMPLES - len(frame))
        self.heard += frame
        return bytes(frame), marks

    def _note(self, played: int) -> None:
        if not played:
            return
        self._held -= played
        start = len(self.heard)
        if self.stretches and self.stretches[-1].end == start:
            self.stretches[-1].end = start + played
        else:
            self.stretches.append(Stretch(start, start + played))
