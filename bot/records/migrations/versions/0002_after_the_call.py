"""What answered an outbound call, and who does the work that is done once for all instances."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Adds a column and a table."""
    op.add_column("calls", sa.Column("answered_by", sa.Text()))
    op.create_table(
        "call_leases",
        sa.Column("name", sa.String(128)),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_call_leases"),
    )


def downgrade() -> None:
    """Removes them."""
    op.drop_table("call_leases")
    op.drop_column("calls", "answered_by")
