"""SQL as of an instant means what Python means of the state that was known then, on both databases (N5)."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from lifecycle.contract import RecordRequest
from lifecycle.core import changes as c
from lifecycle.core import conditions as cond
from lifecycle.core.durations import Duration
from lifecycle.core.evolve import apply, evolve
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import CreateAccount, EndHistory, Event, Hold, Input, SnoozeCta
from lifecycle.core.state import AccountState
from lifecycle.store.engine import Store
from lifecycle.store.moment import AsOf
from lifecycle.store.record import record
from lifecycle.store.tables import AccountRow, table_of
from lifecycle.store.where import where
from tests.core.test_properties import BOOK, STAGES, STEPS, Step, placed

NUMBERS = count()
ACCOUNT = table_of(AccountRow)
LATER = timedelta(days=300)


@dataclass
class Known:
    """An entry and when the database learned of it."""

    entry: c.Entry
    at: datetime

    def counts(self, moment: AsOf) -> bool:
        """The import door tells the past; all else counts once it is recorded (R21)."""
        return self.entry.at <= moment.at and (self.entry.historic or self.at <= moment.known)


@dataclass
class Life:
    """An account with its past, imported and lived."""

    account: str
    known: list[Known]

    @property
    def state(self) -> AccountState:
        """Today's."""
        return folded(self.account, [one.entry for one in self.known])


def lived(past: list[Step], steps: list[Step]) -> Life:
    """First the past is imported, if there is one, long after it happened; then it goes on live."""
    fold = Fold(BOOK, AccountState(f"account-{next(NUMBERS)}"))
    known: list[Known] = []
    began = [
        (at, replace(item, historic=True)) for at, item in placed(past) if isinstance(item, Event)
    ]
    imported = began[-1][0] + timedelta(days=90) if began else None
    for _, event in began:
        assert imported is not None
        known += [Known(entry, imported) for entry in fold.take(event)]
    if imported is not None:
        known += [Known(entry, imported) for entry in fold.take(EndHistory(imported, imported))]
    shift = imported - placed([])[0][0] if imported else timedelta()
    for now, item in placed(steps):
        if isinstance(item, CreateAccount) and imported:
            continue
        at = now + shift
        moved = _shifted(item, at, shift)
        known += [Known(entry, at) for entry in [*fold.take(moved), *fold.catch_up(at)]]
    return Life(fold.state.account, known)


def _shifted(item: Input, at: datetime, shift: timedelta) -> Input:
    if isinstance(item, Event):
        return replace(item, time=item.time + shift, received=at)
    if isinstance(item, Hold | SnoozeCta):
        until = item.until + shift if item.until else None
        return replace(item, at=at, until=until)  # type: ignore[arg-type]
    return replace(item, at=at)


def folded(account: str, entries: list[c.Entry]) -> AccountState:
    state = AccountState(account)
    for entry in entries:
        apply(state, entry)
    return state


def state_at(life: Life, moment: AsOf) -> AccountState | None:
    """The state of the entries that count, less what was known by then to be undone (R13).

    None where those that count are no beginning of the journal: no such state ever was.
    """
    counted = [one.entry for one in life.known if one.counts(moment)]
    if counted != [one.entry for one in life.known[: len(counted)]]:
        return None
    state = folded(life.account, counted)
    last = counted[-1].revision if counted else 0
    for one in life.known[len(counted) :]:
        for change in one.entry.changes if one.at <= moment.known else ():
            if isinstance(change, c.Undone) and change.unit.revision <= last:
                evolve(state, change)
    return state


async def recorded(store: Store, life: Life) -> None:
    """Each input when it came, in a batch of its own."""
    for at in sorted({one.at for one in life.known}):
        entries = [one.entry for one in life.known if one.at == at]
        for first in range(0, len(entries), 50):
            await record(store, RecordRequest(life.account, entries[first : first + 50]), at)


# ── what is asked


DAY = placed([])[0][0].date()
FIELDS: dict[str, list[Any]] = {
    "type": ["Customer", "Prospect", "Churn"],
    "status": ["active", "cancelled"],
    "csm": ["Ann", "Bob"],
    "arr": [1, 5_000, 100_000],
    "active_users": [0, 7, 15],
    "health": ["red", "green"],
}
lifecycles = st.sampled_from([*BOOK.lifecycles, "unknown"])
stages = st.sampled_from([cond.NONE, *(stage for _, stage in STAGES)])
some_stages = st.lists(stages, max_size=6).map(tuple)
spans = st.sampled_from([0, 1, 8, 30, 100]).map(Duration)
windows = st.one_of(
    st.sampled_from([1, 10, 60]).map(cond.Last),
    st.sampled_from([(-400, 400), (0, 0), (-30, 0)]).map(
        lambda days: cond.Between(DAY + timedelta(days=days[0]), DAY + timedelta(days=days[1]))
    ),
)
in_stage = st.builds(cond.InStage, lifecycles, some_stages, st.booleans(), st.none() | spans)


