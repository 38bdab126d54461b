"""Whom and when a report is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date
from typing import Any

from sqlalchemy import ColumnElement, FromClause

from ..moment import Moment, Now
from ..reading import as_it_lies
from ..standing import ACCOUNT, VISIT, counts_at


@dataclass(frozen=True, slots=True)
class Scope:
    """A moment, the lifecycles by id, and a filter over `account` (None: everybody)."""

    moment: Moment
    lifecycles: tuple[str, ...]
    only: ColumnElement[bool] | None = None

    def joined(self, rows: FromClause) -> FromClause:
        """The rows, each with its account where that is asked about."""
        return rows if self.only is None else rows.join(ACCOUNT, ACCOUNT.c.id == rows.c.account)

    @property
    def chosen(self) -> list[ColumnElement[bool]]:
        """What is asked of the account."""
        return [] if self.only is None else [self.only]

    def rows_until(self, last: date) -> date:
        """The last day whose rows a step counts that ends on a day.

        A clock that leads has rows of days to come: they are part of the present.
        """
        at = self.moment.now if isinstance(self.moment, Now) else self.moment.at
        return last if last < at.astimezone(UTC).date() else date.max

    @property
    def visits(self) -> list[ColumnElement[bool]]:
        """What is asked of a row of `visit`: its lifecycle, that it counts, whose it is."""
        return [*self.of_lifecycles(VISIT), counts_at(VISIT, self.moment), *self.chosen]

    def of_lifecycles(self, rows: Any) -> list[ColumnElement[bool]]:
        """One lifecycle is asked for by name: that is what an index begins with. Of many, no index is of use."""
        if len(self.lifecycles) == 1:
            return [rows.c.lifecycle == self.lifecycles[0]]
        return [as_it_lies(rows.c.lifecycle).in_(self.lifecycles)]
