"""What lies ahead of all accounts: who reaches which stage on which day, what falls due (N4, G13).

Now it is read from `ahead`, where every batch leaves what it foretells. As of a day it is foretold anew: from the
states of that day, folded from the journal, with the definitions of that day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import String, Subquery, cast, func, null, or_, select

from lifecycle.core.model import Book
from lifecycle.core.state import AccountState

from ..ahead import foretold
from ..definitions import book_for
from ..engine import Store
from ..folded import states_at
from ..moment import AsOf, Now
from ..standing import exists_at
from ..tables import AccountRow, AheadRow, table_of
from .fields import with_fields
from .instants import present, utc_day
from .scope import Scope

ACCOUNT: Final = table_of(AccountRow)
AHEAD: Final = table_of(AheadRow)
MORE: Final = "more"
CANCELLED: Final = "cancelled"
AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Coming:
    """Something that happens to accounts on a day (UTC, of their own clock).

    `kind` is `move`, `late`, `stuck`, `cta` or `mail`; `what` the CTA's title or the mail's template.
    """

    day: date
    kind: str
    lifecycle: str
    from_stage: str | None
    stage: str | None
    what: str
    owner: str
    csm: str | None


@dataclass(slots=True)
class Outlook:
    """How often what comes; of how many accounts nothing does, and of how many it was not foretold to the end."""

    comes: Counter[Coming] = field(default_factory=Counter)
    accounts: int = 0
    quiet: int = 0
    cut: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """So many days from the moment on, by CSM or not. Of certain lifecycles only where the scope names some."""

    scope: Scope
    days: int
    by_csm: bool = False

    def until(self, at: datetime) -> datetime:
        """Where the days end that begin at an instant."""
        return at + timedelta(days=self.days)

    def is_meant(self, lifecycle: str) -> bool:
        """Whether a lifecycle was asked about."""
        return not self.scope.lifecycles or lifecycle in self.scope.lifecycles


async def outlook(
    store: Store, wanted: Wanted, tell: Callable[[int], None] = lambda _: None
) -> Outlook:
    """The next days after a moment. `tell` hears of accounts that were foretold anew, as of a day."""
    moment = wanted.scope.moment
    if isinstance(moment, AsOf):
        return await _anew(store, wanted, moment, tell)
    return await _kept(store, wanted, moment)


@dataclass(frozen=True, slots=True)
class Renewals:
    """Contracts that are renewed on a day: of how many accounts, and their ARR in whole cents."""

    day: date
    csm: str | None
    accounts: int
    arr: int


async def renewals(store: Store, wanted: Wanted, today: date) -> list[Renewals]:
    """By renewal date, today included; not of cancelled accounts."""
    moment = wanted.scope.moment
    names = ("renewal_date", "arr", "status", "csm")
    tables, fields = with_fields(ACCOUNT, moment, names)
    day = fields["renewal_date"].element
    of = [day, fields["csm"].element] if wanted.by_csm else [day]
    awake = func.coalesce(fields["status"].element, "") != CANCELLED
    query = (
        select(*of, func.count(), func.sum(fields["arr"].element))
        .select_from(tables)
        .where(exists_at(moment), awake, *wanted.scope.chosen)
        .where(day >= today, day <= today + timedelta(days=wanted.days))
        .group_by(*of)
        .order_by(*of)
    )
    async with store.connected() as connection:
        rows = await connection.execute(query)
        return [
            Renewals(row[0], row[1] if wanted.by_csm else None, row[-2], int(row[-1] or 0))
            for row in rows
        ]


async def how_many(store: Store, scope: Scope) -> int:
    """The accounts the question is about."""
    query = select(func.count()).select_from(ACCOUNT)
    async with store.engine.connect() as connection:
        found = await connection.execute(query.where(exists_at(scope.moment), *scope.chosen))
        return int(found.scalar_one())


# ── now


async def _kept(store: Store, wanted: Wanted, moment: Now) -> Outlook:
    found = Outlook(accounts=await how_many(store, wanted.scope))
    rows = _rows(wanted, moment)
    names = ("day", "kind", "lifecycle", "from_stage", "stage", "what", "owner", "csm")
    of = [rows.c[name] for name in names]
    several = select(*of, func.count().label("number")).group_by(*of)
    touched = select(func.count(func.distinct(rows.c.account))).where(rows.c.kind != MORE)
    today = moment.now.astimezone(UTC).date()
    async with store.engine.connect() as connection:
        for day, *what, number in await connection.execute(several):
            _count(found, Coming(max(day, today), *what), number)
        found.quiet = found.accounts - int((await connection.execute(touched)).scalar_one())
    return found


def _count(found: Outlook, coming: Coming, number: int) -> None:
    if coming.kind == MORE:
        found.cut += number
    else:
        found.comes[coming] += number


def _rows(wanted: Wanted, moment: Now) -> Subquery:
    """The rows of `ahead` that fall into the days, each by its account's own clock."""
    until = present(Now(wanted.until(moment.now), moment.leads))
    mine = [AHEAD.c.at <= until, *wanted.scope.chosen]
    if wanted.scope.lifecycles:
        mine.append(or_(*wanted.scope.of_lifecycles(AHEAD), AHEAD.c.kind == MORE))
    names = ("account", "kind", "lifecycle", "from_stage", "stage", "what", "owner")
    csm = ACCOUNT.c.csm if wanted.by_csm else cast(null(), String)
    return (
        select(*(AHEAD.c[name] for name in names), utc_day(AHEAD.c.at).label("day"))
        .add_columns(csm.label("csm"))
        .select_from(AHEAD.join(ACCOUNT, ACCOUNT.c.id == AHEAD.c.account))
        .where(*mine)
        .subquery()
    )


