"""The tables of change-sets: commands to many accounts as one, with what came of each.

They are no projection of accounts: what a command did stands in the journal of its account.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index
from sqlmodel import Column, Field, SQLModel

from .columns import Instant, Json, words
from .tables import ACCOUNT_ID_LENGTH


class ChangeStatus(StrEnum):
    """running ⇄ paused; both ──▶ stopped; running ──▶ done. Undoing all goes the same way once more."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    DONE = "done"


class ItemStatus(StrEnum):
    """waiting ──▶ done, unchanged, refused or failed; done ──▶ undone or kept.

    `unchanged`: the account was as wanted already. `failed`: it did not answer; it can be tried again. `kept`: it could
    not be taken back.
    """

    WAITING = "waiting"
    DONE = "done"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    FAILED = "failed"
    UNDONE = "undone"
    KEPT = "kept"


class ChangeRow(SQLModel, table=True):
    """A change-set. `name` is its id for ever, `title` says in a line what it does.

    `back`: what was done is taken back, as `back_by` wants. `share` is how many percent of the accounts may have it
    by now, `per_minute` how many commands go (None: as fast as it goes), `preview` what was foreseen, `said` the last
    order with who gave it (`order_id`: it is carried out once).
    """

    __tablename__ = "change_set"
    __table_args__ = (Index("ix_change_set_at", "at"),)

    name: str = Field(primary_key=True, max_length=120)
    kind: str
    title: str
    actor: str
    reason: str
    at: datetime = Field(sa_type=Instant)
    status: ChangeStatus = Field(sa_column=Column(words(ChangeStatus), nullable=False))
    back: bool = False
    back_by: str = ""
    back_reason: str = ""
    per_minute: int | None = None
    share: int = 100
    total: int = 0
    preview: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    said: str = ""
    order_id: str = ""
    finished_at: datetime | None = Field(default=None, sa_type=Instant)


class ChangeItemRow(SQLModel, table=True):
    """One command of a change-set to one account; those to one account follow each other by `number`.

    `message` is the update's message with its name in `command`; `undo` is the opposite of it where it has one of its
    own. `revision` is the entry of the journal it made, `reason` why it was refused, failed or kept, `code` the same
    for programs. An account's `bucket` tells in which share it is.
    """

    __tablename__ = "change_item"
    __table_args__ = (
        Index("ix_change_item_status", "change_set", "status", "number"),
        Index("ix_change_item_account", "account"),
    )

    change_set: str = Field(primary_key=True, foreign_key="change_set.name", max_length=120)
    number: int = Field(primary_key=True)
    account: str = Field(max_length=ACCOUNT_ID_LENGTH)
    bucket: int
    status: ItemStatus = Field(sa_column=Column(words(ItemStatus), nullable=False))
    message: dict[str, Any] = Field(sa_type=Json)
    undo: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    revision: int | None = None
    code: str = ""
    reason: str = ""
    at: datetime | None = Field(default=None, sa_type=Instant)
