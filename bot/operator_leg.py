"""An operator's own connection to a call: they speak to the caller, and hear the caller."""

import asyncio

import numpy as np
import soxr
from loguru import logger
from pipecat.frames.frames import Frame, InputAudioRawFrame, OutputAudioRawFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker, ProcessorUnusablePolicy
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.workers.runner import WorkerRunner

from bot.takeover import NotTakenError, Seat, TakeOver
from bot.transports.line import Line
from processors.call_audio.tap import SAMPLE_WIDTH, AudioTap, Listener
from processors.operator_voice import Patience
from processors.playback import Playback

CONNECT_S = 30.0
"""An operator whose microphone is not heard by then has not come through."""

SILENT_S = 5.0
"""Microphones send all the time, also when they are muted: an operator of whom nothing at all came
for so long has lost the connection. Browsers notice that only after half a minute."""

RING_PIECES = 50
"""What the caller says while the event loop is busy: at least 1 s."""


class _Ear(FrameProcessor):
    """Takes the operator's microphone out of their pipeline, and puts the caller's voice in."""

    def __init__(self, leg: "OperatorLeg") -> None:
        super().__init__(enable_direct_mode=True)
        self._leg = leg

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Passes everything else on."""
        if isinstance(frame, InputAudioRawFrame):
            await self._leg.said(frame.audio)
            return
        await super().process_frame(frame, direction)
        await self.push_frame(frame, direction)


class OperatorLeg:
    """One connection, from its making until the operator or the call is gone.

    Args:
        line: Theirs, of the take-over's voice rate.
        audio: Of the call; the operator hears the caller's side and never their own.
        takeover: Of the call.
        seat: The operator's place in it.
    """

    def __init__(self, line: Line, audio: AudioTap, takeover: TakeOver, seat: Seat) -> None:
        self._line = line
        self._audio = audio
        self._takeover = takeover
        self._seat = seat
        self._ear = _Ear(self)
        self._playback = Playback(line.sample_rate)
        self._patience = Patience(audio.sample_rate)
        self._heard_at = 0.0
        self._is_heard = asyncio.Event()

    async def run(self) -> None:
        """Returns when the operator has left; the agent has the caller then, if there is one."""
        worker = PipelineWorker(
            Pipeline([self._line.input(), self._ear, self._line.output(self._playback)]),
            params=PipelineParams(
                audio_in_sample_rate=self._line.sample_rate,
                audio_out_sample_rate=self._line.sample_rate,
            ),
            enable_rtvi=self._line.rtvi,
            enable_turn_tracking=False,
            idle_timeout_secs=None,
            cancel_runner_on_idle_timeout=False,
            processor_unusable_policy=ProcessorUnusablePolicy.CANCEL,
        )
        runner = WorkerRunner(handle_sigint=False)
        await runner.add_workers(worker)
        running = asyncio.create_task(runner.run())
        watching = [
            asyncio.create_task(work)
            for work in (
                self._line.hung_up.wait(),
                self._seat.left.wait(),
                self._until_silent(),
                self._bring_caller(),
            )
        ]
        try:
            await asyncio.wait([running, *watching], return_when=asyncio.FIRST_COMPLETED)
            await self._leave()
        finally:
            for task in watching:
                task.cancel()
            await worker.cancel()
            await asyncio.gather(running, *watching, return_exceptions=True)
            await self._line.close()

    async def said(self, pcm: bytes) -> None:
        """The microphone's next audio."""
        self._heard_at = asyncio.get_running_loop().time()
        self._is_heard.set()
        await self._takeover.hear(self._seat, pcm)

    async def _leave(self) -> None:
        """The connection is of no use any more, for whatever reason."""
        if self._audio.is_closed:
            return  # the call is over
        if not self._seat.has_begun:
            self._takeover.give_up(self._seat)
            return
        try:
            await self._takeover.hand_back("connection_lost", seat=self._seat)
        except NotTakenError:
            return  # handed back, which is why the connection ends
        logger.info("an operator's connection was lost: the agent has the caller again")

    async def _until_silent(self) -> None:
        try:
            async with asyncio.timeout(CONNECT_S):
                await self._is_heard.wait()
        except TimeoutError:
            return
        loop = asyncio.get_running_loop()
        left = SILENT_S
        while left > 0:
            await asyncio.sleep(left)
            left = self._heard_at + SILENT_S - loop.time()

    async def _bring_caller(self) -> None:
        """Plays the caller's side to the operator as it arrives, once they are connected."""
        await self._is_heard.wait()
        resampler = (
            soxr.ResampleStream(
                self._audio.sample_rate, self._line.sample_rate, 1, "int16", quality="LQ"
            )
            if self._audio.sample_rate != self._line.sample_rate
            else None
        )
        listener = self._audio.listen(ring=RING_PIECES)
        try:
            while not listener.closed:
                await listener.changed.wait()
                listener.changed.clear()
                await self._play(listener, resampler)
        finally:
            self._audio.leave(listener)

    async def _play(self, listener: Listener, resampler: soxr.ResampleStream | None) -> None:
        for piece in listener.take():
            if piece.side != "caller" or not self._patience.has_room(
                self._playback.joined_ms, piece.pcm
            ):
                continue
            pcm = piece.pcm
            if resampler:
                pcm = resampler.resample_chunk(np.frombuffer(pcm, np.int16)).tobytes()
            if pcm:
                self._playback.joined(len(pcm) // SAMPLE_WIDTH)
                await self._ear.push_frame(OutputAudioRawFrame(pcm, self._line.sample_rate, 1))
