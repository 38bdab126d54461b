"""The table of what lines in shadow would have done (N11): a projection of accounts, written with every batch."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from .columns import Instant, Json


class ShadowedRow(SQLModel, table=True):
    """What a line in shadow would have done at an instant. Kept for ever; what was undone has `withdrawn_at`.

    `kind`, `name` and `value` are those of `core.changes.EffectShadowed`, `said` its words. `lifecycle` and
    `version` are the line's. A move is one of `of_lifecycle` to `to_stage`; for anything else `of_lifecycle` is the
    line's own. `stage` and `visit` say where the account stood there (0: in no visit). `root` is the revision of the
    input it belongs to, which undo takes back as a whole (R13).
    """

    __tablename__ = "shadowed"
    __table_args__ = (
        Index("ix_shadowed_lifecycle", "lifecycle", "at"),
        Index("ix_shadowed_automation", "automation", "at"),
    )

    account: str = Field(primary_key=True, foreign_key="account.id")
    revision: int = Field(primary_key=True)
    position: int = Field(primary_key=True)
    root: int
    at: datetime = Field(sa_type=Instant)
    automation: str
    lifecycle: str
    version: int
    kind: str
    name: str
    value: Any = Field(default=None, sa_type=Json, nullable=True)
    of_lifecycle: str
    to_stage: str | None = None
    stage: str | None = None
    visit: int
    said: str
    historic: bool
    recorded_at: datetime = Field(sa_type=Instant)
    withdrawn_at: datetime | None = Field(default=None, sa_type=Instant)
