"""Rows out of changes: folds a batch into the state and collects what it does to the tables.

Tracks and the values of fields are compared before and after (`state_rows`); visits, what fields were, CTAs and
effects follow the changes one by one, because a batch may hold many of each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lifecycle.core import changes as c
from lifecycle.core.codec import encoder
from lifecycle.core.evolve import evolve
from lifecycle.core.state import AccountState
from lifecycle.core.values import Value

from .cta_rows import CtaRows
from .shadow_steps import ShadowSteps
from .state_rows import Row, value_columns
from .tables import EffectKind, EffectStatus

VALUES = encoder(dict[str, Value])
"""Writes an effect's data: dates are JSON as the codec has them, and read back by its decoder."""


@dataclass(frozen=True, slots=True)
class VisitBegun:
    """A move: `row` is the visit it begins; `follows` says that it ends another."""

    row: Row
    follows: bool


@dataclass(frozen=True, slots=True)
class VisitsUndone:
    """The visits of a lifecycle that began with entry `revision` or later were undone (R13).

    `late` and `stuck` are those of the visit that is open again.
    """

    lifecycle: str
    revision: int
    at: datetime
    late: bool = False
    stuck: bool = False


@dataclass(frozen=True, slots=True)
class VisitMarked:
    """The open visit of a lifecycle became late or stuck: `values` are its columns."""

    lifecycle: str
    values: Row


@dataclass(frozen=True, slots=True)
class StagesRenamed:
    """A version was adopted whose stages have other ids: what was recorded follows (R24)."""

    lifecycle: str
    names: dict[str, str]


@dataclass(frozen=True, slots=True)
class FieldsUndone:
    """The values that these fields got with entry `revision` or later were undone (R13)."""

    names: list[str]
    revision: int
    at: datetime


@dataclass(slots=True)
class Projection:
    """A batch on its way into the tables. `state` is folded in place by `take`."""

    account: str
    state: AccountState
    now: datetime
    known_from: datetime | None = None
    visits: list[VisitStep] = field(default_factory=list)
    fields: list[Row] = field(default_factory=list)
    fields_undone: list[FieldsUndone] = field(default_factory=list)
    effects: dict[str, Row] = field(default_factory=dict)
    effects_cancelled: list[str] = field(default_factory=list)
    ctas: CtaRows = field(init=False)
    shadows: ShadowSteps = field(init=False)

    def __post_init__(self) -> None:
        """CTAs and what is told of shadows are of the same account and instant."""
        self.ctas = CtaRows(self.account, self.now)
        self.shadows = ShadowSteps(self.account, self.now)

    def record_at(self, now: datetime) -> None:
        """What follows was recorded then: for whoever folds many batches as one."""
        self.now = self.ctas.now = self.shadows.now = now

    def take(self, entry: c.Entry) -> None:
        """Fold an entry and note what it does."""
        for position, change in enumerate(entry.changes):
            if isinstance(change, c.StageEntered):
                self._move(change, entry, position)
                continue
            if notice := _BEFORE.get(type(change)):
                notice(self, change, entry, position)
            evolve(self.state, change)
        self.state.revision = entry.revision
        self.state.root = entry.root

    # ── visits

    def _move(self, change: c.StageEntered, entry: c.Entry, position: int) -> None:
        before = self.state.tracks.get(change.lifecycle)
        follows = before is not None and before.last_visit > 0
        evolve(self.state, change)
        self.visits.append(VisitBegun(self._visit(change, entry, position), follows))

    def _visit(self, change: c.StageEntered, entry: c.Entry, position: int) -> Row:
        track = self.state.tracks[change.lifecycle]
        return {
            "account": self.account,
            "lifecycle": change.lifecycle,
            "revision": entry.revision,
            "position": position,
            "number": change.visit,
            "stage": change.entered,
            "from_stage": change.left,
            "to_stage": None,
            "cycle": change.cycle,
            "entered_at": change.at,
            "left_at": None,
            "counting_since": track.counting_since,
            "moved": change.left != change.entered,
            "ends": change.to_end,
            "cause": change.kind,
            "automation": change.automation,
            "version": change.version,
            "actor": change.actor,
            "reason": change.reason,
            "historic": change.historic or entry.historic,
            "recorded_at": self.now,
            "withdrawn_at": None,
            "late_at": None,
            "stuck_at": None,
        }

    def _late(self, change: c.BecameLate, entry: c.Entry, _position: int) -> None:
        self.visits.append(VisitMarked(change.lifecycle, {"late_at": entry.at}))

    def _stuck(self, change: c.BecameStuck, entry: c.Entry, _position: int) -> None:
        self.visits.append(VisitMarked(change.lifecycle, {"stuck_at": entry.at}))

    def _adopt(self, change: c.Adopted, _entry: c.Entry, _position: int) -> None:
        names = {old: new for old, new in change.mapping.items() if new is not None}
        if names and not change.pending:
            self.visits.append(StagesRenamed(change.lifecycle, names))
            self.shadows.rename(change.lifecycle, names)

    # ── what concerns all

    def _create(self, _change: c.AccountCreated, entry: c.Entry, _position: int) -> None:
        self.known_from = entry.at if entry.historic else self.now

    def _undo(self, change: c.Undone, _entry: c.Entry, _position: int) -> None:
        unit = change.unit
        for lifecycle, image in unit.tracks.items():
            undone = VisitsUndone(lifecycle, unit.revision, change.at, image.late, image.stuck)
            self.visits.append(undone)
        self._undo_fields(change)
        self.ctas.undone(change)
        self.shadows.undo(change)
        self.effects_cancelled += unit.effects

    # ── fields

    def _set_field(self, change: c.FieldSet, entry: c.Entry, position: int) -> None:
        self.fields.append(
            {
                "account": self.account,
                "name": change.name,
                "revision": entry.revision,
                "position": position,
                "at": entry.at,
                **value_columns(change.value),
                "automation": change.automation,
                "actor": getattr(entry.input, "actor", ""),
                "historic": entry.historic,
                "recorded_at": self.now,
                "withdrawn_at": None,
            }
        )

    def _undo_fields(self, change: c.Undone) -> None:
        """The values of the unit, and those that followed, never were; but for what was changed since (R13)."""
        unit = change.unit
        names = [name for name in unit.fields if name not in change.kept]
        for row in self.fields:
            since = row["revision"] >= unit.revision and row["name"] in names
            if since and row["withdrawn_at"] is None:
                row["withdrawn_at"] = change.at
        if names:
            self.fields_undone.append(FieldsUndone(names, unit.revision, change.at))

    # ── CTAs

    def _open_cta(self, change: c.CtaOpened, entry: c.Entry, _position: int) -> None:
        self.ctas.opened(change.cta, entry.revision)

    def _close_cta(self, change: c.CtaClosed, _entry: c.Entry, _position: int) -> None:
        if cta := self.state.ctas.get(change.id):
            self.ctas.closed(cta, change)

    def _overdue_cta(self, change: c.CtaBecameOverdue, _entry: c.Entry, _position: int) -> None:
        if cta := self.state.ctas.get(change.id):
            self.ctas.changed(cta, overdue=True)

    def _snooze_cta(self, change: c.CtaSnoozed, _entry: c.Entry, _position: int) -> None:
        if cta := self.state.ctas.get(change.id):
            self.ctas.changed(cta, snoozed_until=change.until)

    def _assign_cta(self, change: c.CtaAssigned, _entry: c.Entry, _position: int) -> None:
        if cta := self.state.ctas.get(change.id):
            self.ctas.changed(cta, owner=change.owner)

    def _do_task(self, change: c.TaskDone, _entry: c.Entry, _position: int) -> None:
        self.ctas.task_done(change)

    # ── effects

    def _shadow(self, change: c.EffectShadowed, entry: c.Entry, position: int) -> None:
        self.shadows.tell(change, entry, position, self.state)

    def _mail(self, change: c.MailDue, entry: c.Entry, position: int) -> None:
        row = mail_row(self.account, change, entry, position, self.now)
        self.effects.setdefault(change.id, row)

    def _webhook(self, change: c.WebhookDue, entry: c.Entry, position: int) -> None:
        row = _effect(self.account, change, entry, position, EffectKind.WEBHOOK, self.now)
        row.update(name=change.name, roles=[change.target], data=VALUES(change.data), stage=None)
        self.effects.setdefault(change.id, row)


