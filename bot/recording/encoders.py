"""Writes two channels of PCM16 to an open file as WAV or as Opus in Ogg."""

import struct
from typing import BinaryIO, Protocol

import av

from bot.recording.modes import RecordingFormat
from processors.call_audio.alignment import CHANNELS, Stereo

SUFFIXES: dict[RecordingFormat, str] = {"opus": ".ogg", "wav": ".wav"}
MEDIA_TYPES = {".ogg": "audio/ogg", ".wav": "audio/wav"}

OPUS_BIT_RATE = 32_000
"""For both channels together: while one side talks it has nearly all of it."""

WAV_HEADER_BYTES = 44
_FRAME_BYTES = len(CHANNELS) * 2


class Encoder(Protocol):
    """Writes a recording's audio. Both methods raise ``OSError`` when the disk does not take it."""

    def write(self, block: Stereo) -> None:
        """Appends; what was written before stays playable if the process is killed."""
        ...

    def close(self) -> None:
        """Writes what is left; the file stays open."""
        ...


def encoder_for(format: RecordingFormat, file: BinaryIO, sample_rate: int) -> Encoder:
    """The encoder of that format; it writes to ``file`` at once."""
    if format == "wav":
        return WavEncoder(file, sample_rate)
    return OpusEncoder(file, sample_rate)


def wav_header(sample_rate: int, data_bytes: int) -> bytes:
    """The header of a file with so many bytes of two-channel PCM16.

    By "Multimedia Programming Interface and Data Specifications 1.0", Microsoft and IBM, 1991.
    """
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", WAV_HEADER_BYTES - 8 + data_bytes, b"WAVE", b"fmt ", 16, 1, len(CHANNELS)),
        *(sample_rate, sample_rate * _FRAME_BYTES, _FRAME_BYTES, 16, b"data", data_bytes),
    )


class WavEncoder:
    """PCM in a WAV file, whose header tells the truth after every block."""

    def __init__(self, file: BinaryIO, sample_rate: int) -> None:
        self._file = file
        self._rate = sample_rate
        self._bytes = 0
        self._write_header()

    def write(self, block: Stereo) -> None:
        """Appends the block, then says in the header that it is there."""
        self._bytes += self._file.write(block.tobytes())
        self._write_header()

    def close(self) -> None:
        """Nothing is left."""

    def _write_header(self) -> None:
        self._file.seek(0)
        self._file.write(wav_header(self._rate, self._bytes))
        self._file.seek(0, 2)


class OpusEncoder:
    """Opus in Ogg, which is playable up to its last page wherever it ends."""

    def __init__(self, file: BinaryIO, sample_rate: int) -> None:
        self._container = av.open(file, "w", format="ogg")
        # Every rate that a call has is one of Opus's own (RFC 6716, section 2.1.3).
        self._stream = self._container.add_stream(
            "libopus",
            rate=sample_rate,
            options={"application": "voip", "compression_level": "5"},
        )
        self._stream.bit_rate = OPUS_BIT_RATE
        self._stream.layout = "stereo"
        self._rate = sample_rate
        self._position = 0

    def write(self, block: Stereo) -> None:
        """Encodes the block; a page goes out every second."""
        frame = av.AudioFrame.from_ndarray(block.reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate = self._rate
        frame.pts = self._position
        self._position += len(block)
        self._container.mux(self._stream.encode(frame))

    def close(self) -> None:
        """Writes the last packets and the end of the stream."""
        self._container.mux(self._stream.encode(None))
        self._container.close()
