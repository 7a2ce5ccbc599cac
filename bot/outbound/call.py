"""One call that we placed, or are about to."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.calls import new_call_id
from bot.outbound.states import FINAL, Status
from bot.plan import CallPlan
from processors.events.calls import CallAnswered


@dataclass(slots=True, kw_only=True)
class OutboundCall:
    """What is known of it by now.

    Attributes:
        id: Ours.
        plan: What the call is to be.
        request: What was asked for, as `POST /api/calls` takes it.
        key: The wish's idempotency key.
        status: As the carrier reported it last.
        provider_call_id: The carrier's name for it, once it has one.
        provider_sequence: The number of the carrier's last report.
        answered: What answered, as far as anybody found out.
        told: Set once somebody did.
        due_at: When it should be over at the latest, by this process' monotonic clock.
    """

    id: str = field(default_factory=new_call_id)
    plan: CallPlan
    request: Mapping[str, Any]
    key: str | None = None
    status: Status = "initiated"
    provider_call_id: str | None = None
    provider_sequence: int = -1
    answered: CallAnswered | None = None
    told: asyncio.Event = field(default_factory=asyncio.Event)
    due_at: float = field(default_factory=time.monotonic)

    @property
    def is_over(self) -> bool:
        """Whether nothing more can happen to it."""
        return self.status in FINAL
