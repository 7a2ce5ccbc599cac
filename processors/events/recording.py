"""What is recorded of a call, and whether its caller agreed."""

from typing import Literal

from processors.events.event import Event


class RecordingStarted(Event):
    """What is heard is written to disk from here on, a channel a side."""

    type: Literal["recording.started"] = "recording.started"
    file: str
    channels: list[Literal["caller", "agent"]]


class RecordingFinished(Event):
    """A recording is complete; ``sha256`` is of the whole file."""

    type: Literal["recording.finished"] = "recording.finished"
    file: str
    channels: list[Literal["caller", "agent"]]
    duration_s: float
    bytes: int
    sha256: str


class Consent(Event):
    """The caller agreed to something that asks for it, or did not, or takes it back."""

    type: Literal["consent"] = "consent"
    kind: Literal["recording"]
    granted: bool


Recorded = RecordingStarted | RecordingFinished | Consent
