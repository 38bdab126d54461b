"""The tables of sheets that are brought in by a page: what was uploaded, how far it is, and what came of it.

They are no projection of accounts.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index
from sqlmodel import Column, Field, SQLModel

from .columns import Instant, Json, words


class ImportStatus(StrEnum):
    """checking ──▶ checked ──▶ sending ──▶ done; `failed` from either step, and again from there."""

    CHECKING = "checking"
    CHECKED = "checked"
    SENDING = "sending"
    DONE = "done"
    FAILED = "failed"


class PartOf(StrEnum):
    """What a part belongs to."""

    FILE = "file"
    ERRORS = "errors"


class ImportRow(SQLModel, table=True):
    """A sheet of accounts that somebody uploaded.

    While somebody works on it, `seen_at` is at most a few seconds old, and `done` of `total` rows or accounts
    are through. `tally` is what came of it (`telling.bringing.Tally`), `changes` and `wrong` the first of each;
    `code` and `said` tell why it failed. `kept`: its file is still there. `change_set` carries it out.
    """

    __tablename__ = "sheet_import"
    __table_args__ = (Index("ix_sheet_import_at", "at"),)

    id: str = Field(primary_key=True, max_length=40)
    at: datetime = Field(sa_type=Instant)
    actor: str
    file: str
    size: int
    sheet: str = ""
    encoding: str = "utf-8"
    reason: str = ""
    creates: bool = False
    anyway: bool = False
    atomic: bool = False
    status: ImportStatus = Field(sa_column=Column(words(ImportStatus), nullable=False))
    step: str = ""
    done: int = 0
    total: int | None = None
    seen_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    kept: bool = True
    stopped: bool = False
    code: str = ""
    said: str = ""
    remedy: str = ""
    change_set: str = ""
    tally: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    changes: list[Any] = Field(default_factory=list, sa_type=Json)
    wrong: list[Any] = Field(default_factory=list, sa_type=Json)


class ImportPartRow(SQLModel, table=True):
    """A piece of an uploaded file, or of the list of its errors. They go with what they belong to."""

    __tablename__ = "sheet_part"

    id: str = Field(primary_key=True, foreign_key="sheet_import.id", max_length=40)
    of: PartOf = Field(sa_column=Column(words(PartOf), primary_key=True))
    number: int = Field(primary_key=True)
    data: bytes
