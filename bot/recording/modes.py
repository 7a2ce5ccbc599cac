"""How calls may be recorded."""

from typing import Literal

RecordingMode = Literal["off", "on", "announce", "consent"]
"""Never; always; always, and callers are told; after the caller's yes."""

RecordingFormat = Literal["opus", "wav"]
