"""Definitions in pages: drafts, where something was published, and how often each automation fired."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

AUTOMATIC = sa.text("automation <> ''")
FIRED = {
    "visit": "entered_at",
    "effect": "recorded_at",
    "cta": "opened_at",
    "field_change": "at",
}


def upgrade() -> None:
    """Create table, column and indexes."""
    op.create_table(
        "draft",
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("part", "person"),
    )
    op.add_column("definition", sa.Column("door", sa.String(), nullable=False, server_default=""))
    for table, at in FIRED.items():
        op.create_index(
            f"ix_{table}_automation",
            table,
            ["automation", at],
            sqlite_where=AUTOMATIC,
            postgresql_where=AUTOMATIC,
        )


def downgrade() -> None:
    """Drop them."""
    for table in FIRED:
        op.drop_index(f"ix_{table}_automation", table)
    op.drop_column("definition", "door")
    op.drop_table("draft")
