"""Every number of every report is what a plain recount of the lives gives, now and as of any day (G10, N5)."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lifecycle.core.clock import days_in, days_in_stage, days_of_cycle, days_overall, whole_days
from lifecycle.core.state import AccountState
from lifecycle.store.engine import Store
from lifecycle.store.moment import AsOf, Moment, Now
from lifecycle.store.reports.days import days
from lifecycle.store.reports.distribution import over_time
from lifecycle.store.reports.durations import time_in_stage
from lifecycle.store.reports.funnel import funnel, velocity
from lifecycle.store.reports.periods import Period, Step
from lifecycle.store.reports.scope import Scope
from lifecycle.store.reports.spread import Spread
from lifecycle.store.reports.standings import everybody, standings
from lifecycle.store.reports.transitions import Mover, transitions
from tests.reports.lives import BOOK, END, PASTS, START, STEPS, Lived, Told, keep, live, stays, told

EXAMPLES = 25
LIFECYCLES = tuple(BOOK.lifecycles)
ENDS = {stage.id for one in BOOK.lifecycles.values() for stage in one.stages if stage.end}
books = st.lists(st.tuples(PASTS, STEPS), min_size=1, max_size=3).map(
    lambda drawn: [live(f"account-{number}", *one) for number, one in enumerate(drawn)]
)
moments = st.one_of(
    st.just(Now(END)),
    st.floats(0, 1).map(lambda part: START + part * (END - START)).map(lambda at: AsOf(at, at)),
)
"""Now, or a day as it was known then."""
late_knowledge = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(
    lambda parts: AsOf(START + min(parts) * (END - START), START + max(parts) * (END - START))
)
"""A day as it was known then or later."""
periods = (
    st.tuples(st.integers(-40, 180), st.integers(0, 120))
    .map(lambda pair: Period(_day(pair[0]), min(_day(pair[0] + pair[1]), END.date())))
    .filter(lambda period: period.first <= period.last)
)


def _day(number: int) -> date:
    return START.date() + timedelta(days=number)


def instants(moment: Moment) -> tuple[datetime, datetime]:
    """The instant asked of, and up to when all is known."""
    return (moment.now, moment.now) if isinstance(moment, Now) else (moment.at, moment.known)


async def proved(
    store: Store,
    check: Callable[..., Coroutine[Any, Any, None]],
    *drawn: st.SearchStrategy[Any],
) -> None:
    """The check holds for random books, each put into the database."""
    loop = asyncio.get_running_loop()

    async def one(lives: list[Lived], *more: Any) -> None:
        await keep(store, lives)
        await check(lives, *more)

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(books, st.tuples(*drawn))
    def all_of_them(lives: list[Lived], more: tuple[Any, ...]) -> None:
        asyncio.run_coroutine_threadsafe(one(lives, *more), loop).result(60)

    await asyncio.to_thread(all_of_them)


def moves_of(lives: list[Lived], moment: Moment) -> list[list[Told]]:
    return [told(lived, *instants(moment)) for lived in lives]


def counted(numbers: list[int]) -> Spread:
    spread = Spread()
    for number in numbers:
        spread.add(number, 1)
    return spread


async def test_g10_distribution_is_what_the_states_say(store: Store) -> None:
    """G10, T11, T22, T28, R10: accounts, ARR, late and days by stage; those in none."""

    async def check(lives: list[Lived], moment: Moment) -> None:
        at, _ = instants(moment)
        states = [state for lived in lives if (state := lived.at(at)).created_at is not None]
        meant: dict[tuple[str, str], list[AccountState]] = defaultdict(list)
        for state in states:
            for track in state.tracks.values():
                if track.stage is not None:
                    meant[track.lifecycle, track.stage].append(state)
        found = await standings(store, Scope(moment, LIFECYCLES))
        assert found.keys() == meant.keys()
        for (lifecycle, stage), mine in meant.items():
            one = found[lifecycle, stage]
            assert one.accounts == len(mine)
            assert one.arr == sum(map(_arr, mine))
            tracks = [(state, state.tracks[lifecycle]) for state in mine]
            assert one.late == sum(track.late for _, track in tracks)
            passed = [whole_days(days_in_stage(state, track, at)) for state, track in tracks]
            assert one.days == counted([number for number in passed if number is not None])
        arr = sum(map(_arr, states))
        assert await everybody(store, Scope(moment, LIFECYCLES)) == (len(states), arr)

    await proved(store, check, moments)


def _arr(state: AccountState) -> int:
    found = state.fields.get("arr")
    return found if isinstance(found, int) else 0


async def test_g10_over_time_is_where_they_stood_at_each_end(store: Store) -> None:
    """G10, N5: summed from moves, and what was undone by what is known."""

    async def check(lives: list[Lived], moment: Moment, period: Period, step: Step) -> None:
        at, known = instants(moment)
        period = Period(period.first, min(period.last, at.date()))
        if period.first > period.last:
            return
        points = await over_time(store, Scope(moment, LIFECYCLES), period, step)
        assert [point.step.last for point in points] == [one.last for one in period.steps(step)]
        for point in points:
            end = min(point.step.ends - timedelta(microseconds=1), at)
            standing = Counter[tuple[str, str | None]]()
            for lived in lives:
                last = {one.change.lifecycle: one.change.entered for one in told(lived, end, known)}
                standing.update((of, stage) for of, stage in last.items() if stage is not None)
            assert {key: number for key, number in point.stages.items() if number} == standing
            born = [lived for lived in lives if lived.at(end).created_at is not None]
            assert point.accounts == len(born)

    await proved(store, check, st.just(Now(END)) | late_knowledge, periods, st.sampled_from(Step))


async def test_g10_transitions_are_the_moves_that_stand(store: Store) -> None:
    """G10, R13, R21: from, to, how many, by what."""

    async def check(lives: list[Lived], moment: Moment, period: Period) -> None:
        moves, accounts = Counter[Any](), defaultdict(set)
        for lived, mine in zip(lives, moves_of(lives, moment), strict=True):
            for one in mine:
                change = one.change
                if change.left == change.entered or not period.begins <= change.at < period.ends:
                    continue
                by = Mover(change.kind)
                key = (change.lifecycle, change.left, change.entered, by, change.automation)
                moves[key] += 1
                accounts[key].add(lived.account)
        rows = await transitions(store, Scope(moment, LIFECYCLES), period)
        found = {
            (row.lifecycle, row.left, row.entered, row.by, row.automation): (
                row.moves,
                row.accounts,
            )
            for row in rows
        }
        assert found == {key: (number, len(accounts[key])) for key, number in moves.items()}

    await proved(store, check, st.just(Now(END)) | late_knowledge, periods)


async def test_t10_time_in_stage_is_what_the_core_counted(store: Store) -> None:
    """T10, T13, T14, T15, T21, R11, R25: one stay a stage and cycle; late ones among them."""

    async def check(lives: list[Lived], moment: Moment, period: Period | None) -> None:
        over: dict[tuple[str, str], list[int]] = defaultdict(list)
        late = Counter[tuple[str, str]]()
        for moves in moves_of(lives, moment):
            for stay in stays(moves):
                if period is None or period.begins <= stay.left < period.ends:
                    over[stay.lifecycle, stay.stage].append(int(stay.seconds // 86_400))
                    late[stay.lifecycle, stay.stage] += stay.late
        found = await time_in_stage(store, Scope(moment, LIFECYCLES), period)
        assert {key: one.over for key, one in found.items() if one.over.number} == {
            key: counted(numbers) for key, numbers in over.items()
        }
        assert {key: one.late for key, one in found.items() if one.over.number} == late

    await proved(store, check, st.just(Now(END)) | late_knowledge, st.none() | periods)


async def test_g10_the_funnel_is_how_far_each_cycle_came(store: Store) -> None:
    """G10, T21, R6: first entries of each stage in the cycles that came to the first one."""

    async def check(lives: list[Lived], moment: Moment, period: Period, start: str) -> None:
        reached: dict[str, list[int]] = defaultdict(list)
        for moves in moves_of(lives, moment):
            mine = [one.change for one in moves if one.change.lifecycle == "flow"]
            for cycle in {change.cycle for change in mine}:
                inside = [change for change in mine if change.cycle == cycle]
                began = [
                    change.at
                    for change in inside
                    if change.entered == start
                    and change.left != start
                    and period.begins <= change.at < period.ends
                ]
                seen = set[str]()
                for change in inside if began else ():
                    if change.entered and change.entered not in seen and change.at >= began[0]:
                        seen.add(change.entered)
                        reached[change.entered].append((change.at - began[0]).days)
        found = await funnel(store, Scope(moment, ("flow",)), start, period)
        assert found == {stage: counted(numbers) for stage, numbers in reached.items()}

    await proved(
        store, check, st.just(Now(END)) | late_knowledge, periods, st.sampled_from(["one", "two"])
    )


async def test_g10_velocity_is_what_began_and_ended(store: Store) -> None:
    """G10, R9: cycles by the step they began in and by the step they ended in."""

    async def check(lives: list[Lived], moment: Moment, period: Period, step: Step) -> None:
        steps = list(period.steps(step))
        began, ended = Counter[Any](), defaultdict[Any, list[int]](list)
        for cycle in (one for moves in moves_of(lives, moment) for one in _cycles(moves)):
            lifecycle, first, end = cycle
            began.update((lifecycle, one) for one in steps if one.begins <= first < one.ends)
            for one in steps:
                if end is not None and one.begins <= end < one.ends:
                    ended[lifecycle, one].append((end - first).days)
        found = await velocity(store, Scope(moment, LIFECYCLES), period, step)
        for lifecycle in LIFECYCLES:
            assert [one.step for one in found[lifecycle]] == steps
            for through in found[lifecycle]:
                assert through.began == began[lifecycle, through.step]
                assert through.ended == counted(ended[lifecycle, through.step])

    await proved(store, check, st.just(Now(END)) | late_knowledge, periods, st.sampled_from(Step))


def _cycles(moves: list[Told]) -> list[tuple[str, datetime, datetime | None]]:
    """Each cycle with its first entry and its first end stage."""
    found: dict[tuple[str, int], tuple[str, datetime, datetime | None]] = {}
    for change in (one.change for one in moves if one.change.entered):
        key = (change.lifecycle, change.cycle)
        lifecycle, first, end = found.get(key, (change.lifecycle, change.at, None))
        found[key] = (lifecycle, first, end or (change.at if change.to_end else None))
    return list(found.values())


async def test_t11_days_in_are_what_the_core_says(store: Store) -> None:
    """T10–T15, T21, T28, R9, R13, R25: of every account, in every lifecycle and stage, cycle by cycle."""

    async def check(lives: list[Lived], moment: Moment) -> None:
        at, _ = instants(moment)
        meant: dict[tuple[str, str, int], tuple[Any, ...]] = {}
        for lived in lives:
            meant |= _said_by_core(lived.at(at), at)
        found = {}
        async for page in days(store, Scope(moment, LIFECYCLES)):
            for one in page:
                whole = None if one.overall is None else one.overall.days
                stages = {stage: one.days(stage) for stage in _counting(one.lifecycle)}
                key = (one.account, one.lifecycle, one.cycle)
                found[key] = (one.started_at, one.ended_at, one.end_stage, whole, stages)
        assert found == meant

    await proved(store, check, moments)


def _counting(lifecycle: str) -> list[str]:
    return [stage.id for stage in BOOK.lifecycles[lifecycle].stages if not stage.end]


def _said_by_core(state: AccountState, at: datetime) -> dict[tuple[str, str, int], tuple[Any, ...]]:
    found: dict[tuple[str, str, int], tuple[Any, ...]] = {}
    for track in state.tracks.values():
        counting = _counting(track.lifecycle)
        for cycle in track.cycles:
            stages = {stage: whole_days(days_of_cycle(cycle, stage)) for stage in counting}
            whole = whole_days(days_of_cycle(cycle))
            key = (state.account, track.lifecycle, cycle.number)
            found[key] = (cycle.started_at, cycle.ended_at, cycle.end_stage, whole, stages)
        if track.stage is not None and track.ended_at is None:
            stages = {stage: whole_days(days_in(state, track, stage, at)) for stage in counting}
            whole = whole_days(days_overall(state, track, at))
            key = (state.account, track.lifecycle, track.cycle)
            found[key] = (track.cycle_started_at, None, None, whole, stages)
    return found


def test_quartiles_are_those_of_the_sorted_days() -> None:
    """T11: interpolated like percentile_cont; grouping loses nothing."""

    @given(st.lists(st.integers(0, 400), min_size=1, max_size=40))
    def agree(numbers: list[int]) -> None:
        spread, ordered = counted(numbers), sorted(numbers)
        assert spread.number == len(numbers)
        assert spread.median == median(numbers)
        for part in (0.25, 0.75):
            place = part * (len(ordered) - 1)
            below = ordered[int(place)]
            above = ordered[min(int(place) + 1, len(ordered) - 1)]
            assert spread.quantile(part) == below + (above - below) * (place - int(place))

    agree()
    assert Spread().median is None
