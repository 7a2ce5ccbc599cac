"""What happened last in each of several calls: where a page that shows many of them begins."""

from collections import defaultdict
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from bot.api.access import Reader, SwitchboardOf
from bot.api.history import AWAY, reading
from bot.records.reading import latest_events
from processors.events import CallEvent

router = APIRouter(prefix="/api/calls", tags=["events"], responses=AWAY)

CallId = Annotated[str, Field(max_length=64)]


class LatestEvents(BaseModel):
    """The newest events of each call by its id, in their order; a call without any is missing."""

    calls: dict[str, list[CallEvent]]


@router.get("/events", response_model=LatestEvents)
async def events_of_calls(
    switchboard: SwitchboardOf,
    _caller: Reader,
    call_id: Annotated[list[CallId], Query(min_length=1, max_length=100)],
    limit: Annotated[int, Query(ge=1, le=100, description="Of each call.")] = 40,
) -> JSONResponse:
    """The newest stored events of some calls, in one answer for all of them."""
    async with reading(switchboard.records) as database:
        found = await latest_events(database, call_id, limit=limit)
    calls: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in found:
        calls[event.call_id].append(event.payload)
    return JSONResponse({"calls": calls})
