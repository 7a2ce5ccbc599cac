"""A call from this machine: a microphone and a loudspeaker, or WAV files in their place."""

import asyncio
import wave
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
import soxr
from pipecat.frames.frames import (
    CancelFrame,
    ClientConnectedFrame,
    EndFrame,
    Frame,
    InputAudioRawFrame,
    InterruptionFrame,
    OutputAudioRawFrame,
    StartFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from bot.errors import StartError
from processors.playback import Playback

SAMPLE_RATE = 24_000
SAMPLE_WIDTH = 2
BLOCK_S = 0.02
BLOCK_SAMPLES = int(SAMPLE_RATE * BLOCK_S)
BLOCK_BYTES = BLOCK_SAMPLES * SAMPLE_WIDTH

Samples = np.ndarray[Any, np.dtype[np.int16]]

QUIET_S = 6.0
"""With a file as the microphone: hang up when it has ended and nothing was said for so long."""


class AudioDeviceError(StartError):
    """There is no usable microphone and loudspeaker; the text says what to do."""


class Loudspeaker:
    """Audio that waits to be played; blocks are taken from it on the clock of the device."""

    def __init__(self) -> None:
        self._waiting = bytearray()
        self.playback: Playback | None = None
        self.empty = asyncio.Event()
        self.empty.set()

    def add(self, pcm: bytes) -> None:
        """Queues audio."""
        self._waiting += pcm
        self.empty.clear()

    def take(self) -> bytes:
        """The next block, filled up with silence; it counts as heard."""
        block = bytes(self._waiting[:BLOCK_BYTES])
        del self._waiting[:BLOCK_BYTES]
        if block and self.playback:
            self.playback.played(len(block) // SAMPLE_WIDTH, block)
        if not self._waiting:
            self.empty.set()
        return block.ljust(BLOCK_BYTES, b"\0")

    def clear(self) -> None:
        """Drops what was not played."""
        self._waiting.clear()
        self.empty.set()
        if self.playback:
            self.playback.cleared()


class AudioDevice(Protocol):
    """Where blocks of sound come from and go to, one of each every 20 ms."""

    def blocks(self, loudspeaker: Loudspeaker) -> AsyncGenerator[bytes]:
        """Plays what ``loudspeaker`` has and yields what the microphone hears, in real time."""
        ...


class SoundCard:
    """The machine's default microphone and loudspeaker, through PortAudio."""

    def __init__(self) -> None:
        """Raises `AudioDeviceError` when there is no PortAudio or no device."""
        try:
            import sounddevice
        except ImportError:
            raise AudioDeviceError(
                "The microphone test needs the package sounddevice: pip install sounddevice. "
                "Or use --input in.wav --output out.wav."
            ) from None
        except OSError:
            raise AudioDeviceError(
                "PortAudio is missing (Debian: apt install libportaudio2, macOS: brew install "
                "portaudio). Or use --input in.wav --output out.wav."
            ) from None
        self._sounddevice = sounddevice
        try:
            sounddevice.check_input_settings(samplerate=SAMPLE_RATE, channels=1, dtype="int16")
            sounddevice.check_output_settings(samplerate=SAMPLE_RATE, channels=1, dtype="int16")
        except (sounddevice.PortAudioError, ValueError) as error:
            raise AudioDeviceError(
                f"No microphone and loudspeaker that can do {SAMPLE_RATE} Hz, mono: {error}. "
                "Use --input in.wav --output out.wav instead."
            ) from None

    async def blocks(self, loudspeaker: Loudspeaker) -> AsyncGenerator[bytes]:
        """Runs a full-duplex stream; its callback has a thread of its own."""
        loop = asyncio.get_running_loop()
        heard: asyncio.Queue[bytes] = asyncio.Queue()
        ready: list[bytes] = []

        def exchange(microphone: bytes) -> None:
            heard.put_nowait(microphone)
            ready.append(loudspeaker.take())

        def callback(microphone: Any, output: Any, _frames: int, _time: Any, _status: Any) -> None:
            # One block behind: the event loop prepares the next while this one plays.
            output[:] = ready.pop(0) if ready else bytes(BLOCK_BYTES)
            loop.call_soon_threadsafe(exchange, bytes(microphone))

        with self._sounddevice.RawStream(
            samplerate=SAMPLE_RATE,
            blocksize=BLOCK_SAMPLES,
            channels=1,
            dtype="int16",
            callback=callback,
        ):
            while True:
                yield await heard.get()


class WavFiles:
    """A WAV file in place of the microphone, and one in place of the loudspeaker, in real time.

    The call is hung up once the input has ended and nothing was said for `QUIET_S`.
    """

    def __init__(self, source: Path, target: Path | None, *, quiet_s: float = QUIET_S) -> None:
        """Reads the input; raises `AudioDeviceError` when that is no PCM16 WAV file."""
        self._pcm = read_wav(source)
        self._target = target
        self._quiet_blocks = int(quiet_s / BLOCK_S)

    async def blocks(self, loudspeaker: Loudspeaker) -> AsyncGenerator[bytes]:
        """Exchanges a block every 20 ms."""
        clock = asyncio.get_running_loop().time
        played = bytearray()
        quiet = 0
        due = clock()
        position = 0
        try:
            while position < len(self._pcm) or quiet < self._quiet_blocks:
                silent = loudspeaker.empty.is_set()
                played += loudspeaker.take()
                block = self._pcm[position : position + BLOCK_BYTES]
                quiet = quiet + 1 if silent and not block else 0
                position += BLOCK_BYTES
                yield block.ljust(BLOCK_BYTES, b"\0")
                due += BLOCK_S
                await asyncio.sleep(max(0.0, due - clock()))
        finally:
            if self._target:
                write_wav(self._target, bytes(played))


class MicrophoneLine:
    """A device as a call's line."""

    channel: Literal["mic"] = "mic"
    sample_rate = SAMPLE_RATE
    rtvi = False
    provider_call_id: str | None = None

    def __init__(self, device: AudioDevice) -> None:
        self.hung_up = asyncio.Event()
        self.failure: str | None = None
        self._device = device
        self._loudspeaker = Loudspeaker()

    def input(self) -> FrameProcessor:
        """Runs the device."""
        return _Microphone(self, self._device, self._loudspeaker)

    def output(self, playback: Playback) -> FrameProcessor:
        """Hands audio to the device."""
        self._loudspeaker.playback = playback
        return _Output(self._loudspeaker)

    async def close(self) -> None:
        """Nothing is left: the device ends with the pipeline."""


class _Microphone(FrameProcessor):
    """Pushes what the device hears."""

    def __init__(self, line: MicrophoneLine, device: AudioDevice, loudspeaker: Loudspeaker) -> None:
        super().__init__(enable_direct_mode=True)
        self._line = line
        self._loudspeaker = loudspeaker
        self._blocks = device.blocks(loudspeaker)
        self._running: asyncio.Task[None] | None = None

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Starts the device with the pipeline."""
        await super().process_frame(frame, direction)
        await self.push_frame(frame, direction)
        if isinstance(frame, StartFrame):
            self._running = self.create_task(self._run(), "microphone")

    async def cleanup(self) -> None:
        """Stops the device."""
        await super().cleanup()
        if self._running:
            await self.cancel_task(self._running)
            self._running = None

    async def _run(self) -> None:
        await self.push_frame(ClientConnectedFrame())
        try:
            async with aclosing(self._blocks) as blocks:
                async for block in blocks:
                    await self.push_frame(InputAudioRawFrame(block, SAMPLE_RATE, 1))
        finally:
            self._loudspeaker.clear()
            self._line.hung_up.set()


class _Output(FrameProcessor):
    """Takes the agent's audio."""

    def __init__(self, loudspeaker: Loudspeaker) -> None:
        super().__init__(enable_direct_mode=True)
        self._loudspeaker = loudspeaker

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Queues audio, drops it on an interruption, lets it end at the end."""
        await super().process_frame(frame, direction)
        match frame:
            case OutputAudioRawFrame():
                self._loudspeaker.add(frame.audio)
                return
            case InterruptionFrame() | CancelFrame():
                self._loudspeaker.clear()
            case EndFrame():
                await self._loudspeaker.empty.wait()
        await self.push_frame(frame, direction)


def read_wav(path: Path) -> bytes:
    """The file's sound as mono PCM16 at `SAMPLE_RATE`; raises `AudioDeviceError`."""
    try:
        with wave.open(str(path), "rb") as file:
            if file.getsampwidth() != SAMPLE_WIDTH:
                raise AudioDeviceError(f"{path} is not 16-bit PCM")
            samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
            channels, rate = file.getnchannels(), file.getframerate()
    except (OSError, EOFError, wave.Error) as error:
        raise AudioDeviceError(f"{path} is not a readable WAV file: {error}") from None
    mono: Samples = samples.reshape(-1, channels).mean(axis=1).astype(np.int16)
    if rate == SAMPLE_RATE:
        return mono.tobytes()
    resampled: Samples = soxr.resample(mono, rate, SAMPLE_RATE)
    return resampled.tobytes()


def write_wav(path: Path, pcm: bytes) -> None:
    """Writes mono PCM16 at `SAMPLE_RATE`."""
    with suppress(FileExistsError):
        path.parent.mkdir(parents=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(SAMPLE_WIDTH)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(pcm)
