"""Some accounts, each lived twice, under the live book and under the draft, and compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from lifecycle.core.changes import Note
from lifecycle.core.evolve import copy_state
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import Adopt, Deadline, SetLead
from lifecycle.core.model import Book
from lifecycle.core.parting import Compared, Side, compare, notes_of
from lifecycle.core.rehearsing import Recorded, Refold, in_force
from lifecycle.core.state import AccountState
from lifecycle.core.values import Value
from lifecycle.store.engine import Store

from .reading import Kept, kept
from .totals import Totals

_CLOCK = (Deadline, Adopt, SetLead)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is rehearsed: two books, up to `now` (the wall clock), from the beginning or since a date.

    `published_at` is when the newest part of the live book was published: what was recorded since, by an account
    that took no version over, is the fold of the live book already.
    """

    live: Book
    draft: Book
    now: datetime
    published_at: datetime
    since: datetime | None = None

    @property
    def versions(self) -> dict[str, int]:
        """Of the live lifecycles."""
        return {one.id: one.version for one in self.live.lifecycles.values()}


@dataclass(frozen=True, slots=True)
class Differing:
    """An account that differs, with what lists show of it."""

    compared: Compared
    name: str
    csm: str


@dataclass(slots=True)
class Slice:
    """What came of some accounts."""

    totals: Totals = field(default_factory=Totals)
    differing: list[Differing] = field(default_factory=list)


async def live_through(store: Store, plan: Plan, accounts: Sequence[str]) -> Slice:
    """Read these accounts and live them twice."""
    found = Slice()
    for one in await kept(store, accounts, plan.since):
        live_one(plan, one, found)
    return found


def live_one(plan: Plan, one: Kept, found: Slice) -> None:
    """One account, counted into `found`."""
    now = plan.now + timedelta(seconds=one.lead)
    items, totals, stored = list(one.recorded()), found.totals, one.state()
    record = stored if one.is_as(stored, plan.versions, plan.published_at) else None
    sides = _sides(plan, one, items, now, record, explains=False)
    compared = compare(one.account, *sides)
    if not compared.same:
        # Once more for the reasons: most accounts are the same, and nobody asks them for any.
        sides = _sides(plan, one, items, now, record and one.state(), explains=True)
        compared = compare(one.account, *sides)
    live = sides[0]
    if record is None:
        totals.folded_twice += 1
        totals.elsewhere += _stages(stored) != _stages(live.state)
    totals.inputs += sum(not isinstance(item.input, _CLOCK) for item in items)
    totals.compare(compared)
    for number, side in enumerate(sides):
        totals.count(side.trail.standing(), _people(side), number, now)
    if not compared.same:
        fields = live.state.fields
        found.differing.append(
            Differing(compared, _text(fields.get("name")), _text(fields.get("csm")))
        )


def _sides(
    plan: Plan,
    one: Kept,
    items: Iterable[Recorded],
    now: datetime,
    record: AccountState | None,
    explains: bool,
) -> tuple[Side, Side]:
    """Both lives. `record` is where the record ends if it is of the live book alone: then it is the live life."""
    draft = _refold(plan.draft, one.began, items, now, explains)
    if record is None:
        return _refold(plan.live, one.began, items, now, explains), draft
    fold, trail = Fold(plan.live, record, explains), one.trail()
    more = fold.catch_up(now)
    trail.take(more)

    def notes_at(at: datetime) -> list[Note]:
        return one.notes_at(at) + notes_of(more, at)

    return Side(fold.book, fold.state, trail, notes_at), draft


def _refold(
    book: Book, began: AccountState, items: Iterable[Recorded], now: datetime, explains: bool
) -> Side:
    refold = Refold(book, in_force(book, copy_state(began)), explains)
    for item in items:
        refold.take(item)
    refold.run_to(now)
    return Side(refold.fold.book, refold.fold.state, refold.trail, partial(notes_of, refold.told))


def _stages(state: AccountState) -> dict[str, str]:
    return {name: track.stage for name, track in state.tracks.items() if track.stage}


def _people(side: Side) -> dict[str, str]:
    """The name behind each role, by the fields of the account."""
    fields = side.state.fields
    return {
        role.id: _text(fields.get(role.name or ""))
        or _text(fields.get(role.email or ""))
        or role.otherwise
        or role.id
        for role in side.book.account.roles.values()
    }


def _text(value: Value) -> str:
    return "" if value is None else str(value)
