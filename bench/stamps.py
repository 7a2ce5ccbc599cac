"""Numbers written into μ-law audio, so that a frame is recognised wherever it comes out.

A stamp survives a bridge that is bit-exact (μ-law, or μ-law to PCM16 and back) and any cutting
into other frame sizes; it does not survive resampling, which is the point of the measurement.
"""

FRAME_BYTES = 160
"""20 ms of μ-law at 8 kHz, as Twilio Media Streams frames it."""

_CALL_SHIFT = 16

_MAGIC = b"\x80\xc0\x81\xc1"
_QUIET = 0xFE
_DIGITS = 4


def stamped_frame(number: int) -> bytes:
    """One 20 ms frame that carries ``number`` (0 to 64⁴ − 1).

    0x7F (negative zero) never occurs: it is the one μ-law byte that does not survive PCM16.
    """
    digits = bytes(0x80 | (number >> 6 * place) & 0x3F for place in range(_DIGITS))
    return (_MAGIC + digits).ljust(FRAME_BYTES, bytes([_QUIET]))


def caller_stamp(call: int, frame: int) -> int:
    """The number of a caller's frame; ``call`` 0 to 255, ``frame`` 0 to 65535 (21 minutes)."""
    return call << _CALL_SHIFT | frame


def call_of(stamp: int) -> int:
    """The call whose caller's frame carries ``stamp``."""
    return stamp >> _CALL_SHIFT


class StampReader:
    """Finds the stamps in a stream of μ-law bytes that arrives in pieces of any size."""

    def __init__(self) -> None:
        self._pending = b""

    def feed(self, audio: bytes) -> list[int]:
        """The numbers whose stamps became complete with ``audio``, in order."""
        data = self._pending + audio
        numbers = []
        position = data.find(_MAGIC)
        while 0 <= position <= len(data) - len(_MAGIC) - _DIGITS:
            start = position + len(_MAGIC)
            digits = data[start : start + _DIGITS]
            numbers.append(sum((digit & 0x3F) << 6 * i for i, digit in enumerate(digits)))
            position = data.find(_MAGIC, start)
        keep = position if position >= 0 else max(0, len(data) - len(_MAGIC) + 1)
        self._pending = data[keep:]
        return numbers
