"""Webhooks: how it goes with them, and what they post, for the OpenAPI document."""

from datetime import datetime

from fastapi import APIRouter, FastAPI, Request
from pydantic import BaseModel

from bot.api.access import Reader, SwitchboardOf
from bot.api.history import reading
from processors.events import CallEvent

router = APIRouter(prefix="/api/webhooks", tags=["webhooks"])


class WebhookView(BaseModel):
    """One receiver. ``waiting`` events it has not taken, ``given_up`` were too old for it."""

    url: str
    events: list[str]
    waiting: int
    given_up: int
    delivered_at: datetime | None
    failed_at: datetime | None
    last_error: str


@router.get("")
async def webhooks(switchboard: SwitchboardOf, _caller: Reader) -> list[WebhookView]:
    """How it goes with each receiver of events. URLs are shown without what may be secret."""
    async with reading(switchboard.records):
        found = await switchboard.webhooks.status()
    return [
        WebhookView(
            url=each.receiver.shown,
            events=list(each.receiver.event_types),
            waiting=each.waiting,
            given_up=each.progress.given_up,
            delivered_at=each.progress.delivered_at,
            failed_at=each.progress.failed_at,
            last_error=each.progress.last_error,
        )
        for each in found
    ]


def describe_webhooks(app: FastAPI) -> None:
    """Puts what is posted to receivers into the application's OpenAPI document."""

    @app.webhooks.post("call.event")
    async def call_event(event: CallEvent, request: Request) -> None:
        """One event of a call, as `GET /api/calls/{call_id}/events` has it.

        Signed as Standard Webhooks says, by the headers ``webhook-id``, ``webhook-timestamp`` and
        ``webhook-signature``. Any 2xx answer takes it; otherwise it is posted again.
        """
