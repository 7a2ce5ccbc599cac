"""Whether the sound of calls is kept, and for how long."""

from pathlib import Path

from pydantic import BaseModel, Field

from bot.recording.modes import RecordingFormat, RecordingMode


class RecordingSettings(BaseModel):
    """Whether the sound of calls is kept, and for how long."""

    recording: RecordingMode = Field(
        default="off",
        description="Calls on disk: off, on, announce (callers are told) or consent (asked first).",
    )
    recording_format: RecordingFormat = Field(
        default="opus", description="opus (in Ogg, some 240 KB a minute) or wav."
    )
    recordings_dir: Path | None = Field(
        default=None, description="Where recordings go; recordings in DATA_DIR by default."
    )
    recordings_retention_days: int = Field(
        default=90,
        ge=0,
        le=36_500,
        description="Days after which a recording is deleted; 0: never.",
    )
