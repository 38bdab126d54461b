"""Verifications say with which sheet of the CRM they compared."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """None did, as far as is known."""
    with op.batch_alter_table("verification") as table:
        table.add_column(sa.Column("against", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    """Forget it."""
    with op.batch_alter_table("verification") as table:
        table.drop_column("against")
