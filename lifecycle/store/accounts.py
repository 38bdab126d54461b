"""Reading accounts: one, some, and what happened to them. Every list is ordered and ends with the id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, bindparam, or_, true
from sqlalchemy import select as select_core
from sqlalchemy.orm import defer
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from lifecycle.core.changes import Entry
from lifecycle.core.conditions import NONE
from lifecycle.core.evolve import WINDOW
from lifecycle.core.refusal import Refusal
from lifecycle.core.state import AccountState

from .engine import Store
from .folded import known_entries
from .journal import entry_of
from .moment import AsOf
from .stored import state_of
from .tables import (
    AccountRow,
    FieldRow,
    JournalRow,
    TrackRow,
    VisitRow,
    table_of,
)

MOST: Final = 500
# To guess what was meant, a look at this many names is enough.
GUESSED_FROM: Final = 5_000


JOURNAL: Final = table_of(JournalRow)
HISTORY: Final = (
    select_core(
        JOURNAL.c.revision, JOURNAL.c.at, JOURNAL.c.input, JOURNAL.c.changes, JOURNAL.c.notes,
        JOURNAL.c.root, JOURNAL.c.rules, JOURNAL.c.refused, JOURNAL.c.historic,
    )
    .where(JOURNAL.c.account == bindparam("of"))
    .order_by(JOURNAL.c.revision.desc())
    .limit(bindparam("most"))
)  # fmt: skip
EARLIER: Final = HISTORY.where(JOURNAL.c.revision < bindparam("below"))


# ── one account


async def stored_state(store: Store, account: str) -> AccountState | None:
    """What is recorded of an account, its event window rebuilt from the journal; None if nothing is."""
    async with store.reading() as session:
        row = await session.get(AccountRow, account)
        if row is None or row.revision == 0:
            return None
        state = state_of(row.state)
        state.window = await _window(session, row)
    return state


async def _window(session: AsyncSession, account: AccountRow) -> dict[str, float]:
    """The newest event keys, oldest first (R20)."""
    query = (
        select(JournalRow.event_key, JournalRow.event_seconds)
        .where(col(JournalRow.account) == account.id)
        .where(col(JournalRow.event_number) > account.events - WINDOW)
        .where(col(JournalRow.event_number) <= account.events)
        .order_by(col(JournalRow.event_number))
    )
    found = await session.exec(query)
    return {key: seconds or 0.0 for key, seconds in found if key is not None}


async def seen(store: Store, account: str, keys: Sequence[str]) -> list[str]:
    """Those of the event keys that the journal holds (events older than the window reaches, R20)."""
    query = (
        select(JournalRow.event_key)
        .where(col(JournalRow.account) == account, col(JournalRow.event_key).in_(keys))
        .order_by(col(JournalRow.revision))
    )
    async with store.reading() as session:
        return [key for key in await session.exec(query) if key is not None]


async def account_row(store: Store, account: str) -> AccountRow | None:
    """The account's row, with its state."""
    async with store.reading() as session:
        return await session.get(AccountRow, account)


async def find_account(store: Store, text: str) -> AccountRow:
    """The account of that id, or of that name in any case.

    Raises `Refusal` `unknown_account`, with the nearest one, or `ambiguous_account`, with all of them.
    """
    async with store.reading() as session:
        # What was refused before there was an account left a row behind, for its journal only.
        found = await session.get(AccountRow, text)
        if found is not None and found.created_at is not None:
            return found
        rows: list[AccountRow] = list((await session.exec(_named(text))).all())
        if len(rows) == 1:
            return rows[0]
        if rows:
            raise _ambiguous(text, rows)
        raise _unknown(text, await _names(session))


def _named(text: str) -> Any:
    name = select(FieldRow.account).where(
        col(FieldRow.name) == "name", col(FieldRow.folded) == text.casefold()
    )
    return (
        select(AccountRow)
        .where(col(AccountRow.id).in_(name))
        .order_by(col(AccountRow.id))
        .limit(20)
    )


def _ambiguous(text: str, rows: list[AccountRow]) -> Refusal:
    ids = ", ".join(row.id for row in rows)
    return Refusal("ambiguous_account", f"{text!r} is the name of {ids}.", "Name one by its id.")


