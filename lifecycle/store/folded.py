"""Accounts as they were: states folded from the journal up to a moment of the past (N5).

Entries count as rows of the tables do (`standing`). With a later knowledge, what was undone since is taken back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, or_, select

from lifecycle.core.changes import Change, Undone
from lifecycle.core.codec import decoder
from lifecycle.core.evolve import evolve
from lifecycle.core.state import AccountState

from .engine import Store
from .moment import AsOf
from .tables import JournalRow, table_of

JOURNAL: Final = table_of(JournalRow)
CHANGES: Final = decoder(list[Change])


def known_entries(moment: AsOf) -> ColumnElement[bool]:
    """The entries that had happened and were known."""
    return and_(JOURNAL.c.at <= moment.at, _known(moment))


def _known(moment: AsOf) -> ColumnElement[bool]:
    return or_(JOURNAL.c.historic, JOURNAL.c.recorded_at <= moment.known)


async def states_at(store: Store, accounts: Sequence[str], moment: AsOf) -> dict[str, AccountState]:
    """The states of these accounts at a moment, by id; those that did not exist yet are left out."""
    states: dict[str, AccountState] = {}
    for row in await _entries(store, accounts, known_entries(moment)):
        _fold(states.setdefault(row.account, AccountState(row.account)), row)
    if moment.known > moment.at:
        takes_back = JOURNAL.c.kind.in_(("Undo", "GoBack"))
        undone = and_(takes_back, JOURNAL.c.at > moment.at, _known(moment))
        for row in await _entries(store, accounts, undone):
            if row.account in states:
                _take_back(states[row.account], row)
    return {account: state for account, state in states.items() if state.created_at is not None}


async def state_before(store: Store, account: str, revision: int) -> AccountState:
    """The account as it was before the entry of that revision, folded from the journal."""
    state = AccountState(account)
    for row in await _entries(store, [account], JOURNAL.c.revision < revision):
        _fold(state, row)
    return state


async def _entries(
    store: Store, accounts: Sequence[str], part: ColumnElement[bool]
) -> Sequence[Any]:
    columns = (JOURNAL.c.account, JOURNAL.c.revision, JOURNAL.c.root, JOURNAL.c.changes)
    query = (
        select(*columns)
        .where(JOURNAL.c.account.in_(accounts), part)
        .order_by(JOURNAL.c.account, JOURNAL.c.revision)
    )
    async with store.engine.connect() as connection:
        return (await connection.execute(query)).all()


def _fold(state: AccountState, row: Any) -> None:
    for change in CHANGES(row.changes):
        evolve(state, change)
    state.revision, state.root = row.revision, row.root


def _take_back(state: AccountState, row: Any) -> None:
    for change in CHANGES(row.changes):
        if isinstance(change, Undone) and change.unit.revision <= state.revision:
            evolve(state, change)