@st.composite
def of_fields(draw: st.DrawFn) -> cond.Condition:
    name = draw(st.sampled_from(sorted(FIELDS)))
    left, value = cond.Field(name), cond.Const(draw(st.sampled_from([*FIELDS[name], None])))
    ordered = [cond.Op.LT, cond.Op.GE] if name in ("arr", "active_users") else [cond.Op.CONTAINS]
    op = draw(st.sampled_from([cond.Op.IS, cond.Op.IS_NOT, *ordered]))
    choices: list[cond.Condition] = [
        cond.Compare(left, op, value),
        cond.Compare(value, op, left),
        cond.Compare(left, op, cond.Field(draw(st.sampled_from([name, "type", "arr"])))),
        cond.OneOf(left, tuple(FIELDS[name]), draw(st.booleans())),
        cond.Exists(left, draw(st.booleans())),
        cond.Within(cond.Field("renewal_date"), draw(st.sampled_from([0, 60, 400])), True),
    ]
    return draw(st.sampled_from(choices))


leaves: st.SearchStrategy[cond.Condition] = st.one_of(
    of_fields(),
    of_fields(),
    in_stage,
    in_stage.map(lambda leaf: replace(leaf, more_than=None, less_than=leaf.more_than)),
    st.builds(cond.Changed, lifecycles, windows, st.none() | stages, st.none() | stages),
    st.builds(cond.Completed, lifecycles, st.none() | windows),
    st.builds(cond.HasOpenCta, st.sampled_from([None, "task", "risk", "none such"])),
    st.builds(cond.InSegment, st.sampled_from([*BOOK.segments, "none such"])),
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda of: cond.All(tuple(of))),
        st.lists(inner, max_size=3).map(lambda of: cond.AnyOf(tuple(of))),
        inner.map(cond.Not),
    ),
    max_leaves=4,
)


def moments(life: Life, shares: list[float], later: bool) -> Iterator[AsOf]:
    """Instants at which something was recorded, and between; as known then, or some time later."""
    whole = sorted({one.at for one in life.known} | {one.entry.at for one in life.known})
    for share in shares:
        at = whole[int(share * (len(whole) - 1))]
        for shift in (timedelta(), timedelta(seconds=1), timedelta(hours=-1)):
            yield AsOf(at + shift, at + shift + (LATER if later else timedelta()))


async def answers(store: Store, life: Life, moment: AsOf, asked: list[cond.Condition]) -> list[Any]:
    columns: list[Any] = [
        where(one, moment, BOOK.segments).label(f"asked_{i}") for i, one in enumerate(asked)
    ]
    async with store.engine.connect() as connection:
        query = select(*columns).where(ACCOUNT.c.id == life.account)
        return list((await connection.execute(query)).one())


async def check(store: Store, life: Life, moment: AsOf, asked: list[cond.Condition]) -> None:
    state = state_at(life, moment)
    if state is None:
        return
    facts = cond.Facts(state, moment.at, segments=BOOK.segments)
    found = await answers(store, life, moment, asked)
    for condition, answer in zip(asked, found, strict=True):
        meant = state.created_at is not None and condition.holds(facts)
        assert answer is meant, (moment, condition)


async def test_sql_of_the_past_means_what_python_means(store: Store) -> None:
    """N5, R5, R13, R17, R21, R25, T17 to T22: undone, late, imported, cleared and come back."""
    loop = asyncio.get_running_loop()

    @settings(
        max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(
        st.just([]) | STEPS,
        STEPS,
        st.lists(st.floats(0, 1), min_size=2, max_size=4),
        st.booleans(),
        st.lists(trees, min_size=20, max_size=30),
    )
    def agree(
        past: list[Step],
        steps: list[Step],
        shares: list[float],
        later: bool,
        asked: list[cond.Condition],
    ) -> None:
        life = lived(past, steps)

        async def compare() -> None:
            await recorded(store, life)
            for moment in moments(life, shares, later):
                await check(store, life, moment, asked)

        asyncio.run_coroutine_threadsafe(compare(), loop).result(120)

    await asyncio.to_thread(agree)
