"""Who is past the time of the stage, and what should have moved them (G15, R19)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select

from lifecycle.core.clock import whole_days
from lifecycle.core.durations import add, zone_of
from lifecycle.core.model import Book
from lifecycle.core.state import AccountState
from lifecycle.store.definitions import book_for
from lifecycle.store.engine import Store
from lifecycle.store.folded import states_at
from lifecycle.store.moment import AsOf, Moment
from lifecycle.store.reports.overdue import Kind, LastNote, Overdue, how_many, last_notes, overdue
from lifecycle.store.stored import state_of
from lifecycle.store.tables import AccountRow, table_of

from ..awaited import Awaited, awaited
from ..phrases import MISSING, count, money
from .asking import Question
from .report import Coloured, Column, Quiet, Report
from .stages import arr_title, stage_word

ACCOUNT: Final = table_of(AccountRow)
DAY: Final = timedelta(days=1)
AT_ONCE: Final = 500
LIMITS: Final = {"late": "expected", "stuck": "stuck_after"}


@dataclass(frozen=True, slots=True)
class Line:
    """An overdue account with its labels. `over` are the whole days past the limit."""

    one: Overdue
    title: str
    stage: Coloured
    limit: str
    over: float
    waits: Sequence[Awaited] = ()

    @property
    def days(self) -> int | None:
        """Whole days in the stage."""
        return whole_days((self.one.at - self.one.counting_since) / DAY)


async def late(asked: Question) -> Report[Line]:
    """Who is past the expected time of a stage, and what should have moved them."""
    return await _overdue(asked, "late")


async def stuck(asked: Question) -> Report[Line]:
    """Who is stuck in a stage, and what should have moved them."""
    return await _overdue(asked, "stuck")


async def _overdue(asked: Question, kind: Kind) -> Report[Line]:
    """Those who are so for the longest; shown by lifecycle, the most days over first."""
    rows = await overdue(asked.store, kind, asked.scope, asked.asked.limit)
    total = await how_many(asked.store, kind, asked.scope)
    lines = await _with_reasons(asked, await _lines(asked, rows, kind))
    order = {one.id: place for place, one in enumerate(asked.lifecycles)}
    lines.sort(key=lambda line: (order[line.one.lifecycle], -line.over, line.one.account))
    return Report(
        kind,
        f"Accounts that are {kind}",
        _columns(asked.book),
        lines,
        asked.facts,
        asked.said,
        lambda line: line.title,
        _notes(len(lines), *total, kind),
        f"No account is {kind}.",
        total=total[0] if total[0] > len(lines) else None,
    )


def _notes(shown: int, rows: int, accounts: int, kind: Kind) -> list[str]:
    if shown == rows:
        return [f"{count(accounts, 'account')}."] if rows else []
    of = f"{shown:,} of {count(rows, 'row')} ({count(accounts, 'account')})"
    return [f"Shown: {of}, those that are {kind} for the longest."]


# ── how far over


async def _lines(asked: Question, rows: list[Overdue], kind: Kind) -> list[Line]:
    known = asked.moment.known if isinstance(asked.moment, AsOf) else None
    books: dict[tuple[str, int | None], Book] = {}
    for row in rows:
        if (row.lifecycle, row.version) not in books:
            versions = {row.lifecycle: row.version} if row.version is not None else {}
            books[row.lifecycle, row.version] = (
                await book_for(asked.store, versions, None, known)
            )[0]
    return [_line(row, books[row.lifecycle, row.version], asked.book, kind) for row in rows]


def _line(row: Overdue, ran: Book, newest: Book, kind: Kind) -> Line:
    """Days over count from the limit itself: on entering, an account may be past it already (R10)."""
    lifecycle = ran.lifecycles.get(row.lifecycle) or newest.lifecycles[row.lifecycle]
    stage = lifecycle.stage(row.stage)
    limit = getattr(stage, LIMITS[kind]) if stage else None
    since = row.since
    if limit is not None:
        zone = zone_of(row.time_zone)
        since = min(since, add(row.counting_since, limit, ran.directory.calendar, zone))
    word = stage_word(lifecycle, row.stage)
    return Line(row, lifecycle.title, word, str(limit or ""), (row.at - since) / DAY)


# ── what should have moved them


async def _with_reasons(asked: Question, lines: list[Line]) -> list[Line]:
    found: list[Line] = []
    for start in range(0, len(lines), AT_ONCE):
        some = lines[start : start + AT_ONCE]
        states = await _states(asked.store, {line.one.account for line in some}, asked.moment)
        notes = await last_notes(asked.store, [line.one for line in some], asked.moment)
        for line in some:
            key = (line.one.account, line.one.lifecycle)
            waits = await _waits(asked, line.one, states[line.one.account], notes[key])
            found.append(Line(line.one, line.title, line.stage, line.limit, line.over, waits))
    return found


async def _states(store: Store, accounts: set[str], moment: Moment) -> dict[str, AccountState]:
    if isinstance(moment, AsOf):
        return await states_at(store, sorted(accounts), moment)
    query = select(ACCOUNT.c.id, ACCOUNT.c.state).where(ACCOUNT.c.id.in_(accounts))
    async with store.engine.connect() as connection:
        return {row.id: state_of(row.state) for row in await connection.execute(query)}


async def _waits(
    asked: Question, row: Overdue, state: AccountState, notes: dict[str, LastNote]
) -> list[Awaited]:
    known = asked.moment.known if isinstance(asked.moment, AsOf) else None
    book, _ = await book_for(asked.store, state.versions, state.pending, known)
    return awaited(book, state, row.lifecycle, row.at, asked.zone, notes)


# ── columns


def _columns(book: Book) -> list[Column[Line]]:
    return [
        Column("account", "", lambda line: line.one.account),
        Column("name", "Account", lambda line: line.one.name),
        Column("lifecycle", "", lambda line: line.one.lifecycle),
        Column("stage", "Stage", lambda line: line.one.stage, lambda line: line.stage),
        Column("since", "", lambda line: line.one.entered_at),
        Column("days", "Days", lambda line: line.days, right=True),
        Column("limit", "Of", lambda line: line.limit, wide=True),
        Column("over", "Over", lambda line: whole_days(line.over), right=True),
        Column("csm", "CSM", lambda line: line.one.csm, _csm, wide=True),
        Column(
            "arr_cents", arr_title(book), lambda line: line.one.arr, _arr, right=True, wide=True
        ),
        Column("should_have_moved", "What should have moved it", _text, _said),
        Column("automations", "", _data),
    ]


def _csm(line: Line) -> str:
    return line.one.csm or MISSING


def _arr(line: Line) -> str:
    return MISSING if line.one.arr is None else money(line.one.arr, None)


def _data(line: Line) -> list[dict[str, Any]]:
    return [
        {
            "automation": one.automation,
            "to": one.to,
            "says": one.line,
            "why": one.why.value,
            "waits_for": one.text,
            "at": one.at,
        }
        for one in line.waits
    ]


def _text(line: Line) -> str:
    return "; ".join(f"{one.line} – {one.text}" for one in line.waits)


def _said(line: Line) -> str | Quiet:
    """On a screen the stage's own lines are enough; where it has none, those from any stage."""
    if not line.waits:
        return Quiet("nothing: people move it by hand")
    own = [one for one in line.waits if one.is_own] or line.waits
    return "\n".join(f"→ {one.line} – {one.text}" for one in own)
