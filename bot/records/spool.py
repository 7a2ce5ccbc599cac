"""Where events wait for the database: files on disk that a killed process leaves whole.

A spool is a folder of segments, numbered files of one JSON object a line that are only appended
to. What `append` has returned from is with the operating system, so that the end of the process,
``kill -9`` included, loses none of it; what survives a power cut is up to `sync`. A line without
its end is not an entry. A segment is deleted once all of it is in the database.
"""

import fcntl
import os
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from loguru import logger

from bot.records.entries import Entry, gaps

SEGMENT_BYTES = 1024 * 1024
LOCK_NAME = "lock"


@dataclass(slots=True)
class _Segment:
    path: Path
    size: int
    last_position: int


class Spool:
    """One instance's folder. One thread may append while another one reads."""

    def __init__(
        self, folder: Path, *, limit_bytes: int, segment_bytes: int = SEGMENT_BYTES
    ) -> None:
        """Prepares a spool; `open` makes it usable.

        Args:
            folder: Of this spool alone.
            limit_bytes: What all of its segments may have together.
            segment_bytes: When the next segment is begun.
        """
        self.folder = folder
        self.limit = limit_bytes
        self._segment_bytes = min(segment_bytes, max(limit_bytes // 8, 1))
        self._guard = threading.Lock()
        self._segments: deque[_Segment] = deque()
        self._active: int | None = None
        self._lock: int | None = None
        self._read: tuple[Path, int] | None = None
        self._unsynced = False
        self._number = 0

    def open(self) -> bool:
        """Takes the folder for this process and finds what is in it.

        Returns:
            False when another process that lives has it.

        Raises:
            OSError: The folder can't be made or read.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.folder / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return False
        self._lock = lock
        for path in sorted(self.folder.glob("*.jsonl")):
            last = max((entry.position for entry, _end in _entries(path, 0)), default=0)
            self._segments.append(_Segment(path, path.stat().st_size, last))
            self._number = int(path.stem)
        return True

    @property
    def size(self) -> int:
        """Bytes that wait."""
        with self._guard:
            return sum(segment.size for segment in self._segments)

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return self.size == 0

    def append(self, entries: Sequence[Entry]) -> None:
        """Adds entries; once it returns they outlive this process.

        Raises:
            OSError: The disk did not take them; none of them counts as added.
        """
        if not entries:
            return
        data = b"".join(entry.line() for entry in entries)
        with self._guard:
            segment = self._segments[-1] if self._segments else None
            if self._active is None or segment is None or segment.size >= self._segment_bytes:
                segment = self._begin_segment()
            self._write(segment, data)
            segment.last_position = entries[-1].position
            if sum(each.size for each in self._segments) > self.limit:
                self._make_room()

    def _write(self, segment: _Segment, data: bytes) -> None:
        assert self._active is not None  # noqa: S101 - for the type checker
        done = 0
        try:
            while done < len(data):
                done += os.write(self._active, data[done:])
        except OSError:
            # The half of a line would swallow the next one.
            with suppress(OSError):
                os.ftruncate(self._active, segment.size)
            raise
        segment.size += done
        self._unsynced = True

    def _begin_segment(self) -> _Segment:
        self._seal()
        self._number += 1
        path = self.folder / f"{self._number:08}.jsonl"
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_EXCL
        self._active = os.open(path, flags, 0o600)
        segment = _Segment(path, 0, 0)
        self._segments.append(segment)
        return segment

    def _seal(self) -> None:
        if self._active is not None:
            active, self._active = self._active, None
            try:
                os.fsync(active)
            finally:
                os.close(active)

    def sync(self) -> None:
        """Hands what was appended to the disk itself, so that it outlives a power cut, too."""
        with self._guard:
            if self._unsynced and self._active is not None:
                os.fsync(self._active)
            self._unsynced = False

    def read(self, limit: int) -> list[Entry]:
        """Up to ``limit`` entries after the ones that were read before, oldest first."""
        found: list[Entry] = []
        with self._guard:
            path, offset = self._read or (None, 0)
            for segment in list(self._segments):
                if path is not None and segment.path < path:
                    continue
                start = offset if segment.path == path else 0
                for entry, end in _entries(segment.path, start):
                    found.append(entry)
                    self._read = (segment.path, end)
                    if len(found) >= limit:
                        return found
        return found

    def rewind(self) -> None:
        """Reads from the oldest entry on again: what was read did not reach the database."""
        with self._guard:
            self._read = None

    def forget(self, position: int) -> None:
        """Deletes the segments whose entries are all in the database, up to ``position``."""
        with self._guard:
            while self._segments and self._segments[0].last_position <= position:
                segment = self._segments[0]
                if len(self._segments) == 1 and self._active is not None:
                    # What callers said is not left lying about until the segment is full.
                    os.ftruncate(self._active, 0)
                    segment.size = 0
                    self._read = None
                    return
                segment.path.unlink(missing_ok=True)
                self._segments.popleft()

    def close(self) -> None:
        """Lets go of the folder, and removes it when nothing is left in it."""
        with self._guard:
            with suppress(OSError):
                self._seal()
            if self._lock is None:
                return
            if not any(segment.size for segment in self._segments):
                with suppress(OSError):
                    for path in (*self.folder.glob("*.jsonl"), self.folder / LOCK_NAME):
                        path.unlink(missing_ok=True)
                    self.folder.rmdir()
            os.close(self._lock)
            self._lock = None

    def _make_room(self) -> None:
        """Drops the least important entries, oldest first, until an eighth of the limit is free.

        The active segment stays as it is.
        """
        goal = self.limit - self.limit // 8
        dropped_in_all = 0
        for grade in (0, 1, 2):
            for segment in list(self._segments)[:-1]:
                if sum(each.size for each in self._segments) <= goal:
                    break
                dropped_in_all += self._compact(segment, grade)
        self._read = None
        if dropped_in_all:
            logger.warning(
                "the spool of events is full (RECORDS_SPOOL_MB): dropped {} of them",
                dropped_in_all,
            )

    def _compact(self, segment: _Segment, grade: int) -> int:
        """Rewrites a segment without what is of ``grade`` or less; says how many went."""
        entries = [entry for entry, _end in _entries(segment.path, 0)]
        dropped = [each for each in entries if each.grade <= grade]
        kept = [each for each in entries if each.grade > grade]
        lines = sorted([*kept, *gaps(dropped)], key=lambda entry: entry.position)
        if len(lines) >= len(entries):
            return 0
        data = b"".join(entry.line() for entry in lines)
        replacement = segment.path.with_suffix(".new")
        replacement.write_bytes(data)
        replacement.replace(segment.path)
        segment.size = len(data)
        return sum(1 for each in dropped if each.type != "missed")


def _entries(path: Path, offset: int) -> Iterator[tuple[Entry, int]]:
    """The entries of a file from a byte on, each with the byte after it."""
    with path.open("rb") as file:
        file.seek(offset)
        for line in file:
            if not line.endswith(b"\n"):
                return
            offset += len(line)
            try:
                entry = Entry.parse(line)
            except ValueError:
                logger.warning("skipped a damaged line in the spool file {}", path.name)
                continue
            yield entry, offset
