"""A recording's file: unfinished under another name, private, and complete when it is renamed."""

import fcntl
import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bot.recording.encoders import SUFFIXES, WAV_HEADER_BYTES, encoder_for, wav_header
from bot.recording.modes import RecordingFormat
from processors.call_audio.alignment import CHANNELS, Stereo

PART = ".part"
_FRAME_BYTES = len(CHANNELS) * 2


@dataclass(frozen=True, slots=True)
class Finished:
    """A recording that is complete."""

    path: Path
    duration_s: float
    bytes: int
    sha256: str


class RecordingFile:
    """Writes one recording: ``<name>.part`` until `finish` gives it its name.

    While it is open it is locked, so that a part that nobody locks is one that was left behind.
    """

    def __init__(self, path: Path, format: RecordingFormat, sample_rate: int) -> None:
        """Creates the file, which only its owner may read. Raises ``OSError``."""
        self._path = path
        self._part = path.with_name(path.name + PART)
        self._rate = sample_rate
        self._samples = 0
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(self._part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(handle, "w+b", buffering=0)
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._encoder = encoder_for(format, self._file, sample_rate)

    def write(self, block: Stereo) -> None:
        """Appends audio. Raises ``OSError``."""
        self._encoder.write(block)
        self._samples += len(block)

    def finish(self) -> Finished:
        """Completes the file under its own name. Raises ``OSError``; then the part stays."""
        try:
            self._encoder.close()
            os.fsync(self._file.fileno())
        finally:
            self._file.close()
        self._part.rename(self._path)
        size, digest = _size_and_digest(self._path)
        return Finished(self._path, self._samples / self._rate, size, digest)

    def give_up(self) -> Finished | None:
        """After an error: keeps what can be kept, or nothing but the part."""
        with suppress(Exception):  # an encoder that failed may fail in any way
            return self.finish()
        self._file.close()
        return None


def path_of(directory: Path, call_id: str, number: int, format: RecordingFormat) -> Path:
    """Where a call's recording goes: the first one by the call's id, later ones with a number."""
    name = call_id if number == 1 else f"{call_id}-{number}"
    return directory / (name + SUFFIXES[format])


def recover(part: Path) -> Path | None:
    """Gives a part that a killed process left behind its name; None when it is still written.

    Both formats are playable wherever they end. A WAV header is made true once more.

    Raises:
        OSError: It cannot be read or renamed.
        ValueError: There is no audio in it.
    """
    with part.open("r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None
        size = part.stat().st_size
        head = file.read(WAV_HEADER_BYTES)
        if size <= WAV_HEADER_BYTES or not head.startswith((b"RIFF", b"OggS")):
            raise ValueError(f"no audio in its {size} bytes")
        if head.startswith(b"RIFF"):
            data = (size - WAV_HEADER_BYTES) // _FRAME_BYTES * _FRAME_BYTES
            file.truncate(WAV_HEADER_BYTES + data)
            file.seek(0)
            file.write(wav_header(int.from_bytes(head[24:28], "little"), data))
        path = part.with_name(part.name.removesuffix(PART))
        part.rename(path)
        return path


def _size_and_digest(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        return path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()
