"""Days as both databases count them, exactly as the core does: whole days of elapsed time (R12), days in UTC."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, Integer, case, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import ColumnElement as Element
from sqlalchemy.sql.functions import FunctionElement

from ..columns import Instant
from ..moment import Moment, Now
from ..standing import ACCOUNT


class whole_days(FunctionElement[int]):  # noqa: N801 - reads as a function of SQL
    """`whole_days(until, since)`: whole days of elapsed time between two instants."""

    type = Integer()
    inherit_cache = True
    name = "whole_days"


class utc_day(FunctionElement[date]):  # noqa: N801
    """`utc_day(instant)`: the day of an instant."""

    type = Date()
    inherit_cache = True
    name = "utc_day"


@compiles(whole_days, "postgresql")
def _elapsed_days(element: Any, compiler: Any, **options: Any) -> str:
    until, since = (compiler.process(one, **options) for one in element.clauses)
    return f"CAST(extract(day FROM ({until}) - ({since})) AS INTEGER)"


@compiles(whole_days, "sqlite")
def _days_of_texts(element: Any, compiler: Any, **options: Any) -> str:
    """Instants are texts there: the days between, one less when the time of day was not reached."""
    until, since = (compiler.process(one, **options) for one in element.clauses)
    between = (
        f"CAST(julianday(substr({until}, 1, 10)) - julianday(substr({since}, 1, 10)) AS INTEGER)"
    )
    return f"({between} - (substr({until}, 12) < substr({since}, 12)))"


@compiles(utc_day, "postgresql")
def _utc_day(element: Any, compiler: Any, **options: Any) -> str:
    (instant,) = (compiler.process(one, **options) for one in element.clauses)
    return f"CAST(({instant}) AT TIME ZONE 'UTC' AS DATE)"


@compiles(utc_day, "sqlite")
def _day_of_text(element: Any, compiler: Any, **options: Any) -> str:
    (instant,) = (compiler.process(one, **options) for one in element.clauses)
    return f"substr({instant}, 1, 10)"


def present(moment: Moment) -> Element[Any]:
    """The instant it is for an account: of the past, the same for all; now, its own (design.md, State and time).

    A query that uses it has `account` among its tables, unless no clock leads.
    """
    if not isinstance(moment, Now):
        return literal(moment.at, Instant)
    ahead = [lead for lead in moment.leads if lead]
    own: dict[int, ColumnElement[Any]] = {
        lead: literal(moment.now + timedelta(seconds=lead), Instant) for lead in ahead
    }
    now = literal(moment.now, Instant)
    return case(own, value=ACCOUNT.c.lead, else_=now) if own else now