async def _names(session: AsyncSession) -> list[tuple[str, str | None]]:
    query = (
        select(AccountRow.id, AccountRow.name)
        .where(col(AccountRow.created_at).is_not(None))
        .order_by(col(AccountRow.id))
        .limit(GUESSED_FROM)
    )
    return [(account, name) for account, name in await session.exec(query)]


async def names_of(store: Store, accounts: Sequence[str]) -> dict[str, str | None]:
    """What people call these accounts, by id."""
    found: dict[str, str | None] = {}
    async with store.reading() as session:
        for start in range(0, len(accounts), MOST):
            some = col(AccountRow.id).in_(accounts[start : start + MOST])
            query = select(AccountRow.id, AccountRow.name).where(some)
            found.update(dict((await session.exec(query)).all()))
    return found


def _unknown(text: str, known: list[tuple[str, str | None]]) -> Refusal:
    ids = {(name or account).casefold(): account for account, name in known}
    ids |= {account.casefold(): account for account, _ in known}
    near = get_close_matches(text.casefold(), ids, n=1)
    remedy = f"Did you mean {ids[near[0]]}?" if near else "lifecycle admin list shows the accounts."
    return Refusal("unknown_account", f"There is no account {text!r}.", remedy, "account")


# ── lists


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which accounts a list shows; what is left out does not matter.

    `stage` belongs to `lifecycle` and may be `None` as a word: in no stage (T22). `late`, `stuck` are those of
    `lifecycle`, if it is named. `search` looks in ids and names. `after` is the last id of the page before.
    """

    lifecycle: str | None = None
    stage: str | None = None
    csm: str | None = None
    type: str | None = None
    late: bool | None = None
    stuck: bool | None = None
    on_hold: bool | None = None
    search: str | None = None
    after: str | None = None
    limit: int = 50


@dataclass(slots=True)
class Listed:
    """An account of a list (its `state` is not loaded) with its tracks by lifecycle."""

    account: AccountRow
    tracks: dict[str, TrackRow] = field(default_factory=dict)


@dataclass(slots=True)
class Page:
    """Part of a list; `after` asks for the next one, None when this is the last."""

    accounts: list[Listed]
    after: str | None = None


async def list_accounts(
    store: Store, wanted: Wanted, segment: ColumnElement[bool] | None = None
) -> Page:
    """Accounts by id, at most `MOST` a page; `segment` is a compiled condition (`where`)."""
    limit = max(1, min(wanted.limit, MOST))
    query: Any = select(AccountRow).options(defer(AccountRow.state, raiseload=True))
    for part in (*filters(wanted), segment if segment is not None else true()):
        query = query.where(part)
    async with store.reading() as session:
        rows = list((await session.exec(query.order_by(col(AccountRow.id)).limit(limit + 1))).all())
        listed = await _listed(session, rows[:limit])
    return Page(listed, listed[-1].account.id if len(rows) > limit else None)


async def listed_accounts(store: Store, accounts: Sequence[str]) -> list[Listed]:
    """These accounts, in this order."""
    query: Any = select(AccountRow).options(defer(AccountRow.state, raiseload=True))
    async with store.reading() as session:
        rows = (await session.exec(query.where(col(AccountRow.id).in_(accounts)))).all()
        by_id = {one.account.id: one for one in await _listed(session, rows)}
    return [by_id[account] for account in accounts if account in by_id]


async def _listed(session: AsyncSession, rows: Sequence[AccountRow]) -> list[Listed]:
    tracks = await _tracks(session, [row.id for row in rows])
    return [Listed(row, tracks.get(row.id, {})) for row in rows]


def filters(wanted: Wanted) -> list[ColumnElement[bool]]:
    """What a list asks of an account, as SQL over `account`."""
    equal = {"csm": wanted.csm, "type": wanted.type}
    # A message refused by an account that does not exist leaves a row behind, for its journal.
    found: list[ColumnElement[bool]] = [col(AccountRow.created_at).is_not(None)]
    found += [_field_is(name, value) for name, value in equal.items() if value is not None]
    found += [
        _track_flag(wanted, name) for name in ("late", "stuck") if getattr(wanted, name) is not None
    ]
    if wanted.lifecycle is not None:
        found.append(_in_stage(wanted.lifecycle, wanted.stage))
    if wanted.on_hold is not None:
        found.append(col(AccountRow.hold_until).is_not(None) == wanted.on_hold)
    if wanted.search:
        found.append(_matching(wanted.search))
    if wanted.after is not None:
        found.append(col(AccountRow.id) > wanted.after)
    return found


def _field_is(name: str, value: str) -> ColumnElement[bool]:
    """In any case: a person types it."""
    return _field_rows(name, col(FieldRow.folded) == value.casefold())


def _field_rows(name: str, part: ColumnElement[bool]) -> ColumnElement[bool]:
    mine = select(FieldRow.name).where(
        col(FieldRow.account) == col(AccountRow.id), col(FieldRow.name) == name, part
    )
    return mine.exists()


def _matching(text: str) -> ColumnElement[bool]:
    by_name = _field_rows("name", col(FieldRow.folded).contains(text.casefold(), autoescape=True))
    return or_(col(AccountRow.id).icontains(text, autoescape=True), by_name)


def _in_stage(lifecycle: str, stage: str | None) -> ColumnElement[bool]:
    if stage == NONE:
        return ~_track(lifecycle, col(TrackRow.stage).is_not(None))
    return _track(
        lifecycle, col(TrackRow.stage) == stage if stage else col(TrackRow.stage).is_not(None)
    )


def _track_flag(wanted: Wanted, name: str) -> ColumnElement[bool]:
    flagged = _track(wanted.lifecycle, getattr(TrackRow, name).is_(True))
    return flagged if getattr(wanted, name) else ~flagged


def _track(lifecycle: str | None, part: ColumnElement[bool]) -> ColumnElement[bool]:
    mine: Select[Any] = select(TrackRow.lifecycle).where(
        col(TrackRow.account) == col(AccountRow.id), part
    )
    if lifecycle is not None:
        mine = mine.where(col(TrackRow.lifecycle) == lifecycle)
    return mine.exists()


async def _tracks(session: AsyncSession, accounts: list[str]) -> dict[str, dict[str, TrackRow]]:
    query = (
        select(TrackRow)
        .where(col(TrackRow.account).in_(accounts))
        .order_by(col(TrackRow.lifecycle), col(TrackRow.account))
    )
    found: dict[str, dict[str, TrackRow]] = {}
    for track in await session.exec(query):
        found.setdefault(track.account, {})[track.lifecycle] = track
    return found


# ── what happened


async def history(
    store: Store,
    account: str,
    limit: int = 50,
    before: int | None = None,
    moment: AsOf | None = None,
) -> list[Entry]:
    """The newest entries, newest first; `before` is the lowest revision of the page before.

    With `moment` only those that had happened and were known.
    """
    given = {"of": account, "most": max(1, min(limit, MOST)), "below": before or 0}
    query = HISTORY if before is None else EARLIER
    if moment is not None:
        query = query.where(known_entries(moment))
    async with store.connected() as connection:
        return [entry_of(row) for row in await connection.execute(query, given)]


async def carried_out(store: Store, account: str, key: str) -> list[Entry]:
    """What the event or command of that key (`core.keys`) caused, its own entry first; empty if it never came (R20)."""
    of_account = col(JournalRow.account) == account
    own = select(JournalRow.revision).where(of_account, col(JournalRow.event_key) == key)
    query = select(JournalRow).where(of_account, col(JournalRow.root).in_(own))
    async with store.reading() as session:
        rows = await session.exec(query.order_by(col(JournalRow.revision)))
        return [entry_of(row) for row in rows]


async def journal_rows(store: Store, account: str, after: int = 0) -> list[JournalRow]:
    """Rows as they are kept, in order, at most `MOST` from `after` on: for `journal.broken_at` (N9)."""
    query = (
        select(JournalRow)
        .where(col(JournalRow.account) == account, col(JournalRow.revision) > after)
        .order_by(col(JournalRow.revision))
        .limit(MOST)
    )
    async with store.reading() as session:
        return list((await session.exec(query)).all())


async def visits(
    store: Store, account: str, lifecycle: str | None = None, withdrawn: bool = False
) -> list[VisitRow]:
    """Stays in stages, oldest first; with `withdrawn` those that were undone too (R5)."""
    query = select(VisitRow).where(col(VisitRow.account) == account)
    if lifecycle is not None:
        query = query.where(col(VisitRow.lifecycle) == lifecycle)
    if not withdrawn:
        query = query.where(col(VisitRow.withdrawn_at).is_(None))
    async with store.reading() as session:
        found = await session.exec(
            query.order_by(col(VisitRow.lifecycle), col(VisitRow.revision), col(VisitRow.position))
        )
        return list(found.all())
