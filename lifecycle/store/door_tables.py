"""The tables of the doors: who is let in, and what was done about that.

They are no projection of accounts. Of a token only its digest is kept.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Index, text
from sqlmodel import Column, Field, SQLModel

from lifecycle.roles import Role

from .columns import Instant, words

VALID: Final = text("revoked_at IS NULL")


class ApiKeyRow(SQLModel, table=True):
    """A service's or a person's key. One that is revoked is kept; its name may be given again.

    `last_used_at` is right to the hour.
    """

    __tablename__ = "api_key"
    __table_args__ = (
        Index("uq_api_key_name", "name", unique=True, sqlite_where=VALID, postgresql_where=VALID),
    )

    id: int | None = Field(default=None, primary_key=True)
    name: str
    role: Role = Field(sa_column=Column(words(Role), nullable=False))
    digest: str = Field(unique=True)
    made_at: datetime = Field(sa_type=Instant)
    made_by: str
    last_used_at: datetime | None = Field(default=None, sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)
    revoked_by: str = ""


class SessionRow(SQLModel, table=True):
    """A person who signed in with a browser. It is over at `ends_at` if it is not seen before, or at `ended_at`.

    `seen_at` is right to a few minutes.
    """

    __tablename__ = "session"

    digest: str = Field(primary_key=True)
    name: str
    role: Role = Field(sa_column=Column(words(Role), nullable=False))
    begun_at: datetime = Field(sa_type=Instant)
    seen_at: datetime = Field(sa_type=Instant)
    ends_at: datetime = Field(sa_type=Instant, index=True)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)


class SignInLinkRow(SQLModel, table=True):
    """A link that lets one person in, once."""

    __tablename__ = "sign_in_link"

    digest: str = Field(primary_key=True)
    name: str
    role: Role = Field(sa_column=Column(words(Role), nullable=False))
    expires_at: datetime = Field(sa_type=Instant, index=True)
    used_at: datetime | None = Field(default=None, sa_type=Instant)


class DraftRow(SQLModel, table=True):
    """What a person is writing in place of a part of the definitions, kept until it is published or thrown away.

    `version` and `edition` are those of the published text it was begun from.
    """

    __tablename__ = "draft"

    part: str = Field(primary_key=True)
    person: str = Field(primary_key=True)
    text: str
    version: int
    edition: int
    saved_at: datetime = Field(sa_type=Instant)


class AuditRow(SQLModel, table=True):
    """Somebody was let in, refused, or given the means. Rows are added and never changed.

    Of a person nothing is kept but the name they act under: no address, no browser.
    """

    __tablename__ = "audit"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=Instant, index=True)
    what: str
    who: str
    role: str = ""
    detail: str = ""
