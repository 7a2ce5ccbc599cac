"""What all events of a call have, and how they are reported."""

from collections.abc import Callable
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict, Field


class Event(BaseModel):
    """What all events have.

    ``call_id`` and ``sequence`` (1, 2, 3 … within the call) are stamped by the call's `Emit`;
    an emitting processor leaves them out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    call_id: str = ""
    sequence: int = 0
    at: datetime = Field(default_factory=lambda: datetime.now(UTC))


Emit = Callable[[Event], None]
"""How a processor reports a fact: returns at once, never raises, never blocks."""
