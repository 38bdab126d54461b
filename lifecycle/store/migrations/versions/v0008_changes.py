"""Change-sets: commands to many accounts, with what came of each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "change_set",
        sa.Column("name", sa.String(length=120), nullable=False),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in (
                "kind",
                "title",
                "actor",
                "reason",
                "back_by",
                "back_reason",
                "said",
                "order_id",
            )
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("back", sa.Boolean(), nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=True),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("preview", sa.JSON(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_index("ix_change_set_at", "change_set", ["at"])
    op.create_table(
        "change_item",
        sa.Column("change_set", sa.String(length=120), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=255), nullable=False),
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("message", sa.JSON(), nullable=False),
        sa.Column("undo", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["change_set"], ["change_set.name"]),
        sa.PrimaryKeyConstraint("change_set", "number"),
    )
    op.create_index("ix_change_item_status", "change_item", ["change_set", "status", "number"])
    op.create_index("ix_change_item_account", "change_item", ["account"])
    brought = sa.Column("change_set", sa.String(), nullable=False, server_default="")
    op.add_column("sheet_import", brought)


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("sheet_import") as table:
        table.drop_column("change_set")
    op.drop_table("change_item")
    op.drop_table("change_set")
