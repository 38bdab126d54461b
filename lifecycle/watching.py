"""The watch over a publication: what accounts of its share were promised, and how they live (N7, R24).

Asked again as often as one likes: the answer stands in the journals. An account to which nothing else happened lives
as promised, to the letter; one to which something did is folded anew with it, by the same core.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, func, select

from lifecycle.core.changes import Entry
from lifecycle.core.codec import from_data, to_data
from lifecycle.core.inputs import Adopt
from lifecycle.core.promise import (
    KINDS,
    Step,
    counted,
    first_difference,
    folded,
    promised,
    steps_of,
)
from lifecycle.core.state import AccountState
from lifecycle.store import publications
from lifecycle.store.change_tables import ChangeItemRow, ItemStatus
from lifecycle.store.definitions import book_for, book_live_for
from lifecycle.store.engine import Store
from lifecycle.store.folded import state_before
from lifecycle.store.journal import entry_of
from lifecycle.store.publication_tables import PublicationAccountRow, PublicationRow, Verdict
from lifecycle.store.publications import Seen
from lifecycle.store.stored import state_of
from lifecycle.store.tables import AccountRow, EffectRow, EffectStatus, JournalRow, table_of

ACCOUNT: Final = table_of(AccountRow)
EFFECT: Final = table_of(EffectRow)
ITEM: Final = table_of(ChangeItemRow)
JOURNAL: Final = table_of(JournalRow)
A_PAGE: Final = 200
PATIENCE: Final = timedelta(minutes=2)
"""What is due may take so long to be recorded before it counts as missing."""
GOOD: Final = (Verdict.AS_PROMISED, Verdict.AS_FOLDED)
STEPS: Final = list[Step]


def steps_data(steps: list[Step]) -> Any:
    """Steps as JSON data."""
    return to_data(steps, STEPS)


def steps_from(data: Any) -> list[Step]:
    """Steps of JSON data."""
    found: list[Step] = from_data(STEPS, data)
    return found


# ── promising


async def promises(
    store: Store, row: PublicationRow, accounts: Sequence[str], now: datetime
) -> dict[str, list[Any]]:
    """What these accounts are promised until the watch ends, as data; by id."""
    found = {}
    for account, state, lead in await _states(store, accounts):
        book, _ = await book_for(store, state.versions, state.pending)
        published, _ = await book_live_for(store, account)
        at = now + timedelta(seconds=lead)
        item = Adopt(at, row.actor, row.name, dict(row.policies))
        until = at + timedelta(seconds=row.watch)
        found[account] = steps_data(promised(book, state, item, published, until))
    return found


async def _states(store: Store, accounts: Sequence[str]) -> list[tuple[str, AccountState, int]]:
    query = select(ACCOUNT.c.id, ACCOUNT.c.state, ACCOUNT.c.lead).where(ACCOUNT.c.id.in_(accounts))
    async with store.connected() as connection:
        rows = (await connection.execute(query)).all()
    return [(row.id, state_of(row.state), row.lead) for row in rows]


# ── looking


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of an account of the share: its command, its clocks, and what could not be delivered."""

    revision: int
    clock: datetime | None
    lead: int
    status: ItemStatus
    reason: str
    adopted: int | None
    undelivered: int

    def cut(self, now: datetime) -> datetime:
        """Up to when everything that was due must have happened."""
        wall = now + timedelta(seconds=self.lead) - PATIENCE
        return max(wall, self.clock or wall)


async def look(store: Store, row: PublicationRow, now: datetime) -> dict[str, list[int]]:
    """Look at every account of the share and keep how it lives; answers with what was promised and what happened."""
    figures = {kind: [0, 0] for kind in KINDS}
    async for page in _pages(store, row.name):
        standing = await _standing(store, row, [one.account for one in page])
        seen = [await _look_at(store, row, one, standing[one.account], now) for one in page]
        await publications.write_seen(store, row.name, seen)
        for one in seen:
            _add(figures, one)
    return figures


def _add(figures: dict[str, list[int]], seen: Seen) -> None:
    if seen.adopted is None:
        return
    for index, steps in enumerate((seen.expected, seen.happened)):
        for kind, number in counted(steps_from(steps)).items():
            figures[kind][index] += number


async def _pages(store: Store, name: str) -> AsyncIterator[list[PublicationAccountRow]]:
    after = ""
    while page := await publications.accounts_of(store, name, after=after, limit=A_PAGE):
        yield page
        after = page[-1].account


