"""The tables of the records. A change here needs a migration beside it: a test compares them.

Everything that is known of a call is in `CallEvent`, whatever its type; the other tables are
projections of it (`bot.records.projection`) that can be asked for quickly.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bot.records.database import JSON_DOCUMENT, UtcDateTime

SERIAL = BigInteger().with_variant(Integer, "sqlite")
"""Counted up by the database; SQLite does that for its INTEGER only."""


class Base(DeclarativeBase):
    """What all tables of the records share."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy declares it so
        datetime: UtcDateTime,
        dict[str, Any]: JSON_DOCUMENT,
        str: Text,
        int: BigInteger,
        bytes: LargeBinary,
    }


class Call(Base):
    """One call: what its events say of it by now. ``id`` is the call's id in events and logs."""

    __tablename__ = "calls"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    call_sid: Mapped[str | None] = mapped_column(index=True)
    from_number: Mapped[str | None]
    to_number: Mapped[str | None]
    direction: Mapped[str] = mapped_column(default="inbound")
    channel: Mapped[str | None]
    team: Mapped[str | None]
    task: Mapped[str | None]
    status: Mapped[str]
    reason: Mapped[str | None]
    answered_by: Mapped[str | None]
    outcome: Mapped[str | None]
    intent: Mapped[str | None]
    summary: Mapped[str | None]
    transcript: Mapped[str] = mapped_column(default="")
    agent: Mapped[str | None]
    meta: Mapped[dict[str, Any]] = mapped_column(default=dict)
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    input_text_tokens: Mapped[int] = mapped_column(default=0)
    input_audio_tokens: Mapped[int] = mapped_column(default=0)
    cached_tokens: Mapped[int] = mapped_column(default=0)
    output_text_tokens: Mapped[int] = mapped_column(default=0)
    output_audio_tokens: Mapped[int] = mapped_column(default=0)
    cost_usd: Mapped[float | None]
    recording_file: Mapped[str | None]
    recording_duration_s: Mapped[float | None]
    recording_bytes: Mapped[int | None]
    duration_s: Mapped[float | None]
    missed_events: Mapped[int] = mapped_column(default=0)
    last_sequence: Mapped[int] = mapped_column(default=0)
    instance_id: Mapped[str | None]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]

    __table_args__ = (
        Index(None, "created_at", "id"),
        Index(None, "team", "created_at", "id"),
        Index(None, "status", "created_at", "id"),
        Index(None, "direction", "created_at", "id"),
        Index(None, "from_number", "created_at", "id"),
        Index(None, "to_number", "created_at", "id"),
    )


class CallEvent(Base):
    """One event as it was published. ``position`` rises over all calls of an instance."""

    __tablename__ = "call_events"

    id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"))
    call_sid: Mapped[str | None]
    sequence: Mapped[int]
    position: Mapped[int]
    event_type: Mapped[str]
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]

    __table_args__ = (
        Index("uq_call_events_call_id_sequence", "call_id", "sequence", unique=True),
        Index(None, "position", "call_id", "sequence"),
        Index(None, "call_sid"),
        Index(None, "created_at"),
        # The id of a deleted event is never another one's: webhooks remember how far they came.
        {"sqlite_autoincrement": True},
    )


class OfCall:
    """What the tables about one event of a call share."""

    call_id: Mapped[str] = mapped_column(
        ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True
    )
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]


class Handoff(OfCall, Base):
    """An agent got the caller. ``from_agent`` is None for the one that answered."""

    __tablename__ = "call_handoffs"

    from_agent: Mapped[str | None]
    to_agent: Mapped[str]
    voice: Mapped[str | None]
    reason: Mapped[str]
    context: Mapped[str]


class ToolCall(Base):
    """A tool that the model called, with its answer once there is one."""

    __tablename__ = "call_tool_calls"

    call_id: Mapped[str] = mapped_column(
        ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True
    )
    tool_call_id: Mapped[str] = mapped_column(primary_key=True)
    sequence: Mapped[int]
    team: Mapped[str] = mapped_column(default="")
    agent: Mapped[str | None]
    tool: Mapped[str]
    arguments: Mapped[dict[str, Any]] = mapped_column(default=dict)
    output: Mapped[str | None]
    is_error: Mapped[bool | None]
    duration_ms: Mapped[float | None]
    called_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    __table_args__ = (Index(None, "called_at"),)


class Utterance(Base):
    """What was said in one item of the conversation, in its final form."""

    __tablename__ = "call_utterances"

    id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"))
    sequence: Mapped[int]
    item_id: Mapped[str]
    speaker: Mapped[str]
    agent: Mapped[str | None]
    text: Mapped[str]
    interrupted: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime]

    __table_args__ = (
        Index(
            "uq_call_utterances_call_id_speaker_item_id",
            "call_id",
            "speaker",
            "item_id",
            unique=True,
        ),
    )


class Usage(OfCall, Base):
    """Tokens that one response was billed for."""

    __tablename__ = "call_usage"

    response_id: Mapped[str | None]
    model: Mapped[str | None]
    input_text_tokens: Mapped[int]
    input_audio_tokens: Mapped[int]
    cached_tokens: Mapped[int]
    output_text_tokens: Mapped[int]
    output_audio_tokens: Mapped[int]


class TurnLatency(OfCall, Base):
    """From the end of the caller's speech to the first audio of the answer, one row a turn.

    ``agent`` of ``team`` answered; empty where that is not known.
    """

    __tablename__ = "call_latencies"

    latency_ms: Mapped[float]
    team: Mapped[str] = mapped_column(default="")
    agent: Mapped[str] = mapped_column(default="")

    __table_args__ = (Index(None, "at"),)


class Consent(OfCall, Base):
    """What the caller agreed to, or didn't."""

    __tablename__ = "call_consents"

    kind: Mapped[str]
    granted: Mapped[bool]


class CallHour(Base):
    """What figures are counted from, of one hour since 1970 (`bot.records.hours`).

    ``names`` is a JSON array: those that occur, which the packed columns name by their places.
    """

    __tablename__ = "call_hours"

    hour: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    names: Mapped[str]
    calls: Mapped[bytes]
    turns: Mapped[bytes]
    tools: Mapped[bytes]


class Instance(Base):
    """A process of the service that writes here.

    ``written_position`` is that of its last event in the database: what its spool has up to
    there is not written again.
    """

    __tablename__ = "call_instances"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    written_position: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime]
    heartbeat_at: Mapped[datetime]


class ErasedCall(Base):
    """A call that was deleted: what its instance still has to say of it is not stored."""

    __tablename__ = "call_erasures"

    call_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    erased_at: Mapped[datetime]


class Lease(Base):
    """Work that one instance does for all until ``expires_at``, by the database's clock."""

    __tablename__ = "call_leases"

    name: Mapped[str] = mapped_column(String(128), primary_key=True)
    holder: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime]


class WebhookReceiver(Base):
    """How far somebody was told of events, who is named by a hash of their URL.

    All events up to the id ``position`` were taken or given up, and those of the ids in ``taken``.
    """

    __tablename__ = "call_webhooks"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    position: Mapped[int]
    taken: Mapped[list[int]] = mapped_column(JSON_DOCUMENT)
    given_up: Mapped[int] = mapped_column(default=0)
    delivered_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
