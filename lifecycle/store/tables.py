"""The tables: a projection of inputs and changes (design.md, The database).

Times are aware and UTC, money is whole cents. Rows of accounts are written by `record`, effects also on delivery.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Index, Table, UniqueConstraint, text
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
    SEGMENTS = "segments"
    SCORECARDS = "scorecards"


class CampaignStatus(StrEnum):
    """The life of a campaign; `done` and `cancelled` are for good."""

    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    DONE = "done"


OPEN = "left_at IS NULL AND withdrawn_at IS NULL"
"""A visit that goes on."""
AUTOMATIC = "automation <> ''"
"""An automation did it, no person and no file."""


def where_sql(condition: str) -> dict[str, Any]:
    """The condition of a partial index, for both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


def table_of(model: type[SQLModel]) -> Table:
    """The table behind a model."""
    return SQLModel.metadata.tables[str(model.__tablename__)]


class AccountRow(SQLModel, table=True):
    """One account: fields for lists and reports, where it stands, and its whole state.

    `state` is the codec's JSON of `AccountState` without the window of event keys. A field whose value
    does not fit its column here is found in `account_field` only, which holds every field. `known_from` is when
    its creation was recorded, or came about if the import door told it: reports as of an instant count from there.
    """

    __tablename__ = "account"
    __table_args__ = (
        Index("ix_account_type_status", "type", "status"),
        Index("ix_account_there", "id", "created_at", "known_from", "lead"),
        Index("ix_account_lead", "lead", **where_sql("lead <> 0")),
        Index("ix_account_recorded", "recorded_at"),
    )

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
    known_from: datetime | None = Field(default=None, sa_type=Instant)
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
        Index("ix_account_field_head", "name", "head", "account"),
        Index("ix_account_field_number", "name", "number", "account"),
        Index("ix_account_field_day", "name", "day", "account"),
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


class FieldChangeRow(SQLModel, table=True):
    """A value a field got, kept for ever: what a field was at an instant is its latest row up to it (N5).

    The columns of the value are those of `account_field`, all NULL for a field that lost its value.
    `withdrawn_at` is set when the change was undone.
    """

    __tablename__ = "field_change"
    __table_args__ = (
        Index("ix_field_change_head", "name", "head", "at"),
        Index("ix_field_change_automation", "automation", "at", **where_sql(AUTOMATIC)),
    )

    account: str = Field(primary_key=True, foreign_key="account.id")
    name: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    position: int = Field(primary_key=True)
    at: datetime = Field(sa_type=Instant)
    text: str | None = Field(default=None, sa_type=CodePoints)
    head: str | None = Field(default=None, max_length=FieldRow.HEAD)
    folded: str | None = None
    number: float | None = Field(default=None, sa_type=ExactNumber)
    day: date | None = None
    instant: datetime | None = Field(default=None, sa_type=Instant)
    automation: str = ""
    actor: str = ""
    historic: bool
    recorded_at: datetime = Field(sa_type=Instant)
    withdrawn_at: datetime | None = Field(default=None, sa_type=Instant)


