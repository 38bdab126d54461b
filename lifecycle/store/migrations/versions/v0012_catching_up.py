"""Catching up after an outage."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

UNTOLD = sa.text("status = 'gone' AND NOT is_told")
STILL_TO_COME = sa.text("status IN ('waiting', 'held')")


def upgrade() -> None:
    """Create outages and turns."""
    op.create_table(
        "outage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accounts", sa.Integer(), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lasts", sa.BigInteger(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "catch_up",
        sa.Column("outage", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=255), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("place", sa.Float(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_told", sa.Boolean(), nullable=False),
        sa.Column("is_absent", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("outage", "account"),
    )
    op.create_index(
        "ix_catch_up_turn",
        "catch_up",
        ["status", "place"],
        sqlite_where=STILL_TO_COME,
        postgresql_where=STILL_TO_COME,
    )
    op.create_index("ix_catch_up_account", "catch_up", ["account"])
    op.create_index("ix_catch_up_gone", "catch_up", ["gone_at"])
    op.create_index(
        "ix_catch_up_untold",
        "catch_up",
        ["account"],
        sqlite_where=UNTOLD,
        postgresql_where=UNTOLD,
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("catch_up")
    op.drop_table("outage")
