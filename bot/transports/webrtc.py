"""A call from a browser over WebRTC, by Pipecat's SmallWebRTC transport at the model's 24 kHz."""

import asyncio
from typing import Literal

from loguru import logger
from pipecat.pipeline.pipeline import Pipeline
from pipecat.processors.frame_processor import FrameProcessor
from pipecat.transports.base_transport import TransportParams
from pipecat.transports.smallwebrtc.connection import SmallWebRTCConnection
from pipecat.transports.smallwebrtc.transport import SmallWebRTCTransport

from bot.transports.gate import Gate
from bot.transports.playback_clock import PlaybackClock
from processors.playback import Playback

SAMPLE_RATE = 24_000

CONNECT_TIMEOUT_S = 30.0
"""A browser that has its answer and still does not come through by then never will."""


class PeerConnection(SmallWebRTCConnection):
    """A peer connection that is closed to the end, whoever began to close it.

    aiortc has every further ``close`` wait for the first one, for ever if that was cancelled in
    the middle: as Pipecat cancels its transport's, when an agent ends a call.
    """

    _closing: asyncio.Task[None] | None = None

    async def _close(self) -> None:
        if self._closing is None or self._closing.done():
            self._closing = asyncio.create_task(super()._close())
        await asyncio.shield(self._closing)


class WebRTCLine:
    """A negotiated peer connection as a call's line."""

    channel: Literal["webrtc"] = "webrtc"
    sample_rate = SAMPLE_RATE
    rtvi = True
    provider_call_id: str | None = None

    def __init__(self, connection: SmallWebRTCConnection) -> None:
        self.hung_up = asyncio.Event()
        self.failure: str | None = None
        self._transport = SmallWebRTCTransport(
            connection,
            TransportParams(
                audio_in_enabled=True,
                audio_out_enabled=True,
                # Chunks of 20 ms: an interruption cuts within one of them.
                audio_out_10ms_chunks=2,
                audio_out_end_silence_secs=0,
            ),
        )
        self._connection = connection
        self._gate = Gate()
        for gone in ("closed", "failed"):
            connection.add_event_handler(gone, self._on_gone)
        self._transport.add_event_handler("on_client_connected", self._on_connected)
        self._patience = asyncio.get_running_loop().call_later(CONNECT_TIMEOUT_S, self._give_up)

    def input(self) -> FrameProcessor:
        """Receives the track and the data channel."""
        return self._transport.input()

    def output(self, playback: Playback) -> FrameProcessor:
        """Sends the track and the data channel."""
        return Pipeline([self._gate, self._transport.output(), PlaybackClock(playback)])

    async def close(self) -> None:
        """Closes the connection: Pipecat's transport leaves one alone that never came about."""
        self._patience.cancel()
        await self._connection.disconnect()

    async def _on_connected(
        self, _transport: SmallWebRTCTransport, _connection: SmallWebRTCConnection
    ) -> None:
        self._patience.cancel()
        await self._gate.open()

    async def _on_gone(self, _connection: SmallWebRTCConnection) -> None:
        self._patience.cancel()
        self.hung_up.set()

    def _give_up(self) -> None:
        self.failure = f"the browser did not connect within {CONNECT_TIMEOUT_S:.0f} s"
        logger.warning("ending a call: {}", self.failure)
        self.hung_up.set()
