"""What a row asks of an account: cells that differ from what is stored, checked as the account will check them (R16).

A cell asks for nothing when it is empty, when it says what the export would write, or when it reads as the value
the account has. So an export that is imported again changes nothing, whatever stands in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from lifecycle.core.conditions import NONE
from lifecycle.core.deciding.commands import read_field
from lifecycle.core.evolve import copy_state
from lifecycle.core.fold import Fold, check
from lifecycle.core.inputs import CreateAccount, Input, SetFields, SetStage
from lifecycle.core.model import Book, Lifecycle
from lifecycle.core.refusal import Refusal, did_you_mean
from lifecycle.core.state import AccountState
from lifecycle.core.values import Value, read_instant

from .cells import cell_text, field_cell, written
from .columns import Column, Derived, OfField, OfStage, Told
from .standing import cell_of, days_told, stage_of

SECOND: Final = timedelta(seconds=1)
TICK: Final = SECOND / 2
"""An export leaves fractions of a second out; Excel, which counts in days, may be a little beside it."""
_FIRST: Final = re.compile(r"\A\s*([^.]*\.)")


@dataclass(frozen=True, slots=True)
class Asked:
    """A row that can be read: the account, and the cells that say something, by header."""

    line: int
    account: str
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Wrong:
    """A cell that cannot be had, and why. `summary` is the reason without the row's own values."""

    column: str
    value: str
    reason: str
    summary: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell that changes something: what is there, and what will be (as an export would write them)."""

    column: Column
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Standing:
    """An account as it is stored, under the definitions it runs; `now` is its own present.

    One that does not exist yet has an empty state (`revision` 0).
    """

    state: AccountState
    book: Book
    now: datetime

    @property
    def exists(self) -> bool:
        """Whether there is such an account."""
        return self.state.created_at is not None


@dataclass(slots=True)
class Change:
    """What one row changes. Values are raw, as the account reads them itself; stage None clears.

    `seen` is the revision that the stage of each lifecycle was looked at (R18).
    """

    asked: Asked
    creates: bool
    fields: dict[str, Value] = field(default_factory=dict)
    stages: dict[str, str | None] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)
    revision: int = 0
    differences: list[Difference] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether everything is as the row says already."""
        return not (self.creates or self.fields or self.stages)


@dataclass(slots=True)
class Checker:
    """Checks rows. `anyway` takes what the engine told of an account for old, not for changed."""

    columns: list[Column]
    actor: str
    reason: str
    anyway: bool = False

    def change(self, asked: Asked, standing: Standing) -> Change | list[Wrong]:
        """What the row changes, or everything that is wrong with it."""
        return _Row(self, asked, standing).read()


