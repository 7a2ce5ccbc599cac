"""How far the receivers of webhooks were told, and ids of events that never come again."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"

DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Adds a table, and has SQLite count the ids of events up as PostgreSQL does."""
    op.create_table(
        "call_webhooks",
        sa.Column("id", sa.String(32)),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("taken", DOCUMENT, nullable=False),
        sa.Column("given_up", sa.BigInteger(), nullable=False),
        sa.Column("delivered_at", MOMENT),
        sa.Column("failed_at", MOMENT),
        sa.Column("last_error", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_call_webhooks"),
    )
    _count_up(True)


def downgrade() -> None:
    """Takes both back."""
    _count_up(False)
    op.drop_table("call_webhooks")


def _count_up(autoincrement: bool) -> None:
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table(
            "call_events",
            recreate="always",
            table_kwargs={"sqlite_autoincrement": autoincrement},
        ):
            pass
