"""Calls, their events and what is read from them.

What a migration does is fixed once it was released, so it repeats the tables as they were then.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None

DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Makes the tables."""
    _calls()
    _events()
    _conversation()
    _figures()
    _service()
    if op.get_bind().dialect.name == "postgresql":
        _search_on_postgresql()
    else:
        _search_on_sqlite()


def downgrade() -> None:
    """Removes them, and all that they hold."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE call_utterances_search")
    for table in (
        "call_erasures",
        "call_instances",
        "call_usage",
        "call_latencies",
        "call_consents",
        "call_utterances",
        "call_tool_calls",
        "call_handoffs",
        "call_events",
        "calls",
    ):
        op.drop_table(table)


def _of_call(name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=name, ondelete="CASCADE")


def _search_on_postgresql() -> None:
    """Words as they are: callers speak more than one language."""
    op.execute(
        "CREATE INDEX ix_call_utterances_search ON call_utterances "
        "USING gin (to_tsvector('simple', text))"
    )


def _search_on_sqlite() -> None:
    """An FTS5 index beside the table, kept by triggers (https://sqlite.org/fts5.html, 4.4.3)."""
    op.execute(
        "CREATE VIRTUAL TABLE call_utterances_search "
        "USING fts5(text, content='call_utterances', content_rowid='id')"
    )
    add = "INSERT INTO call_utterances_search(rowid, text) VALUES (new.id, new.text);"
    remove = (
        "INSERT INTO call_utterances_search(call_utterances_search, rowid, text) "
        "VALUES ('delete', old.id, old.text);"
    )
    for name, moment, body in (
        ("added", "INSERT", add),
        ("removed", "DELETE", remove),
        ("changed", "UPDATE OF text", remove + add),
    ):
        op.execute(
            f"CREATE TRIGGER call_utterances_{name} AFTER {moment} ON call_utterances "
            f"BEGIN {body} END"
        )


def _calls() -> None:
    """One row a call."""
    op.create_table(
        "calls",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("call_sid", sa.Text()),
        sa.Column("from_number", sa.Text()),
        sa.Column("to_number", sa.Text()),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text()),
        sa.Column("team", sa.Text()),
        sa.Column("task", sa.Text()),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("outcome", sa.Text()),
        sa.Column("intent", sa.Text()),
        sa.Column("summary", sa.Text()),
        sa.Column("transcript", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text()),
        sa.Column("meta", DOCUMENT, nullable=False),
        sa.Column("data", DOCUMENT, nullable=False),
        sa.Column("input_text_tokens", sa.BigInteger(), nullable=False),
        sa.Column("input_audio_tokens", sa.BigInteger(), nullable=False),
        sa.Column("cached_tokens", sa.BigInteger(), nullable=False),
        sa.Column("output_text_tokens", sa.BigInteger(), nullable=False),
        sa.Column("output_audio_tokens", sa.BigInteger(), nullable=False),
        sa.Column("cost_usd", sa.Double()),
        sa.Column("recording_file", sa.Text()),
        sa.Column("recording_duration_s", sa.Double()),
        sa.Column("recording_bytes", sa.BigInteger()),
        sa.Column("duration_s", sa.Double()),
        sa.Column("missed_events", sa.BigInteger(), nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.Column("instance_id", sa.Text()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_calls"),
    )
    op.create_index("ix_calls_call_sid", "calls", ["call_sid"])
    op.create_index("ix_calls_created_at_id", "calls", ["created_at", "id"])
    op.create_index("ix_calls_direction_created_at_id", "calls", ["direction", "created_at", "id"])
    op.create_index(
        "ix_calls_from_number_created_at_id", "calls", ["from_number", "created_at", "id"]
    )
    op.create_index("ix_calls_status_created_at_id", "calls", ["status", "created_at", "id"])
    op.create_index("ix_calls_team_created_at_id", "calls", ["team", "created_at", "id"])
    op.create_index("ix_calls_to_number_created_at_id", "calls", ["to_number", "created_at", "id"])


def _events() -> None:
    """Every event as it was published."""
    op.create_table(
        "call_events",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("call_sid", sa.Text()),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("payload", DOCUMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        _of_call("fk_call_events_call_id"),
        sa.PrimaryKeyConstraint("id", name="pk_call_events"),
    )
    op.create_index("ix_call_events_call_sid", "call_events", ["call_sid"])
    op.create_index("ix_call_events_created_at", "call_events", ["created_at"])
    op.create_index(
        "ix_call_events_position_call_id_sequence",
        "call_events",
        ["position", "call_id", "sequence"],
    )
    op.create_index(
        "uq_call_events_call_id_sequence", "call_events", ["call_id", "sequence"], unique=True
    )


def _conversation() -> None:
    """Who had the caller, what was said, which tools were called, what was agreed to."""
    op.create_table(
        "call_consents",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        _of_call("fk_call_consents_call_id"),
        sa.PrimaryKeyConstraint("call_id", "sequence", name="pk_call_consents"),
    )
    op.create_table(
        "call_handoffs",
        sa.Column("from_agent", sa.Text()),
        sa.Column("to_agent", sa.Text(), nullable=False),
        sa.Column("voice", sa.Text()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("context", sa.Text(), nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        _of_call("fk_call_handoffs_call_id"),
        sa.PrimaryKeyConstraint("call_id", "sequence", name="pk_call_handoffs"),
    )
    op.create_table(
        "call_tool_calls",
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("tool_call_id", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("agent", sa.Text()),
        sa.Column("tool", sa.Text(), nullable=False),
        sa.Column("arguments", DOCUMENT, nullable=False),
        sa.Column("output", sa.Text()),
        sa.Column("is_error", sa.Boolean()),
        sa.Column("duration_ms", sa.Double()),
        sa.Column("called_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        _of_call("fk_call_tool_calls_call_id"),
        sa.PrimaryKeyConstraint("call_id", "tool_call_id", name="pk_call_tool_calls"),
    )
    op.create_table(
        "call_utterances",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("speaker", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text()),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("interrupted", sa.Boolean(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        _of_call("fk_call_utterances_call_id"),
        sa.PrimaryKeyConstraint("id", name="pk_call_utterances"),
    )
    op.create_index(
        "uq_call_utterances_call_id_speaker_item_id",
        "call_utterances",
        ["call_id", "speaker", "item_id"],
        unique=True,
    )


def _figures() -> None:
    """What can be counted and measured."""
    op.create_table(
        "call_latencies",
        sa.Column("latency_ms", sa.Double(), nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        _of_call("fk_call_latencies_call_id"),
        sa.PrimaryKeyConstraint("call_id", "sequence", name="pk_call_latencies"),
    )
    op.create_index("ix_call_latencies_at_latency_ms", "call_latencies", ["at", "latency_ms"])
    op.create_table(
        "call_usage",
        sa.Column("response_id", sa.Text()),
        sa.Column("model", sa.Text()),
        sa.Column("input_text_tokens", sa.BigInteger(), nullable=False),
        sa.Column("input_audio_tokens", sa.BigInteger(), nullable=False),
        sa.Column("cached_tokens", sa.BigInteger(), nullable=False),
        sa.Column("output_text_tokens", sa.BigInteger(), nullable=False),
        sa.Column("output_audio_tokens", sa.BigInteger(), nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        _of_call("fk_call_usage_call_id"),
        sa.PrimaryKeyConstraint("call_id", "sequence", name="pk_call_usage"),
    )


def _service() -> None:
    """Who writes here, and what was deleted."""
    op.create_table(
        "call_erasures",
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("erased_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("call_id", name="pk_call_erasures"),
    )
    op.create_table(
        "call_instances",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("written_position", sa.BigInteger(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("heartbeat_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_call_instances"),
    )
