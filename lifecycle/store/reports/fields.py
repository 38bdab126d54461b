"""Fields beside the rows of a report: of the present from `account`, of the past from what they were then."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import ColumnElement, Label
from sqlalchemy.sql.selectable import FromClause

from ..moment import Moment, Now
from ..standing import field_at
from ..tables import AccountRow, table_of

ACCOUNT: Final = table_of(AccountRow)
NUMBERS: Final = frozenset({"arr", "health_score"})
DAYS: Final = frozenset({"renewal_date"})

Columns = dict[str, Label[Any]]


def with_fields(
    tables: FromClause, moment: Moment, names: Iterable[str]
) -> tuple[FromClause, Columns]:
    """`tables`, which hold `account`, with built-in fields (texts, days, amounts in cents) joined on as columns."""
    if isinstance(moment, Now):
        return tables, {name: ACCOUNT.c[name].label(name) for name in names}
    columns: Columns = {}
    for name in names:
        field = field_at(moment, name)
        tables = tables.outerjoin(field, field.c.account == ACCOUNT.c.id)
        kind = "number" if name in NUMBERS else "day" if name in DAYS else "text"
        value: ColumnElement[Any] = field.c[kind]
        columns[name] = value.label(name)
    return tables, columns
