"""A phone call over Twilio Media Streams: 8 kHz on both sides of the pipeline, no resampling."""

import asyncio
import audioop
from collections.abc import Awaitable, Callable
from typing import Literal

from loguru import logger
from pipecat.audio.dtmf.types import KeypadEntry
from pipecat.frames.frames import (
    CancelFrame,
    ClientConnectedFrame,
    Frame,
    InputAudioRawFrame,
    InputDTMFFrame,
    StartFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from bot.transfer_order import Transferring
from bot.transports.media_socket import MediaSocket
from bot.transports.media_streams import (
    SAMPLE_RATE,
    SAMPLE_WIDTH,
    Digit,
    Mark,
    Media,
    Message,
    Start,
    Stop,
    StreamError,
    StreamWriter,
)
from bot.transports.twilio_output import TwilioOutput
from processors.call_audio.tap import SENT_MS
from processors.playback import Playback

HangUp = Callable[[str], Awaitable[bool]]


class TwilioLine:
    """A started media stream as a call's line."""

    channel: Literal["phone"] = "phone"
    sample_rate = SAMPLE_RATE
    rtvi = False

    def __init__(
        self,
        socket: MediaSocket,
        start: Start,
        *,
        hang_up: HangUp | None = None,
        transfer: Transferring | None = None,
    ) -> None:
        """Takes a stream over.

        Args:
            socket: Of the stream, read up to its start.
            start: What the start said.
            hang_up: Ends the call of that id at the carrier. Without it the call goes on with
                what its TwiML says comes after the stream.
            transfer: Gives the caller to a person, where that is possible.
        """
        self.provider_call_id: str | None = start.call_sid
        self.transfer = transfer
        self._hang_up = hang_up
        self.is_suspended = False
        self._continued = asyncio.Event()
        self.hung_up = asyncio.Event()
        self.failure: str | None = None
        self.socket = socket
        self.writer = StreamWriter(start.stream_sid)
        self._output: TwilioOutput | None = None

    def input(self) -> FrameProcessor:
        """Reads the socket."""
        return TwilioInput(self)

    def output(self, playback: Playback) -> FrameProcessor:
        """Writes to the socket, paced."""
        self._output = TwilioOutput(self, playback)
        return self._output

    def returned(self, mark: str) -> None:
        """The carrier sent a mark back."""
        if self._output:
            self._output.returned(mark)

    async def end(self, reason: object) -> None:
        """The conversation is over: hangs up, unless the caller is still owed an apology."""
        if self._hang_up and reason not in ("error", "transfer") and not self.hung_up.is_set():
            await self._hang_up(str(self.provider_call_id))
        await self.socket.close()

    async def close(self) -> None:
        """Closes the socket, if that has not happened."""
        await self.socket.close()

    def suspend(self) -> None:
        """The carrier is about to end the stream; the caller stays, and may come back."""
        self.is_suspended = True
        self._continued.clear()

    def resume(self, socket: MediaSocket, start: Start) -> None:
        """The caller is back, on another stream."""
        self.socket = socket
        self.writer = StreamWriter(start.stream_sid)
        if self._output:
            self._output.restart()
        self.stay()

    def stay(self) -> None:
        """The line is in use again; on the old stream unless there is another."""
        self.is_suspended = False
        self._continued.set()

    async def goes_on(self, after: MediaSocket) -> bool:
        """Whether another stream follows one that is over; waits for it where one may."""
        if self.is_suspended:
            await after.close()
            continued = asyncio.ensure_future(self._continued.wait())
            given_up = asyncio.ensure_future(self.hung_up.wait())
            try:
                await asyncio.wait({continued, given_up}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                continued.cancel()
                given_up.cancel()
        return self.socket is not after and not self.hung_up.is_set()

    def gone(self) -> None:
        """The socket is closed or the stream stopped."""
        self.hung_up.set()
        if self._output:
            self._output.settled.set()


class TwilioInput(FrameProcessor):
    """Turns what the carrier sends into frames.

    Direct mode: it only ever passes frames on, so queues of its own would add nothing but work.
    """

    def __init__(self, line: TwilioLine) -> None:
        super().__init__(enable_direct_mode=True)
        self._line = line
        self._reading: asyncio.Task[None] | None = None

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Starts reading with the pipeline and stops with it."""
        await super().process_frame(frame, direction)
        if isinstance(frame, CancelFrame):
            await self._stop()
        await self.push_frame(frame, direction)
        if isinstance(frame, StartFrame):
            self._reading = self.create_task(self._read(), "media-streams-input")

    async def cleanup(self) -> None:
        """Stops reading: until here marks are wanted, also while the call is ending."""
        await super().cleanup()
        await self._stop()

    async def _stop(self) -> None:
        if self._reading:
            reading, self._reading = self._reading, None
            await self.cancel_task(reading)

    async def _read(self) -> None:
        await self.push_frame(ClientConnectedFrame())
        try:
            while True:
                stream = self._line.socket
                await self._read_stream(stream)
                if not await self._line.goes_on(stream):
                    break
        except StreamError as error:
            logger.warning("closed a media socket that sent {}", error)
            self._line.failure = f"the media stream sent {error}"
            await self._line.socket.close(error.code, str(error))
        finally:
            self._line.gone()

    async def _read_stream(self, stream: MediaSocket) -> None:
        while message := await stream.read():
            if isinstance(message, Stop):
                return
            await self._take(message)

    async def _take(self, message: Message) -> None:
        match message:
            case Media(audio, sent_ms) if audio:
                pcm = audioop.ulaw2lin(audio, SAMPLE_WIDTH)
                frame = InputAudioRawFrame(pcm, SAMPLE_RATE, 1)
                frame.metadata[SENT_MS] = sent_ms
                await self.push_frame(frame)
            case Mark(name):
                self._line.returned(name)
            case Digit(key) if key.isdigit() or key in "*#":
                await self.push_frame(InputDTMFFrame(button=KeypadEntry(key)))
            case _:
                pass
