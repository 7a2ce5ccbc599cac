"""Reads the records: lists of calls, one call with all that is known of it, and its events."""

import base64
import binascii
import math
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import (
    ColumnElement,
    Select,
    bindparam,
    column,
    func,
    literal,
    literal_column,
    select,
    table,
    text,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import defer

from bot.records.database import UtcDateTime
from bot.records.tables import (
    Call,
    CallEvent,
    Consent,
    Handoff,
    ToolCall,
    TurnLatency,
    Usage,
    Utterance,
)

MAX_WORDS = 8
Row = TypeVar("Row", Handoff, Utterance, ToolCall, Usage, Consent)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFilter:
    """Which calls are wanted; what is empty or None does not matter.

    ``words`` all occur in the transcript, at least as the beginnings of words. ``since`` and
    ``until`` are about when the call began, the latter exclusive.
    """

    status: Sequence[str] = ()
    team: str | None = None
    agent: str | None = None
    outcome: str | None = None
    direction: str | None = None
    from_number: str | None = None
    to_number: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    words: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the list a page ended: the next one has what is older."""

    created_at: datetime
    call_id: str

    def written(self) -> str:
        """As it goes into a URL."""
        moment = self.created_at.astimezone(UTC).replace(tzinfo=None).isoformat()
        return base64.urlsafe_b64encode(f"{moment} {self.call_id}".encode()).decode().rstrip("=")

    @staticmethod
    def read(value: str) -> "Place":
        """Reads what `written` wrote.

        Raises:
            ValueError: It is something else.
        """
        with suppress(binascii.Error, ValueError):
            decoded = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)).decode("ascii")
            if found := re.fullmatch(r"([\d:.T-]+) ([!-~]+)", decoded):
                moment = datetime.fromisoformat(found[1]).replace(tzinfo=UTC)
                return Place(moment, found[2])
        raise ValueError("the `next` of a list of calls")


@dataclass(frozen=True, slots=True)
class FullRecord:
    """One call and the rows about it, each in the order in which it happened."""

    call: Call
    handoffs: Sequence[Handoff]
    utterances: Sequence[Utterance]
    tool_calls: Sequence[ToolCall]
    usage: Sequence[Usage]
    latencies_ms: Sequence[float]
    consents: Sequence[Consent]


def words_of(value: str) -> list[str]:
    """The words to look for in what somebody typed."""
    return _WORD.findall(value)[:MAX_WORDS]


async def list_calls(
    database: AsyncEngine, wanted: CallFilter, *, after: Place | None, limit: int
) -> list[Call]:
    """Calls by when they began, newest first, from where another page ended."""
    # A list has no use for what was said and found out, which is most of a row.
    lean = defer(Call.transcript), defer(Call.data), defer(Call.meta)
    statement = select(Call).options(*lean)
    statement = statement.order_by(Call.created_at.desc(), Call.id.desc()).limit(limit)
    statement = statement.where(*_conditions(wanted, database.dialect.name))
    if after is not None:
        place = tuple_(literal(after.created_at, UtcDateTime), literal(after.call_id))
        statement = statement.where(tuple_(Call.created_at, Call.id) < place)
    async with AsyncSession(database) as session:
        return list(await session.scalars(statement))


async def read_call(database: AsyncEngine, call_id: str) -> Call | None:
    """One call without the rows about it."""
    async with AsyncSession(database) as session:
        return await session.get(Call, call_id)


async def read_record(database: AsyncEngine, call_id: str) -> FullRecord | None:
    """One call with all that is known of it."""
    async with AsyncSession(database) as session:
        call = await session.get(Call, call_id)
        if call is None:
            return None

        async def of_call(kind: type[Row]) -> Sequence[Row]:
            rows = select(kind).where(kind.call_id == call_id).order_by(kind.sequence)
            return (await session.scalars(rows)).all()

        latencies = select(TurnLatency.latency_ms).where(TurnLatency.call_id == call_id)
        return FullRecord(
            call=call,
            handoffs=await of_call(Handoff),
            utterances=await of_call(Utterance),
            tool_calls=await of_call(ToolCall),
            usage=await of_call(Usage),
            latencies_ms=(await session.scalars(latencies.order_by(TurnLatency.sequence))).all(),
            consents=await of_call(Consent),
        )


async def events_of_call(
    database: AsyncEngine, call_id: str, *, after: int, limit: int
) -> list[CallEvent]:
    """A call's events with a sequence above ``after``."""
    return await _events(
        database,
        select(CallEvent)
        .where(CallEvent.call_id == call_id, CallEvent.sequence > after)
        .order_by(CallEvent.sequence)
        .limit(limit),
    )


async def latest_events(
    database: AsyncEngine, call_ids: Sequence[str], *, limit: int
) -> list[CallEvent]:
    """The newest ``limit`` events of each call, call by call, in their order."""
    from_the_end = func.row_number().over(
        partition_by=CallEvent.call_id, order_by=CallEvent.sequence.desc()
    )
    numbered = (
        select(CallEvent.id, from_the_end.label("from_the_end"))
        .where(CallEvent.call_id.in_(call_ids))
        .subquery()
    )
    return await _events(
        database,
        select(CallEvent)
        .join(numbered, numbered.c.id == CallEvent.id)
        .where(numbered.c.from_the_end <= limit)
        .order_by(CallEvent.call_id, CallEvent.sequence),
    )


async def events_of_all(database: AsyncEngine, *, after: int, limit: int) -> list[CallEvent]:
    """All calls' events with a position above ``after``."""
    return await _events(
        database,
        select(CallEvent)
        .where(CallEvent.position > after)
        .order_by(CallEvent.position, CallEvent.call_id, CallEvent.sequence)
        .limit(limit),
    )


async def _events(database: AsyncEngine, statement: Select[CallEvent]) -> list[CallEvent]:
    async with AsyncSession(database) as session:
        return list(await session.scalars(statement))


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value that ``share`` (0 to 1) of the values are not above: the nearest rank."""
    if not values:
        return None
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def _conditions(wanted: CallFilter, dialect: str) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.status:
        conditions.append(Call.status.in_(wanted.status))
    for attribute, value in (
        (Call.team, wanted.team),
        (Call.agent, wanted.agent),
        (Call.outcome, wanted.outcome),
        (Call.direction, wanted.direction),
        (Call.from_number, wanted.from_number),
        (Call.to_number, wanted.to_number),
    ):
        if value is not None:
            conditions.append(attribute == value)
    if wanted.since is not None:
        conditions.append(Call.created_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(Call.created_at < wanted.until)
    said = _said_on_postgresql if dialect == "postgresql" else _said_on_sqlite
    conditions += [Call.id.in_(said(word)) for word in wanted.words]
    return conditions


def _said_on_postgresql(word: str) -> Select[str]:
    simple: ColumnElement[str] = literal_column("'simple'")
    words = func.to_tsvector(simple, Utterance.text)
    said = select(Utterance.call_id).where(words.op("@@")(func.to_tsquery(simple, f"{word}:*")))
    # It takes the beginning of a word for common, and without this would rather look through all
    # calls for the newest ones: seconds, where the word is rare.
    found = said.cte().prefix_with("MATERIALIZED", dialect="postgresql")
    return select(found.c.call_id)


def _said_on_sqlite(word: str) -> Select[str]:
    matches = text("call_utterances_search MATCH :word").bindparams(
        bindparam("word", f'"{word}"*', unique=True)
    )
    rowid: ColumnElement[int] = column("rowid")
    rows = select(rowid).select_from(table("call_utterances_search")).where(matches)
    return select(Utterance.call_id).where(Utterance.id.in_(rows))
