"""Writes what is heard in a call to disk, on a thread: no disk and no encoder can hold it up."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

from loguru import logger

from bot.recording.modes import RecordingFormat
from bot.recording.recording_file import Finished, RecordingFile
from processors.call_audio.alignment import Aligner
from processors.call_audio.tap import AudioTap

RING_PIECES = 4000
"""What waits while the disk is slow: at least half a minute of both sides."""

LOOK_EVERY_S = 0.25
SETTLE_S = 1.5
"""Audio this old is written: the report of what was played has come by then."""

FINISH_TIMEOUT_S = 5.0
"""How long a call's end waits for its recording; the thread may take longer."""


class Recorder:
    """One recording, from its start to its end.

    Args:
        tap: Of the call.
        path: Of the finished file.
        format: Of the file.
        on_trouble: Called once on the event loop if the recording cannot go on, with the reason.
    """

    def __init__(
        self, tap: AudioTap, path: Path, format: RecordingFormat, on_trouble: Callable[[str], None]
    ) -> None:
        self._tap = tap
        self._path = path
        self._format: RecordingFormat = format
        self._on_trouble = on_trouble
        self._loop = asyncio.get_running_loop()
        self._listener = tap.listen(ring=RING_PIECES)
        self._start = tap.position
        self._end: int | None = None
        self._stopping = threading.Event()
        self._done = asyncio.Event()
        self._result: Finished | None = None
        # A daemon: a disk that hangs must not keep the process from ending.
        self._thread = threading.Thread(target=self._run, name=f"record-{path.stem}", daemon=True)
        self._thread.start()

    @property
    def missed(self) -> int:
        """Pieces that gave way because the disk was too slow; silence stands for them."""
        return self._listener.missed

    async def stop(self) -> Finished | None:
        """Ends the recording; what it came to, None when there is none or it takes too long."""
        if self._end is None:
            self._end = self._tap.position
        self._tap.leave(self._listener)
        self._stopping.set()
        try:
            async with asyncio.timeout(FINISH_TIMEOUT_S):
                await self._done.wait()
        except TimeoutError:
            logger.error("the disk takes long to finish {}", self._path.name)
        return self._result

    def _run(self) -> None:
        try:
            self._result = self._record()
        except Exception as error:  # whatever it is, it is the recording's trouble alone
            self._tell(self._trouble, f"{type(error).__name__}: {error}")
        self._tell(self._done.set)

    def _record(self) -> Finished | None:
        file = RecordingFile(self._path, self._format, self._tap.sample_rate)
        try:
            aligner = Aligner(self._tap.sample_rate, self._start)
            settle = int(SETTLE_S * self._tap.sample_rate)
            while True:
                is_last = self._stopping.wait(LOOK_EVERY_S)
                for piece in self._listener.take():
                    aligner.add(piece)
                now = self._end if self._end is not None else self._tap.position
                for block in aligner.take(now if is_last else now - settle):
                    file.write(block)
                if is_last:
                    return file.finish()
        except Exception as error:
            self._tell(self._trouble, f"{type(error).__name__}: {error}")
            return file.give_up()

    def _trouble(self, reason: str) -> None:
        self._tap.leave(self._listener)
        self._on_trouble(reason)

    def _tell(self, callback: Callable[..., object], *args: object) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(callback, *args)
