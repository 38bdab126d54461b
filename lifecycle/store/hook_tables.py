"""The tables of webhooks in: what their ids mean here, and what could not be mapped.

They are no projection of accounts.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Column, Field, SQLModel

from .columns import Instant, words
from .tables import ACCOUNT_ID_LENGTH, where_sql


class ArrivalStatus(StrEnum):
    """The life of a message of a webhook that could not be mapped; `sent` and `dropped` are for good."""

    KEPT = "kept"
    SENT = "sent"
    DROPPED = "dropped"


class HookMapRow(SQLModel, table=True):
    """Which account one of their ids belongs to: a deal, a customer of the billing system.

    Learnt from messages, or set by a person, who is `actor` then and is not overruled by a message.
    """

    __tablename__ = "hook_map"

    source: str = Field(primary_key=True, max_length=60)
    kind: str = Field(primary_key=True, max_length=60)
    their_id: str = Field(primary_key=True, max_length=ACCOUNT_ID_LENGTH)
    account: str = Field(max_length=ACCOUNT_ID_LENGTH)
    at: datetime = Field(sa_type=Instant)
    actor: str = ""


class HookArrivalRow(SQLModel, table=True):
    """A message of a webhook that could not be mapped, kept for an operator; `their_id` is the sender's.

    `body` is the message as JSON text; it and `reason`, which may quote it, are emptied once the message was sent
    or dropped: they may speak of people.
    `waits_for` is the id whose account was unknown (`deal/17`); learning it sends the message.
    """

    __tablename__ = "hook_arrival"
    __table_args__ = (
        UniqueConstraint("source", "their_id"),
        Index("ix_hook_arrival_status", "status", "id"),
        Index("ix_hook_arrival_waits", "source", "waits_for", **where_sql("status = 'kept'")),
    )

    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(max_length=60)
    their_id: str = Field(max_length=ACCOUNT_ID_LENGTH)
    received_at: datetime = Field(sa_type=Instant)
    told: str
    account: str = ""
    code: str
    reason: str
    waits_for: str = ""
    body: str
    status: ArrivalStatus = Field(sa_column=Column(words(ArrivalStatus), nullable=False))
    attempts: int = 1
    tried_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    actor: str = ""
    why: str = ""
