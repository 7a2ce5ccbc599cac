"""A call from a browser over one WebSocket: RTVI in Pipecat's protobuf frames, audio included.

The way in where UDP is blocked; the other end is ``@pipecat-ai/websocket-transport``.
"""

import asyncio
from typing import Literal

import numpy as np
import soxr
from google.protobuf.message import DecodeError
from loguru import logger
from pipecat.frames.frames import (
    Frame,
    InputAudioRawFrame,
    InputTransportMessageFrame,
    InterruptionFrame,
    OutputAudioRawFrame,
    OutputTransportMessageFrame,
    OutputTransportMessageUrgentFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.processors.frame_processor import FrameProcessor
from pipecat.serializers.protobuf import ProtobufFrameSerializer
from pipecat.transports.websocket.fastapi import FastAPIWebsocketParams, FastAPIWebsocketTransport
from starlette.websockets import WebSocket

from bot.transports.playback_clock import PlaybackClock
from processors.playback import Playback

SAMPLE_RATE = 24_000
SAMPLE_RATES = (8_000, 16_000, 24_000, 32_000, 44_100, 48_000)
"""What a browser's recorder may send; other than the line's own rate is resampled."""


class WebSocketLine:
    """An accepted WebSocket as a call's line."""

    channel: Literal["websocket"] = "websocket"
    sample_rate = SAMPLE_RATE
    rtvi = True
    provider_call_id: str | None = None

    def __init__(self, websocket: WebSocket) -> None:
        self.hung_up = asyncio.Event()
        self.failure: str | None = None
        self._transport = FastAPIWebsocketTransport(
            websocket,
            FastAPIWebsocketParams(
                audio_in_enabled=True,
                audio_out_enabled=True,
                audio_out_10ms_chunks=2,
                audio_out_end_silence_secs=0,
                serializer=BrowserSerializer(self),
            ),
        )
        self._transport.add_event_handler("on_client_disconnected", self._on_gone)

    def input(self) -> FrameProcessor:
        """Reads the socket."""
        return self._transport.input()

    def output(self, playback: Playback) -> FrameProcessor:
        """Writes to the socket at the pace of playing."""
        return Pipeline([self._transport.output(), PlaybackClock(playback)])

    async def close(self) -> None:
        """Nothing is left: the transport closes the socket."""

    def refuse(self, what: str) -> None:
        """The browser sent something that is no message of the protocol: ends the call."""
        logger.warning("ending a call over a WebSocket that sent {}", what)
        self.failure = f"the browser sent {what}"
        self.hung_up.set()

    async def _on_gone(self, _transport: FastAPIWebsocketTransport, _socket: WebSocket) -> None:
        self.hung_up.set()


class BrowserSerializer(ProtobufFrameSerializer):
    """Pipecat's protobuf frames, limited to what a browser may send and needs to get."""

    def __init__(self, line: WebSocketLine) -> None:
        super().__init__()
        self._line = line
        self._resampler: soxr.ResampleStream | None = None
        self._resampled_rate = 0

    async def serialize(self, frame: Frame) -> str | bytes | None:
        """The message for a frame; ``None`` for one that is no business of a browser."""
        if not isinstance(
            frame,
            OutputAudioRawFrame
            | OutputTransportMessageFrame
            | OutputTransportMessageUrgentFrame
            | InterruptionFrame,
        ):
            return None
        return await super().serialize(frame)

    async def deserialize(self, data: str | bytes) -> Frame | None:
        """Audio at the line's rate, or an RTVI message; anything else ends the call."""
        if isinstance(data, str):
            self._line.refuse("a text message")
            return None
        try:
            frame = await super().deserialize(data)
        except DecodeError:
            self._line.refuse("a message that is not a protobuf frame")
            return None
        if isinstance(frame, InputAudioRawFrame):
            return self._at_line_rate(frame)
        if isinstance(frame, InputTransportMessageFrame) and isinstance(frame.message, dict):
            return frame
        self._line.refuse("a frame that is neither audio nor an RTVI message")
        return None

    def _at_line_rate(self, frame: InputAudioRawFrame) -> InputAudioRawFrame | None:
        rate = frame.sample_rate
        if frame.num_channels != 1 or rate not in SAMPLE_RATES or len(frame.audio) % 2:
            self._line.refuse(f"audio other than mono PCM16 at one of {SAMPLE_RATES} Hz")
            return None
        if rate == SAMPLE_RATE:
            return frame
        if self._resampler is None or self._resampled_rate != rate:
            # LQ holds audio for 12 ms; the better ones for 36 and more.
            self._resampler = soxr.ResampleStream(rate, SAMPLE_RATE, 1, "int16", quality="LQ")
            self._resampled_rate = rate
        return InputAudioRawFrame(
            self._resampler.resample_chunk(np.frombuffer(frame.audio, np.int16)).tobytes(),
            SAMPLE_RATE,
            1,
        )
