"""Holds speech back until the caller's end can play it: a greeting must not start half-way."""

from collections import deque

from pipecat.frames.frames import EndFrame, Frame, InterruptionFrame, SystemFrame
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor


class Gate(FrameProcessor):
    """Keeps data frames in order until `open`; everything else passes."""

    def __init__(self) -> None:
        super().__init__(enable_direct_mode=True)
        self._held: deque[Frame] = deque()
        self._is_open = False

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Holds what goes downstream in order; an interruption drops what is held."""
        await super().process_frame(frame, direction)
        if isinstance(frame, InterruptionFrame):
            self._held.clear()
        passes = isinstance(frame, SystemFrame | EndFrame) or direction is FrameDirection.UPSTREAM
        if self._is_open or passes:
            await self.push_frame(frame, direction)
        else:
            self._held.append(frame)

    async def open(self) -> None:
        """Lets what is held go, and everything after it."""
        while self._held:
            await self.push_frame(self._held.popleft())
        self._is_open = True
