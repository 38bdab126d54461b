"""The tables of rehearsals: what a draft would have done, and the accounts in which it differs (N2).

They are no projection of accounts: rehearsals may be thrown away at any time.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index
from sqlmodel import Column, Field, SQLModel

from .columns import CodePoints, Instant, Json, words


class RehearsalStatus(StrEnum):
    """running ──▶ done or failed; one whose process ended stays `running` and is seen no more."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class RehearsalRow(SQLModel, table=True):
    """One rehearsal. `digest` names what the draft says, `against` the book it was held against.

    `part` is the one part that the draft changes, empty for several; `parts` are all of them with their content
    (`rehearsing.proposing.Part`). `asked` are the words for which accounts, `segment`, `sentences` and `since` what
    was asked. While somebody works on it, `seen_at` is at most a few seconds old. `totals` is JSON of
    `rehearsing.totals.Totals`.
    """

    __tablename__ = "rehearsal"
    __table_args__ = (
        Index("ix_rehearsal_part", "part", "began_at"),
        Index("ix_rehearsal_digest", "digest", "began_at"),
    )

    id: str = Field(primary_key=True, max_length=40)
    digest: str = Field(max_length=64)
    against: str = Field(max_length=64)
    part: str
    parts: Any = Field(sa_type=Json)
    status: RehearsalStatus = Field(sa_column=Column(words(RehearsalStatus), nullable=False))
    actor: str
    door: str
    asked: str = ""
    segment: str = ""
    sentences: Any = Field(sa_type=Json)
    since: datetime | None = Field(default=None, sa_type=Instant)
    began_at: datetime = Field(sa_type=Instant)
    seen_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    done: int = 0
    total: int = 0
    totals: Any = Field(default=None, sa_type=Json, nullable=True)
    said: str = ""


class RehearsalAccountRow(SQLModel, table=True):
    """An account in which a rehearsal differs: by what, and how (`core.parting.Compared` as JSON)."""

    __tablename__ = "rehearsal_account"
    __table_args__ = (
        Index("ix_rehearsal_account_order", "rehearsal", "in_stage", "name", "account"),
    )

    rehearsal: str = Field(primary_key=True, foreign_key="rehearsal.id", max_length=40)
    account: str = Field(primary_key=True, max_length=255)
    name: str = Field(sa_type=CodePoints)
    csm: str
    in_stage: bool
    in_dates: bool
    in_mail: bool
    in_cta: bool
    compared: Any = Field(sa_type=Json)
