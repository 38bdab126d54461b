"""Sheets that pages bring in: what was uploaded, how far it is, and what came of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the two tables."""
    _import()
    op.create_table(
        "sheet_part",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("of", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["sheet_import.id"]),
        sa.PrimaryKeyConstraint("id", "of", "number"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("sheet_part")
    op.drop_index("ix_sheet_import_at", "sheet_import")
    op.drop_table("sheet_import")


def _import() -> None:
    texts = [
        sa.Column(name, sa.String(), nullable=False)
        for name in (
            "actor",
            "file",
            "sheet",
            "encoding",
            "reason",
            "step",
            "code",
            "said",
            "remedy",
        )
    ]
    switches: list[sa.Column[bool]] = [
        sa.Column(name, sa.Boolean(), nullable=False)
        for name in ("creates", "anyway", "atomic", "kept", "stopped")
    ]
    op.create_table(
        "sheet_import",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        *texts,
        *switches,
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("tally", "changes", "wrong")),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_sheet_import_at", "sheet_import", ["at"])
