"""What goes wrong on a call, with the codes of Twilio's error dictionary.

https://www.twilio.com/docs/api/errors lists them; on the real service they appear in the debugger.
"""

from dataclasses import dataclass
from enum import IntEnum


class Code(IntEnum):
    """The errors and warnings that the emulator raises."""

    HTTP_FAILURE = 11200
    HTTP_CONNECTION = 11205
    DOCUMENT_PARSE = 12100
    SCHEMA = 12200
    CONTENT_TYPE = 12300
    STREAM_TIMEOUT = 31901
    STREAM_REFUSED = 31902
    STREAM_HANDSHAKE = 31920
    STREAM_CLOSED = 31921
    STREAM_SCHEME = 31922
    STREAM_URL = 31923
    STREAM_TRACK = 31941
    STREAM_BINARY = 31950
    STREAM_MESSAGE = 31951


@dataclass(frozen=True, slots=True)
class Note:
    """An entry of the debugger. A warning does not stop what the call is doing."""

    code: int
    message: str
    warning: bool = False


class CarrierError(Exception):
    """Something the application did that the carrier cannot carry out."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code

    @property
    def note(self) -> Note:
        """The debugger's entry for it."""
        return Note(int(self.code), str(self))
