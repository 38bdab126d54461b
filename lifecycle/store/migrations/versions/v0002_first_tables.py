"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = None
branch_labels = None
depends_on = None

# Enums are kept as words, without a constraint: a new member needs no migration.
WORD = sa.String(length=20)

TOGETHER = {
    "account_field": "name, head",
    "field_change": "name, head",
    "track": "lifecycle, stage",
    "visit": "lifecycle, stage",
    "cta": "status, kind",
}


def upgrade() -> None:
    """Create all tables, `account` first."""
    _account()
    _definition()
    _account_field()
    _cta()
    _cta_task()
    _effect()
    _journal()
    _track()
    _visit()
    _field_change()
    _ahead()
    _campaign()
    _contact_mail()
    _suppressed()
    _statistics()


def downgrade() -> None:
    """Drop them all."""
    for table in (
        "suppressed",
        "contact_mail",
        "campaign",
        "ahead",
        "field_change",
        "visit",
        "track",
        "journal",
        "effect",
        "cta_task",
        "cta",
        "account_field",
        "definition",
        "account",
    ):
        op.drop_table(table)


def _statistics() -> None:
    """Which values go together: PostgreSQL would take every stage to be as common in every lifecycle."""
    if op.get_bind().dialect.name == "postgresql":
        for table, columns in TOGETHER.items():
            op.execute(f"CREATE STATISTICS st_{table} (mcv) ON {columns} FROM {table}")


