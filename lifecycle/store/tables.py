"""The tables: a projection of inputs and changes (design.md, The database).

Times are aware and UTC, money is whole cents. Rows of accounts are written by `record` only; effects also
by those who deliver them.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Index, Table, UniqueConstraint
from sqlmodel import Column, Field, SQLModel

from .columns import CodePoints, ExactNumber, Instant, Json, words

ACCOUNT_ID_LENGTH = 255


class EffectStatus(StrEnum):
    """The life of a delivery. A temporary failure puts it back to `due`."""

    DUE = "due"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


class EffectKind(StrEnum):
    """What is delivered."""

    MAIL = "mail"
    WEBHOOK = "webhook"


class CtaStatus(StrEnum):
    """A withdrawn CTA was opened by an input that was undone (R13)."""

    OPEN = "open"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class PartKind(StrEnum):
    """What a definition row holds; all but lifecycles exist once."""

    LIFECYCLE = "lifecycle"
    ACCOUNT = "account"
    EVENTS = "events"
    DIRECTORY = "directory"
    PLAYBOOKS = "playbooks"


def table_of(model: type[SQLModel]) -> Table:
    """The table behind a model."""
    return SQLModel.metadata.tables[str(model.__tablename__)]


class AccountRow(SQLModel, table=True):
    """One account: fields for lists and reports, where it stands, and its whole state.

    `state` is the codec's JSON of `AccountState` without the window of event keys. A field whose value
    does not fit its column here is found in `account_field` only, which holds every field.
    """

    __tablename__ = "account"
    __table_args__ = (Index("ix_account_type_status", "type", "status"),)

    id: str = Field(primary_key=True, max_length=ACCOUNT_ID_LENGTH)
    name: str | None = None
    type: str | None = None
    status: str | None = None
    csm: str | None = None
    csm_email: str | None = None
    owner: str | None = None
    owner_email: str | None = None
    plan: str | None = None
    arr: int | None = Field(default=None, sa_type=BigInteger)
    renewal_date: date | None = None
    health: str | None = None
    health_score: int | None = Field(default=None, sa_type=BigInteger)
    time_zone: str | None = None
    created_at: datetime | None = Field(default=None, sa_type=Instant)
    revision: int = 0
    clock: datetime | None = Field(default=None, sa_type=Instant)
    lead: int = Field(default=0, sa_type=BigInteger)
    next_deadline: datetime | None = Field(default=None, sa_type=Instant, index=True)
    hold_until: datetime | None = Field(default=None, sa_type=Instant, index=True)
    events: int = 0
    duplicates: int = 0
    refused: int = 0
    chain: str = ""
    state: Any = Field(sa_type=Json)
    recorded_at: datetime | None = Field(default=None, sa_type=Instant)


class FieldRow(SQLModel, table=True):
    """A field's value in the column of its kind. `head` is indexed in place of texts of any length;
    `folded` is what `contains` looks in: the value as text, case folded as Python folds it."""

    __tablename__ = "account_field"
    __table_args__ = (
        Index("ix_account_field_head", "name", "head"),
        Index("ix_account_field_number", "name", "number"),
        Index("ix_account_field_day", "name", "day"),
    )
    HEAD: ClassVar[int] = 60

    account: str = Field(primary_key=True, foreign_key="account.id")
    name: str = Field(primary_key=True)
    text: str | None = Field(default=None, sa_type=CodePoints)
    head: str | None = Field(default=None, max_length=HEAD)
    folded: str
    number: float | None = Field(default=None, sa_type=ExactNumber)
    day: date | None = None
    instant: datetime | None = Field(default=None, sa_type=Instant)


class TrackRow(SQLModel, table=True):
    """Where an account stands in a lifecycle. Days in the stage are now - counting_since (T11)."""

    __tablename__ = "track"
    __table_args__ = (
        Index("ix_track_stage_counting", "lifecycle", "stage", "counting_since"),
        Index("ix_track_stage_entered", "lifecycle", "stage", "entered_at"),
    )

    account: str = Field(primary_key=True, foreign_key="account.id")
    lifecycle: str = Field(primary_key=True)
    stage: str | None = None
    visit: int = 0
    entered_at: datetime | None = Field(default=None, sa_type=Instant)
    counting_since: datetime | None = Field(default=None, sa_type=Instant)
    cycle: int = 0
    cycle_started_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    seconds: Any = Field(default=None, sa_type=Json, nullable=True)
    late: bool = False
    stuck: bool = False
    version: int | None = None
    revision: int = 0


class VisitRow(SQLModel, table=True):
    """A stay in a stage, or in none (`stage` NULL, `number` 0). Kept for ever (R5).

    `position` orders moves of one entry; an undone visit carries `withdrawn_at`.
    """

    __tablename__ = "visit"
    __table_args__ = (
        Index("ix_visit_stage_entered", "lifecycle", "stage", "entered_at"),
        Index("ix_visit_entered", "lifecycle", "entered_at"),
    )

    account: str = Field(primary_key=True, foreign_key="account.id")
    lifecycle: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    position: int = Field(primary_key=True)
    number: int
    stage: str | None = None
    from_stage: str | None = None
    to_stage: str | None = None
    cycle: int
    entered_at: datetime = Field(sa_type=Instant)
    left_at: datetime | None = Field(default=None, sa_type=Instant)
    counting_since: datetime | None = Field(default=None, sa_type=Instant)
    moved: bool
    ends: bool
    cause: str
    automation: str
    version: int
    actor: str
    reason: str
    historic: bool
    recorded_at: datetime = Field(sa_type=Instant)
    withdrawn_at: datetime | None = Field(default=None, sa_type=Instant)


class JournalRow(SQLModel, table=True):
    """An input in order, with what it changed and did not (`core.changes.Entry`), hash chained.

    `event_key` is set on the one entry that took an event into the window, with the event's own time
    in seconds and its number among those of the account; a duplicate of it has none.
    """

    __tablename__ = "journal"
    __table_args__ = (
        UniqueConstraint("account", "event_key", name="uq_journal_event"),
        UniqueConstraint("account", "event_number", name="uq_journal_event_number"),
        Index("ix_journal_recorded", "recorded_at"),
        Index("ix_journal_root", "account", "root"),
    )

    account: str = Field(primary_key=True, foreign_key="account.id")
    revision: int = Field(primary_key=True)
    root: int
    at: datetime = Field(sa_type=Instant)
    time: datetime | None = Field(default=None, sa_type=Instant)
    received: datetime | None = Field(default=None, sa_type=Instant)
    kind: str
    type: str = ""
    source: str = ""
    event_id: str = ""
    event_key: str | None = None
    event_seconds: float | None = None
    event_number: int | None = None
    actor: str = ""
    input: Any = Field(sa_type=Json)
    changes: Any = Field(sa_type=Json)
    notes: Any = Field(sa_type=Json)
    refused: Any = Field(default=None, sa_type=Json, nullable=True)
    refused_code: str | None = None
    rules: int
    historic: bool
    recorded_at: datetime = Field(sa_type=Instant)
    salt: str
    digest: str
    chain: str


class EffectRow(SQLModel, table=True):
    """An e-mail or a webhook: due, on its way, or what became of it, with what was sent.

    `roles` are the roles and teams it is for, or the webhook's target; `recipients` the addresses they
    stood for, `reached` those that have it already. `earlier` keeps the outcomes before a re-send.
    """

    __tablename__ = "effect"
    __table_args__ = (
        Index("ix_effect_status", "status", "due_at"),
        Index("ix_effect_order", "account", "revision", "position"),
    )

    id: str = Field(primary_key=True)
    account: str = Field(foreign_key="account.id")
    kind: EffectKind = Field(sa_column=Column(words(EffectKind), nullable=False))
    status: EffectStatus = Field(sa_column=Column(words(EffectStatus), nullable=False))
    revision: int
    position: int
    automation: str
    lifecycle: str
    stage: str | None = None
    visit: int
    name: str
    roles: Any = Field(sa_type=Json)
    data: Any = Field(sa_type=Json)
    due_at: datetime = Field(sa_type=Instant)
    recorded_at: datetime = Field(sa_type=Instant)
    generation: int = 1
    attempts: int = 0
    lease_until: datetime | None = Field(default=None, sa_type=Instant)
    last_error: str | None = None
    finished_at: datetime | None = Field(default=None, sa_type=Instant)
    message_id: str | None = None
    recipients: Any = Field(default=None, sa_type=Json, nullable=True)
    reached: Any = Field(default=None, sa_type=Json, nullable=True)
    subject: str | None = None
    text: str | None = None
    html: str | None = None
    resent_by: str | None = None
    earlier: Any = Field(default=None, sa_type=Json, nullable=True)


class CtaRow(SQLModel, table=True):
    """A call to action (G11)."""

    __tablename__ = "cta"
    __table_args__ = (Index("ix_cta_status_due", "status", "due"),)

    account: str = Field(primary_key=True, foreign_key="account.id")
    id: str = Field(primary_key=True)
    status: CtaStatus = Field(sa_column=Column(words(CtaStatus), nullable=False))
    title: str
    kind: str
    owner: str
    priority: str
    lifecycle: str
    automation: str
    visit: int
    playbook: str | None = None
    opened_at: datetime = Field(sa_type=Instant)
    due: datetime | None = Field(default=None, sa_type=Instant)
    overdue: bool = False
    outcome: str | None = None
    closed_at: datetime | None = Field(default=None, sa_type=Instant)
    closed_by: str | None = None
    revision: int


class TaskRow(SQLModel, table=True):
    """A task of a CTA's playbook that was ticked off (G7)."""

    __tablename__ = "cta_task"

    account: str = Field(primary_key=True, foreign_key="account.id")
    cta: str = Field(primary_key=True)
    task: str = Field(primary_key=True)
    done_at: datetime = Field(sa_type=Instant)
    done_by: str


class DefinitionRow(SQLModel, table=True):
    """A published part of the book. `edition` counts in-place changes under one version (R14).

    `content` is the codec's JSON, `source` the YAML it was read from, `behaviour` the digest of all that
    may not change under one version number.
    """

    __tablename__ = "definition"

    kind: PartKind = Field(sa_column=Column(words(PartKind), primary_key=True))
    id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    edition: int = Field(primary_key=True)
    content: Any = Field(sa_type=Json)
    source: str
    digest: str
    behaviour: str
    published_at: datetime = Field(sa_type=Instant)
    actor: str
    policy: str
