"""Rows out of changes: folds a batch into the state and collects what it does to the tables.

Tracks and fields are compared before and after; visits, CTAs and effects follow the changes one by one,
because a batch may hold many of each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from lifecycle.core import changes as c
from lifecycle.core.codec import encoder
from lifecycle.core.evolve import evolve
from lifecycle.core.state import AccountState, Cta
from lifecycle.core.values import Value

from .tables import CtaStatus, EffectKind, EffectStatus, FieldRow

Row = dict[str, Any]
VALUES = encoder(dict[str, Value])
"""Writes an effect's data: dates are JSON as the codec has them, and read back by its decoder."""

BUILT_IN: dict[str, type] = {
    "name": str,
    "type": str,
    "status": str,
    "csm": str,
    "csm_email": str,
    "owner": str,
    "owner_email": str,
    "plan": str,
    "arr": int,
    "renewal_date": date,
    "health": str,
    "health_score": int,
    "time_zone": str,
}
"""Fields that are columns of `account` too, and the kind of value the column takes."""


@dataclass(frozen=True, slots=True)
class VisitBegun:
    """A move: `row` is the visit it begins; `follows` says that it ends another."""

    row: Row
    follows: bool


@dataclass(frozen=True, slots=True)
class VisitsUndone:
    """The visits of a lifecycle that began with entry `revision` or later were undone (R13)."""

    lifecycle: str
    revision: int
    at: datetime


@dataclass(slots=True)
class Projection:
    """A batch on its way into the tables. `state` is folded in place by `take`."""

    account: str
    state: AccountState
    now: datetime
    visits: list[VisitBegun | VisitsUndone] = field(default_factory=list)
    ctas: dict[str, Row] = field(default_factory=dict)
    ctas_withdrawn: list[str] = field(default_factory=list)
    tasks: dict[tuple[str, str], Row] = field(default_factory=dict)
    tasks_kept: dict[str, list[str]] = field(default_factory=dict)
    effects: dict[str, Row] = field(default_factory=dict)
    effects_cancelled: list[str] = field(default_factory=list)

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
        }

    def _undo(self, change: c.Undone, _entry: c.Entry, _position: int) -> None:
        for lifecycle in change.unit.tracks:
            self.visits.append(VisitsUndone(lifecycle, change.unit.revision, change.at))
        for opened in change.unit.ctas_opened:
            self._withdraw_cta(opened, change)
        for cta in change.unit.ctas_closed:
            self._put_cta(cta, CtaStatus.OPEN)
            self.tasks_kept[cta.id] = list(cta.tasks)
        self.effects_cancelled += change.unit.effects

    # ── CTAs

    def _open_cta(self, change: c.CtaOpened, entry: c.Entry, _position: int) -> None:
        self._put_cta(change.cta, CtaStatus.OPEN)
        self.ctas[change.cta.id]["revision"] = entry.revision

    def _close_cta(self, change: c.CtaClosed, _entry: c.Entry, _position: int) -> None:
        if cta := self.state.ctas.get(change.id):
            self._put_cta(cta, CtaStatus.CLOSED, change.at, change.actor, change.outcome)

    def _overdue_cta(self, change: c.CtaBecameOverdue, _entry: c.Entry, _position: int) -> None:
        if cta := self.state.ctas.get(change.id):
            self._put_cta(cta, CtaStatus.OPEN)
            self.ctas[change.id]["overdue"] = True

    def _withdraw_cta(self, cta_id: str, change: c.Undone) -> None:
        if cta := self.state.ctas.get(cta_id):
            self._put_cta(cta, CtaStatus.WITHDRAWN, change.at, change.actor)
        elif cta_id in self.ctas:
            self.ctas[cta_id]["status"] = CtaStatus.WITHDRAWN
        else:
            self.ctas_withdrawn.append(cta_id)

    def _put_cta(
        self,
        cta: Cta,
        status: CtaStatus,
        at: datetime | None = None,
        actor: str | None = None,
        outcome: str | None = None,
    ) -> None:
        before = self.ctas.get(cta.id, {})
        self.ctas[cta.id] = {
            "account": self.account,
            "id": cta.id,
            "status": status,
            **{name: getattr(cta, name) for name in _CTA_COLUMNS},
            "outcome": outcome,
            "closed_at": at,
            "closed_by": actor,
            "recorded_at": before.get("recorded_at", self.now),
            "revision": before.get("revision", 0),
        }

    def _do_task(self, change: c.TaskDone, _entry: c.Entry, _position: int) -> None:
        self.tasks[change.cta, change.task] = {
            "account": self.account,
            "cta": change.cta,
            "task": change.task,
            "done_at": change.at,
            "done_by": change.actor,
        }

    # ── effects

    def _mail(self, change: c.MailDue, entry: c.Entry, position: int) -> None:
        row = self._effect(change, entry, position, EffectKind.MAIL)
        row.update(
            name=change.template,
            roles=list(change.to),
            data=VALUES(change.event),
            stage=change.stage,
        )

    def _webhook(self, change: c.WebhookDue, entry: c.Entry, position: int) -> None:
        row = self._effect(change, entry, position, EffectKind.WEBHOOK)
        row.update(name=change.name, roles=[change.target], data=VALUES(change.data), stage=None)

    def _effect(
        self, change: c.MailDue | c.WebhookDue, entry: c.Entry, position: int, kind: EffectKind
    ) -> Row:
        row: Row = {
            "account": self.account,
            "id": change.id,
            "kind": kind,
            "status": EffectStatus.DUE,
            "revision": entry.revision,
            "position": position,
            "automation": change.automation,
            "lifecycle": change.lifecycle,
            "visit": change.visit,
            "due_at": entry.at,
            "recorded_at": self.now,
            "generation": 1,
            "attempts": 0,
        }
        return self.effects.setdefault(change.id, row)


