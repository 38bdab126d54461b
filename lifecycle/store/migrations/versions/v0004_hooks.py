"""Webhooks in: which account their ids belong to, and messages that could not be mapped."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEPT = sa.text("status = 'kept'")


def upgrade() -> None:
    """Create the two tables."""
    _hook_map()
    _hook_arrival()


def downgrade() -> None:
    """Drop them."""
    op.drop_table("hook_arrival")
    op.drop_table("hook_map")


def _hook_map() -> None:
    op.create_table(
        "hook_map",
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("their_id", sa.String(length=255), nullable=False),
        sa.Column("account", sa.String(length=255), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("source", "kind", "their_id"),
    )


def _hook_arrival() -> None:
    op.create_table(
        "hook_arrival",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("their_id", sa.String(length=255), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("waits_for", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source", "their_id"),
    )
    op.create_index("ix_hook_arrival_status", "hook_arrival", ["status", "id"])
    op.create_index(
        "ix_hook_arrival_waits",
        "hook_arrival",
        ["source", "waits_for"],
        sqlite_where=KEPT,
        postgresql_where=KEPT,
    )
