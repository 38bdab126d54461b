"""The table of erasures: who had a person erased, when, and what went; never who it was.

It is no projection of accounts: what an account lost stands in its journal, too.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from .columns import Instant, Json
from .tables import ACCOUNT_ID_LENGTH


class ErasureRow(SQLModel, table=True):
    """One erasure. `account` is empty for a person of many accounts; `accounts` are those it concerns.

    `person` says who was meant: empty for everybody known of the account, a role, or `address`. `wanted` are the
    words looked for, while it goes on; they are gone with its end. `tally` counts what went, by table; `left` tells
    what could not be removed.
    """

    __tablename__ = "erasure"
    __table_args__ = (
        Index("ix_erasure_at", "at"),
        Index("ix_erasure_account", "account", "at"),
    )

    id: str = Field(primary_key=True, max_length=40)
    at: datetime = Field(sa_type=Instant)
    actor: str
    reason: str = ""
    account: str = Field(default="", max_length=ACCOUNT_ID_LENGTH)
    person: str = ""
    accounts: list[Any] = Field(default_factory=list, sa_type=Json)
    wanted: Any = Field(default=None, sa_type=Json, nullable=True)
    step: str = ""
    tally: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    left: list[Any] = Field(default_factory=list, sa_type=Json)
    done_at: datetime | None = Field(default=None, sa_type=Instant)