_CTA_COLUMNS = (
    "title",
    "kind",
    "owner",
    "priority",
    "lifecycle",
    "automation",
    "visit",
    "playbook",
    "opened_at",
    "due",
    "overdue",
)
_BEFORE: dict[type, Callable[[Projection, Any, c.Entry, int], None]] = {
    c.Undone: Projection._undo,
    c.CtaOpened: Projection._open_cta,
    c.CtaClosed: Projection._close_cta,
    c.CtaBecameOverdue: Projection._overdue_cta,
    c.TaskDone: Projection._do_task,
    c.MailDue: Projection._mail,
    c.WebhookDue: Projection._webhook,
}


# ── rows that follow from the state alone


def field_rows(account: str, state: AccountState) -> dict[str, Row]:
    """The `account_field` rows of a state, by field."""
    return {name: _field_row(account, name, value) for name, value in state.fields.items()}


def _field_row(account: str, name: str, value: Value) -> Row:
    text = value if isinstance(value, str) else None
    instant = value if isinstance(value, datetime) else None
    return {
        "account": account,
        "name": name,
        "text": text,
        "head": text[: FieldRow.HEAD] if text is not None else None,
        "folded": str(value).casefold(),
        "number": value if isinstance(value, int | float) else None,
        "day": value if isinstance(value, date) and instant is None else None,
        "instant": instant,
    }


def track_rows(account: str, state: AccountState) -> dict[str, Row]:
    """The `track` rows of a state, by lifecycle."""
    return {
        lifecycle: {
            "account": account,
            "lifecycle": lifecycle,
            **{name: getattr(track, name) for name in _TRACK_COLUMNS},
            "seconds": dict(track.seconds),
            "version": state.versions.get(lifecycle),
        }
        for lifecycle, track in state.tracks.items()
    }


_TRACK_COLUMNS = (
    "stage",
    "visit",
    "entered_at",
    "counting_since",
    "cycle",
    "cycle_started_at",
    "ended_at",
    "late",
    "stuck",
    "revision",
)


def account_columns(state: AccountState) -> Row:
    """The columns of `account` that follow from the state."""
    row = {name: _fitting(state.fields.get(name), kind) for name, kind in BUILT_IN.items()}
    return {
        **row,
        "created_at": state.created_at,
        "revision": state.revision,
        "clock": state.clock,
        "lead": state.lead,
        "hold_until": state.hold.until if state.hold else None,
        "duplicates": state.duplicates,
        "refused": state.refused,
    }


def _fitting(value: Value, kind: type) -> Value:
    """The value if it is exactly of the column's kind: a bool is no int, a datetime no date."""
    return value if type(value) is kind else None
