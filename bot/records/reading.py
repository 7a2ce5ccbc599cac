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
LOOKED_THROUGH = 1_000
"""Calls that are looked through for words before their index is asked."""

Row = TypeVar("Row", Handoff, Utterance, ToolCall, Usage, Consent)
_WORD = re.compile(r"\w+")
_NEWEST_FIRST = Call.created_at.desc(), Call.id.desc()


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
    if wanted.words:
        found = await _newest_that_say(database, wanted, after=after, limit=limit)
        if found is not None:
            return found
    dialect = database.dialect.name
    conditions = [*_conditions(wanted, after), *(_said(word, dialect) for word in wanted.words)]
    async with AsyncSession(database) as session:
        return list(await session.scalars(_list(conditions).limit(limit)))


def _list(conditions: Sequence[ColumnElement[bool]]) -> Select[Call]:
    # A list has no use for what was said and found out, which is most of a row.
    lean = defer(Call.transcript), defer(Call.data), defer(Call.meta)
    return select(Call).options(*lean).where(*conditions).order_by(*_NEWEST_FIRST)


async def _newest_that_say(
    database: AsyncEngine, wanted: CallFilter, *, after: Place | None, limit: int
) -> list[Call] | None:
    """A page with words that many say, from the newest calls; None if it takes more of them.

    The index of words gives all calls of a word, in no order: a few thousand are quickly sorted,
    but of a word of every call that is everything. Such words the newest calls have already.
    """
    newest = select(Call.id, Call.created_at).where(*_conditions(wanted, after))
    candidates = newest.order_by(*_NEWEST_FIRST).limit(LOOKED_THROUGH).subquery()
    async with AsyncSession(database) as session:
        if database.dialect.name == "postgresql":
            tests = [_has_word_on_postgresql(word) for word in wanted.words]
        else:
            # Utterances are numbered as they are stored: what was said in these calls is close.
            numbers = select(func.min(Utterance.id), func.max(Utterance.id))
            of_newest = numbers.where(Utterance.call_id.in_(select(candidates.c.id)))
            first, last = (await session.execute(of_newest)).one()
            # The sum keeps SQLite from looking up all that has the word, wherever it was said.
            tests = [
                (Utterance.id + 0).in_(_rows_on_sqlite(word, first, last)) for word in wanted.words
            ]
        # The offset keeps PostgreSQL from making a join of it, with all that was ever said.
        said = [
            select(Utterance.id)
            .where(Utterance.call_id == candidates.c.id, test)
            .offset(0)
            .correlate(candidates)
            .exists()
            for test in tests
        ]
        order = candidates.c.created_at.desc(), candidates.c.id.desc()
        matching = select(candidates.c.id).where(*said).order_by(*order).limit(limit)
        ids = list(await session.scalars(matching))
        if len(ids) < limit and await _is_beyond(session, newest):
            return None
        return list(await session.scalars(_list([Call.id.in_(ids)])))


async def _is_beyond(session: AsyncSession, newest: Select[str, datetime]) -> bool:
    """Whether there are more calls than are looked through."""
    one_more = newest.order_by(*_NEWEST_FIRST).offset(LOOKED_THROUGH).limit(1)
    return (await session.execute(one_more)).first() is not None


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


def _conditions(wanted: CallFilter, after: Place | None) -> list[ColumnElement[bool]]:
    """All that is wanted but the words."""
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
    if after is not None:
        place = tuple_(literal(after.created_at, UtcDateTime), literal(after.call_id))
        conditions.append(tuple_(Call.created_at, Call.id) < place)
    return conditions


def _said(word: str, dialect: str) -> ColumnElement[bool]:
    """A word of the call begins so, by the index of words."""
    if dialect != "postgresql":
        rows = _rows_on_sqlite(word)
        return Call.id.in_(select(Utterance.call_id).where(Utterance.id.in_(rows)))
    said = select(Utterance.call_id).where(_matches_on_postgresql(word, Utterance.text.expression))
    # It takes the beginning of a word for common, and without this would rather look through all
    # calls for the newest ones: seconds, where the word is rare.
    found = said.cte().prefix_with("MATERIALIZED", dialect="postgresql")
    return Call.id.in_(select(found.c.call_id))


def _matches_on_postgresql(word: str, said: ColumnElement[str]) -> ColumnElement[bool]:
    simple: ColumnElement[str] = literal_column("'simple'")
    words = func.to_tsvector(simple, said)
    return words.bool_op("@@")(func.to_tsquery(simple, f"{word}:*"))


def _has_word_on_postgresql(word: str) -> ColumnElement[bool]:
    """The same without the index, which is of the text and not of a sum that is equal to it.

    Utterances without these letters are not taken apart.
    """
    letters = Utterance.text.icontains(word, autoescape=True)
    return letters & _matches_on_postgresql(word, Utterance.text + literal_column("''"))


def _rows_on_sqlite(word: str, first: int | None = None, last: int | None = None) -> Select[int]:
    """The utterances in which a word begins so, all or from one number to another."""
    matches = text("call_utterances_search MATCH :word").bindparams(
        bindparam("word", f'"{word}"*', unique=True)
    )
    rowid: ColumnElement[int] = column("rowid")
    rows = select(rowid).select_from(table("call_utterances_search")).where(matches)
    return rows if first is None else rows.where(rowid.between(first, last))
