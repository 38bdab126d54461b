"""What will happen to an account if nothing else does, kept as rows for the forecast of all accounts (N4, G13).

Written with every batch that could change it, by the same core that decides (`core.fold`).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.engine import Connection

from lifecycle.contract import RecordRequest
from lifecycle.core import changes as c
from lifecycle.core.fold import Fold
from lifecycle.core.index import index_of
from lifecycle.core.inputs import Adopt
from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal
from lifecycle.core.state import AccountState
from lifecycle.core.wakes import Due

from .definitions import book_for
from .engine import Store
from .state_rows import Row
from .tables import AheadRow, table_of

FAR: Final = timedelta(days=400)
MOST: Final = 16
BOOK_LASTS: Final = 30.0
"""Seconds. A book is looked up again after that, and whenever the account adopts one."""

AHEAD: Final = table_of(AheadRow)
_COLUMNS: Final = [column for column in AHEAD.c if column.name != "account"]
STORED: Final = (
    select(*_COLUMNS).where(AHEAD.c.account == bindparam("of")).order_by(AHEAD.c.position)
)
CLEAR: Final = delete(AHEAD).where(AHEAD.c.account == bindparam("of"))
INSERT: Final = insert(AHEAD)
log = logging.getLogger(__name__)


# ── the book


async def book_of(store: Store, request: RecordRequest) -> Book | None:
    """The book the account runs after the batch; None where nothing is foretold."""
    if not request.versions or not any(map(matters, request.entries)):
        return None
    key = (tuple(request.versions.items()), tuple(request.pending.items()))
    found: tuple[Book | None, float] = store.running.get(key, (None, 0.0))
    book, until = found
    if until < monotonic() or any(isinstance(entry.input, Adopt) for entry in request.entries):
        book = await _looked_up(store, request)
        store.running[key] = book, monotonic() + BOOK_LASTS
    return book


async def _looked_up(store: Store, request: RecordRequest) -> Book | None:
    try:
        book, _ = await book_for(store, request.versions, request.pending)
    except Refusal as refusal:
        log.warning("Nothing is foretold of %s: %s", request.account, refusal)
        return None
    return book


_STILL: Final = (
    c.InputTaken,
    c.DuplicateSeen,
    c.MessageRefused,
    c.MailDue,
    c.WebhookDue,
    c.EffectShadowed,
)
"""Changes after which the same lies ahead as before."""


def matters(entry: c.Entry) -> bool:
    """Whether something else may lie ahead after it.

    A version taken over may foretell otherwise without a change of the account's own (R14).
    """
    adopts = isinstance(entry.input, Adopt)
    return adopts or not all(isinstance(change, _STILL) for change in entry.changes)


# ── the rows


def put_ahead(connection: Connection, book: Book, state: AccountState) -> None:
    """Replace the account's rows where they differ. `state` is folded on: it is of no use afterwards."""
    if state.importing_since is not None:
        return
    account = state.account
    rows = numbered(foretold(book, state))
    stored = [tuple(row) for row in connection.execute(STORED, {"of": account})]
    if [tuple(row.values()) for row in rows] == stored:
        return
    if stored:
        connection.execute(CLEAR, {"of": account})
    if rows:
        connection.execute(INSERT, [{"account": account, **row} for row in rows])


def numbered(rows: Iterable[Row]) -> list[Row]:
    """Whole rows, but for the account, in order."""
    names = [column.name for column in _COLUMNS]
    found = []
    for position, row in enumerate(rows):
        filled = {**_EMPTY, **row, "position": position}
        found.append({name: filled[name] for name in names})
    return found


_EMPTY: Final[Row] = {
    "lifecycle": "",
    "from_stage": None,
    "stage": None,
    "automation": "",
    "what": "",
    "owner": "",
}


def foretold(book: Book, state: AccountState) -> list[Row]:
    """What is ahead, for `FAR` from the account's clock, but the next thing that happens at least.

    A last row of the kind `more` says that it was cut off: from its instant on nothing is foretold.
    """
    rows: list[Row] = []
    try:
        rows.extend(_foretold(Fold(book, state)))
    except Exception:
        # What may go wrong one day must not keep today from being recorded.
        log.exception("%s: an error of ours in what is ahead", state.account)
    return rows


def _foretold(fold: Fold) -> Iterator[Row]:
    clock, number = fold.state.clock, 0
    for _ in range(2 * MOST + 1):
        due = fold.next_due()
        if due is None or clock is None:
            return
        if number == MOST or (number > 0 and due.at > clock + FAR):
            break
        number += not _only_shadows(fold.book, due)
        ctas = {cta.id: (cta.title, cta.owner) for cta in fold.state.ctas.values()}
        for change in fold.apply_due(due).changes:
            yield from _rows(fold.state, change, due.at, ctas)
    if due := fold.next_due():
        yield {"at": due.at, "kind": "more"}


def _only_shadows(book: Book, due: Due) -> bool:
    """A line in shadow takes no room from those that act (N11)."""
    line = index_of(book).automations.get(due.what.removeprefix("false:"))
    return line is not None and line.shadow


def _rows(
    state: AccountState, change: c.Change, at: datetime, ctas: dict[str, tuple[str, str]]
) -> Iterator[Row]:
    if isinstance(change, c.StageEntered):
        if change.left != change.entered:
            yield {
                "at": at,
                "kind": "move",
                "lifecycle": change.lifecycle,
                "from_stage": change.left,
                "stage": change.entered,
                "automation": change.automation,
            }
    elif isinstance(change, c.BecameLate | c.BecameStuck):
        kind = "late" if isinstance(change, c.BecameLate) else "stuck"
        stage = state.tracks[change.lifecycle].stage
        yield {"at": at, "kind": kind, "lifecycle": change.lifecycle, "stage": stage}
    elif isinstance(change, c.CtaBecameOverdue):
        title, owner = ctas.get(change.id, ("", ""))
        yield {"at": at, "kind": "cta", "what": title, "owner": owner}
    elif isinstance(change, c.MailDue):
        made = {"lifecycle": change.lifecycle, "automation": change.automation}
        yield {"at": at, "kind": "mail", "what": change.template, **made}
