"""Random lives of a few accounts, recorded step by step at their own times, and a plain recount of what they did."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby

from hypothesis import strategies as st
from sqlalchemy import delete
from sqlmodel import SQLModel

from lifecycle.contract import RecordRequest
from lifecycle.core import changes as c
from lifecycle.core.evolve import apply, evolve
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import CreateAccount, EndHistory, Event, Input, SetFields, SetStage, Undo
from lifecycle.core.state import AccountState
from lifecycle.core.values import Value
from lifecycle.store.engine import Store
from lifecycle.store.record import record
from tests.core.journey import flow, small

START = datetime(2026, 1, 5, 10, tzinfo=UTC)
END = datetime(2026, 6, 30, 21, 30, tzinfo=UTC)
BOOK = small(
    flow("""
    stages:
      one:
        label: One
        expected: 3 days
        move:
          - {name: waited, after: 20 days, to: two}
      two: {label: Two, expected: 5 days}
      three: {label: Three, move: [{name: live, when: product.went_live, to: done}]}
      done: {label: Done, end: true}
      lost: {label: Lost, end: true, churn: true}
    """),
    flow(
        """
    stages:
      begun: {label: Begun, move: [{name: along, when: product.went_live, to: over}]}
      over: {label: Over, end: true}
    """,
        id="side",
    ),
)
STAGES = [(one.id, stage.id) for one in BOOK.lifecycles.values() for stage in one.stages]

Step = tuple[float, str, Value]
"""So many days later, this happens, with this value."""

GAPS = st.sampled_from([0.0, 0.01, 0.5, 1.0, 2.0, 3.0, 9.25, 30.0])
HAPPENINGS = st.one_of(
    st.sampled_from([*STAGES, *STAGES, ("flow", None), ("side", None)]).map(
        lambda pair: ("set", f"{pair[0]}.{pair[1] or ''}")
    ),
    st.just(("undo", None)),
    st.tuples(st.just("arr"), st.sampled_from([None, 0, 12_000, 75_000])),
    st.tuples(st.just("status"), st.sampled_from(["active", "cancelled"])),
    st.just(("live", None)),
)
STEPS: st.SearchStrategy[list[Step]] = st.lists(
    st.tuples(GAPS, HAPPENINGS).map(lambda pair: (pair[0], *pair[1])), max_size=14
)
"""What happens to an account."""
PASTS: st.SearchStrategy[list[Step]] = st.lists(
    st.tuples(GAPS, st.sampled_from(STAGES)).map(
        lambda pair: (pair[0], "past", f"{pair[1][0]}.{pair[1][1]}")
    ),
    max_size=4,
)
"""What an import tells of the time before."""


@dataclass
class Lived:
    """An account with its journal; `recorded` are the instants its entries were recorded, by revision."""

    account: str
    fold: Fold
    entries: list[c.Entry] = field(default_factory=list)
    recorded: dict[int, datetime] = field(default_factory=dict)

    def take(self, item: Input, now: datetime) -> None:
        """Deadlines are recorded when they fall due, all else at once; the past when it is imported."""
        self.pass_time(now)
        made = self.fold.take(item)
        for entry in made:
            self.recorded[entry.revision] = now if entry.historic else entry.at
        self.entries += made

    def pass_time(self, now: datetime) -> None:
        """Deadlines fall due, and are recorded, one by one."""
        made = self.fold.catch_up(now)
        self.recorded |= {entry.revision: entry.at for entry in made}
        self.entries += made

    def at(self, instant: datetime) -> AccountState:
        """The account as it was, folded by the core."""
        state = AccountState(self.account)
        for entry in self.entries:
            if entry.at <= instant:
                apply(state, entry)
        return state


def live(account: str, past: list[Step], steps: list[Step]) -> Lived:
    """A life: first what was imported, then what happened, up to END."""
    lived = Lived(account, Fold(BOOK, AccountState(account)))
    began = START - timedelta(days=sum(gap for gap, *_ in past) + 1)
    lived.take(CreateAccount(began, {"name": account.title()}, historic=bool(past)), START)
    at = began
    for number, (gap, _, value) in enumerate(past):
        at += timedelta(days=gap)
        lifecycle, _, stage = str(value).partition(".")
        told: dict[str, Value] = {"lifecycle": lifecycle, "stage": stage}
        lived.take(Event(f"past-{number}", "crm", "stage.set", at, START, told, True), START)
    if past:
        lived.take(EndHistory(START, START), START)
    now = START
    for number, (gap, what, value) in enumerate(steps):
        now += timedelta(days=gap)
        if now < END:
            lived.take(_input(number, now, what, value), now)
    lived.pass_time(END)
    return lived


def _input(number: int, now: datetime, what: str, value: Value) -> Input:
    if what == "set":
        lifecycle, _, stage = str(value).partition(".")
        return SetStage(now, "ann", "as agreed", lifecycle, stage or None, id=f"{number}")
    if what == "undo":
        return Undo(now, "ann", "a slip", id=f"{number}")
    if what == "live":
        return Event(f"live-{number}", "crm", "product.went_live", now, now)
    return SetFields(now, "ann", {what: value}, id=f"{number}")


async def keep(store: Store, lives: list[Lived]) -> None:
    """Put the lives into an emptied database."""
    async with store.writing() as connection:
        for table in reversed(SQLModel.metadata.sorted_tables):
            await connection.execute(delete(table))
    for lived in lives:
        await write(store, lived)


async def write(store: Store, lived: Lived, after: int = 0) -> None:
    """Record what came after an entry, batch by batch, at the instants it was recorded."""
    fresh = lived.entries[after:]
    for at, batch in groupby(fresh, lambda entry: lived.recorded[entry.revision]):
        await record(store, RecordRequest(lived.account, list(batch)), at)


# ── the plain recount


@dataclass
class Told:
    """A move that was not taken back, and whether the account became late in the stay it began."""

    revision: int
    change: c.StageEntered
    historic: bool
    late: bool = False


def told(lived: Lived, at: datetime, known: datetime) -> list[Told]:
    """The moves up to `at` that stand, by what was known at `known`, in order."""
    kept: list[Told] = []
    for entry in lived.entries:
        if entry.at > known:
            break
        for change in entry.changes:
            if isinstance(change, c.StageEntered):
                kept.append(Told(entry.revision, change, change.historic or entry.historic))
            elif isinstance(change, c.BecameLate) and entry.at <= at:
                of = [one for one in kept if one.change.lifecycle == change.lifecycle]
                of[-1].late = True
            elif isinstance(change, c.Undone):
                gone, since = change.unit.tracks, change.unit.revision
                kept = [
                    one for one in kept if one.change.lifecycle not in gone or one.revision < since
                ]
    return [one for one in kept if one.change.at <= at]


@dataclass
class Stay:
    """Time in a stage in one cycle."""

    lifecycle: str
    cycle: int
    stage: str
    seconds: float
    left: datetime
    late: bool


def stays(moves: list[Told]) -> list[Stay]:
    """Stays that are over: counted by the core as the moves are applied one by one."""
    state, found = AccountState("recount"), dict[tuple[str, int, str], Stay]()
    last: dict[str, Told] = {}
    for move in moves:
        change = move.change
        track = state.tracks.get(change.lifecycle)
        if track is not None and track.stage is not None and track.entered_at is not None:
            key = (change.lifecycle, track.cycle, track.stage)
            spent = (change.at - track.entered_at).total_seconds()
            seconds = track.seconds.get(track.stage, 0.0) + spent
            if not change.from_end and change.kind != "reactivation":
                found[key] = Stay(*key, seconds, change.at, last[change.lifecycle].late)
        evolve(state, change)
        last[change.lifecycle] = move
        found.pop((change.lifecycle, change.cycle, change.entered or ""), None)
    return list(found.values())
