"""Publications: versions that hold for a share of the accounts, what they promised, and what came of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; every version that is there holds for all."""
    with op.batch_alter_table("definition") as table:
        table.add_column(sa.Column("share", sa.Integer(), nullable=False, server_default="100"))
    with op.batch_alter_table("definition") as table:
        table.alter_column("share", server_default=None, existing_type=sa.Integer())
    went_back = sa.text("kind = 'GoBack'")
    op.create_index(
        "ix_journal_went_back",
        "journal",
        ["account"],
        sqlite_where=went_back,
        postgresql_where=went_back,
    )
    _publication()
    _account()


def _publication() -> None:
    instants = ("watch_until", "looked_at", "finished_at")
    op.create_table(
        "publication",
        sa.Column("name", sa.String(length=100), nullable=False),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("title", "lifecycle", "book", "said", "actor", "reason")
        ),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("version", "before", "share", "watch")
        ),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("policies", "figures")),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("tolerance", sa.Float(), nullable=False),
        sa.Column("stops", sa.Boolean(), nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=True) for name in instants),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_index("ix_publication_at", "publication", ["at"])
    op.create_index("ix_publication_lifecycle", "publication", ["lifecycle", "version"])
    op.create_index("ix_publication_status", "publication", ["status"])


def _account() -> None:
    op.create_table(
        "publication_account",
        sa.Column("publication", sa.String(length=100), nullable=False),
        sa.Column("account", sa.String(length=255), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        *(
            sa.Column(name, sa.JSON(), nullable=False)
            for name in ("promised", "happened", "expected")
        ),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("adopted", sa.Integer(), nullable=True),
        sa.Column("looked", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["publication"], ["publication.name"]),
        sa.PrimaryKeyConstraint("publication", "account"),
    )
    op.create_index(
        "ix_publication_account_verdict",
        "publication_account",
        ["publication", "verdict", "account"],
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("publication_account")
    op.drop_table("publication")
    op.drop_index("ix_journal_went_back", "journal")
    with op.batch_alter_table("definition") as table:
        table.drop_column("share")
