"""The table of verifications: what was looked at, and what differed (N9, N10). No projection of accounts."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index
from sqlmodel import Column, Field, SQLModel

from .columns import Instant, Json, words


class VerificationStatus(StrEnum):
    """`stopped`: a person ended it; what was looked at until then counts."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"


class VerificationRow(SQLModel, table=True):
    """One verification. `named` are the accounts asked for, None for all; `cursor` is the last one looked at.

    `count` counts all differences, `differences` holds the first of them as data (`verifying.difference`), `repaired`
    what was put right, with what stood there before. `against` names the CRM's sheet that was compared, "" for none.
    """

    __tablename__ = "verification"
    __table_args__ = (Index("ix_verification_started", "started_at"),)

    id: str = Field(primary_key=True, max_length=120)
    actor: str
    started_at: datetime = Field(sa_type=Instant)
    finished_at: datetime | None = Field(default=None, sa_type=Instant)
    status: VerificationStatus = Field(sa_column=Column(words(VerificationStatus), nullable=False))
    named: Any = Field(default=None, sa_type=Json, nullable=True)
    workflows: bool = False
    against: str = ""
    total: int = 0
    accounts: int = 0
    entries: int = 0
    count: int = 0
    cursor: str = ""
    differences: Any = Field(sa_type=Json)
    repaired: Any = Field(sa_type=Json)
