"""The tables of publications: what was published to whom, what was promised, and what came of it.

They are no projection of accounts: what a publication did stands in the journals of its accounts.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index
from sqlmodel import Column, Field, SQLModel

from .columns import Instant, Json, words
from .tables import ACCOUNT_ID_LENGTH


class PublicationStatus(StrEnum):
    """trying ──▶ watching ──▶ rolling on ──▶ done; stopped on the way; any ──▶ rolling back ──▶ rolled back.

    `trying`: the share takes it over. `stopped`: the share keeps it until somebody rolls on or back.
    """

    TRYING = "trying"
    WATCHING = "watching"
    STOPPED = "stopped"
    ROLLING_ON = "rolling on"
    DONE = "done"
    ROLLING_BACK = "rolling back"
    ROLLED_BACK = "rolled back"


class Verdict(StrEnum):
    """How an account of the share lives under the new version, held against what was promised.

    `as promised`: to the letter. `as folded`: other things happened to it, and folding them gives just this. `parted`:
    it lives otherwise. `failed`: it did not take the version over, or something could not be delivered.
    """

    WAITING = "waiting"
    AS_PROMISED = "as promised"
    AS_FOLDED = "as folded"
    PARTED = "parted"
    FAILED = "failed"


class PublicationRow(SQLModel, table=True):
    """A publication. `name` is its id for ever, `said` what changes in one sentence.

    `lifecycle`, `version` and `before` (the version that holds for the others) are empty and 0 where no lifecycle has
    a new version. It is tried with `share` percent for `watch` seconds, and `stops` by itself when more than
    `tolerance` percent of them live otherwise than promised. `parts` are what was published, `figures` what was
    promised and what happened, `reason` the last order with who gave it.
    """

    __tablename__ = "publication"
    __table_args__ = (
        Index("ix_publication_at", "at"),
        Index("ix_publication_lifecycle", "lifecycle", "version"),
    )

    name: str = Field(primary_key=True, max_length=100)
    title: str
    lifecycle: str = ""
    version: int = 0
    before: int = 0
    parts: Any = Field(default_factory=list, sa_type=Json)
    book: str
    policies: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    share: int = 100
    watch: int = 0
    tolerance: float = 5.0
    stops: bool = True
    per_minute: int | None = None
    said: str = ""
    actor: str
    at: datetime = Field(sa_type=Instant)
    status: PublicationStatus = Field(
        sa_column=Column(words(PublicationStatus), nullable=False, index=True)
    )
    reason: str = ""
    watch_until: datetime | None = Field(default=None, sa_type=Instant)
    looked_at: datetime | None = Field(default=None, sa_type=Instant)
    figures: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    finished_at: datetime | None = Field(default=None, sa_type=Instant)

    @property
    def change_set(self) -> str:
        """The change-set that hands it over."""
        return f"publish-{self.name}"

    @property
    def is_open(self) -> bool:
        """Whether it is on its way, or waits for somebody to roll it on or back."""
        return self.status not in {PublicationStatus.DONE, PublicationStatus.ROLLED_BACK}


class PublicationAccountRow(SQLModel, table=True):
    """An account of the share: what it was promised (`core.promise.Step`s), and how it lives.

    `adopted` is the entry of its journal with which it took the version over, `looked` its last entry when it was
    looked at last. `moved`: by what the version does itself.
    """

    __tablename__ = "publication_account"
    __table_args__ = (Index("ix_publication_account_verdict", "publication", "verdict", "account"),)

    publication: str = Field(primary_key=True, foreign_key="publication.name", max_length=100)
    account: str = Field(primary_key=True, max_length=ACCOUNT_ID_LENGTH)
    verdict: Verdict = Field(sa_column=Column(words(Verdict), nullable=False))
    promised: Any = Field(default_factory=list, sa_type=Json)
    happened: Any = Field(default_factory=list, sa_type=Json)
    expected: Any = Field(default_factory=list, sa_type=Json)
    why: str = ""
    adopted: int | None = None
    looked: int = 0
