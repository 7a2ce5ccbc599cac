"""The records of calls: lists, single calls, deletion."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response
from loguru import logger
from pydantic import AfterValidator, BeforeValidator, Field
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.api.access import Admin, Reader, SwitchboardOf
from bot.api.call_records import CallPage, CallRecord, CallSummary, view_of
from bot.api.problems import Problem
from bot.calls import CALL_ID
from bot.records.erasure import CallIsLiveError
from bot.records.reading import (
    CallFilter,
    Place,
    list_calls,
    read_record,
    words_of,
)
from bot.records.service import Records
from bot.records.writer import DatabaseAwayError
from bot.switchboard import Switchboard
from processors.events.outcome import Outcome

CATCH_UP_S = 2.0
"""How long a reader waits for what was said a moment ago to be in the database."""

RETRY_AFTER_S = "5"

STARTS_AS_A_DATE = re.compile(r"\d{4}-\d\d-\d\d")

AWAY: dict[int | str, dict[str, str]] = {
    503: {"description": "The database of the records is away"}
}

router = APIRouter(prefix="/api/calls", tags=["records"], responses=AWAY)

Status = Literal[
    "initiated", "ringing", "in_progress", "completed", "failed", "busy", "no_answer", "canceled"
]


def _utc(moment: datetime) -> datetime:
    try:
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("a moment between the years 1 and 9999") from None


def _written(value: str) -> str:
    """Only what the document says; a plain number would be read as seconds since 1970."""
    if not STARTS_AS_A_DATE.match(value):
        raise ValueError("a moment (RFC 3339) or a date")
    return value


def _plain(value: str) -> str:
    if "\0" in value:
        raise ValueError("text without NUL")
    return value


def _number(value: str) -> str:
    """A plus sign that was not escaped arrives as a space, or not at all."""
    value = _plain(value).strip()
    return f"+{value}" if value.isdigit() else value


def _place(value: str) -> str:
    Place.read(value)
    return value


def _words(value: str) -> str:
    if not words_of(value):
        raise ValueError("at least one word")
    return value


Moment = Annotated[datetime, BeforeValidator(_written), AfterValidator(_utc)]
Text = Annotated[str, AfterValidator(_plain)]
# The length is of what is sent, not of what a plus sign makes of it.
Number = Annotated[str, Field(max_length=64), AfterValidator(_number)]


async def find_wanted(
    status: Annotated[list[Status], Query(description="One or more of these.")] = [],  # noqa: B006 - a copy
    team: Annotated[Text | None, Query(max_length=200)] = None,
    agent: Annotated[
        Text | None, Query(max_length=200, description="Who has the caller, or had it last.")
    ] = None,
    outcome: Annotated[Outcome | None, Query()] = None,
    direction: Annotated[Literal["inbound", "outbound"] | None, Query()] = None,
    from_: Annotated[Number | None, Query(alias="from")] = None,
    to: Annotated[Number | None, Query()] = None,
    since: Annotated[Moment | None, Query(description="Began then or later.")] = None,
    until: Annotated[Moment | None, Query(description="Began before.")] = None,
    text: Annotated[
        Annotated[str, AfterValidator(_words)] | None,
        Query(max_length=200, description="Words of the transcript, or how they begin."),
    ] = None,
) -> CallFilter:
    """The filters of a list, from its query."""
    return CallFilter(
        status=status,
        team=team,
        agent=agent,
        outcome=outcome,
        direction=direction,
        from_number=from_,
        to_number=to,
        since=since,
        until=until,
        words=words_of(text or ""),
    )


@asynccontextmanager
async def reading(records: Records) -> AsyncIterator[AsyncEngine]:
    """The database, with what was published by now; 503 when it is away."""
    try:
        await records.caught_up(CATCH_UP_S)
        yield records.database
    except (DatabaseAwayError, SQLAlchemyError, OSError) as error:
        logger.debug("the records can't be read: {}", type(error).__name__)
        raise Problem(
            503,
            "the database of the records is away; nothing is lost, try again",
            headers={"Retry-After": RETRY_AFTER_S},
        ) from None


def known(switchboard: Switchboard, call_id: str) -> str:
    """An id that a call can have; 404 otherwise."""
    if not CALL_ID.fullmatch(call_id) and call_id not in switchboard.calls.live:
        raise unknown()
    return call_id


def unknown() -> Problem:
    """There is no such call."""
    return Problem(404, "there is no call of this id", field="call_id")


@router.get("")
async def calls(
    switchboard: SwitchboardOf,
    _caller: Reader,
    wanted: Annotated[CallFilter, Depends(find_wanted)],
    after: Annotated[
        Annotated[str, AfterValidator(_place)] | None,
        Query(alias="next", max_length=200, description="The `next` of the page before."),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> CallPage:
    """Calls by when they began, newest first, live ones as well."""
    place = Place.read(after) if after else None
    async with reading(switchboard.records) as database:
        found = await list_calls(database, wanted, after=place, limit=limit + 1)
    page = found[:limit]
    more = Place(page[-1].created_at, page[-1].id).written() if len(found) > limit else None
    return CallPage(calls=[CallSummary.model_validate(call) for call in page], next=more)


@router.get("/{call_id}", responses={404: {"description": "No such call"}})
async def call(switchboard: SwitchboardOf, _caller: Reader, call_id: str) -> CallRecord:
    """One call with all that is known of it by now."""
    known(switchboard, call_id)
    async with reading(switchboard.records) as database:
        found = await read_record(database, call_id)
    if found is None:
        raise unknown()
    return view_of(found, {path.name for path in switchboard.recordings.find(call_id)})


@router.delete(
    "/{call_id}",
    status_code=204,
    responses={404: {"description": "No such call"}, 409: {"description": "It is live"}},
)
async def erase(switchboard: SwitchboardOf, caller: Admin, call_id: str) -> Response:
    """Deletes a call, its events, its transcript and its recordings, for good."""
    known(switchboard, call_id)
    live = Problem(409, "the call is live: end it first")
    if call_id in switchboard.calls.live:
        raise live
    async with reading(switchboard.records):
        try:
            found = await switchboard.records.erase(call_id)
        except CallIsLiveError:
            raise live from None
    if not found:
        raise unknown()
    logger.bind(call_id=call_id).info("{} deleted the record of a call", caller.name)
    return Response(status_code=204)