class TrackRow(SQLModel, table=True):
    """Where an account stands in a lifecycle. Days in the stage are now - counting_since (T11)."""

    __tablename__ = "track"
    __table_args__ = (
        Index("ix_track_stage_counting", "lifecycle", "stage", "counting_since", "account"),
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

    `position` orders moves of one entry; an undone visit carries `withdrawn_at`. `late_at` and `stuck_at` say
    when it became so. Stages carry the ids of the version that runs: a migration renames them here too (R24).
    """

    __tablename__ = "visit"
    __table_args__ = (
        Index("ix_visit_stage_entered", "lifecycle", "stage", "entered_at"),
        Index("ix_visit_entered", "lifecycle", "entered_at"),
        Index("ix_visit_cause", "cause", "entered_at"),
        Index("ix_visit_automation", "automation", "entered_at", **where_sql(AUTOMATIC)),
        Index("ix_visit_withdrawn", "withdrawn_at", **where_sql("withdrawn_at IS NOT NULL")),
        Index("ix_visit_late", "late_at", **where_sql(f"late_at IS NOT NULL AND {OPEN}")),
        Index("ix_visit_stuck", "stuck_at", **where_sql(f"stuck_at IS NOT NULL AND {OPEN}")),
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
    late_at: datetime | None = Field(default=None, sa_type=Instant)
    stuck_at: datetime | None = Field(default=None, sa_type=Instant)


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
        Index("ix_journal_undo", "account", **where_sql("kind = 'Undo'")),
        Index("ix_journal_went_back", "account", **where_sql("kind = 'GoBack'")),
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
    `campaign` names the campaign that sends it; an account's own deliveries have none.
    """

    __tablename__ = "effect"
    __table_args__ = (
        Index("ix_effect_status", "status", "due_at"),
        Index("ix_effect_order", "account", "revision", "position"),
        Index("ix_effect_campaign", "campaign", "status"),
        Index("ix_effect_automation", "automation", "recorded_at", **where_sql(AUTOMATIC)),
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
    campaign: str | None = None


class CtaRow(SQLModel, table=True):
    """A call to action (G11). While open it has no `closed_at`.

    `reopened_from` and `reopened_at` say from when to when it was closed last before undo opened it again;
    `withdrawn_at` when the input that opened it was undone (R13).
    """

    __tablename__ = "cta"
    __table_args__ = (
        Index("ix_cta_status_due", "status", "due"),
        Index("ix_cta_status_owner", "status", "owner"),
        Index("ix_cta_status_kind", "status", "kind", "account"),
        Index("ix_cta_automation", "automation", "opened_at", **where_sql(AUTOMATIC)),
    )

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
    snoozed_until: datetime | None = Field(default=None, sa_type=Instant)
    opened_by: str = ""
    outcome: str | None = None
    closed_at: datetime | None = Field(default=None, sa_type=Instant)
    closed_by: str | None = None
    reopened_from: datetime | None = Field(default=None, sa_type=Instant)
    reopened_at: datetime | None = Field(default=None, sa_type=Instant)
    withdrawn_at: datetime | None = Field(default=None, sa_type=Instant)
    recorded_at: datetime = Field(sa_type=Instant)
    revision: int


class TaskRow(SQLModel, table=True):
    """A task of a CTA's playbook that was ticked off (G7)."""

    __tablename__ = "cta_task"

    account: str = Field(primary_key=True, foreign_key="account.id")
    cta: str = Field(primary_key=True)
    task: str = Field(primary_key=True)
    done_at: datetime = Field(sa_type=Instant)
    done_by: str


class AheadRow(SQLModel, table=True):
    """What will happen to an account if nothing else does, as the core foretells it (N4).

    Written anew with every batch; at most a few rows an account. `kind` is `move`, `late`, `stuck`, `cta` (one
    falls due) or `mail`; a move has `from_stage` and `stage`, a CTA its title as `what` and its owner, a mail its
    template. A last row of kind `more` says that from its instant on nothing was foretold.
    """

    __tablename__ = "ahead"
    __table_args__ = (Index("ix_ahead_at", "at"),)

    account: str = Field(primary_key=True, foreign_key="account.id")
    position: int = Field(primary_key=True)
    at: datetime = Field(sa_type=Instant)
    kind: str
    lifecycle: str = ""
    from_stage: str | None = None
    stage: str | None = None
    automation: str = ""
    what: str = ""
    owner: str = ""


class CampaignRow(SQLModel, table=True):
    """An e-mail to a segment (V2, G14). Its mails are rows of `effect` that name it.

    `audience` is the codec's JSON of the condition, as it was when the campaign was started; `said` its words.
    """

    __tablename__ = "campaign"

    name: str = Field(primary_key=True, max_length=60)
    segment: str
    said: str
    audience: Any = Field(sa_type=Json)
    template: str
    roles: Any = Field(sa_type=Json)
    per_hour: int | None = None
    status: CampaignStatus = Field(sa_column=Column(words(CampaignStatus), nullable=False))
    actor: str
    started_at: datetime = Field(sa_type=Instant)
    finished_at: datetime | None = Field(default=None, sa_type=Instant)
    reason: str = ""
    matched: int = 0


class ContactMailRow(SQLModel, table=True):
    """A mail that went, or is going, to a contact: what the frequency cap counts, and where its link leads.

    `address` is case folded; `effect` is the delivery's id, with `#2` behind it when it was sent a second time.
    `number` counts the contacts of that delivery: the unsubscribe link names it in place of the address.
    A mail that did not go after all has no `sent_at`; its number is not given to anybody else.
    """

    __tablename__ = "contact_mail"
    __table_args__ = (Index("ix_contact_mail_effect", "effect", "number"),)

    address: str = Field(primary_key=True)
    effect: str = Field(primary_key=True)
    number: int = 0
    sent_at: datetime | None = Field(default=None, sa_type=Instant)


class SuppressedRow(SQLModel, table=True):
    """Why no mail to contacts goes to an address, until it is lifted; rows are kept for ever.

    `address` is case folded. A reader's own wish has the mail whose link was used as `effect` and no `actor`;
    one the reader took back has no `lifted_by`.
    """

    __tablename__ = "suppressed"
    __table_args__ = (Index("ix_suppressed_address", "address"),)

    id: int | None = Field(default=None, primary_key=True)
    address: str
    why: str
    at: datetime = Field(sa_type=Instant)
    actor: str = ""
    effect: str | None = None
    lifted_at: datetime | None = Field(default=None, sa_type=Instant)
    lifted_by: str = ""
    lifted_why: str = ""


class DefinitionRow(SQLModel, table=True):
    """A published part of the book. `edition` counts in-place changes under one version (R14).

    `content` is the codec's JSON, `source` its YAML, `behaviour` the digest of what may not change under one number,
    `door` where it was published (empty: from a folder), `share` percent of the accounts have a lifecycle's version.
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
    door: str = ""
    share: int = 100
