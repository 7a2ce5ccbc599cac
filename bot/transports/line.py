"""What a call needs from the way its caller is connected."""

import asyncio
from typing import Literal, Protocol

from pipecat.processors.frame_processor import FrameProcessor

from processors.playback import Playback

Channel = Literal["phone", "webrtc", "websocket", "mic"]


class Line(Protocol):
    """One caller's connection, open and ready for audio. A new way in is a new class like this.

    Attributes:
        sample_rate: Of the audio in both directions inside the pipeline, in Hz.
        provider_call_id: The call's id at the carrier, where there is one.
        rtvi: Whether the other end speaks RTVI: gets events, sends text.
        hung_up: Set once the caller is gone, whoever or whatever caused it.
        failure: Why the line broke, when it was not the caller's wish.
    """

    sample_rate: int
    provider_call_id: str | None
    rtvi: bool
    hung_up: asyncio.Event
    failure: str | None

    @property
    def channel(self) -> Channel:
        """Which way the caller came."""
        ...

    def input(self) -> FrameProcessor:
        """Pushes the caller's audio as ``InputAudioRawFrame`` (mono PCM16)."""
        ...

    def output(self, playback: Playback) -> FrameProcessor:
        """Plays ``OutputAudioRawFrame`` and tells ``playback`` what has been heard or dropped.

        On ``EndFrame`` it lets everything be heard before it closes the line; on
        ``CancelFrame`` it closes at once. May be several processors in a pipeline.
        """
        ...

    async def close(self) -> None:
        """Frees what is left of the line once its pipeline is gone. May be called twice."""
        ...
