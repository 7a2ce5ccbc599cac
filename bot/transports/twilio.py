"""A phone call over Twilio Media Streams: 8 kHz on both sides of the pipeline, no resampling."""

import asyncio
import audioop
import time
from collections.abc import Awaitable, Callable
from typing import Literal

from loguru import logger
from pipecat.audio.dtmf.types import KeypadEntry
from pipecat.frames.frames import (
    CancelFrame,
    ClientConnectedFrame,
    EndFrame,
    Frame,
    InputAudioRawFrame,
    InputDTMFFrame,
    InterruptionFrame,
    OutputAudioRawFrame,
    StartFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from bot.transfer_order import Transferring
from bot.transports.media_streams import (
    POLICY_VIOLATION,
    SAMPLE_RATE,
    Digit,
    Mark,
    Media,
    Message,
    Start,
    Stop,
    StreamError,
    StreamReader,
    StreamWriter,
)
from bot.transports.playout import Playout
from processors.call_audio.tap import SENT_MS
from processors.playback import Playback

START_TIMEOUT_S = 10.0
"""A carrier sends ``connected`` and ``start`` at once; a peer that doesn't is none."""

FAREWELL_TIMEOUT_S = 5.0
"""How long marks may be overdue before a line that is ending is closed all the same."""

SAMPLE_WIDTH = 2

HangUp = Callable[[str], Awaitable[bool]]


class MediaSocket:
    """An accepted WebSocket that speaks Media Streams; ``closed`` is set once it is over."""

    def __init__(self, websocket: WebSocket) -> None:
        self.closed = asyncio.Event()
        self._websocket = websocket
        self._reader = StreamReader()

    async def start(self) -> Start | None:
        """Waits for the stream to start; ``None`` when the peer leaves first.

        Raises:
            StreamError: The peer breaks the protocol or takes more than `START_TIMEOUT_S`.
        """
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                message = await self.read()
        except TimeoutError:
            raise StreamError(
                POLICY_VIOLATION, f"no start within {START_TIMEOUT_S:.0f} s"
            ) from None
        return message if isinstance(message, Start) else None

    async def read(self) -> Message | None:
        """The next message; ``None`` when the socket is closed. Raises `StreamError`."""
        while True:
            received = await self._websocket.receive()
            if received["type"] == "websocket.disconnect":
                self.closed.set()
                return None
            data = received.get("text")
            message = self._reader.read(data if data is not None else received["bytes"])
            if message:
                return message

    async def send(self, message: str) -> None:
        """Sends, unless the socket is closed: `read` reports that."""
        if self._websocket.application_state is not WebSocketState.CONNECTED:
            return
        try:
            await self._websocket.send_text(message)
        except (WebSocketDisconnect, RuntimeError) as gone:
            logger.debug("not sent, the media socket is closed: {!r}", gone)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Closes the socket if it is open."""
        self.closed.set()
        if WebSocketState.DISCONNECTED in (
            self._websocket.application_state,
            self._websocket.client_state,
        ):
            return
        try:
            await self._websocket.close(code, reason)
        except (WebSocketDisconnect, RuntimeError) as gone:
            logger.debug("not closed, the media socket is closed: {!r}", gone)


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


class TwilioOutput(FrameProcessor):
    """Sends audio to the carrier and follows, by marks, what the caller has heard of it.

    Direct mode: frames come here in the order in which the model's service pushes them, and an
    interruption takes effect while it is being pushed. ``settled`` is set when everything was
    heard or dropped, and when the caller is gone.
    """

    def __init__(self, line: TwilioLine, playback: Playback) -> None:
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
