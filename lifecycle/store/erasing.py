"""Taking a person out of one account's rows (N12).

The journal is rewritten where it speaks of them: its data go, and with them the salt; digest and chain stay as they
were. What is stored is folded anew from what is left, so that it is still what the journal says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Table, Text, and_, cast, delete, func, insert, or_, select, update
from sqlalchemy.engine import Connection
from sqlmodel import SQLModel

from lifecycle.core.changes import Entry
from lifecycle.core.erasing import ERASED, Eraser, gone
from lifecycle.core.evolve import apply
from lifecycle.core.state import AccountState

from .journal import columns_of, entry_data, entry_of
from .personal import TEXTS
from .shadow_tables import ShadowedRow
from .state_rows import account_columns, field_rows, value_columns
from .stored import state_data
from .tables import (
    AccountRow,
    EffectRow,
    EffectStatus,
    FieldChangeRow,
    FieldRow,
    JournalRow,
    table_of,
)

ACCOUNT: Final = table_of(AccountRow)
EFFECT: Final = table_of(EffectRow)
FIELD: Final = table_of(FieldRow)
FIELD_CHANGE: Final = table_of(FieldChangeRow)
JOURNAL: Final = table_of(JournalRow)
SHADOWED: Final = table_of(ShadowedRow)
PAGE: Final = 500
REWRITTEN: Final = ("source", "event_id", "input", "changes", "notes", "refused")
Row = dict[str, Any]


def entries_of(connection: Connection, account: str) -> Iterator[Entry]:
    """An account's journal, oldest first, a page at a time."""
    after = 0
    while True:
        query = (
            select(JOURNAL)
            .where(JOURNAL.c.account == account, JOURNAL.c.revision > after)
            .order_by(JOURNAL.c.revision)
            .limit(PAGE)
        )
        rows = connection.execute(query).all()
        yield from map(entry_of, rows)
        if len(rows) < PAGE:
            return
        after = rows[-1].revision


def sending_until(connection: Connection, account: str, now: datetime) -> datetime | None:
    """Until when a delivery of the account may be on its way: whoever has it will write what it said."""
    query = select(func.max(EFFECT.c.lease_until)).where(
        EFFECT.c.account == account,
        EFFECT.c.status == EffectStatus.SENDING,
        EFFECT.c.lease_until > now,
    )
    found: datetime | None = connection.execute(query).scalar_one()
    return found


