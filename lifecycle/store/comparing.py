"""Comparisons of a field's value as SQL over a row that holds one (`account_field`, or `field_change` of the past).

Of a row without a value they may be NULL; who asks for the row makes them two-valued.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, String, and_, func, literal, or_

from lifecycle.core import conditions as c
from lifecycle.core.values import Value

from .tables import FieldRow

Sql = ColumnElement[bool]
Columns = Any
"""The columns of the row at hand: `table.c`."""
Part = Callable[[Columns], Sql]
"""What is asked of a row."""

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
KINDS: Final = ("text", "number", "day", "instant")


def is_value(op: c.Op, value: Value) -> Part:
    """The field on the left, a value that is there on the right; `op` is a positive one."""
    if op is c.Op.CONTAINS:
        text = str(value).casefold()
        return lambda row: row.folded.contains(text, autoescape=True)
    if isinstance(value, str) and op is c.Op.IS:
        # `head` is what is indexed; for short texts it is the whole.
        if len(value) < FieldRow.HEAD:
            return lambda row: row.head == value
        return lambda row: and_(row.head == value[: FieldRow.HEAD], row.text == value)
    return lambda row: _COMPARE[op](row[_column(value)], value)


def is_turned(value: Value, op: c.Op) -> Part:
    """The value on the left, the field on the right."""
    if op is not c.Op.CONTAINS:
        return is_value(_TURNED.get(op, op), value)
    text = literal(str(value).casefold(), String())
    return lambda row: _contains(text, row.folded)


def is_field(op: c.Op, left: Columns, right: Columns) -> Sql:
    """Two fields of the account, each a row (or what can be read like one)."""
    if op is c.Op.CONTAINS:
        return _contains(left.folded, right.folded)
    return or_(*(_COMPARE[op](left[kind], right[kind]) for kind in KINDS))


def is_between(first: date, last: date) -> Part:
    """A date, or an instant of these UTC days, both included."""
    return lambda row: or_(row.day.between(first, last), in_days(row.instant, first, last))


def in_days(column: ColumnElement[Any], first: date, last: date) -> Sql:
    """Whether an instant lies in whole UTC days, both included."""
    begins = datetime.combine(first, time(), UTC)
    return and_(column >= begins, column < datetime.combine(last, time(), UTC) + timedelta(days=1))


def _column(value: Value) -> str:
    """The column that holds values of this kind."""
    if isinstance(value, str):
        return "text"
    if isinstance(value, datetime):
        return "instant"
    return "day" if isinstance(value, date) else "number"


def _contains(outer: ColumnElement[str], inner: ColumnElement[str]) -> Sql:
    """Whether a text lies in another: taking it out makes a difference. LIKE would read patterns."""
    return or_(inner == "", func.replace(outer, inner, "") != outer)
