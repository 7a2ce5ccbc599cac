"""What a phone caller is to hear: sent at the pace that it is heard at, and followed by marks."""

import asyncio
import audioop
import time
from typing import Protocol

from loguru import logger
from pipecat.frames.frames import (
    CancelFrame,
    EndFrame,
    Frame,
    InterruptionFrame,
    OutputAudioRawFrame,
    StartFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from bot.transports.media_socket import MediaSocket
from bot.transports.media_streams import SAMPLE_RATE, SAMPLE_WIDTH, StreamWriter
from bot.transports.playout import Playout
from processors.playback import Playback

FAREWELL_TIMEOUT_S = 5.0
"""How long marks may be overdue before a line that is ending is closed all the same."""


class Stream(Protocol):
    """The line that is written to: the stream of the moment, and whether the caller is there."""

    socket: MediaSocket
    writer: StreamWriter
    hung_up: asyncio.Event

    async def end(self, reason: object) -> None:
        """The conversation is over."""
        ...


class TwilioOutput(FrameProcessor):
    """Sends audio to the carrier and follows, by marks, what the caller has heard of it.

    Direct mode: frames come here in the order in which the model's service pushes them, and an
    interruption takes effect while it is being pushed. ``settled`` is set when everything was
    heard or dropped, and when the caller is gone.
    """

    def __init__(self, line: Stream, playback: Playback) -> None:
        super().__init__(enable_direct_mode=True)
        self._line = line
        self._playback = playback
        self._playout = Playout(sample_rate=SAMPLE_RATE)
        self._clear_due = False
        self._changed = asyncio.Event()
        self.settled = asyncio.Event()
        self._sending: asyncio.Task[None] | None = None

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Takes audio and interruptions; passes everything else on."""
        await super().process_frame(frame, direction)
        match frame:
            case OutputAudioRawFrame():
                self._playout.add(audioop.lin2ulaw(frame.audio, SAMPLE_WIDTH))
                self._changed.set()
                return
            case InterruptionFrame():
                self._clear()
            case StartFrame():
                self._sending = self.create_task(self._send(), "media-streams-output")
            case EndFrame():
                await self._finish()
                await self._line.end(frame.reason)
                await self._stop()
            case CancelFrame():
                self._clear()
                await self._stop()
        await self.push_frame(frame, direction)

    async def cleanup(self) -> None:
        """Closes the socket, however the pipeline ended."""
        await super().cleanup()
        await self._stop()

    def returned(self, mark: str) -> None:
        """The carrier sent a mark back."""
        if audio := self._playout.heard(mark, time.monotonic()):
            self._playback.played(len(audio), audioop.ulaw2lin(audio, SAMPLE_WIDTH))
            self._note_settled()

    def restart(self) -> None:
        """Another stream begins: nothing of what the old one held was heard."""
        self._clear()
        self._clear_due = False

    def _clear(self) -> None:
        if audio := self._playout.begun(time.monotonic()):
            self._playback.played(len(audio), audioop.ulaw2lin(audio, SAMPLE_WIDTH))
        self._clear_due = self._playout.clear() or self._clear_due
        self._playback.cleared()
        self._note_settled()
        self._changed.set()

    def _note_settled(self) -> None:
        if self._playout.is_done:
            self.settled.set()

    async def _send(self) -> None:
        """The only writer: a ``clear`` goes out before any audio that was added after it."""
        while True:
            writer, socket = self._line.writer, self._line.socket
            self._changed.clear()
            if self._clear_due:
                self._clear_due = False
                await socket.send(writer.clear())
            elif chunk := self._playout.next_chunk(time.monotonic()):
                await socket.send(writer.media(chunk.audio))
                if self._playout.is_under_way(chunk):
                    await socket.send(writer.mark(chunk.mark))
            else:
                await self._wait()

    async def _wait(self) -> None:
        """Until the carrier can take more, there is more, or a ``clear`` is due."""
        if not self._playout.has_waiting:
            await self._changed.wait()
            return
        try:
            async with asyncio.timeout(self._playout.delay(time.monotonic())):
                await self._changed.wait()
        except TimeoutError:
            pass

    async def _finish(self) -> None:
        """Waits until everything was heard, or the caller is gone, or marks are overdue."""
        while not self._playout.is_done and not self._line.hung_up.is_set():
            all_sent = not self._playout.has_waiting
            self.settled.clear()
            try:
                async with asyncio.timeout(FAREWELL_TIMEOUT_S):
                    await self.settled.wait()
            except TimeoutError:
                if all_sent:
                    logger.warning("the carrier returned no mark for {} s", FAREWELL_TIMEOUT_S)
                    return

    async def _stop(self) -> None:
        if self._sending:
            sending, self._sending = self._sending, None
            await self.cancel_task(sending)
            await self._line.socket.close()