async def _standing(
    store: Store, row: PublicationRow, accounts: Sequence[str]
) -> dict[str, Standing]:
    failed = (
        select(func.count())
        .where(
            EFFECT.c.account == ACCOUNT.c.id,
            EFFECT.c.status == EffectStatus.FAILED,
            EFFECT.c.revision >= ITEM.c.revision,
        )
        .scalar_subquery()
    )
    mine = and_(ITEM.c.account == ACCOUNT.c.id, ITEM.c.change_set == row.change_set)
    query = select(
        ACCOUNT.c.id,
        ACCOUNT.c.revision,
        ACCOUNT.c.clock,
        ACCOUNT.c.lead,
        ITEM.c.status,
        ITEM.c.reason,
        ITEM.c.revision,
        failed,
    ).select_from(ACCOUNT.outerjoin(ITEM, mine))
    async with store.connected() as connection:
        found = await connection.execute(query.where(ACCOUNT.c.id.in_(accounts)))
        rows = [tuple(one) for one in found]
    return {
        account: Standing(revision, clock, lead, status or ItemStatus.WAITING, *rest)
        for account, revision, clock, lead, status, *rest in rows
    }


async def _look_at(
    store: Store,
    row: PublicationRow,
    account: PublicationAccountRow,
    now_at: Standing,
    now: datetime,
) -> Seen:
    if now_at.status in {ItemStatus.FAILED, ItemStatus.REFUSED}:
        return Seen(account.account, Verdict.FAILED, now_at.reason)
    if now_at.adopted is None:
        return Seen(account.account, Verdict.WAITING)
    entries = await _entries(store, account.account, now_at.adopted)
    steps, cut = steps_of(entries), now_at.cut(now)
    expected, why = steps_from(account.promised), ""
    verdict = Verdict.AS_PROMISED
    if first_difference(expected, steps, cut) is not None:
        expected = await _folded(store, account.account, entries, cut)
        parted = first_difference(expected, steps, cut, exact=True)
        verdict, why = (Verdict.PARTED, _told(*parted)) if parted else (Verdict.AS_FOLDED, "")
    if now_at.undelivered and verdict in GOOD:
        verdict, why = Verdict.FAILED, f"{now_at.undelivered} could not be delivered."
    due = [step for step in expected if step.at <= cut or step in steps]
    seen = steps_data(due), steps_data(steps)
    return Seen(
        account.account, verdict, why, now_at.adopted, entries[-1].revision, seen[1], seen[0]
    )


async def _entries(store: Store, account: str, since: int) -> list[Entry]:
    query = select(JOURNAL).where(JOURNAL.c.account == account, JOURNAL.c.revision >= since)
    async with store.connected() as connection:
        rows = await connection.execute(query.order_by(JOURNAL.c.revision))
        return [entry_of(one) for one in rows]


async def _folded(store: Store, account: str, entries: list[Entry], cut: datetime) -> list[Step]:
    state = await state_before(store, account, entries[0].revision)
    book, _ = await book_for(store, state.versions, state.pending)
    published, _ = await book_live_for(store, account)
    return folded(book, state, published, entries, max(cut, entries[-1].at))


def _told(expected: Step | None, happened: Step | None) -> str:
    if expected is None:
        assert happened is not None
        return f"{_words(happened)}, which was not promised."
    if happened is None:
        return f"{_words(expected)} did not happen."
    if expected.name == happened.name:
        return f"{_words(happened)}, and not at {expected.at:%Y-%m-%d %H:%M:%S} UTC."
    return f"{_words(happened)} instead of: {_words(expected)}."


def _words(step: Step) -> str:
    when = f"{step.at:%Y-%m-%d %H:%M}"
    what = f"{step.left} → {step.what}" if step.kind == "moves" else step.what
    of = f"{step.lifecycle}: " if step.lifecycle else ""
    return f"{step.kind.removesuffix('s')} {of}{what} ({when})".replace(" : ", " ").strip()


# ── whether to stop


def parting(row: PublicationRow, verdicts: dict[str, int], items: dict[str, int]) -> str:
    """Why the publication should stop by itself; empty while all is as promised."""
    failed = verdicts.get(Verdict.FAILED, 0)
    failed = max(failed, items.get(ItemStatus.FAILED, 0) + items.get(ItemStatus.REFUSED, 0))
    if failed:
        return f"{failed:,} account{'s' if failed > 1 else ''} failed."
    parted = verdicts.get(Verdict.PARTED, 0)
    took = parted + sum(verdicts.get(one, 0) for one in GOOD)
    if parted and 100 * parted > row.tolerance * took:
        said = "lives" if parted == 1 else "live"
        return (
            f"{parted:,} of {took:,} accounts {said} otherwise than promised;"
            f" {row.tolerance:g} % were tolerated."
        )
    return ""


def wall_clock() -> datetime:
    """Now, for what is compared with accounts' own clocks."""
    return datetime.now(UTC)
