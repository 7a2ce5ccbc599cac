"""Events as they happen, and as they happened: server-sent events, or JSON by the page.

Every event has an id: its ``sequence`` within a call's stream, its ``position`` in the stream of
all calls. A client that comes back with ``Last-Event-ID`` gets what it missed from the records,
then what happens; the browser's ``EventSource`` does that by itself.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import JSONResponse
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event
from pydantic import BaseModel

from bot.api.access import Reader, SwitchboardOf
from bot.api.history import AWAY, known, reading, unknown
from bot.api.problems import Problem
from bot.events import Missed
from bot.records import feed
from bot.records.projection import LIVE
from bot.records.reading import events_of_all, events_of_call, read_call
from bot.records.service import Records
from bot.records.tables import CallEvent as StoredEvent
from processors.events import CallEvent
from processors.events.event import Event

KEEP_ALIVE_S = 15.0
LINGER_S = 60.0
"""After a call's end, for what comes then: its recording, its summary."""

PAGE = 500
MAX_ID = 2**63 - 1
HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}

router = APIRouter(prefix="/api", tags=["events"], responses=AWAY)


class EventPage(BaseModel):
    """Events in their order; ``next`` is the ``after`` with which to ask for what follows."""

    events: list[CallEvent]
    next: int


EVENT = {"$ref": "#/components/schemas/EventPage/properties/events/items"}
STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "model": EventPage,
        "description": "A stream of events, or a page of them when JSON is asked for.",
        "content": {
            "text/event-stream": {
                "itemSchema": {
                    "type": "object",
                    "required": ["data"],
                    "properties": {
                        "data": {
                            "type": "string",
                            "contentMediaType": "application/json",
                            "contentSchema": EVENT,
                        },
                        "event": {"type": "string", "enum": ["missed"]},
                        "id": {"type": "string"},
                    },
                }
            }
        },
    }
}

LastEventId = Annotated[
    int | None,
    Header(alias="Last-Event-ID", ge=0, le=MAX_ID, description="The last event that was seen."),
]
After = Annotated[
    int | None,
    Query(ge=0, le=MAX_ID, description="As Last-Event-ID, where no header can be sent."),
]
Limit = Annotated[int, Query(ge=1, le=1000, description="Of a page of JSON.")]

History = Callable[[int], Awaitable[Sequence[StoredEvent]]]
"""Up to `PAGE` stored events after an id."""


def wants_json(request: Request) -> bool:
    """Whether a page of JSON is asked for rather than a stream."""
    accepted = request.headers.get("accept", "")
    return "application/json" in accepted and "text/event-stream" not in accepted


@router.get(
    "/calls/{call_id}/events",
    responses=STREAM
    | {
        204: {"description": "The call is over, and everything was seen"},
        404: {"description": "No such call"},
    },
)
async def call_events(
    request: Request,
    switchboard: SwitchboardOf,
    _caller: Reader,
    call_id: str,
    last_event_id: LastEventId = None,
    after: After = None,
    limit: Limit = 500,
) -> Response:
    """A call's events from its beginning, or after one of them; a live call's stream goes on.

    204 when the call is over and there is nothing that was not seen: EventSource then stops.
    """
    known(switchboard, call_id)
    records = switchboard.records
    seen = last_event_id if last_event_id is not None else after or 0
    is_live = call_id in switchboard.calls.live
    if wants_json(request):
        async with reading(records) as database:
            call = await read_call(database, call_id)
            found = await events_of_call(database, call_id, after=seen, limit=limit)
        if call is None and not is_live:
            raise unknown()
        return _page(found, found[-1].sequence if found else seen)

    async def history(last: int) -> Sequence[StoredEvent]:
        async with reading(records) as database:
            return await events_of_call(database, call_id, after=last, limit=PAGE)

    over = False
    if not is_live:
        async with reading(records) as database:
            call = await read_call(database, call_id)
        if call is None:
            raise unknown()
        over = call.status not in LIVE and time.time() - call.updated_at.timestamp() > LINGER_S
        if over and call.last_sequence <= seen and last_event_id is not None:
            return Response(status_code=204)
    stream = _Stream(records, history, lambda numbered: numbered.event.sequence, call_id=call_id)
    return EventSourceResponse(stream.run(seen, over=over), headers=HEADERS)


