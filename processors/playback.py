"""What the caller has heard: the one authority for truncation, transcripts and hanging up."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass

REMEMBERED_PARTS = 64
"""Ended parts whose figures are kept; older ones are forgotten, so that a long call stays small."""

STALLED_S = 5.0
"""Without anything being heard for so long, the line is taken for dead."""


@dataclass(frozen=True, slots=True)
class Heard:
    """How much of one content part of an item was heard when its playback ended.

    Attributes:
        item_id: The conversation item that the audio belongs to.
        content_index: The content part in the item.
        heard_ms: What was played to the caller, in ms.
        queued_ms: What there was to play, in ms; more may have been on its way.
        cut: Whether playback ended before the part's end.
    """

    item_id: str
    content_index: int
    heard_ms: int
    queued_ms: int
    cut: bool


@dataclass(slots=True)
class _Part:
    item_id: str
    content_index: int
    queued: int = 0
    heard: int = 0
    is_complete: bool = False


@dataclass(slots=True)
class _Stretch:
    part: _Part
    samples: int


class Playback:
    """Follows the agent's audio of one call from "queued" to "heard" or "dropped".

    The service calls `enqueued`, `completed`, `suspend`, `resume` and `cut`; the transport calls
    `played` and `cleared`. Samples are of the call's output rate, mono. Calls return at once; all
    of them belong on one event loop.
    """

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._parts: OrderedDict[tuple[str, int], _Part] = OrderedDict()
        self._waiting: deque[_Stretch] = deque()
        self._dropping: deque[_Stretch] = deque()
        self._joined = 0
        self._clears_due = 0
        self._is_suspended = False
        self._drained = asyncio.Event()
        self._drained.set()
        self._listeners: list[Callable[[Heard], None]] = []
        self._on_audio: Callable[[bytes], None] = lambda _pcm: None

    def listen(self, listener: Callable[[Heard], None]) -> None:
        """Calls ``listener`` whenever a part's playback ended: heard to its end, or cut."""
        self._listeners.append(listener)

    def show(self, on_audio: Callable[[bytes], None]) -> None:
        """Calls ``on_audio`` with all audio (mono PCM16) that was played, when it was played.

        That is what the caller's ear gets: also the rest of what was cut, which a transport plays
        until it carries the interruption out.
        """
        self._on_audio = on_audio

    def enqueued(self, item_id: str, content_index: int, samples: int) -> None:
        """Audio of an item was handed to the transport, to be played after what is there."""
        part = self._parts.get((item_id, content_index))
        if part is None:
            part = self._parts[item_id, content_index] = _Part(item_id, content_index)
        part.queued += samples
        if self._waiting and self._waiting[-1].part is part:
            self._waiting[-1].samples += samples
        elif samples:
            self._waiting.append(_Stretch(part, samples))
            self._drained.clear()

    def joined(self, samples: int) -> None:
        """Audio of somebody else than the agent was handed to the transport, after what is there.

        It is heard, and shown to whoever watches, but is none of the agent's: nothing waits for it,
        and it is not what is truncated.
        """
        self._joined += samples

    def completed(self, item_id: str, content_index: int) -> None:
        """All audio of the part has been enqueued."""
        part = self._parts.get((item_id, content_index))
        if part is None or part.is_complete:
            return
        part.is_complete = True
        if part.heard == part.queued:
            self._end(part, cut=False)

    def played(self, samples: int, pcm: bytes = b"") -> None:
        """The transport played ``samples`` more of what was enqueued; ``pcm`` is what they were.

        A transport may report more than there was: it pads the last chunk with silence.
        """
        self._on_audio(pcm)
        if not self._dropping:
            others = min(samples, self._joined)
            self._joined -= others
            samples -= others
        # What was cut goes on until the transport carries the interruption out.
        for queue in (self._dropping,) if self._is_suspended else (self._dropping, self._waiting):
            while samples and queue:
                stretch = queue[0]
                step = min(samples, stretch.samples)
                samples -= step
                stretch.samples -= step
                if not stretch.samples:
                    queue.popleft()
                if queue is self._waiting:
                    self._heard(stretch.part, step)
        self._note_drained()

    def suspend(self) -> None:
        """What waits, and what will be enqueued, is to be held back: until `resume`, or for good.

        The transport drops what it was handed, which it acknowledges by `cleared`.
        """
        if self._is_suspended:
            return
        self._is_suspended = True
        if self._waiting:
            self._clears_due += 1
        self._dropping.extend(_Stretch(waits.part, waits.samples) for waits in self._waiting)

    def resume(self) -> None:
        """What waits is handed to the transport once more."""
        self._is_suspended = False

    def cut(self) -> list[Heard]:
        """The caller interrupts: what waits will not be heard. Returns what it was, in order.

        Figures are final from here on, although the transport may play a few ms more before it
        carries the interruption out, which it acknowledges by `cleared`.
        """
        if self._waiting and not self._is_suspended:
            self._clears_due += 1
            self._dropping.extend(self._waiting)
        parts = self._unheard()
        self._is_suspended = False
        self._waiting.clear()
        self._note_drained()
        return [self._end(part, cut=True) for part in parts]

    def cleared(self) -> None:
        """The transport dropped what it had not played, because of `cut` or by itself."""
        self._joined = 0
        if self._clears_due:
            self._clears_due -= 1
            self._dropping.clear()
            return
        parts = self._unheard()
        self._is_suspended = False
        self._waiting.clear()
        self._note_drained()
        for part in parts:
            self._end(part, cut=True)

    def heard_ms(self, item_id: str) -> int:
        """How much of the item the caller has heard, in ms; 0 for an unknown item."""
        heard = sum(part.heard for part in self._parts.values() if part.item_id == item_id)
        return self._ms(heard)

    @property
    def is_playing(self) -> bool:
        """Whether audio waits to be heard, also while it is held back."""
        return bool(self._waiting)

    @property
    def is_suspended(self) -> bool:
        """Whether audio is held back."""
        return self._is_suspended

    @property
    def waiting_samples(self) -> int:
        """How much audio waits to be heard, in samples."""
        return sum(stretch.samples for stretch in self._waiting)

    @property
    def waiting_ms(self) -> int:
        """How much audio waits to be heard, in ms."""
        return self._ms(self.waiting_samples)

    @property
    def joined_ms(self) -> int:
        """How much audio of somebody else waits to be heard, in ms."""
        return self._ms(self._joined)

    async def drained(self) -> None:
        """Returns once everything enqueued so far was heard or dropped."""
        await self._drained.wait()

    async def heard_out(self) -> bool:
        """Returns once everything was heard or dropped; False for a line that plays nothing.

        That is one on which nothing was heard for `STALLED_S`, though nothing holds it back.
        """
        while self.is_playing:
            waiting = self.waiting_samples
            try:
                async with asyncio.timeout(STALLED_S):
                    await self.drained()
            except TimeoutError:
                if self.waiting_samples >= waiting and not self.is_suspended:
                    return False
        return True

    def _heard(self, part: _Part, samples: int) -> None:
        part.heard += samples
        if part.is_complete and part.heard == part.queued:
            self._end(part, cut=False)

    def _unheard(self) -> list[_Part]:
        """The parts that playback has not finished, in order, also those that wait for more."""
        return [part for part in self._parts.values() if not self._is_ended(part)]

    def _is_ended(self, part: _Part) -> bool:
        return part.is_complete and part.heard == part.queued

    def _end(self, part: _Part, *, cut: bool) -> Heard:
        heard = Heard(
            part.item_id, part.content_index, self._ms(part.heard), self._ms(part.queued), cut
        )
        part.is_complete = True
        part.queued = part.heard
        while len(self._parts) > REMEMBERED_PARTS and self._is_ended(
            next(iter(self._parts.values()))
        ):
            self._parts.popitem(last=False)
        for listener in self._listeners:
            listener(heard)
        return heard

    def _note_drained(self) -> None:
        if not self._waiting:
            self._drained.set()

    def _ms(self, samples: int) -> int:
        return samples * 1000 // self._rate
