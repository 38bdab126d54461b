"""Rehearsals: what a draft would have done, account by account."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lifecycle.store.columns import CodePoints

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the two tables."""
    _rehearsal()
    switches: list[sa.Column[bool]] = [
        sa.Column(name, sa.Boolean(), nullable=False)
        for name in ("in_stage", "in_dates", "in_mail", "in_cta")
    ]
    op.create_table(
        "rehearsal_account",
        sa.Column("rehearsal", sa.String(length=40), nullable=False),
        sa.Column("account", sa.String(length=255), nullable=False),
        sa.Column("name", CodePoints(), nullable=False),
        sa.Column("csm", sa.String(), nullable=False),
        *switches,
        sa.Column("compared", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["rehearsal"], ["rehearsal.id"]),
        sa.PrimaryKeyConstraint("rehearsal", "account"),
    )
    op.create_index(
        "ix_rehearsal_account_order",
        "rehearsal_account",
        ["rehearsal", "in_stage", "name", "account"],
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_rehearsal_account_order", "rehearsal_account")
    op.drop_table("rehearsal_account")
    op.drop_index("ix_rehearsal_digest", "rehearsal")
    op.drop_index("ix_rehearsal_part", "rehearsal")
    op.drop_table("rehearsal")


def _rehearsal() -> None:
    texts = [
        sa.Column(name, sa.String(), nullable=False)
        for name in ("part", "actor", "door", "asked", "segment", "said")
    ]
    instants = [
        sa.Column(name, sa.DateTime(timezone=True), nullable=name in ("since", "ended_at"))
        for name in ("since", "began_at", "seen_at", "ended_at")
    ]
    op.create_table(
        "rehearsal",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("against", sa.String(length=64), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("sentences", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        *texts,
        *instants,
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("totals", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_rehearsal_part", "rehearsal", ["part", "began_at"])
    op.create_index("ix_rehearsal_digest", "rehearsal", ["digest", "began_at"])
