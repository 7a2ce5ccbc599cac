"""A person's voice on a call's way out, in the agent's place."""

import audioop

import numpy as np
import soxr
from loguru import logger
from pipecat.frames.frames import Frame, OutputAudioRawFrame
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from processors.playback import Playback

SAMPLE_WIDTH = 2

LATE_MS = 300
"""A voice that waits for longer to be played catches up in its pauses, which are left out."""

MOST_WAITING_MS = 1500
"""Beyond this words are left out, too: so a line that has stopped does not fill up."""

PAUSE_RMS = 200
"""As quiet is a pause: 44 dB below full scale, of which a microphone's noise stays short."""

PAUSE_MS = 200
"""So long a pause lasts before any of it may be left out: shorter ones belong to words."""


class Patience:
    """Decides what of a voice is played on a line that is late, and what is left out."""

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._quiet_ms = 0.0
        self.left_out_ms = 0.0

    def has_room(self, waiting_ms: float, pcm: bytes) -> bool:
        """Whether more mono PCM16 is to be played after so much that waits."""
        length_ms = len(pcm) * 1000 / (SAMPLE_WIDTH * self._rate)
        is_quiet = audioop.rms(pcm, SAMPLE_WIDTH) < PAUSE_RMS
        self._quiet_ms = self._quiet_ms + length_ms if is_quiet else 0.0
        most_ms = LATE_MS if self._quiet_ms > PAUSE_MS else MOST_WAITING_MS
        if waiting_ms <= most_ms:
            return True
        self.left_out_ms += length_ms
        return False


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
        self._patience = Patience(voice_rate)

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Passes everything on."""
        await super().process_frame(frame, direction)
        await self.push_frame(frame, direction)

    async def speak(self, pcm: bytes) -> None:
        """Plays mono PCM16 of ``voice_rate`` to the caller, unless the line is too far behind."""
        if not self._patience.has_room(self._playback.joined_ms, pcm):
            return
        if self._resampler:
            pcm = self._resampler.resample_chunk(np.frombuffer(pcm, np.int16)).tobytes()
        if pcm:
            self._playback.joined(len(pcm) // SAMPLE_WIDTH)
            await self.push_frame(OutputAudioRawFrame(pcm, self._rate, 1))

    def rest(self) -> None:
        """The person has spoken for now: the next one begins afresh."""
        if left_out_ms := self._patience.left_out_ms:
            logger.info("{:.0f} ms of an operator's voice, or pauses, were left out", left_out_ms)
        self._patience = Patience(self.voice_rate)
        self._resampler = self._new_resampler()

    def _new_resampler(self) -> soxr.ResampleStream | None:
        if self.voice_rate == self._rate:
            return None
        # LQ holds audio for 12 ms; the better ones for 36 and more.
        return soxr.ResampleStream(self.voice_rate, self._rate, 1, "int16", quality="LQ")
