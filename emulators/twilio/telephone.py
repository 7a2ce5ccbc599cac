"""A telephone: a mouth, an ear, a keypad and a hook, moved on by the carrier's beat."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from emulators.twilio.ear import Ear, Span
from emulators.twilio.frames import FRAME_S, FRAME_SAMPLES, SILENCE, beats

KEYS = frozenset("0123456789*#ABCD")
KEY_S = 0.2
"""From one key to the next: 100 ms of tone and 100 ms of pause."""


@dataclass(slots=True)
class _Waiter:
    condition: Callable[[], bool]
    deadline: int | None
    done: asyncio.Future[bool]


class Telephone:
    """One end of a line.

    Time is the line's own: samples since it opened, so what is measured is exact and does not
    depend on how busy the machine is.

    Args:
        frame_bytes: Of 20 ms that the mouthpiece takes: μ-law at 8 kHz unless told otherwise.
        silence: The byte that a silent mouthpiece gives.

    Attributes:
        ear: What is heard, as stretches of speech.
        room: What the mouthpiece picks up while nothing is said, over and over; silence unless
            there is noise where the caller is.
        said: Everything that went into the mouthpiece, silence included: index is time.
        on_key: Called with each key when it is pressed.
        on_heard: Called with every 20 ms that are heard, μ-law.
        on_hang_up: Called when this end hangs up.
    """

    def __init__(self, *, frame_bytes: int = FRAME_SAMPLES, silence: bytes = SILENCE) -> None:
        self.ear = Ear()
        self.said = bytearray()
        self.room = silence * frame_bytes
        self._frame_bytes = frame_bytes
        self.on_key: Callable[[str], None] = lambda key: None
        self.on_heard: Callable[[bytes], None] = lambda frame: None
        self.on_hang_up: Callable[[], None] = lambda: None
        self._mouth: deque[bytes] = deque()
        self._waiters: list[_Waiter] = []
        self._beat = 0

    @property
    def position(self) -> int:
        """Samples since the line opened."""
        return self._beat * FRAME_SAMPLES

    def beat(self, heard: bytes) -> bytes:
        """Hears 20 ms of μ-law and gives the 20 ms that this end says meanwhile."""
        self.ear.hear(heard)
        self.on_heard(heard)
        self._beat += 1
        frame = self._mouth.popleft() if self._mouth else b""
        if missing := self._frame_bytes - len(frame):
            start = len(self.said) % len(self.room)
            repeats = self._frame_bytes // len(self.room) + 1
            frame += (self.room[start:] + self.room * repeats)[:missing]
        self.said += frame
        for waiter in tuple(self._waiters):
            met = waiter.condition()
            if met or (waiter.deadline is not None and self._beat >= waiter.deadline):
                self._waiters.remove(waiter)
                if not waiter.done.done():
                    waiter.done.set_result(met)
        return frame

    async def until(self, condition: Callable[[], bool], *, timeout_s: float | None) -> bool:
        """Waits until ``condition`` holds, looking at every beat; False when time ran out."""
        if condition():
            return True
        deadline = None if timeout_s is None else self._beat + beats(timeout_s)
        waiter = _Waiter(condition, deadline, asyncio.get_running_loop().create_future())
        self._waiters.append(waiter)
        try:
            return await waiter.done
        finally:
            if waiter in self._waiters:
                self._waiters.remove(waiter)

    async def pause(self, seconds: float) -> None:
        """Waits, in the line's time."""
        await self.until(lambda: False, timeout_s=max(seconds, FRAME_S))

    async def say(self, audio: bytes) -> Span:
        """Says audio, from the next beat on, and returns when it was when it is out."""
        start, size = self.position, self._frame_bytes
        self._mouth.extend(audio[index : index + size] for index in range(0, len(audio), size))
        await self.until(lambda: not self._mouth, timeout_s=None)
        return Span(start, start + len(audio) * FRAME_SAMPLES // size)

    async def say_until(self, audio: bytes, condition: Callable[[], bool]) -> Span:
        """As `say`, but stops in the middle as soon as ``condition`` holds."""
        saying = asyncio.ensure_future(self.say(audio))
        stopped = asyncio.ensure_future(self.until(condition, timeout_s=None))
        try:
            await asyncio.wait({saying, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not saying.done():
                self._mouth.clear()
            return await saying
        finally:
            saying.cancel()
            stopped.cancel()

    async def press(self, keys: str) -> None:
        """Presses keys one after the other. Raises ``ValueError`` on one that there is not."""
        if unknown := set(keys) - KEYS:
            raise ValueError(f"no key {unknown.pop()!r} on a telephone: 0-9, *, # and A-D")
        for key in keys:
            self.on_key(key)
            await self.pause(KEY_S)

    def hang_up(self) -> None:
        """Ends the call from this end."""
        self.on_hang_up()
