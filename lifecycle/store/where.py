"""Conditions as SQL: the second compiler of `core.conditions`, whose Python meaning is the reference.

Every leaf is two-valued: a missing value makes a positive comparison false, never unknown, so that `not`
is the plain negation (R17). A property test holds both meanings together on both databases, of the present
and of the past.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, false, not_, or_, true

from lifecycle.core import conditions as c
from lifecycle.core.model import Segment
from lifecycle.core.state import AccountState
from lifecycle.core.values import Value

from . import comparing
from .at_hand import AtHand, Past, Present
from .moment import ACCOUNT, Moment, Now
from .standing import exists_at

EARLIEST: Final = datetime(1, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(9999, 12, 31, tzinfo=UTC)

Sql = ColumnElement[bool]


def where(
    condition: c.Condition | None,
    moment: Moment,
    segments: Mapping[str, Segment],
    gathered: bool = False,
) -> Sql:
    """The condition as a filter of a select over `account`, true of the same accounts as in Python.

    None is every account there is. Of the present each account is asked at its own clock; of the past all at
    the instant, from what counts (`store.standing`). There is no event: its data count as missing.
    `segments` are the book's, which `in segment` asks; `gathered`: see `AtHand`.
    """
    there = exists_at(moment)
    if condition is None:
        return there
    if not isinstance(moment, Now):
        return and_(there, _Compiler(moment.at, Past(moment, gathered), segments).sql(condition))
    asked = {
        lead: _Compiler(
            moment.now + timedelta(seconds=lead), Present(moment, gathered), segments
        ).sql(condition)
        for lead in moment.leads
    }
    if len(asked) == 1:
        return and_(there, *asked.values())
    return and_(there, or_(*(and_(ACCOUNT.c.lead == lead, one) for lead, one in asked.items())))


@dataclass(frozen=True, slots=True)
class _Compiler:
    """Compiles for one instant; `rows` are those of the account at hand that count then."""

    now: datetime
    rows: AtHand
    segments: Mapping[str, Segment]

    def sql(self, condition: c.Condition) -> Sql:
        return _SQL[type(condition)](self, condition)

    # ── connectives

    def all(self, condition: c.All) -> Sql:
        return and_(true(), *(self.sql(part) for part in condition.of))

    def any_of(self, condition: c.AnyOf) -> Sql:
        return or_(false(), *(self.sql(part) for part in condition.of))

    def negation(self, condition: c.Not) -> Sql:
        return not_(self.sql(condition.of))

    def in_segment(self, leaf: c.InSegment) -> Sql:
        found = self.segments.get(leaf.segment)
        return self.sql(found.where) if found is not None else false()

    # ── fields

    def compare(self, leaf: c.Compare) -> Sql:
        left, right = leaf.left, leaf.right
        if isinstance(left, c.EventField | c.Const) and isinstance(right, c.EventField | c.Const):
            return self.settled(leaf)
        op = c.Op.IS if leaf.op is c.Op.IS_NOT else leaf.op
        found = self.compared(left, op, right)
        return not_(found) if leaf.op is c.Op.IS_NOT else found

    def compared(self, left: c.Operand, op: c.Op, right: c.Operand) -> Sql:
        """With a field on one side at least, and a positive operator."""
        if isinstance(left, c.Field) and isinstance(right, c.Field):
            return self.rows.fields(
                left.name, right.name, lambda one, two: comparing.is_field(op, one, two)
            )
        if isinstance(left, c.Field):
            return self.is_value(left.name, op, _constant(right))
        assert isinstance(right, c.Field)
        value = _constant(left)
        if value is None:
            return false()
        return self.rows.field(right.name, comparing.is_turned(value, op))

    def is_value(self, name: str, op: c.Op, value: Value) -> Sql:
        return false() if value is None else self.rows.field(name, comparing.is_value(op, value))

    def one_of(self, leaf: c.OneOf) -> Sql:
        if not isinstance(leaf.left, c.Field):
            return self.settled(leaf)
        values = [value for value in leaf.values if value is not None]
        parts = [comparing.is_value(c.Op.IS, value) for value in values]
        found = self.rows.field(
            leaf.left.name, lambda row: or_(false(), *(part(row) for part in parts))
        )
        return not_(found) if leaf.negated else found

    def exists(self, leaf: c.Exists) -> Sql:
        if not isinstance(leaf.left, c.Field):
            return self.settled(leaf)
        found = self.rows.has_value(leaf.left.name)
        return not_(found) if leaf.negated else found

    def within(self, leaf: c.Within) -> Sql:
        if not isinstance(leaf.left, c.Field):
            return self.settled(leaf)
        today = self.now.astimezone(UTC).date()
        other = today + timedelta(days=leaf.days if leaf.ahead else -leaf.days)
        if (leaf.ahead and other < today) or (not leaf.ahead and other > today):
            return false()
        between = comparing.is_between(min(today, other), max(today, other))
        return self.rows.field(leaf.left.name, between)

    def settled(self, leaf: c.Leaf) -> Sql:
        """A leaf that asks nothing of the account: the reference answers."""
        holds = leaf.holds(c.Facts(AccountState(""), self.now))
        return true() if holds else false()

    # ── stages

    def in_stage(self, leaf: c.InStage) -> Sql:
        found = self.measured(leaf) if leaf.more_than or leaf.less_than else self.stands_in(leaf)
        return not_(found) if leaf.negated else found

    def stands_in(self, leaf: c.InStage) -> Sql:
        """In one of the stages; the word `None` means in no stage of the lifecycle (T22)."""
        stages = [stage for stage in leaf.stages if stage != c.NONE]
        named = self.rows.stage(leaf.lifecycle, lambda row: row.stage.in_(stages))
        if c.NONE not in leaf.stages:
            return named
        nowhere = not_(self.rows.stage(leaf.lifecycle, lambda row: row.stage.is_not(None)))
        return or_(named, nowhere) if stages else nowhere

    def measured(self, leaf: c.InStage) -> Sql:
        """In one of the stages, and for that long; never while cancelled (R10)."""
        limit = leaf.more_than or leaf.less_than
        assert limit is not None
        threshold = _shifted(self.now, -limit.elapsed)

        def long_enough(row: comparing.Columns) -> Sql:
            since = row.counting_since
            passed = since <= threshold if leaf.more_than else since > threshold
            return and_(row.stage.in_(leaf.stages), since.is_not(None), passed)

        cancelled = self.is_value("status", c.Op.IS, "cancelled")
        return and_(self.rows.stage(leaf.lifecycle, long_enough), not_(cancelled))

    def changed(self, leaf: c.Changed) -> Sql:
        def matches(row: comparing.Columns) -> Sql:
            parts = [row.moved, self.covered(leaf.window, row)]
            parts += [_is_stage(row.from_stage, leaf.left)] if leaf.left is not None else []
            parts += [_is_stage(row.stage, leaf.entered)] if leaf.entered is not None else []
            return and_(*parts)

        return self.rows.visit(leaf.lifecycle, matches)

    def completed(self, leaf: c.Completed) -> Sql:
        def matches(row: comparing.Columns) -> Sql:
            window = self.covered(leaf.window, row) if leaf.window is not None else true()
            return and_(row.moved, row.ends, window)

        return self.rows.visit(leaf.lifecycle, matches)

    def covered(self, window: c.Window, row: comparing.Columns) -> Sql:
        """Whether a visit began in the window."""
        entered, past = row.entered_at, row.entered_at <= self.now
        if isinstance(window, c.Last):
            return and_(entered > _shifted(self.now, -timedelta(days=window.days)), past)
        return and_(comparing.in_days(entered, window.first, window.last), past)

    def has_open_cta(self, leaf: c.HasOpenCta) -> Sql:
        return self.rows.open_cta(leaf.kind)


_SQL: Final[dict[type, Callable[[_Compiler, Any], Sql]]] = {
    c.All: _Compiler.all,
    c.AnyOf: _Compiler.any_of,
    c.Not: _Compiler.negation,
    c.InSegment: _Compiler.in_segment,
    c.Compare: _Compiler.compare,
    c.OneOf: _Compiler.one_of,
    c.Exists: _Compiler.exists,
    c.Within: _Compiler.within,
    c.InStage: _Compiler.in_stage,
    c.Changed: _Compiler.changed,
    c.Completed: _Compiler.completed,
    c.HasOpenCta: _Compiler.has_open_cta,
}


def _constant(operand: c.Operand) -> Value:
    return operand.value if isinstance(operand, c.Const) else None


def _is_stage(column: ColumnElement[Any], stage: str) -> Sql:
    return column.is_(None) if stage == c.NONE else and_(column.is_not(None), column == stage)


def _shifted(now: datetime, by: timedelta) -> datetime:
    """`now + by`, or the end of time: a database knows no instant beyond it."""
    try:
        return now + by
    except OverflowError:
        return EARLIEST if by < timedelta() else LATEST
