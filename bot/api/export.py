"""The list of calls as a file, whole: for a spreadsheet or a program."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from bot.api.access import Reader, SwitchboardOf
from bot.api.call_records import CallSummary
from bot.api.history import AWAY, find_wanted, reading
from bot.records.reading import CallFilter, Place, list_calls
from bot.switchboard import Switchboard

PAGE = 500
COLUMNS = tuple(CallSummary.model_fields)
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What spreadsheets take for the beginning of a formula:
https://owasp.org/www-community/attacks/CSV_Injection."""

MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}

# Before `bot.api.history`, which would take the last part of the address for a call.
router = APIRouter(prefix="/api/calls", tags=["records"], responses=AWAY)


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={
        200: {"description": "The file", "content": {kind: {} for kind in MEDIA_TYPES.values()}}
    },
)
async def export(
    switchboard: SwitchboardOf,
    _caller: Reader,
    wanted: Annotated[CallFilter, Depends(find_wanted)],
    format: Annotated[Literal["csv", "json"], Query(description="Of the file.")] = "csv",
) -> StreamingResponse:
    """Every call that the filters find, newest first, as the list has them."""
    async with reading(switchboard.records):
        pass  # Away is a status; once the file has begun it could only break off.
    pages = _pages(switchboard, wanted)
    return StreamingResponse(
        _as_csv(pages) if format == "csv" else _as_json(pages),
        media_type=MEDIA_TYPES[format],
        headers={"Content-Disposition": f'attachment; filename="calls.{format}"'},
    )


async def _pages(switchboard: Switchboard, wanted: CallFilter) -> AsyncIterator[list[CallSummary]]:
    after = None
    while True:
        found = await list_calls(switchboard.records.database, wanted, after=after, limit=PAGE)
        yield [CallSummary.model_validate(call) for call in found]
        if len(found) < PAGE:
            return
        after = Place(found[-1].created_at, found[-1].id)


async def _as_csv(pages: AsyncIterator[list[CallSummary]]) -> AsyncIterator[str]:
    """RFC 4180, in UTF-8 with the mark that spreadsheets know it by."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow(COLUMNS)
    async for calls in pages:
        writer.writerows([_cell(getattr(call, name)) for name in COLUMNS] for call in calls)
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


async def _as_json(pages: AsyncIterator[list[CallSummary]]) -> AsyncIterator[str]:
    begin = "["
    async for calls in pages:
        for call in calls:
            yield f"{begin}\n{call.model_dump_json()}"
            begin = ","
    yield "[]\n" if begin == "[" else "\n]\n"


def _cell(value: object) -> object:
    """A cell that no spreadsheet carries out: text that looks like a formula begins with ``'``."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value
