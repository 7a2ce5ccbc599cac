"""Tells playback what a transport of Pipecat has played: it stands behind the transport's output.

Pipecat's output transports push each audio frame on once it was written at the pace of playing,
so that what arrives here is what the browser is hearing.
"""

from pipecat.frames.frames import CancelFrame, Frame, InterruptionFrame, OutputAudioRawFrame
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from processors.playback import Playback

SAMPLE_WIDTH = 2


class PlaybackClock(FrameProcessor):
    """Counts the samples of audio that was played, and ends the audio frames' way."""

    def __init__(self, playback: Playback) -> None:
        super().__init__(enable_direct_mode=True)
        self._playback = playback

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Takes audio; passes everything else on."""
        await super().process_frame(frame, direction)
        if isinstance(frame, OutputAudioRawFrame):
            self._playback.played(len(frame.audio) // SAMPLE_WIDTH, frame.audio)
            return
        if isinstance(frame, InterruptionFrame | CancelFrame):
            self._playback.cleared()
        await self.push_frame(frame, direction)
