"""Alembic's way in: runs migrations on the connection that `lifecycle.store.migrate` hands over."""

from __future__ import annotations

from alembic import context

from lifecycle.store.tables import AccountRow

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=AccountRow.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
