"""What figures are counted from is packed by the hour; indexes that they were counted from go.

The hours are filled by the service, a day at a time, beside its work: until then their figures
are read from the tables.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

FIGURES = {
    "calls": ["created_at", "status", "team", "agent", "outcome", "cost_usd", "duration_s"],
    "call_latencies": ["team", "agent", "at", "latency_ms"],
    "call_tool_calls": ["tool", "called_at", "team", "agent", "duration_ms", "is_error"],
}


def upgrade() -> None:
    """Adds a table and changes indexes."""
    op.create_table(
        "call_hours",
        sa.Column("hour", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("names", sa.Text(), nullable=False),
        *(
            sa.Column(kind, sa.LargeBinary(), nullable=False)
            for kind in ("calls", "turns", "tools")
        ),
        sa.PrimaryKeyConstraint("hour", name="pk_call_hours"),
    )
    for table in FIGURES:
        op.drop_index(f"ix_{table}_figures", table)
    op.create_index("ix_call_latencies_at", "call_latencies", ["at"])
    op.create_index("ix_call_tool_calls_called_at", "call_tool_calls", ["called_at"])


def downgrade() -> None:
    """Removes it, and brings the indexes back."""
    op.drop_index("ix_call_tool_calls_called_at", "call_tool_calls")
    op.drop_index("ix_call_latencies_at", "call_latencies")
    for table, columns in FIGURES.items():
        op.create_index(f"ix_{table}_figures", table, columns)
    op.drop_table("call_hours")
