"""The rows of the account at hand that conditions ask: what is so now, and what was so at an instant of the past.

Each question is two-valued: whether there is such a row.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Select,
    Table,
    and_,
    false,
    func,
    not_,
    select,
    true,
    tuple_,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
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
    """What a moment knows of an account: `Present` or `Past`.

    `gathered`: every row is asked for among those of all accounts, which are gathered once. That is how a number
    is counted beside others, where PostgreSQL would look each account up by itself.
    """

    def __init__(self, moment: Moment, gathered: bool = False) -> None:
        self.moment = moment
        self.gathered = gathered

    def has(self, rows: FromClause, *parts: Sql) -> Sql:
        """Whether the account at hand has such a row."""
        among = ACCOUNT.c.id.in_(select(rows.c.account).where(*parts).correlate(None))
        if self.gathered:
            return among
        exists = select(1).where(rows.c.account == ACCOUNT.c.id, *parts).correlate(ACCOUNT).exists()
        return _Has(exists, among)

    def field(self, name: str, part: Part) -> Sql:
        """Whether the field has a value that `part` holds of."""
        raise NotImplementedError

    def has_value(self, name: str) -> Sql:
        """Whether the field has a value."""
        return self.field(name, lambda row: row.folded.is_not(None))

    def fields(self, left: str, right: str, both: Both) -> Sql:
        """Whether two fields have values that `both` holds of."""
        raise NotImplementedError

    def stage(self, lifecycle: str, part: Part) -> Sql:
        """Whether it was ever in the lifecycle, and `part` holds of where it stands (`stage` may be NULL)."""
        raise NotImplementedError

    def visit(self, lifecycle: str, part: Part) -> Sql:
        """Whether there was a visit that `part` holds of."""
        counts = counts_at(VISIT, self.moment)
        return self.has(VISIT, VISIT.c.lifecycle == lifecycle, counts, part(VISIT.c))

    def open_cta(self, kind: str | None) -> Sql:
        """Whether a CTA (of that kind) is open."""
        return self.has(CTA, open_at(self.moment), CTA.c.kind == kind if kind else true())


class Present(AtHand):
    """As the account stands: one row a field, one a lifecycle."""

    def field(self, name: str, part: Part) -> Sql:
        """See `AtHand`."""
        return self.has(FIELD, FIELD.c.name == name, part(FIELD.c))

    def has_value(self, name: str) -> Sql:
        """See `AtHand`: there is no row of a field without a value."""
        return self.has(FIELD, FIELD.c.name == name)

    def fields(self, left: str, right: str, both: Both) -> Sql:
        """See `AtHand`."""
        one, two = FIELD.alias(), FIELD.alias()
        mine = two.c.account == one.c.account
        return self.has(one, one.c.name == left, mine, two.c.name == right, both(one.c, two.c))

    def stage(self, lifecycle: str, part: Part) -> Sql:
        """See `AtHand`."""
        return self.has(TRACK, TRACK.c.lifecycle == lifecycle, part(TRACK.c))


class Past(AtHand):
    """As the account stood: the latest row that counts, which is one that no other follows."""

    def field(self, name: str, part: Part) -> Sql:
        """See `AtHand`."""
        rows = FIELD_CHANGE
        last = not_(_follower(rows, rows.c.name, self.moment))
        return self.has(rows, rows.c.name == name, counts_at(rows, self.moment), part(rows.c), last)

    def fields(self, left: str, right: str, both: Both) -> Sql:
        """See `AtHand`."""
        values = _Values(self.moment, left), _Values(self.moment, right)
        return func.coalesce(both(*values), false())

    def stage(self, lifecycle: str, part: Part) -> Sql:
        """See `AtHand`."""
        rows = VISIT
        last = not_(_follower(rows, rows.c.lifecycle, self.moment))
        counts = counts_at(rows, self.moment)
        return self.has(rows, rows.c.lifecycle == lifecycle, counts, part(rows.c), last)


class _Values:
    """A field of the past, read like a row: each column by a query of its own."""

    def __init__(self, moment: Moment, name: str) -> None:
        self.moment = moment
        self.name = name

    @property
    def folded(self) -> Any:
        return self["folded"]

    def __getitem__(self, column: str) -> Any:
        rows = FIELD_CHANGE
        query: Select[Any] = select(rows.c[column]).where(
            rows.c.account == ACCOUNT.c.id,
            rows.c.name == self.name,
            counts_at(rows, self.moment),
        )
        newest = query.order_by(rows.c.revision.desc(), rows.c.position.desc()).limit(1)
        return newest.correlate(ACCOUNT).scalar_subquery()


def _follower(rows: Table, of: ColumnElement[str], moment: Moment) -> Sql:
    """Whether a later row of the same account and name counts."""
    later = rows.alias()
    here, there = ((one.c.revision, one.c.position) for one in (rows, later))
    further = tuple_(*there) > tuple_(*here)
    same = and_(later.c.account == rows.c.account, later.c[str(of.key)] == of)
    return select(1).where(same, further, counts_at(later, moment)).correlate(rows).exists()


# ── whether the account has a row


class _Has(FunctionElement[bool]):
    """Whether the account at hand has such a row, as the database answers it quickest: SQLite gathers the
    accounts of all such rows once; PostgreSQL plans a join, or looks them up one by one where there are few.
    """

    type = Boolean()
    inherit_cache = True


@compiles(_Has)
def _exists(element: _Has, compiler: Any, **options: Any) -> Any:
    exists, _ = element.clauses
    return compiler.process(exists, **options)


@compiles(_Has, "sqlite")
def _gathered(element: _Has, compiler: Any, **options: Any) -> Any:
    _, among = element.clauses
    return f"({compiler.process(among, **options)})"
