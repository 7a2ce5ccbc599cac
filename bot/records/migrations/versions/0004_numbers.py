"""Who answered, beside each turn and tool call, and indexes that figures are counted from alone."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

FIGURES = ["created_at", "status", "team", "agent", "outcome", "cost_usd", "duration_s"]


def upgrade() -> None:
    """Adds columns, filled from what is known, and indexes."""
    for table, column in (
        ("call_latencies", "team"),
        ("call_latencies", "agent"),
        ("call_tool_calls", "team"),
    ):
        op.add_column(table, sa.Column(column, sa.Text(), nullable=False, server_default=""))
        if column == "team":
            op.execute(
                f"UPDATE {table} SET team = COALESCE("  # noqa: S608 - names of ours
                f"(SELECT calls.team FROM calls WHERE calls.id = {table}.call_id), '')"
            )
    op.execute(
        "UPDATE call_latencies SET agent = COALESCE((SELECT to_agent FROM call_handoffs "
        "WHERE call_handoffs.call_id = call_latencies.call_id "
        "AND call_handoffs.sequence < call_latencies.sequence "
        "ORDER BY call_handoffs.sequence DESC LIMIT 1), '')"
    )
    op.drop_index("ix_call_latencies_at_latency_ms", "call_latencies")
    op.create_index(
        "ix_call_latencies_figures", "call_latencies", ["team", "agent", "at", "latency_ms"]
    )
    op.create_index(
        "ix_call_tool_calls_figures",
        "call_tool_calls",
        ["tool", "called_at", "team", "agent", "duration_ms", "is_error"],
    )
    op.create_index("ix_calls_figures", "calls", FIGURES)


def downgrade() -> None:
    """Removes them."""
    op.drop_index("ix_calls_figures", "calls")
    op.drop_index("ix_call_tool_calls_figures", "call_tool_calls")
    op.drop_index("ix_call_latencies_figures", "call_latencies")
    op.create_index("ix_call_latencies_at_latency_ms", "call_latencies", ["at", "latency_ms"])
    op.drop_column("call_tool_calls", "team")
    op.drop_column("call_latencies", "agent")
    op.drop_column("call_latencies", "team")