class Sweep:
    """Rows rewritten in one transaction, counted by table."""

    def __init__(self, connection: Connection, eraser: Eraser, contacts: frozenset[str]) -> None:
        """`contacts` are the roles whose mail is to the person."""
        self.connection = connection
        self.eraser = eraser
        self.contacts = contacts
        self.counts: Counter[str] = Counter()

    def account(self, account: str) -> Counter[str]:
        """Everything of one account; its row is locked first, so that nothing is recorded meanwhile."""
        lock = select(ACCOUNT.c.id).where(ACCOUNT.c.id == account).with_for_update()
        self.connection.execute(lock)
        self._journal(account)
        self._field_changes(account)
        self._effects(account)
        self._shadowed(account)
        for table, columns in TEXTS.items():
            if "account" in (found := SQLModel.metadata.tables[table]).c:
                self.texts(found, columns, found.c.account == account)
        return self.counts

    # ── the journal, and what is folded from it

    def _journal(self, account: str) -> None:
        state, rewritten = AccountState(account), list[Row]()
        for entry in entries_of(self.connection, account):
            cleaned = self.eraser.entry(entry)
            apply(state, cleaned)
            if cleaned is not entry:
                rewritten.append(_rewritten(cleaned))
        if rewritten:
            self._rewrite(account, rewritten)
            self._store(account, state)

    def _rewrite(self, account: str, rows: list[Row]) -> None:
        for row in rows:
            one = and_(JOURNAL.c.account == account, JOURNAL.c.revision == row.pop("revision"))
            self.connection.execute(update(JOURNAL).where(one).values(**row))
        self.counts["journal"] += len(rows)

    def _store(self, account: str, state: AccountState) -> None:
        row = {**account_columns(state), "state": state_data(state)}
        self.connection.execute(update(ACCOUNT).where(ACCOUNT.c.id == account).values(**row))
        self.connection.execute(delete(FIELD).where(FIELD.c.account == account))
        if rows := list(field_rows(account, state).values()):
            self.connection.execute(insert(FIELD), rows)

    def _field_changes(self, account: str) -> None:
        kept = ("name", "revision", "position")
        query = select(FIELD_CHANGE).where(FIELD_CHANGE.c.account == account)
        for row in self.connection.execute(query).all():
            value = next((one for one in _values(row) if one is not None), None)
            left = self.eraser.field(row.name, value)
            if left != value:
                mine = [FIELD_CHANGE.c[name] == getattr(row, name) for name in kept]
                statement = update(FIELD_CHANGE).where(FIELD_CHANGE.c.account == account, *mine)
                self.connection.execute(statement.values(**value_columns(left)))
                self.counts["field_change"] += 1

    # ── mail and calls

    def _effects(self, account: str) -> None:
        for row in self.connection.execute(select(EFFECT).where(EFFECT.c.account == account)).all():
            left = self._emptied(row) if self._is_theirs(row) else self._cleaned(row)
            changed = {name: one for name, one in left.items() if getattr(row, name) != one}
            if changed:
                statement = update(EFFECT).where(EFFECT.c.id == row.id).values(**changed)
                self.connection.execute(statement)
                self.counts["effect"] += 1

    def _is_theirs(self, row: Any) -> bool:
        """Mail to the person: all it said goes, not only their name."""
        earlier = [one for past in row.earlier or () for one in past.get("recipients") or ()]
        reached = [*(row.recipients or ()), *(row.reached or ()), *earlier]
        if any(self.eraser.words.are_in(str(one)) for one in reached):
            return True
        return bool(self.contacts & {*row.roles}) and ERASED not in reached

    def _emptied(self, row: Any) -> Row:
        told = self._cleaned(row)
        told |= {name: ERASED if getattr(row, name) else None for name in ("subject", "text")}
        told |= {name: _counted(getattr(row, name)) for name in ("recipients", "reached")}
        return {**told, "html": None, "earlier": [_past(one) for one in row.earlier or ()] or None}

    def _cleaned(self, row: Any) -> Row:
        """`reached` and `recipients` keep their number: reports count them."""
        names = ("last_error", "recipients", "reached", "subject", "text", "html", "earlier")
        told = {name: self.eraser.any(getattr(row, name)) for name in names}
        return {**told, "data": self._data(row)}

    def _data(self, row: Any) -> Any:
        names = self.eraser.personal.data.get(str((row.data or {}).get("type")), frozenset())
        return self.eraser.named(row.data or {}, names)

    def _shadowed(self, account: str) -> None:
        """What a line in shadow would have written into a personal field."""
        named = SHADOWED.c.name.in_(sorted(self.eraser.personal.fields))
        mine = and_(SHADOWED.c.account == account, SHADOWED.c.kind == "field", named)
        for row in self.connection.execute(select(SHADOWED).where(mine)).all():
            if gone(row.value) != row.value:
                one = (SHADOWED.c.revision == row.revision, SHADOWED.c.position == row.position)
                statement = update(SHADOWED).where(SHADOWED.c.account == account, *one)
                self.connection.execute(statement.values(value=gone(row.value)))
                self.counts["shadowed"] += 1

    # ── texts anywhere

    def texts(self, table: Table, columns: Iterable[str], where: Any) -> None:
        """Columns of text or JSON in the rows of a table."""
        names, keys = sorted(columns), [column.name for column in table.primary_key]
        query = select(*(table.c[name] for name in dict.fromkeys([*keys, *names]))).where(where)
        for row in self.connection.execute(query).all():
            told = {name: getattr(row, name) for name in names}
            left = {name: self.eraser.any(one) for name, one in told.items()}
            if left != told:
                mine = [table.c[name] == getattr(row, name) for name in keys]
                changed = {name: one for name, one in left.items() if one != told[name]}
                self.connection.execute(update(table).where(*mine).values(**changed))
                self.counts[table.name] += 1


def _rewritten(entry: Entry) -> Row:
    row = {**columns_of(entry), **entry_data(entry)}
    return {"revision": entry.revision, "salt": "", **{name: row[name] for name in REWRITTEN}}


def _values(row: Any) -> Sequence[Any]:
    return row.text, row.number, row.day, row.instant


def _counted(addresses: Sequence[str] | None) -> list[str] | None:
    return None if addresses is None else [ERASED for _ in addresses]


def _past(outcome: Row) -> Row:
    """What became of a mail before it was sent again, without what it said."""
    told = {name: ERASED for name in ("subject", "text") if outcome.get(name)}
    return {**outcome, **told, "html": None, "recipients": _counted(outcome.get("recipients"))}


# ── finding accounts


SEARCHED: Final = {
    **{name: sorted(columns) for name, columns in TEXTS.items()},
    "account_field": ["folded"],
    "field_change": ["folded"],
    "journal": ["source", "event_id", "input", "changes", "notes", "refused"],
    "effect": ["data", "last_error", "recipients", "reached", "subject", "text", "html", "earlier"],
    "hook_arrival": ["body", "reason", "told"],
}


def accounts_with(connection: Connection, address: str) -> list[str]:
    """The accounts that know an address, wherever it stands. Reads every row: people are not erased every minute."""
    found: set[str] = set()
    for name, columns in SEARCHED.items():
        table = SQLModel.metadata.tables[name]
        if "account" in table.c:
            speaks = or_(*(_speaks(table.c[column], address) for column in columns))
            query = select(table.c.account).where(speaks).distinct()
            found.update(account for account in connection.execute(query).scalars() if account)
    return sorted(found)


def _speaks(column: Any, address: str) -> Any:
    return func.lower(cast(column, Text)).contains(address, autoescape=True)
