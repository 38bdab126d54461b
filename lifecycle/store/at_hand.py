"""The rows of the account at hand that conditions ask: what is so now, and what was so at an instant of the past.

Each question is two-valued: whether there is such a row.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, false, func, select, true
from sqlalchemy.sql.selectable import FromClause

from .comparing import Columns, Part
from .moment import ACCOUNT, Moment
from .standing import CTA, FIELD_CHANGE, VISIT, counts_at, open_at
from .tables import FieldRow, TrackRow, table_of

FIELD: Final = table_of(FieldRow)
TRACK: Final = table_of(TrackRow)

Sql = ColumnElement[bool]
Both = Callable[[Columns, Columns], Sql]


class AtHand:
    """What a moment knows of an account: `Present` or `Past`."""

    def __init__(self, moment: Moment) -> None:
        self.moment = moment

    def field(self, name: str, part: Part) -> Sql:
        """Whether the field has a value that `part` holds of."""
        raise NotImplementedError

    def fields(self, left: str, right: str, both: Both) -> Sql:
        """Whether two fields have values that `both` holds of."""
        raise NotImplementedError

    def stage(self, lifecycle: str, part: Part) -> Sql:
        """Whether it was ever in the lifecycle, and `part` holds of where it stands (`stage` may be NULL)."""
        raise NotImplementedError

    def visit(self, lifecycle: str, part: Part) -> Sql:
        """Whether there was a visit that `part` holds of."""
        counts = counts_at(VISIT, self.moment)
        return _exists(VISIT, VISIT.c.lifecycle == lifecycle, counts, part(VISIT.c))

    def open_cta(self, kind: str | None) -> Sql:
        """Whether a CTA (of that kind) is open."""
        return _exists(CTA, open_at(self.moment), CTA.c.kind == kind if kind else true())


class Present(AtHand):
    """As the account stands: one row a field, one a lifecycle."""

    def field(self, name: str, part: Part) -> Sql:
        """See `AtHand`."""
        return _exists(FIELD, FIELD.c.name == name, part(FIELD.c))

    def fields(self, left: str, right: str, both: Both) -> Sql:
        """See `AtHand`."""
        one, two = FIELD.alias(), FIELD.alias()
        mine = two.c.account == ACCOUNT.c.id
        return _exists(one, one.c.name == left, mine, two.c.name == right, both(one.c, two.c))

    def stage(self, lifecycle: str, part: Part) -> Sql:
        """See `AtHand`."""
        return _exists(TRACK, TRACK.c.lifecycle == lifecycle, part(TRACK.c))


class Past(AtHand):
    """As the account stood: the latest row that counts."""

    def field(self, name: str, part: Part) -> Sql:
        """See `AtHand`."""
        return _holds(self._value(name, part(FIELD_CHANGE.c)))

    def fields(self, left: str, right: str, both: Both) -> Sql:
        """See `AtHand`."""
        return _holds(both(_Values(self, left), _Values(self, right)))

    def stage(self, lifecycle: str, part: Part) -> Sql:
        """See `AtHand`."""
        mine = VISIT.c.lifecycle == lifecycle
        return _holds(_latest(VISIT, part(VISIT.c), mine, counts_at(VISIT, self.moment)))

    def _value(self, name: str, of: ColumnElement[Any]) -> Any:
        mine = FIELD_CHANGE.c.name == name
        return _latest(FIELD_CHANGE, of, mine, counts_at(FIELD_CHANGE, self.moment))


class _Values:
    """A field of the past, read like a row: each column by a query of its own."""

    def __init__(self, past: Past, name: str) -> None:
        self.past = past
        self.name = name

    @property
    def folded(self) -> Any:
        return self["folded"]

    def __getitem__(self, column: str) -> Any:
        return self.past._value(self.name, FIELD_CHANGE.c[column])


def _exists(table: FromClause, *parts: Sql) -> Sql:
    return select(1).where(table.c.account == ACCOUNT.c.id, *parts).correlate(ACCOUNT).exists()


def _latest(table: FromClause, of: ColumnElement[Any], *parts: Sql) -> Any:
    """`of` the newest of the account's rows; NULL when there is none."""
    query: Select[Any] = select(of).where(table.c.account == ACCOUNT.c.id, *parts)
    newest = query.order_by(table.c.revision.desc(), table.c.position.desc()).limit(1)
    return newest.correlate(ACCOUNT).scalar_subquery()


def _holds(found: ColumnElement[Any]) -> Sql:
    return func.coalesce(found, false())
