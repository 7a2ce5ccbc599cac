"""The recordings on disk: found, deleted, kept for as long as they may be, completed."""

import asyncio
import time
from pathlib import Path

from loguru import logger

from bot.recording.call_recording import CallRecording
from bot.recording.encoders import MEDIA_TYPES
from bot.recording.modes import RecordingFormat, RecordingMode
from bot.recording.recording_file import PART, recover
from processors.call_audio.tap import AudioTap
from processors.events.event import Emit

DAY_S = 24 * 3600
LOOK_EVERY_S = 3600.0


class RecordingLibrary:
    """One directory of recordings.

    Args:
        directory: Made when the first recording begins.
        mode: Whether calls are recorded whose plan does not say.
        format: Of new recordings.
        retention_days: Older recordings are deleted; 0 keeps them.
    """

    def __init__(
        self, directory: Path, *, mode: RecordingMode, format: RecordingFormat, retention_days: int
    ) -> None:
        self.mode: RecordingMode = mode
        self._directory = directory
        self._format: RecordingFormat = format
        self._retention_s = retention_days * DAY_S
        self._keeping: asyncio.Task[None] | None = None

    def recording_of(
        self,
        call_id: str,
        audio: AudioTap,
        emit: Emit,
        *,
        mode: RecordingMode | None = None,
        is_allowed: bool = True,
    ) -> CallRecording:
        """What records a call, in the library's mode unless it has one of its own.

        Nothing is recorded of a call that it is not allowed of.
        """
        return CallRecording(
            call_id,
            mode=(mode or self.mode) if is_allowed else "off",
            audio=audio,
            directory=self._directory,
            format=self._format,
            emit=emit,
        )

    def find(self, call_id: str) -> list[Path]:
        """The finished recordings of a call, the first one first."""
        found = [
            path
            for suffix in MEDIA_TYPES
            for name in (f"{call_id}{suffix}", f"{call_id}-*{suffix}")
            for path in self._directory.glob(name)
        ]
        return sorted(found, key=lambda path: (len(path.stem), path.stem))

    def delete(self, call_id: str) -> int:
        """Deletes the finished recordings of a call; how many there were."""
        found = self.find(call_id)
        for path in found:
            path.unlink(missing_ok=True)
        return len(found)

    def forget(self, call_id: str) -> None:
        """Deletes all that is here of a call that was erased, also what nobody has completed.

        Raises:
            OSError: Something could not be deleted; the rest has been.
        """
        errors = []
        for path in self._files():
            if path.name.startswith((f"{call_id}.", f"{call_id}-")):
                try:
                    path.unlink(missing_ok=True)
                except OSError as error:
                    errors.append(error)
        if errors:
            raise errors[0]

    async def start(self) -> None:
        """Completes what a killed process left behind, and looks for old recordings every hour."""
        await asyncio.to_thread(self.recover)
        if self._retention_s:
            self._keeping = asyncio.create_task(self._keep(), name="recordings-retention")

    async def close(self) -> None:
        """Stops looking."""
        if self._keeping:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)

    def recover(self) -> list[Path]:
        """Completes parts that nobody writes any more; says in the log which, or what is wrong."""
        recovered = []
        for part in sorted(self._directory.glob(f"*{PART}")):
            try:
                path = recover(part)
            except (OSError, ValueError) as error:
                logger.warning("a recording that broke off, {}, is unusable: {}", part.name, error)
                continue
            if path:
                logger.info("completed a recording that broke off: {}", path.name)
                recovered.append(path)
        return recovered

    def expire(self, now: float) -> list[Path]:
        """Deletes recordings that ended longer ago than they may be kept (``now``: UNIX time)."""
        expired = []
        for path in self._files():
            if path.stat().st_mtime < now - self._retention_s:
                path.unlink(missing_ok=True)
                logger.info("deleted {}: RECORDINGS_RETENTION_DAYS are over", path.name)
                expired.append(path)
        return expired

    def _files(self) -> list[Path]:
        """Recordings and parts of them; nothing else that somebody put here."""
        return [p for p in self._directory.glob("*") if p.suffix in (*MEDIA_TYPES, PART)]

    async def _keep(self) -> None:
        while True:
            try:
                await asyncio.to_thread(self.expire, time.time())
            except OSError as error:
                logger.error("old recordings could not be deleted: {}", error)
            await asyncio.sleep(LOOK_EVERY_S)
