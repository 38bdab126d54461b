"""What shadow automations would have done."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    texts = ("automation", "lifecycle", "kind", "name", "of_lifecycle", "said")
    op.create_table(
        "shadowed",
        sa.Column("account", sa.String(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("revision", "position")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("root", "version", "visit")),
        *(sa.Column(name, sa.String(), nullable=False) for name in texts),
        *(sa.Column(name, sa.String(), nullable=True) for name in ("to_stage", "stage")),
        sa.Column("value", sa.JSON(), nullable=True),
        sa.Column("historic", sa.Boolean(), nullable=False),
        *(
            sa.Column(name, sa.DateTime(timezone=True), nullable=name == "withdrawn_at")
            for name in ("at", "recorded_at", "withdrawn_at")
        ),
        sa.ForeignKeyConstraint(["account"], ["account.id"]),
        sa.PrimaryKeyConstraint("account", "revision", "position"),
    )
    op.create_index("ix_shadowed_lifecycle", "shadowed", ["lifecycle", "at"])
    op.create_index("ix_shadowed_automation", "shadowed", ["automation", "at"])


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_shadowed_automation", "shadowed")
    op.drop_index("ix_shadowed_lifecycle", "shadowed")
    op.drop_table("shadowed")