class _Row:
    """One row while it is checked."""

    def __init__(self, checker: Checker, asked: Asked, standing: Standing) -> None:
        self.checker, self.asked, self.standing = checker, asked, standing
        self.state, self.book, self.now = standing.state, standing.book, standing.now
        self.wrong: list[Wrong] = []
        self.before: list[Input] = []
        self.fold: Fold | None = None
        self.change = Change(asked, not standing.exists, revision=self.state.revision)

    def read(self) -> Change | list[Wrong]:
        """Each cell first, then the commands they make together."""
        for column in self._columns(Derived):
            self._try(column, self._derived)
        for column in self._columns(OfField):
            self._try(column, self._field)
        if not self.wrong:
            self._fields_together()
        for column in self._columns(OfStage):
            self._try(column, self._stage)
        return self.wrong or self.change

    def _columns(self, kind: type[Column]) -> Iterator[Column]:
        return (
            one
            for one in self.checker.columns
            if isinstance(one, kind) and one.header in self.asked.cells
        )

    def _try(self, column: Column, work: Callable[[Column, str], None]) -> None:
        cell = self.asked.cells[column.header]
        if cell == self._written(column) and not self.change.creates:
            return
        try:
            work(column, cell)
        except Refusal as refusal:
            self._refuse(column.header, cell, refusal)

    def _refuse(self, header: str, cell: str, refusal: Refusal) -> None:
        self.wrong.append(Wrong(header, cell, str(refusal), f"{header}: {general(refusal)}"))

    # ── what the engine tells

    def _derived(self, column: Column, cell: str) -> None:
        assert isinstance(column, Derived)
        if self.checker.anyway or not self._is_changed(column, cell):
            return
        told = self._written(column) or "no value"
        raise Refusal(
            "not_writable",
            f"The engine counts this itself, and it is {told} now.",
            "Leave the cell as it was exported; if the account went on since, export again, or say --anyway.",
        )

    def _is_changed(self, column: Derived, cell: str) -> bool:
        if column.told is Told.SINCE:
            track = self.state.tracks.get(column.lifecycle.id)
            since = track.entered_at if track and track.stage else None
            return since is None or not TICK > read_instant(cell) - since > -SECOND
        # Days go on by themselves: an older file says fewer.
        days = days_told(column, self.state, self.now)
        return days is None or not cell.isdecimal() or int(cell) > days

    # ── fields

    def _field(self, column: Column, cell: str) -> None:
        assert isinstance(column, OfField)
        name, raw = column.spec.id, None if cell == NONE else cell_text(cell)
        value = read_field(column.spec, name, raw, self.book)
        before = self.state.fields.get(name)
        if value == before and type(value) is type(before):
            return
        self.change.fields[name] = raw
        self._differs(column, written(field_cell(value, column.spec)) or NONE)

    def _fields_together(self) -> None:
        """What comes before the stages."""
        fields, actor = self.change.fields, self.checker.actor
        if self.change.creates:
            self.before.append(CreateAccount(self.now, fields, actor=actor))
        elif fields:
            self.before.append(SetFields(self.now, actor, fields, self.checker.reason))

    def _go_on(self) -> None:
        """The state as it will be: what a row does first may move the account by automations and dates."""
        if not self.before:
            return
        fold = self.fold or Fold(self.book, copy_state(self.state))
        fold.take_all(self.before)
        fold.catch_up(self.now)
        self.before, self.fold = [], fold
        self.state, self.book = fold.state, fold.book

    # ── stages

    def _stage(self, column: Column, cell: str) -> None:
        assert isinstance(column, OfStage)
        lifecycle = column.lifecycle.id
        self._go_on()
        stage = self._meant(column.lifecycle, cell_text(cell) if cell != NONE else None)
        if stage == stage_of(column, self.state):
            return
        seen = self._seen(lifecycle)
        actor, reason = self.checker.actor, self.checker.reason
        command = SetStage(self.now, actor, reason, lifecycle, stage, seen)
        check(self.book, self.state, command)
        self.before.append(command)
        self.change.stages[lifecycle] = stage
        self.change.seen[lifecycle] = seen
        self._differs(column, NONE if stage is None else stage)

    def _seen(self, lifecycle: str) -> int:
        """The revision the stage was looked at; a later one when this row itself moved it since."""
        before, after = self.standing.state, self.state
        one, other = before.tracks.get(lifecycle), after.tracks.get(lifecycle)
        moved = other is not None and (one is None or one.revision != other.revision)
        return after.revision if moved else before.revision

    def _meant(self, published: Lifecycle, text: str | None) -> str | None:
        """A stage's id, by id or label in any case. Raises `Refusal` (T27)."""
        if text is None:
            return None
        runs = [self.book.pending.get(published.id), self.book.lifecycles.get(published.id)]
        found = [one for one in runs if one is not None] or [published]
        for stage in (stage for one in found for stage in one.stages):
            if text.casefold() in (stage.id, stage.label.casefold()):
                return stage.id
        known = [*(stage.id for stage in found[0].stages), NONE]
        near = did_you_mean(text.casefold().replace(" ", "_"), known)
        said = f"{published.title} has no stage {text!r}."
        raise Refusal("unknown_stage", said, near, published.id)

    def _differs(self, column: Column, after: str) -> None:
        self.change.differences.append(Difference(column, self._written(column), after))

    def _written(self, column: Column) -> str:
        """What an export would write; a sheet's reader takes spaces around it away."""
        return written(cell_of(column, self.standing.state, self.now)).strip()


def general(refusal: Refusal) -> str:
    """The reason without the value, so that alike ones are counted together."""
    _, found, rest = refusal.what.partition(" is not ")
    if found:
        return f"not {rest}"
    match = _FIRST.match(refusal.what)
    return match[1] if match and "'" not in match[1] else refusal.what
