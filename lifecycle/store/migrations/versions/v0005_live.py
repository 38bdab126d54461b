"""Live changes: which accounts were recorded lately is asked every moment."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the index."""
    op.create_index("ix_account_recorded", "account", ["recorded_at"])


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_account_recorded", "account")
