"""How calls may be recorded."""

from typing import Literal

from agents.team import RecordingMode

__all__ = ["RecordingFormat", "RecordingMode"]

RecordingFormat = Literal["opus", "wav"]