@router.get("/events", responses=STREAM)
async def events(
    request: Request,
    switchboard: SwitchboardOf,
    _caller: Reader,
    last_event_id: LastEventId = None,
    after: After = None,
    limit: Limit = 500,
) -> Response:
    """The events of all calls from now on, or after one of them."""
    records = switchboard.records
    seen = last_event_id if last_event_id is not None else after

    async def history(last: int) -> Sequence[StoredEvent]:
        async with reading(records) as database:
            return await events_of_all(database, after=last, limit=PAGE)

    if wants_json(request):
        async with reading(records) as database:
            found = await events_of_all(database, after=seen or 0, limit=limit)
        return _page(found, found[-1].position if found else seen or 0)
    stream = _Stream(records, history, lambda numbered: numbered.position)
    return EventSourceResponse(stream.run(seen), headers=HEADERS)


class _Stream:
    """One client's stream: what is stored after an id, then what happens."""

    def __init__(
        self,
        records: Records,
        history: History,
        id_of: Callable[[feed.Numbered], int],
        *,
        call_id: str | None = None,
    ) -> None:
        self._records = records
        self._history = history
        self._id_of = id_of
        self._call_id = call_id
        self._ends_at: float | None = None

    async def run(self, seen: int | None, *, over: bool = False) -> AsyncIterator[bytes]:
        """The stream's bytes.

        Args:
            seen: The id after which to begin; None begins now.
            over: Whether there is nothing more to come than what is stored.
        """
        # First the reader, so that nothing falls between what is stored and what happens.
        with self._records.feed.read(call_id=self._call_id) as reader:
            yield KEEPALIVE_COMMENT
            last = seen or 0
            if seen is not None:
                async for stored_id, data in self._stored(last):
                    last = stored_id
                    yield data
            while not over and not reader.is_over and not self._is_at_its_end():
                item = await reader.next(KEEP_ALIVE_S)
                if item is None:
                    yield KEEPALIVE_COMMENT
                elif isinstance(item, Missed):
                    count = orjson.dumps({"count": item.count}).decode()
                    yield format_sse_event(data_str=count, event="missed")
                elif (number := self._id_of(item)) > last:
                    last = number
                    self._note(item.event)
                    yield _line(number, item.event.model_dump_json())

    async def _stored(self, last: int) -> AsyncIterator[tuple[int, bytes]]:
        while True:
            try:
                # A read goes on when its reader leaves: a connection of aiosqlite whose closing is
                # cancelled, as it is again and again here, waits for ever to be closed.
                page = await asyncio.shield(self._history(last))
            except Problem:
                # The headers are gone: say so, and go on with what happens.
                yield last, b": the database is away, what was before is not shown\n\n"
                return
            for event in page:
                last = event.sequence if self._call_id else event.position
                if self._call_id and event.event_type == "call.ended":
                    self._end_soon()
                yield last, _line(last, orjson.dumps(event.payload).decode())
            if len(page) < PAGE:
                return

    def _note(self, event: Event) -> None:
        if self._call_id and getattr(event, "type", "") == "call.ended":
            self._end_soon()

    def _end_soon(self) -> None:
        self._ends_at = time.monotonic() + LINGER_S

    def _is_at_its_end(self) -> bool:
        return self._ends_at is not None and time.monotonic() > self._ends_at


def _line(number: int, data: str) -> bytes:
    return format_sse_event(data_str=data, id=str(number))


def _page(found: Sequence[StoredEvent], next_id: int) -> JSONResponse:
    return JSONResponse({"events": [event.payload for event in found], "next": next_id})