def _account() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("type", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("csm", sa.String(), nullable=True),
        sa.Column("csm_email", sa.String(), nullable=True),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("owner_email", sa.String(), nullable=True),
        sa.Column("plan", sa.String(), nullable=True),
        sa.Column("arr", sa.BigInteger(), nullable=True),
        sa.Column("renewal_date", sa.Date(), nullable=True),
        sa.Column("health", sa.String(), nullable=True),
        sa.Column("health_score", sa.BigInteger(), nullable=True),
        sa.Column("time_zone", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("known_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("clock", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lead", sa.BigInteger(), nullable=False),
        sa.Column("next_deadline", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hold_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("duplicates", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("chain", sa.String(), nullable=False),
        sa.Column("state", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    _account_indexes()


def _account_indexes() -> None:
    there = ["id", "created_at", "known_from", "lead"]
    op.create_index("ix_account_there", "account", there)
    op.create_index("ix_account_hold_until", "account", ["hold_until"])
    ahead = sa.text("lead <> 0")
    op.create_index(
        "ix_account_lead", "account", ["lead"], sqlite_where=ahead, postgresql_where=ahead
    )
    op.create_index("ix_account_next_deadline", "account", ["next_deadline"])
    op.create_index("ix_account_type_status", "account", ["type", "status"])


def _definition() -> None:
    op.create_table(
        "definition",
        sa.Column("kind", WORD, nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("behaviour", sa.String(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", "version", "edition"),
    )


def _account_field() -> None:
    op.create_table(
        "account_field",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "text",
            sa.String().with_variant(sa.String(collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column("head", sa.String(length=60), nullable=True),
        sa.Column("folded", sa.String(), nullable=False),
        sa.Column("number", sa.Numeric(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("instant", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account"],
            ["account.id"],
        ),
        sa.PrimaryKeyConstraint("account", "name"),
    )
    op.create_index("ix_account_field_day", "account_field", ["name", "day", "account"])
    op.create_index("ix_account_field_head", "account_field", ["name", "head", "account"])
    op.create_index("ix_account_field_number", "account_field", ["name", "number", "account"])


def _cta() -> None:
    op.create_table(
        "cta",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("status", WORD, nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("priority", sa.String(), nullable=False),
        sa.Column("lifecycle", sa.String(), nullable=False),
        sa.Column("automation", sa.String(), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("playbook", sa.String(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overdue", sa.Boolean(), nullable=False),
        sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.Column("reopened_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account"],
            ["account.id"],
        ),
        sa.PrimaryKeyConstraint("account", "id"),
    )
    op.create_index("ix_cta_status_due", "cta", ["status", "due"])
    op.create_index("ix_cta_status_owner", "cta", ["status", "owner"])
    op.create_index("ix_cta_status_kind", "cta", ["status", "kind", "account"])


def _cta_task() -> None:
    op.create_table(
        "cta_task",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("cta", sa.String(), nullable=False),
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account"],
            ["account.id"],
        ),
        sa.PrimaryKeyConstraint("account", "cta", "task"),
    )


def _effect() -> None:
    op.create_table(
        "effect",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("status", WORD, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("automation", sa.String(), nullable=False),
        sa.Column("lifecycle", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=True),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("roles", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("data", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_id", sa.String(), nullable=True),
        sa.Column("recipients", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("reached", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("html", sa.String(), nullable=True),
        sa.Column("resent_by", sa.String(), nullable=True),
        sa.Column("earlier", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("campaign", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account"],
            ["account.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_effect_campaign", "effect", ["campaign", "status"])
    op.create_index("ix_effect_order", "effect", ["account", "revision", "position"])
    op.create_index("ix_effect_status", "effect", ["status", "due_at"])


def _journal() -> None:
    op.create_table(
        "journal",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("root", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("event_key", sa.String(), nullable=True),
        sa.Column("event_seconds", sa.Float(), nullable=True),
        sa.Column("event_number", sa.Integer(), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("input", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("changes", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("notes", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("refused", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("refused_code", sa.String(), nullable=True),
        sa.Column("rules", sa.Integer(), nullable=False),
        sa.Column("historic", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("chain", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account"],
            ["account.id"],
        ),
        sa.PrimaryKeyConstraint("account", "revision"),
        sa.UniqueConstraint("account", "event_key", name="uq_journal_event"),
        sa.UniqueConstraint("account", "event_number", name="uq_journal_event_number"),
    )
    op.create_index("ix_journal_recorded", "journal", ["recorded_at"])
    op.create_index("ix_journal_root", "journal", ["account", "root"])
    undo = sa.text("kind = 'Undo'")
    op.create_index(
        "ix_journal_undo", "journal", ["account"], sqlite_where=undo, postgresql_where=undo
    )


def _track() -> None:
    op.create_table(
        "track",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("lifecycle", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=True),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("cycle_started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seconds", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("stuck", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account"],
            ["account.id"],
        ),
        sa.PrimaryKeyConstraint("account", "lifecycle"),
    )
    counting = ["lifecycle", "stage", "counting_since", "account"]
    op.create_index("ix_track_stage_counting", "track", counting)
    op.create_index("ix_track_stage_entered", "track", ["lifecycle", "stage", "entered_at"])


def _visit() -> None:
    op.create_table(
        "visit",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("lifecycle", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(), nullable=True),
        sa.Column("from_stage", sa.String(), nullable=True),
        sa.Column("to_stage", sa.String(), nullable=True),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("moved", sa.Boolean(), nullable=False),
        sa.Column("ends", sa.Boolean(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("automation", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("historic", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("late_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stuck_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account"],
            ["account.id"],
        ),
        sa.PrimaryKeyConstraint("account", "lifecycle", "revision", "position"),
    )
    _visit_indexes()


def _visit_indexes() -> None:
    op.create_index("ix_visit_entered", "visit", ["lifecycle", "entered_at"])
    op.create_index("ix_visit_stage_entered", "visit", ["lifecycle", "stage", "entered_at"])
    op.create_index("ix_visit_cause", "visit", ["cause", "entered_at"])
    undone = sa.text("withdrawn_at IS NOT NULL")
    op.create_index(
        "ix_visit_withdrawn",
        "visit",
        ["withdrawn_at"],
        sqlite_where=undone,
        postgresql_where=undone,
    )
    for kind in ("late", "stuck"):
        going_on = sa.text(f"{kind}_at IS NOT NULL AND left_at IS NULL AND withdrawn_at IS NULL")
        op.create_index(
            f"ix_visit_{kind}",
            "visit",
            [f"{kind}_at"],
            sqlite_where=going_on,
            postgresql_where=going_on,
        )


def _field_change() -> None:
    op.create_table(
        "field_change",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "text",
            sa.String().with_variant(sa.String(collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column("head", sa.String(length=60), nullable=True),
        sa.Column("folded", sa.String(), nullable=True),
        sa.Column("number", sa.Numeric(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("instant", sa.DateTime(timezone=True), nullable=True),
        sa.Column("automation", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("historic", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account"],
            ["account.id"],
        ),
        sa.PrimaryKeyConstraint("account", "name", "revision", "position"),
    )
    op.create_index("ix_field_change_head", "field_change", ["name", "head", "at"])


def _ahead() -> None:
    op.create_table(
        "ahead",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("lifecycle", sa.String(), nullable=False),
        sa.Column("from_stage", sa.String(), nullable=True),
        sa.Column("stage", sa.String(), nullable=True),
        sa.Column("automation", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account"],
            ["account.id"],
        ),
        sa.PrimaryKeyConstraint("account", "position"),
    )
    op.create_index("ix_ahead_at", "ahead", ["at"])


def _campaign() -> None:
    op.create_table(
        "campaign",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("segment", sa.String(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("audience", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("roles", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("per_hour", sa.Integer(), nullable=True),
        sa.Column("status", WORD, nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("matched", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _contact_mail() -> None:
    op.create_table(
        "contact_mail",
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("effect", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("address", "effect"),
    )
    op.create_index("ix_contact_mail_effect", "contact_mail", ["effect", "number"])


def _suppressed() -> None:
    op.create_table(
        "suppressed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("effect", sa.String(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.String(), nullable=False),
        sa.Column("lifted_why", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_suppressed_address", "suppressed", ["address"])
