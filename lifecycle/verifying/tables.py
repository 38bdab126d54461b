"""The rows that are stored against those that should be, table by table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Column, Select, select
from sqlmodel import SQLModel

from lifecycle.store.state_rows import Row
from lifecycle.store.tables import EffectRow, EffectStatus, table_of

from .difference import MISSING, Kind, Where, first_differing
from .recount import Recount
from .scratch import PROJECTED

DELIVERED: Final = frozenset(
    {
        "status", "due_at", "generation", "attempts", "lease_until", "last_error", "finished_at", "message_id",
        "recipients", "reached", "subject", "text", "html", "resent_by", "earlier", "campaign",
    }
)  # fmt: skip
"""What becomes of a delivery is no part of the fold."""
EFFECT: Final = table_of(EffectRow)
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """A table and the columns that follow from the journal."""

    model: type[SQLModel]

    @property
    def name(self) -> str:
        """The table's."""
        return table_of(self.model).name

    @property
    def key(self) -> list[str]:
        """The key's columns, without the account."""
        return [one.name for one in table_of(self.model).primary_key if one.name != "account"]

    @property
    def columns(self) -> list[Column[Any]]:
        """All that are read; of deliveries the status, too."""
        dropped = DELIVERED - {"status"} if self.model is EffectRow else frozenset[str]()
        return [column for column in table_of(self.model).columns if column.name not in dropped]

    def rows(self, accounts: Sequence[str]) -> Select[Any]:
        """The rows of these accounts. A campaign's mails are not the accounts' own."""
        table = table_of(self.model)
        query = select(*self.columns).where(table.c.account.in_(accounts))
        return query.where(table.c.campaign.is_(None)) if self.model is EffectRow else query


TABLES: Final = tuple(Compared(model) for model in PROJECTED)
Rows = dict[str, list[Row]]
"""The rows of a table by account."""


def by_account(rows: Sequence[Any]) -> Rows:
    """Rows as dictionaries."""
    found: Rows = {}
    for row in rows:
        one = dict(row._mapping)
        found.setdefault(one["account"], []).append(one)
    return found


def compare(table: Compared, recount: Recount, stored: list[Row], due: list[Row]) -> None:
    """Note where the rows of an account differ from those that are due."""
    one, other = _by_key(table, stored), _by_key(table, due)
    for key in sorted(one.keys() | other.keys(), key=str):
        row, wanted = one.get(key), other.get(key)
        if row is None or wanted is None:
            where = Where(_revision(row or wanted, recount), table.name, "", _said(key))
            sides = (MISSING, "a row") if row is None else ("a row", MISSING)
            recount.note(Kind.PROJECTION, where, *sides)
        elif row != wanted:
            _compare_row(table, recount, (key, row, wanted))


def _by_key(table: Compared, rows: list[Row]) -> dict[Key, Row]:
    return {tuple(row[name] for name in table.key): row for row in rows}


def _compare_row(table: Compared, recount: Recount, found: tuple[Key, Row, Row]) -> None:
    key, row, wanted = found
    for column in wanted:
        if column == "status" and table.model is EffectRow:
            sides = _status(row, wanted)
        else:
            differs = first_differing(row[column], wanted[column], column)
            sides = differs and (differs[0], differs[1], differs[2])
        if sides:
            where = Where(_revision(wanted, recount), table.name, sides[0], _said(key))
            recount.note(Kind.PROJECTION, where, sides[1], sides[2])


def _status(row: Row, wanted: Row) -> tuple[str, Any, Any] | None:
    """What undo cancelled must not wait to be sent any more (R13)."""
    was, should = EffectStatus(row["status"]), EffectStatus(wanted["status"])
    if was is EffectStatus.DUE and should is EffectStatus.CANCELLED:
        return "status", was.value, should.value
    return None


def _revision(row: Row | None, recount: Recount) -> int:
    """The entry that made a row: its own, a field's last, else the account's last."""
    found = (row or {}).get("revision")
    if found is None and row is not None and "folded" in row:
        found = recount.set_at.get(row["name"])
    return found or recount.revision


def _said(key: Key) -> str:
    return " ".join(str(part) for part in key)
