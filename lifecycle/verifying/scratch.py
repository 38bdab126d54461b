"""A database in memory for the rows that a life should have: written by the projector, read to be compared."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import StaticPool, create_engine
from sqlalchemy.engine import Connection
from sqlmodel import SQLModel

from lifecycle.store.engine import compact
from lifecycle.store.shadow_tables import ShadowedRow
from lifecycle.store.tables import (
    AheadRow,
    CtaRow,
    EffectRow,
    FieldChangeRow,
    FieldRow,
    TaskRow,
    TrackRow,
    VisitRow,
    table_of,
)

PROJECTED: Final[tuple[type[SQLModel], ...]] = (
    FieldRow,
    FieldChangeRow,
    TrackRow,
    VisitRow,
    CtaRow,
    TaskRow,
    EffectRow,
    ShadowedRow,
    AheadRow,
)
"""The tables that follow from the journal, beside the account's own row."""


class Scratch:
    """The tables, empty. One thread at a time; close it when done."""

    def __init__(self) -> None:
        self._engine = create_engine(
            "sqlite://",
            poolclass=StaticPool,
            connect_args={"check_same_thread": False},
            json_serializer=compact,
        )
        for model in PROJECTED:
            table_of(model).create(self._engine)

    @contextmanager
    def open(self) -> Iterator[Connection]:
        """A connection; what was written is gone at the end of the block."""
        with self._engine.connect() as connection:
            yield connection
            connection.rollback()

    def close(self) -> None:
        """Give the memory back."""
        self._engine.dispose()