def mail_row(account: str, change: c.MailDue, entry: c.Entry, position: int, now: datetime) -> Row:
    """The row of `effect` for a mail that falls due; `now` is when it is recorded."""
    row = _effect(account, change, entry, position, EffectKind.MAIL, now)
    row.update(
        name=change.template,
        roles=list(change.to),
        data=VALUES(change.event),
        stage=change.stage,
    )
    return row


def _effect(
    account: str,
    change: c.MailDue | c.WebhookDue,
    entry: c.Entry,
    position: int,
    kind: EffectKind,
    now: datetime,
) -> Row:
    return {
        "account": account,
        "id": change.id,
        "kind": kind,
        "status": EffectStatus.DUE,
        "revision": entry.revision,
        "position": position,
        "automation": change.automation,
        "lifecycle": change.lifecycle,
        "visit": change.visit,
        "due_at": entry.at,
        "recorded_at": now,
        "generation": 1,
        "attempts": 0,
    }


VisitStep = VisitBegun | VisitsUndone | VisitMarked | StagesRenamed
_BEFORE: dict[type, Callable[[Projection, Any, c.Entry, int], None]] = {
    c.AccountCreated: Projection._create,
    c.FieldSet: Projection._set_field,
    c.BecameLate: Projection._late,
    c.BecameStuck: Projection._stuck,
    c.Adopted: Projection._adopt,
    c.Undone: Projection._undo,
    c.CtaOpened: Projection._open_cta,
    c.CtaClosed: Projection._close_cta,
    c.CtaBecameOverdue: Projection._overdue_cta,
    c.CtaSnoozed: Projection._snooze_cta,
    c.CtaAssigned: Projection._assign_cta,
    c.TaskDone: Projection._do_task,
    c.MailDue: Projection._mail,
    c.WebhookDue: Projection._webhook,
    c.EffectShadowed: Projection._shadow,
}
