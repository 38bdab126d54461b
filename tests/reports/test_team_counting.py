"""Late, stuck, moves by hand, scores, forecast and mail are what a plain recount of the lives gives (G13, G15, N5)."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lifecycle.core import changes as c
from lifecycle.core.fold import Fold, forecast
from lifecycle.core.inputs import CreateAccount, SetLead, SetStage
from lifecycle.core.state import AccountState
from lifecycle.store.ahead import MOST
from lifecycle.store.engine import Store
from lifecycle.store.folded import states_at
from lifecycle.store.moment import AsOf, Moment, Now
from lifecycle.store.reports.forecast import Coming, Outlook, Wanted, outlook
from lifecycle.store.reports.mails import Mails, Outcome, mails
from lifecycle.store.reports.manual import ByHand, Verb, by_hand
from lifecycle.store.reports.overdue import Kind, Overdue, how_many, overdue
from lifecycle.store.reports.periods import Period, Step
from lifecycle.store.reports.scope import Scope
from lifecycle.store.reports.score_history import score_history
from lifecycle.store.reports.scores import Bands, InBand, bands, bands_over_time
from tests.reports.lives import BOOK as IMPORTED
from tests.reports.lives import END, PASTS, START, STEPS, Lived, Told, keep, live, told
from tests.reports.team_lives import BOOK, CARD, keep_team
from tests.reports.team_lives import books as team_books

EXAMPLES = 12
FLOW = tuple(BOOK.lifecycles)
instants = st.floats(0, 1).map(lambda part: START + part * (END - START))
moments = st.one_of(st.just(Now(END)), instants.map(lambda at: AsOf(at, at)))
imports = st.lists(st.tuples(PASTS, STEPS), min_size=1, max_size=3).map(
    lambda drawn: [live(f"account-{number}", *one) for number, one in enumerate(drawn)]
)
"""Lives that were imported, and undone in all ways, under another book."""
later_knowledge = st.tuples(instants, instants).map(lambda two: AsOf(min(two), max(two)))
ALL = Period(START.date(), END.date())


async def proved(
    store: Store,
    check: Callable[..., Coroutine[Any, Any, None]],
    drawn: st.SearchStrategy[Any] = moments,
    imported: bool = False,
) -> None:
    """The check holds for random books, each put into the database."""
    loop = asyncio.get_running_loop()
    keep_them, books = (keep, imports) if imported else (keep_team, team_books)

    async def one(lives: list[Lived], more: Any) -> None:
        await keep_them(store, lives)
        await check(store, lives, more)

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(books, drawn)
    def all_of_them(lives: list[Lived], more: Any) -> None:
        asyncio.run_coroutine_threadsafe(one(lives, more), loop).result(60)

    await asyncio.to_thread(all_of_them)


def instant(moment: Moment) -> datetime:
    return moment.now if isinstance(moment, Now) else moment.at


def states(lives: list[Lived], moment: Moment) -> list[AccountState]:
    return [lived.at(instant(moment)) for lived in lives]


# ── late and stuck


async def test_g15_late_and_stuck_are_those_of_the_states(store: Store) -> None:
    """G15, R19, T28, N5: in stages whose time is over, cancelled accounts left out; now and as of any day."""

    async def check(store: Store, lives: list[Lived], moment: Moment) -> None:
        kind: Kind
        for kind in ("late", "stuck"):
            found = await overdue(store, kind, Scope(moment, FLOW))
            told = [_told(one) for one in found]
            assert sorted(told, key=str) == sorted(_overdue(lives, moment, kind), key=str)
            assert [one.since for one in found] == sorted(one.since for one in found)
            assert await overdue(store, kind, Scope(moment, FLOW), 1) == found[:1]
            assert await how_many(store, kind, Scope(moment, FLOW)) == (len(found), len(found))

    await proved(store, check)


def _told(one: Overdue) -> tuple[object, ...]:
    return one.account, one.stage, one.entered_at, one.counting_since, one.csm, one.arr, one.since


def _overdue(lives: list[Lived], moment: Moment, kind: str) -> Any:
    for lived, state in zip(lives, states(lives, moment), strict=True):
        track = state.tracks["flow"]
        if track.stage is not None and getattr(track, kind) and not state.is_cancelled:
            fields = state.fields.get("csm"), state.fields.get("arr")
            since = _became(lived, track.visit, kind)
            yield state.account, track.stage, track.entered_at, track.counting_since, *fields, since


def _became(lived: Lived, visit: int, kind: str) -> datetime:
    """When the stay became late (or stuck): told within it, so after it began and before the next one."""
    wanted = c.BecameLate if kind == "late" else c.BecameStuck
    present, found = 0, {}
    for entry in lived.entries:
        for change in entry.changes:
            if isinstance(change, c.StageEntered):
                present = change.visit
            elif isinstance(change, c.Undone):
                present = change.unit.tracks["flow"].visit if change.unit.tracks else present
            elif isinstance(change, wanted):
                found[present] = entry.at
    return found[visit]


async def test_n5_r21_late_by_what_was_known_then_or_later(store: Store) -> None:
    """N5, R21: imports, undone moves and all; told from the standing moves of a plain recount."""

    async def check(store: Store, lives: list[Lived], moment: AsOf) -> None:
        found = await overdue(store, "late", Scope(moment, tuple(IMPORTED.lifecycles)))
        expected = [
            (lived.account, one.change.lifecycle, one.change.entered, one.change.at)
            for lived in lives
            if _status(lived, moment) != "cancelled"
            for one in _last_moves(told(lived, moment.at, moment.known))
            if one.late and one.change.entered is not None
        ]
        mine = [(one.account, one.lifecycle, one.stage, one.entered_at) for one in found]
        assert sorted(mine) == sorted(expected)

    await proved(store, check, later_knowledge, imported=True)


def _last_moves(moves: list[Told]) -> list[Told]:
    return list({one.change.lifecycle: one for one in moves}.values())


def _status(lived: Lived, moment: AsOf) -> object:
    """The last value that stands: what an undo took back is gone, but for fields it kept."""
    rows: list[tuple[int, datetime, object]] = []
    for entry in (one for one in lived.entries if one.at <= moment.known):
        for change in entry.changes:
            if isinstance(change, c.FieldSet) and change.name == "status":
                rows.append((entry.revision, entry.at, change.value))
            elif isinstance(change, c.Undone) and "status" in (
                change.unit.fields.keys() - change.kept
            ):
                rows = [one for one in rows if one[0] < change.unit.revision]
    return next((value for _, at, value in reversed(rows) if at <= moment.at), None)


async def test_n5_states_of_the_past_are_those_of_the_core(store: Store) -> None:
    """N5: folded from the journal; with later knowledge what was undone since is taken back."""

    async def check(store: Store, lives: list[Lived], at: datetime) -> None:
        accounts = [lived.account for lived in lives]
        then = await states_at(store, accounts, AsOf(at, at))
        today = await states_at(store, accounts, AsOf(at, END))
        for lived in lives:
            assert then[lived.account] == lived.at(at)
            found = today[lived.account]
            late = {lifecycle: track.late for lifecycle, track in found.tracks.items()}
            rows = await overdue(store, "late", Scope(AsOf(at, END), FLOW))
            mine = [row.stage for row in rows if row.account == lived.account]
            expected = late.get("flow") and not found.is_cancelled
            stage = found.tracks["flow"].stage
            assert mine == ([stage] if expected and stage else [])

    await proved(store, check, instants)


# ── by hand


async def test_g15_moves_by_hand_and_undos_are_those_of_the_journal(store: Store) -> None:
    """G15, R13, N5: every one with person, from, to and reason; what is undone later counts from then on."""

    async def check(store: Store, lives: list[Lived], moment: Moment) -> None:
        found = await by_hand(store, ALL, Scope(moment, FLOW))
        expected = [one for lived in lives for one in _by_hand(lived, instant(moment))]
        assert Counter(found) == Counter(expected)
        assert [one.at for one in found] == sorted(one.at for one in found)

    await proved(store, check)


def _by_hand(lived: Lived, at: datetime) -> list[ByHand]:
    """A plain recount, entry by entry; `standing` are the moves not taken back, with their revision."""
    standing: list[tuple[int, c.StageEntered]] = []
    moves: dict[int, ByHand] = {}
    undos: list[ByHand] = []
    about = (lived.account, lived.account.title(), "flow")
    for entry in (one for one in lived.entries if one.at <= at):
        for change in entry.changes:
            if isinstance(change, c.StageEntered) and change.left != change.entered:
                standing.append((entry.revision, change))
                if change.kind == "person":
                    where = (change.left, change.entered, "as agreed")
                    moves[entry.revision] = ByHand(entry.at, "ann", Verb.MOVE, *about, *where)
            elif isinstance(change, c.Undone):
                gone = [one for one in standing if one[0] >= change.unit.revision]
                if not gone or "flow" not in change.unit.tracks:
                    continue
                where = (gone[-1][1].entered, gone[0][1].left, "a slip")
                undos.append(ByHand(entry.at, "bo", Verb.UNDO, *about, *where))
                standing = [one for one in standing if one not in gone]
                taken = {revision for revision, _ in gone} & moves.keys()
                moves |= {one: replace(moves[one], undone=True) for one in taken}
    return [*moves.values(), *undos]


# ── scores


async def test_t16_bands_are_those_of_the_states(store: Store) -> None:
    """T16, N5: accounts, ARR and scores per band, now and as of any day."""

    async def check(store: Store, lives: list[Lived], moment: Moment) -> None:
        found = await bands(store, CARD, Scope(moment, FLOW))
        assert found == _bands(states(lives, moment))

    await proved(store, check)


def _bands(states: list[AccountState]) -> Bands:
    found: Bands = {}
    for state in states:
        band, score = state.fields.get("health"), state.fields.get("health_score")
        assert isinstance(band, str | None)
        at = found.setdefault(band, InBand())
        arr = state.fields.get("arr")
        at.accounts += 1
        at.arr += arr if isinstance(arr, int) else 0
        if isinstance(score, int):
            at.scores, at.points = at.scores + 1, at.points + score
    return found


async def test_t16_bands_over_time_are_those_of_each_days_end(store: Store) -> None:
    """T16, G10, N5: summed from changes in one pass, equal to counting the states of every day.

    All days are told from one knowledge, that of the moment: what was undone since is not there.
    """

    async def check(store: Store, lives: list[Lived], drawn: tuple[Moment, Step]) -> None:
        moment, step = drawn
        period = Period(START.date(), instant(moment).date())
        found = await bands_over_time(store, CARD, Scope(moment, FLOW), period, step)
        assert [one.day for one in found] == [one.last for one in period.steps(step)]
        for one in found:
            then = AsOf(min(_end(one.day), instant(moment)), instant(moment))
            found_then = await states_at(store, [lived.account for lived in lives], then)
            assert _figures(one.bands) == _figures(_bands(list(found_then.values())))

    await proved(store, check, st.tuples(moments, st.sampled_from(Step)))


async def test_g10_bands_over_time_end_where_a_clock_that_leads_is(store: Store) -> None:
    """T16: an account whose clock was moved ahead is counted at its own present, as in the scorecard."""
    lived = Lived("ahead", Fold(BOOK, AccountState("ahead")))
    for item in (
        CreateAccount(START, {"active_users": 12, "arr": 12_000}),
        SetStage(START, "ann", "as agreed", "flow", "one"),
        SetLead(START, 12 * 86_400),
    ):
        lived.take(item, START)
    lived.pass_time(START + timedelta(days=12))
    lived.recorded |= {entry.revision: START for entry in lived.entries}
    await keep_team(store, [lived], START + timedelta(days=12))
    scope, today = Scope(Now(START, (0, 12 * 86_400)), FLOW), START.date()
    now = await bands(store, CARD, scope)
    assert [band for band, found in now.items() if found.accounts] == ["yellow"]
    for first in (today - timedelta(days=2), today):
        over_time = await bands_over_time(store, CARD, scope, Period(first, today), Step.DAY)
        assert _figures(over_time[-1].bands) == _figures(now)


def _end(day: date) -> datetime:
    return datetime.combine(day, time.max, UTC)


def _figures(bands: Bands) -> dict[str | None, tuple[int, int]]:
    return {band: (one.accounts, one.arr) for band, one in bands.items() if one.accounts}


async def test_n3_a_score_has_its_history(store: Store) -> None:
    """T16: what the fields became and when; of what was undone nothing remains."""

    async def check(store: Store, lives: list[Lived], moment: Moment) -> None:
        for lived, state in zip(lives, states(lives, moment), strict=True):
            found = await score_history(store, CARD, lived.account, moment, 1_000)
            assert [one.revision for one in found] == sorted(
                (one.revision for one in found), reverse=True
            )
            latest = (found[0].score, found[0].band) if found else (None, None)
            assert latest == (state.fields.get("health_score"), state.fields.get("health"))

    await proved(store, check)


# ── forecast


async def test_n4_a_forecast_of_the_past_is_what_the_forecast_said_then(store: Store) -> None:
    """N4, N5, G13: what was kept then, and what is foretold from the journal later, are the same."""

    async def check(store: Store, lives: list[Lived], drawn: tuple[datetime, int, bool]) -> None:
        at, days, by_csm = drawn
        then = await outlook(store, Wanted(Scope(AsOf(at, at), ()), days, by_csm))
        await keep_team(store, lives, at)
        said = await outlook(store, Wanted(Scope(Now(at), ()), days, by_csm))
        assert then == said
        assert then.accounts == len(lives)

    await proved(store, check, st.tuples(instants, st.sampled_from([7, 90, 300]), st.booleans()))


async def test_g13_a_forecast_counts_what_the_core_foretells(store: Store) -> None:
    """N4, G13: moves by stage, late, stuck and CTAs due of every account, and those of whom nothing is foretold."""

    async def check(store: Store, lives: list[Lived], days: int) -> None:
        found = await outlook(store, Wanted(Scope(Now(END), ()), days))
        expected = Outlook()
        for lived in lives:
            _foretell(expected, lived, END + timedelta(days=days))
        assert _by_kind(found) == _by_kind(expected)
        assert found.quiet == expected.quiet

    await proved(store, check, st.sampled_from([7, 90]))


def _foretell(found: Outlook, lived: Lived, until: datetime) -> None:
    entries = forecast(BOOK, lived.fold.state, until, MOST)
    kinds = [kind for entry in entries for change in entry.changes if (kind := _kind(change))]
    for kind in kinds:
        found.comes[Coming(END.date(), kind, "", None, None, "", "", None)] += 1
    found.quiet += not kinds


def _kind(change: c.Change) -> str:
    if isinstance(change, c.StageEntered):
        return "move" if change.left != change.entered else ""
    kinds = {
        c.BecameLate: "late",
        c.BecameStuck: "stuck",
        c.CtaBecameOverdue: "cta",
        c.MailDue: "mail",
    }
    return kinds.get(type(change), "")


def _by_kind(found: Outlook) -> Counter[str]:
    counted: Counter[str] = Counter()
    for what, number in found.comes.items():
        counted[what.kind] += number
    return counted


# ── mail


async def test_r22_mails_are_those_that_fell_due(store: Store) -> None:
    """R22, N5: nobody delivers here, so all wait but those that were undone in time."""

    async def check(store: Store, lives: list[Lived], moment: Moment) -> None:
        found = await mails(store, ALL, Scope(moment, ()))
        expected: Counter[Outcome] = Counter()
        for lived in lives:
            expected.update(_mails(lived, instant(moment)))
        assert found == [
            Mails("welcome", outcome, "", expected[outcome])
            for outcome in Outcome
            if expected[outcome]
        ]

    await proved(store, check)


def _mails(lived: Lived, at: datetime) -> list[Outcome]:
    found: dict[str, Outcome] = {}
    for entry in (one for one in lived.entries if one.at <= at):
        for change in entry.changes:
            if isinstance(change, c.MailDue):
                found[change.id] = Outcome.WAITING
            elif isinstance(change, c.Undone):
                found |= dict.fromkeys(found.keys() & change.unit.effects, Outcome.CANCELLED)
    return list(found.values())
