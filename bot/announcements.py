"""What callers hear from us when no model can speak: made ahead of time, kept on disk.

The model itself says the lines, in the voice of the agent who answers, as soon as the service has
started; a line that it never came to say is there as a file of the package, in another voice.
"""

import asyncio
import hashlib
import wave
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soxr
from loguru import logger

from processors.realtime.announcements import Clip, RecordingError, record
from processors.realtime.endpoints import Endpoint

SHIPPED = Path(__file__).parent / "clips"
SAMPLE_WIDTH = 2

FIRST_DELAY_S = 10.0
LONGEST_DELAY_S = 600.0
"""Between attempts to make what is missing; the time doubles with each."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """A line, and the file in `SHIPPED` that says it if need be."""

    name: str
    text: str


APOLOGY = Announcement(
    "apology",
    "I am sorry, we have a technical problem. Please call again in a few minutes. Goodbye.",
)
CALLED_APOLOGY = Announcement(
    "called_apology",
    "I am sorry, we have a technical problem and have to end this call. Goodbye.",
)
TRANSFER = Announcement(
    "transfer",
    "I am sorry, we have a technical problem. Please hold the line, I am connecting you with a "
    "colleague.",
)

HOLD = Announcement("hold", "Just a moment, please.")
"""For somebody who waits in silence, whatever for."""

ANNOUNCEMENTS = (HOLD, APOLOGY, CALLED_APOLOGY, TRANSFER)


class Announcements:
    """The clips of one process.

    Args:
        announcements: What there is to say.
        voice: Who says it.
        endpoints: Models that can, in order of preference.
        kept: Where clips are kept, by text, voice and model; None makes none.
    """

    def __init__(
        self,
        announcements: Sequence[Announcement],
        *,
        voice: str,
        endpoints: Sequence[Endpoint],
        kept: Path | None,
    ) -> None:
        self._announcements = announcements
        self._voice = voice
        self._endpoints = endpoints
        self._kept = kept
        self._clips: dict[tuple[str, int], Clip] = {}
        self._making: asyncio.Task[None] | None = None
        self.made = asyncio.Event()

    def start(self) -> None:
        """Makes what is missing, beside everything else."""
        if self._kept and self._endpoints:
            self._making = asyncio.create_task(self._make(self._kept), name="announcements")

    async def close(self) -> None:
        """Stops making."""
        if self._making:
            self._making.cancel()
            with suppress(asyncio.CancelledError):
                await self._making

    def clip(self, announcement: Announcement, sample_rate: int) -> Clip:
        """The best that there is of an announcement, at ``sample_rate`` Hz."""
        known = self._clips.get((announcement.name, sample_rate))
        if known is None:
            shipped = read_clip(SHIPPED / f"{announcement.name}.wav", announcement.text)
            known = self._take(announcement, shipped, sample_rate)
        return known

    async def _make(self, kept: Path) -> None:
        delay = FIRST_DELAY_S
        missing = list(self._announcements)
        while True:
            missing = [each for each in missing if not await self._have(each, kept)]
            if not missing:
                self.made.set()
                return
            await asyncio.sleep(delay)
            delay = min(delay * 2, LONGEST_DELAY_S)

    async def _have(self, announcement: Announcement, kept: Path) -> bool:
        """Whether there is a clip of the model's by now."""
        for endpoint in self._endpoints:
            path = kept / f"{announcement.name}-{self._key(announcement, endpoint)}.wav"
            try:
                clip = await asyncio.to_thread(read_clip, path, announcement.text)
            except (OSError, EOFError, wave.Error):
                try:
                    clip = await record(announcement.text, voice=self._voice, endpoint=endpoint)
                except RecordingError as error:
                    logger.warning("no {} announcement yet: {}", announcement.name, error)
                    continue
                await asyncio.to_thread(_keep, clip, path)
            for rate in (8000, 24_000):
                self._take(announcement, clip, rate)
            return True
        return False

    def _key(self, announcement: Announcement, endpoint: Endpoint) -> str:
        # Another server's model of the same name may speak in another way.
        identity = (announcement.text, self._voice, endpoint.name, endpoint.model)
        return hashlib.sha256("\0".join(identity).encode()).hexdigest()[:16]

    def _take(self, announcement: Announcement, clip: Clip, sample_rate: int) -> Clip:
        resampled = Clip(clip.text, _resampled(clip, sample_rate), sample_rate)
        self._clips[announcement.name, sample_rate] = resampled
        return resampled


def read_clip(path: Path, text: str) -> Clip:
    """A clip from a mono PCM16 WAV file.

    Raises:
        OSError: The file can't be read.
        EOFError: It ends too early.
        wave.Error: It is no such WAV file.
    """
    with wave.open(str(path), "rb") as file:
        if (file.getnchannels(), file.getsampwidth()) != (1, SAMPLE_WIDTH):
            raise wave.Error(f"{path} is not mono PCM16")
        return Clip(text, file.readframes(file.getnframes()), file.getframerate())


def _keep(clip: Clip, path: Path) -> None:
    """Writes a clip; a disk that can't take it costs a recording at the next start."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        with wave.open(str(part), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(SAMPLE_WIDTH)
            file.setframerate(clip.sample_rate)
            file.writeframes(clip.pcm)
        part.replace(path)
    except OSError as error:
        logger.warning("an announcement can't be kept: {}", error)


def _resampled(clip: Clip, sample_rate: int) -> bytes:
    if clip.sample_rate == sample_rate:
        return clip.pcm
    samples: np.ndarray[Any, np.dtype[np.int16]] = np.frombuffer(clip.pcm, np.int16)
    resampled: np.ndarray[Any, np.dtype[np.int16]] = soxr.resample(
        samples, clip.sample_rate, sample_rate
    )
    return resampled.astype(np.int16).tobytes()
