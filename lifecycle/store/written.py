"""Writing a projection: what a batch did to an account, into its tables.

How the inputs of a life were batched leaves no trace but `recorded_at`: verification writes whole lives at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, and_, delete, update
from sqlalchemy.engine import Connection

from .cta_rows import KEPT, CtaRows
from .journal import Row
from .projection import Projection
from .shadow_steps import write_shadows
from .state_rows import field_rows, track_rows
from .statements import (
    CTA,
    CTA_REOPEN,
    CTA_WITHDRAW,
    FIELD_CHANGE,
    FIELD_CHANGE_INSERT,
    insert_new,
    put,
)
from .tables import EffectRow, EffectStatus, FieldRow, TaskRow, TrackRow, table_of
from .visit_steps import write_visits

FIELD = table_of(FieldRow)
EFFECT = table_of(EffectRow)
TASK = table_of(TaskRow)
TRACK = table_of(TrackRow)


class Writing:
    """One account's tables in one transaction; `now` is when what is cancelled is cancelled."""

    def __init__(self, connection: Connection, account: str, now: datetime) -> None:
        self.connection = connection
        self.dialect = connection.dialect.name
        self.account = account
        self.now = now

    def write(self, projection: Projection, fields: dict[str, Row], tracks: dict[str, Row]) -> None:
        """All but the account's own row. `fields` and `tracks` are the rows that are there."""
        self._fields(fields, field_rows(self.account, projection.state))
        self._tracks(tracks, track_rows(self.account, projection.state))
        self._field_changes(projection)
        write_visits(self.connection, self.account, projection.visits)
        self._ctas(projection.ctas)
        self._effects(projection)
        write_shadows(self.connection, projection.shadows)

    def _fields(self, before: dict[str, Row], after: dict[str, Row]) -> None:
        self._put(FIELD, _differing(before, after))
        if gone := [name for name in before if name not in after]:
            mine = and_(FIELD.c.account == self.account, FIELD.c.name.in_(gone))
            self.connection.execute(delete(FIELD).where(mine))

    def _tracks(self, before: dict[str, Row], after: dict[str, Row]) -> None:
        self._put(TRACK, _differing(before, after))

    def _field_changes(self, projection: Projection) -> None:
        for undone in projection.fields_undone:
            self.connection.execute(
                self._mine(FIELD_CHANGE, withdrawn_at=None)
                .where(FIELD_CHANGE.c.name.in_(undone.names))
                .where(FIELD_CHANGE.c.revision >= undone.revision)
                .values(withdrawn_at=undone.at)
            )
        if projection.fields:
            self.connection.execute(FIELD_CHANGE_INSERT, projection.fields)

    def _ctas(self, ctas: CtaRows) -> None:
        self._put(CTA, list(ctas.rows.values()), KEPT)
        for update_of, rows in ((CTA_WITHDRAW, ctas.withdrawn), (CTA_REOPEN, ctas.reopened)):
            if rows:
                self.connection.execute(update_of, [{"of": self.account, **row} for row in rows])
        if ctas.tasks:
            self.connection.execute(insert_new(self.dialect, TASK), list(ctas.tasks.values()))
        for cta, kept in ctas.tasks_kept.items():
            mine = and_(TASK.c.account == self.account, TASK.c.cta == cta)
            self.connection.execute(delete(TASK).where(mine, TASK.c.task.not_in(kept)))

    def _effects(self, projection: Projection) -> None:
        if projection.effects:
            new = insert_new(self.dialect, EFFECT)
            self.connection.execute(new, list(projection.effects.values()))
        if projection.effects_cancelled:
            self.connection.execute(
                self._mine(EFFECT, status=EffectStatus.DUE)
                .where(EFFECT.c.id.in_(projection.effects_cancelled))
                .values(status=EffectStatus.CANCELLED, finished_at=self.now)
            )
            # What is on its way at this moment is cancelled by whoever has it, unless it arrives.
            self.connection.execute(
                self._mine(EFFECT, status=EffectStatus.SENDING)
                .where(EFFECT.c.id.in_(projection.effects_cancelled))
                .values(finished_at=self.now)
            )

    def _mine(self, table: Any, **equal: object) -> Any:
        """An update of this account's rows."""
        found = [table.c[name] == value for name, value in equal.items()]
        return update(table).where(table.c.account == self.account, *found)

    def _put(self, table: Table, rows: Sequence[Row], keep: tuple[str, ...] = ()) -> None:
        """Insert rows, or overwrite all but key and `keep`."""
        if rows:
            self.connection.execute(put(self.dialect, table, tuple(rows[0]), keep), list(rows))


def _differing(before: dict[str, Row], after: dict[str, Row]) -> list[Row]:
    return [row for key, row in after.items() if before.get(key) != row]
