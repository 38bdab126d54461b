"""The tables of catching up after an outage (N8): each outage, and whose turn is when.

They are no projection of accounts: an account that meets its deadlines in time has no row.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import BigInteger, Index
from sqlmodel import Column, Field, SQLModel

from .columns import Instant, words
from .tables import ACCOUNT_ID_LENGTH, where_sql

STILL_TO_COME = "status IN ('waiting', 'held')"


class TurnStatus(StrEnum):
    """`gone` is for good: its turn came. `done` caught up without one: something that happened to it came first."""

    WAITING = "waiting"
    HELD = "held"
    GONE = "gone"
    DONE = "done"


class OutageRow(SQLModel, table=True):
    """A time in which deadlines were not met, as it was noticed by the first account that asked.

    `since` is the oldest deadline missed; `accounts` were behind when it was noticed. Turns are given from
    `begins_at` on over `lasts` seconds; `looked_at` is when somebody last gave some. It is over at `ended_at`.
    """

    __tablename__ = "outage"

    id: int | None = Field(default=None, primary_key=True)
    noticed_at: datetime = Field(sa_type=Instant)
    since: datetime = Field(sa_type=Instant)
    accounts: int
    begins_at: datetime = Field(sa_type=Instant)
    lasts: int = Field(sa_type=BigInteger)
    looked_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)

    def turn_at(self, place: float) -> datetime:
        """When a place of the queue has its turn."""
        return self.begins_at + timedelta(seconds=self.lasts * place)

    def place_at(self, now: datetime) -> float:
        """Whose turn it is at an instant."""
        return (now - self.begins_at).total_seconds() / self.lasts


class TurnRow(SQLModel, table=True):
    """An account's turn in an outage. `place` is 0 for the first and 1 where the outage's time ends.

    `due_at` is the first deadline it missed. `is_absent`: its workflow did not run when its turn came.
    `by` released or held it by hand.
    """

    __tablename__ = "catch_up"
    __table_args__ = (
        Index("ix_catch_up_turn", "status", "place", **where_sql(STILL_TO_COME)),
        Index("ix_catch_up_account", "account"),
        Index("ix_catch_up_gone", "gone_at"),
        Index("ix_catch_up_untold", "account", **where_sql("status = 'gone' AND NOT is_told")),
    )

    outage: int = Field(primary_key=True)
    account: str = Field(primary_key=True, max_length=ACCOUNT_ID_LENGTH)
    due_at: datetime = Field(sa_type=Instant)
    what: str = ""
    place: float
    status: TurnStatus = Field(sa_column=Column(words(TurnStatus), nullable=False))
    asked_at: datetime | None = Field(default=None, sa_type=Instant)
    gone_at: datetime | None = Field(default=None, sa_type=Instant)
    is_told: bool = False
    is_absent: bool = False
    by: str = ""
