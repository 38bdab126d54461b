"""Alembic's way in: runs the migrations on the connection that `lifecycle.store.migrate` hands over."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy.types import TypeDecorator

from lifecycle.store.tables import AccountRow


def render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Migrations name plain database types: our own column types may change, what was run may not."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=AccountRow.metadata,
    render_as_batch=True,
    compare_type=True,
    render_item=render,
)
with context.begin_transaction():
    context.run_migrations()
