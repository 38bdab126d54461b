"""Conditions as SQL: the second compiler of `core.conditions`, whose Python meaning is the reference.

Every leaf is two-valued: a missing value makes a positive comparison false, never unknown, so that `not`
is the plain negation (R17). A property test holds both meanings together on both databases.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, String, and_, false, func, literal, not_, or_, select, true
from sqlalchemy.sql.selectable import FromClause

from lifecycle.core import conditions as c
from lifecycle.core.state import AccountState
from lifecycle.core.values import Value

from .engine import Store
from .tables import AccountRow, CtaRow, CtaStatus, FieldRow, TrackRow, VisitRow, table_of

ACCOUNT: Final = table_of(AccountRow)
FIELD: Final = table_of(FieldRow)
TRACK: Final = table_of(TrackRow)
VISIT: Final = table_of(VisitRow)
CTA: Final = table_of(CtaRow)
EARLIEST: Final = datetime(1, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(9999, 12, 31, tzinfo=UTC)

Sql = ColumnElement[bool]


def where(condition: c.Condition, now: datetime, leads: Iterable[int] = (0,)) -> Sql:
    """The condition as a filter of a select over `account`, true of the same accounts as in Python.

    `now` is the wall clock; `leads` are the leads found in the database (`store.where.leads`), because an
    account's clock is its own (design.md, State and time). There is no event: its data count as missing.
    """
    return or_(
        *(
            and_(ACCOUNT.c.lead == lead, _Compiler(now + timedelta(seconds=lead)).sql(condition))
            for lead in leads
        )
    )


async def leads(store: Store) -> list[int]:
    """The leads of accounts over the wall clock, in seconds; 0 is always among them."""
    async with store.engine.connect() as connection:
        found = await connection.execute(select(ACCOUNT.c.lead).distinct())
        return sorted({0, *found.scalars()})


@dataclass(frozen=True, slots=True)
class _Compiler:
    """Compiles for one instant."""

    now: datetime

    def sql(self, condition: c.Condition) -> Sql:
        return _SQL[type(condition)](self, condition)

    # ── connectives

    def all(self, condition: c.All) -> Sql:
        return and_(true(), *(self.sql(part) for part in condition.of))

    def any_of(self, condition: c.AnyOf) -> Sql:
        return or_(false(), *(self.sql(part) for part in condition.of))

    def negation(self, condition: c.Not) -> Sql:
        return not_(self.sql(condition.of))

    # ── fields

    def compare(self, leaf: c.Compare) -> Sql:
        left, right = leaf.left, leaf.right
        if isinstance(left, c.Field) and isinstance(right, c.Field):
            return _compare_fields(left.name, leaf.op, right.name)
        if isinstance(left, c.Field):
            return _compare_value(left.name, leaf.op, _constant(right))
        if isinstance(right, c.Field):
            return _compare_turned(_constant(left), leaf.op, right.name)
        return self.settled(leaf)

    def one_of(self, leaf: c.OneOf) -> Sql:
        if not isinstance(leaf.left, c.Field):
            return self.settled(leaf)
        name = leaf.left.name
        found = or_(false(), *(_compare_value(name, c.Op.IS, value) for value in leaf.values))
        return not_(found) if leaf.negated else found

    def exists(self, leaf: c.Exists) -> Sql:
        if not isinstance(leaf.left, c.Field):
            return self.settled(leaf)
        found = _field(leaf.left.name, true())
        return not_(found) if leaf.negated else found

    def within(self, leaf: c.Within) -> Sql:
        if not isinstance(leaf.left, c.Field):
            return self.settled(leaf)
        today = self.now.astimezone(UTC).date()
        other = today + timedelta(days=leaf.days if leaf.ahead else -leaf.days)
        first, last = min(today, other), max(today, other)
        if (leaf.ahead and other < today) or (not leaf.ahead and other > today):
            return false()
        whole_days = _days(FIELD.c.instant, first, last)
        return _field(leaf.left.name, or_(FIELD.c.day.between(first, last), whole_days))

    def settled(self, leaf: c.Leaf) -> Sql:
        """A leaf that asks nothing of the account: the reference answers."""
        holds = leaf.holds(c.Facts(AccountState(""), self.now))
        return true() if holds else false()

    # ── stages

    def in_stage(self, leaf: c.InStage) -> Sql:
        found = self.measured(leaf) if leaf.more_than or leaf.less_than else _stands_in(leaf)
        return not_(found) if leaf.negated else found

    def measured(self, leaf: c.InStage) -> Sql:
        """In one of the stages, and for that long; never while cancelled (R10)."""
        limit = leaf.more_than or leaf.less_than
        assert limit is not None
        reached = TRACK.c.counting_since <= _shifted(self.now, -limit.elapsed)
        passed = reached if leaf.more_than else not_(reached)
        counts = and_(TRACK.c.stage.in_(leaf.stages), TRACK.c.counting_since.is_not(None), passed)
        cancelled = _compare_value("status", c.Op.IS, "cancelled")
        return and_(not_(cancelled), _track(leaf.lifecycle, counts))

    def changed(self, leaf: c.Changed) -> Sql:
        parts = [VISIT.c.moved, self.covered(leaf.window)]
        parts += [_is_stage(VISIT.c.from_stage, leaf.left)] if leaf.left is not None else []
        parts += [_is_stage(VISIT.c.stage, leaf.entered)] if leaf.entered is not None else []
        return _visit(leaf.lifecycle, and_(*parts))

    def completed(self, leaf: c.Completed) -> Sql:
        window = self.covered(leaf.window) if leaf.window is not None else true()
        return _visit(leaf.lifecycle, and_(VISIT.c.moved, VISIT.c.ends, window))

    def covered(self, window: c.Window) -> Sql:
        """Whether a visit began in the window."""
        entered, past = VISIT.c.entered_at, VISIT.c.entered_at <= self.now
        if isinstance(window, c.Last):
            return and_(entered > _shifted(self.now, -timedelta(days=window.days)), past)
        return and_(_days(entered, window.first, window.last), past)

    def has_open_cta(self, leaf: c.HasOpenCta) -> Sql:
        kind = CTA.c.kind == leaf.kind if leaf.kind is not None else true()
        return _exists(CTA, CTA.c.status == CtaStatus.OPEN, kind)


_SQL: Final[dict[type, Callable[[_Compiler, Any], Sql]]] = {
    c.All: _Compiler.all,
    c.AnyOf: _Compiler.any_of,
    c.Not: _Compiler.negation,
    c.Compare: _Compiler.compare,
    c.OneOf: _Compiler.one_of,
    c.Exists: _Compiler.exists,
    c.Within: _Compiler.within,
    c.InStage: _Compiler.in_stage,
    c.Changed: _Compiler.changed,
    c.Completed: _Compiler.completed,
    c.HasOpenCta: _Compiler.has_open_cta,
}

# ── rows of the account at hand: EXISTS is two-valued by itself


def _exists(table: FromClause, *parts: Sql) -> Sql:
    return select(1).where(table.c.account == ACCOUNT.c.id, *parts).correlate(ACCOUNT).exists()


def _field(name: str, part: Sql) -> Sql:
    return _exists(FIELD, FIELD.c.name == name, part)


def _track(lifecycle: str, part: Sql) -> Sql:
    return _exists(TRACK, TRACK.c.lifecycle == lifecycle, part)


def _visit(lifecycle: str, part: Sql) -> Sql:
    return _exists(VISIT, VISIT.c.lifecycle == lifecycle, VISIT.c.withdrawn_at.is_(None), part)


def _stands_in(leaf: c.InStage) -> Sql:
    """In one of the stages; the word `None` means in no stage of the lifecycle (T22)."""
    named = _track(leaf.lifecycle, TRACK.c.stage.in_(leaf.stages))
    if c.NONE not in leaf.stages:
        return named
    return or_(named, not_(_track(leaf.lifecycle, TRACK.c.stage.is_not(None))))


def _is_stage(column: ColumnElement[Any], stage: str) -> Sql:
    return column.is_(None) if stage == c.NONE else and_(column.is_not(None), column == stage)


# ── time


def _shifted(now: datetime, by: timedelta) -> datetime:
    """`now + by`, or the end of time: a database knows no instant beyond it."""
    try:
        return now + by
    except OverflowError:
        return EARLIEST if by < timedelta() else LATEST


def _days(column: ColumnElement[Any], first: date, last: date) -> Sql:
    """Whether an instant lies in whole UTC days, both included."""
    begins = datetime.combine(first, time(), UTC)
    return and_(column >= begins, column < datetime.combine(last, time(), UTC) + timedelta(days=1))


# ── values

_COMPARE: Final[dict[c.Op, Callable[[Any, Any], Any]]] = {
    c.Op.IS: operator.eq,
    c.Op.LT: operator.lt,
    c.Op.BEFORE: operator.lt,
    c.Op.GT: operator.gt,
    c.Op.AFTER: operator.gt,
    c.Op.LE: operator.le,
    c.Op.GE: operator.ge,
}
_TURNED: Final = {
    c.Op.LT: c.Op.GT,
    c.Op.BEFORE: c.Op.AFTER,
    c.Op.GT: c.Op.LT,
    c.Op.AFTER: c.Op.BEFORE,
    c.Op.LE: c.Op.GE,
    c.Op.GE: c.Op.LE,
}


def _constant(operand: c.Operand) -> Value:
    return operand.value if isinstance(operand, c.Const) else None


def _compare_value(name: str, op: c.Op, value: Value) -> Sql:
    if op is c.Op.IS_NOT:
        return not_(_compare_value(name, c.Op.IS, value))
    if value is None:
        return false()
    if op is c.Op.CONTAINS:
        return _field(name, FIELD.c.folded.contains(str(value).casefold(), autoescape=True))
    if isinstance(value, str) and op is c.Op.IS:
        # `head` is what is indexed; for short texts it is the whole.
        head = FIELD.c.head == value[: FieldRow.HEAD]
        return _field(name, and_(head, FIELD.c.text == value))
    return _field(name, _COMPARE[op](FIELD.c[_column(value)], value))


def _compare_turned(value: Value, op: c.Op, name: str) -> Sql:
    """A literal on the left."""
    if op is not c.Op.CONTAINS:
        return _compare_value(name, _TURNED.get(op, op), value)
    if value is None:
        return false()
    return _field(name, _contains(literal(str(value).casefold(), String()), FIELD.c.folded))


def _compare_fields(left: str, op: c.Op, right: str) -> Sql:
    if op is c.Op.IS_NOT:
        return not_(_compare_fields(left, c.Op.IS, right))
    one, two = FIELD.alias(), FIELD.alias()
    if op is c.Op.CONTAINS:
        holds = _contains(one.c.folded, two.c.folded)
    else:
        compare = _COMPARE[op]
        holds = or_(*(compare(one.c[kind], two.c[kind]) for kind in _KINDS))
    return _exists(
        one, one.c.name == left, two.c.account == ACCOUNT.c.id, two.c.name == right, holds
    )


_KINDS: Final = ("text", "number", "day", "instant")


def _column(value: Value) -> str:
    """The column of `account_field` that holds values of this kind."""
    if isinstance(value, str):
        return "text"
    if isinstance(value, datetime):
        return "instant"
    return "day" if isinstance(value, date) else "number"


def _contains(outer: ColumnElement[str], inner: ColumnElement[str]) -> Sql:
    """Whether a text lies in another: taking it out makes a difference. LIKE would read patterns."""
    return or_(inner == "", func.replace(outer, inner, "") != outer)
