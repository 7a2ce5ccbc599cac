"""A person's voice on a call's way out, in the agent's place."""

import numpy as np
import soxr
from pipecat.frames.frames import Frame, OutputAudioRawFrame
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from processors.playback import Playback

SAMPLE_WIDTH = 2

MOST_WAITING_MS = 600
"""Of a person's voice that the line has not played: what comes beyond is left out. It is more than
a network's way there and back, and a line that has stopped does not fill up."""


class OperatorVoice(FrameProcessor):
    """Joins a second transport to the call: what it is given is heard by the caller.

    It stands between the model and the line's output, and is nothing but a way through as long as
    nobody speaks. The agent's silence meanwhile is the model's business.

    Args:
        playback: The call's; it tells how far the line is behind, and has the voice recorded.
        sample_rate: Of the call, in Hz.
        voice_rate: Of what is spoken, in Hz.
    """

    def __init__(self, playback: Playback, sample_rate: int, voice_rate: int) -> None:
        super().__init__(enable_direct_mode=True)
        self.voice_rate = voice_rate
        self._playback = playback
        self._rate = sample_rate
        self._resampler = self._new_resampler()
        self.left_out_ms = 0.0

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Passes everything on."""
        await super().process_frame(frame, direction)
        await self.push_frame(frame, direction)

    async def speak(self, pcm: bytes) -> None:
        """Plays mono PCM16 of ``voice_rate`` to the caller, unless the line is too far behind."""
        if self._playback.joined_ms > MOST_WAITING_MS:
            self.left_out_ms += len(pcm) * 1000 / (SAMPLE_WIDTH * self.voice_rate)
            return
        if self._resampler:
            pcm = self._resampler.resample_chunk(np.frombuffer(pcm, np.int16)).tobytes()
        if pcm:
            self._playback.joined(len(pcm) // SAMPLE_WIDTH)
            await self.push_frame(OutputAudioRawFrame(pcm, self._rate, 1))

    def rest(self) -> None:
        """The person has spoken for now: the next one begins afresh."""
        self._resampler = self._new_resampler()

    def _new_resampler(self) -> soxr.ResampleStream | None:
        if self.voice_rate == self._rate:
            return None
        # LQ holds audio for 12 ms; the better ones for 36 and more.
        return soxr.ResampleStream(self.voice_rate, self._rate, 1, "int16", quality="LQ")