# ── as of a day


async def _anew(store: Store, wanted: Wanted, moment: AsOf, tell: Callable[[int], None]) -> Outlook:
    found = Outlook()
    async for accounts in _pages(store, wanted.scope):
        states = await states_at(store, accounts, moment)
        for state in states.values():
            book, _ = await book_for(store, state.versions, state.pending, moment.known)
            _foretell(found, wanted, book, state, wanted.until(moment.at))
        found.accounts += len(accounts)
        tell(len(accounts))
    return found


async def _pages(store: Store, scope: Scope) -> AsyncIterator[list[str]]:
    """The ids of the accounts, some at a time."""
    query = select(ACCOUNT.c.id).where(exists_at(scope.moment), *scope.chosen)
    after = ""
    while True:
        page = query.where(ACCOUNT.c.id > after).order_by(ACCOUNT.c.id).limit(AT_ONCE)
        async with store.engine.connect() as connection:
            accounts = list((await connection.execute(page)).scalars())
        if accounts:
            yield accounts
        if len(accounts) < AT_ONCE:
            return
        after = accounts[-1]


def _foretell(
    found: Outlook, wanted: Wanted, book: Book, state: AccountState, until: datetime
) -> None:
    """One account, by the same core that left its rows in `ahead` then. The state is of no use afterwards."""
    csm = state.fields.get("csm") if wanted.by_csm else None
    rows = [] if state.importing_since is not None else foretold(book, state)
    mine = [row for row in rows if row["at"] <= until]
    coming = [_coming(row, csm if isinstance(csm, str) else None) for row in mine]
    meant = [one for one in coming if one.kind == MORE or wanted.is_meant(one.lifecycle)]
    for one in meant:
        _count(found, one, 1)
    found.quiet += all(one.kind == MORE for one in meant)


def _coming(row: dict[str, Any], csm: str | None) -> Coming:
    """A row of `ahead`; what it leaves out is empty."""
    return Coming(
        row["at"].astimezone(UTC).date(),
        row["kind"],
        row.get("lifecycle", ""),
        row.get("from_stage"),
        row.get("stage"),
        row.get("what", ""),
        row.get("owner", ""),
        csm,
    )
