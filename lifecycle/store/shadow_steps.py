"""Writing what lines in shadow would have done: told by changes, taken back by undo, renamed by new versions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, case, insert, or_, update
from sqlalchemy.engine import Connection

from lifecycle.core import changes as c
from lifecycle.core.codec import encoder
from lifecycle.core.state import AccountState
from lifecycle.core.values import Value

from .shadow_tables import ShadowedRow
from .state_rows import Row
from .tables import table_of

SHADOWED: Final = table_of(ShadowedRow)
VALUE: Final = encoder(Value)


@dataclass(frozen=True, slots=True)
class Told:
    """A row."""

    row: Row


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Whatever belongs to the unit, and whatever was told since of a stay that never was (R13)."""

    revision: int
    lifecycles: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Renamed:
    """The stages of a lifecycle have other ids (R24)."""

    lifecycle: str
    names: dict[str, str]


Step = Told | TakenBack | Renamed


@dataclass(slots=True)
class ShadowSteps:
    """What a batch tells, in order. Most batches tell nothing."""

    account: str
    now: datetime
    steps: list[Step] = field(default_factory=list)

    def tell(
        self, change: c.EffectShadowed, entry: c.Entry, position: int, state: AccountState
    ) -> None:
        """Before the change: the account stands where the line was asked."""
        own = change.automation.partition(".")[0]
        of = change.lifecycle or own
        track = state.tracks.get(of)
        row = {
            "account": self.account,
            "revision": entry.revision,
            "position": position,
            "root": entry.root,
            "at": entry.at,
            "automation": change.automation,
            "lifecycle": own,
            "version": state.versions.get(own, 0),
            "kind": change.kind,
            "name": change.name,
            "value": VALUE(change.value),
            "of_lifecycle": of,
            "to_stage": change.stage,
            "stage": track.stage if track else None,
            "visit": track.visit if track else 0,
            "said": change.what,
            "historic": entry.historic,
            "recorded_at": self.now,
            "withdrawn_at": None,
        }
        self.steps.append(Told(row))

    def undo(self, change: c.Undone) -> None:
        """The unit with all it caused."""
        unit = change.unit
        self.steps.append(TakenBack(unit.revision, tuple(unit.tracks), change.at))

    def rename(self, lifecycle: str, names: dict[str, str]) -> None:
        """What was told follows, as visits do."""
        self.steps.append(Renamed(lifecycle, names))


def write_shadows(connection: Connection, told: ShadowSteps) -> None:
    """The steps in order; rows of one kind after another go together."""
    rows: list[Row] = []
    for step in told.steps:
        if isinstance(step, Told):
            rows.append(step.row)
            continue
        _insert(connection, rows)
        rows = []
        mine = update(SHADOWED).where(SHADOWED.c.account == told.account)
        connection.execute(
            _take_back(mine, step) if isinstance(step, TakenBack) else _rename(mine, step)
        )
    _insert(connection, rows)


def _insert(connection: Connection, rows: list[Row]) -> None:
    if rows:
        connection.execute(insert(SHADOWED), rows)


def _take_back(mine: Any, step: TakenBack) -> Any:
    since = and_(SHADOWED.c.of_lifecycle.in_(step.lifecycles), SHADOWED.c.revision >= step.revision)
    meant = or_(SHADOWED.c.root == step.revision, since)
    return mine.where(SHADOWED.c.withdrawn_at.is_(None), meant).values(withdrawn_at=step.at)


def _rename(mine: Any, step: Renamed) -> Any:
    columns = (SHADOWED.c.stage, SHADOWED.c.to_stage)
    values = {column.name: case(step.names, value=column, else_=column) for column in columns}
    return mine.where(SHADOWED.c.of_lifecycle == step.lifecycle).values(values)
