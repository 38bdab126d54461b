"""The forecast's second line, renewals and the backtest (N4), on both databases, over lives worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any

from lifecycle.contract import RecordRequest
from lifecycle.store.definitions import parts_of, publish
from lifecycle.store.engine import Store
from lifecycle.store.moment import AsOf, now_of
from lifecycle.store.record import record
from lifecycle.store.reports.periods import Step
from lifecycle.store.reports.scope import Scope
from lifecycle.store.reports.staying import lives
from lifecycle.telling.reports.asking import Asked
from lifecycle.telling.reports.kinds import KINDS
from lifecycle.telling.reports.report import data_of
from lifecycle.telling.viewer import Viewer
from tests.core.journey import START, Journey, day, flow, small

BOOK = small(
    flow("""
    stages:
      a:
        label: A
        move: [{name: along, when: training.completed, to: b}, {name: drop, when: notice.given, to: c}]
      b: {label: B, move: [{name: go, after: 20 days, to: c}]}
      c: {label: C, end: true}
    """)
)


async def kept(store: Store, journeys: list[Journey], now: float) -> Viewer:
    """Lives recorded as they went."""
    await publish(store, parts_of(BOOK, {}), "ann", START - timedelta(days=1))
    for journey in journeys:
        versions = dict(journey.state.versions)
        for entry in journey.at(now).entries:
            await record(
                store, RecordRequest(journey.state.account, [entry], versions=versions), entry.at
            )
    return Viewer(store, day(now), UTC)


def life(name: str, begins: float, stays: float | None = None, **fields: Any) -> Journey:
    """Enters `a` on a day, and leaves it for `b` so many days later."""
    journey = Journey(BOOK, name)
    journey.at(begins).create(**fields)
    journey.at(begins).set("flow", "a")
    if stays is not None:
        journey.at(begins + stays).event("training.completed")
    return journey


async def told(viewer: Viewer, name: str = "forecast", **own: Any) -> dict[str, Any]:
    return data_of(await KINDS[name].ask(viewer, replace(Asked(), **own)))


async def test_n4_stays_are_what_the_visits_say(store: Store) -> None:
    """N4, T10: those that ended, those that go on, those of going back and forth together; and None before."""
    back = life("back", 0, 5)
    back.at(8).set("flow", "a")
    back.at(10).event("training.completed")
    away = life("away", 0)
    away.at(3).fields(status="cancelled")
    await kept(store, [life("one", 0, 4), life("open", 6), back, away], 12)
    scope = Scope(await now_of(store, day(12)), ("flow",))
    mine = (await lives(store, scope))["flow"]
    # Back in `a` its days begin at 0 again (T15), and are 2; forward again in `b` they go on from 3 (R11).
    assert mine.stays.seen["a"].ended == {(4, "b"): 1, (2, "b"): 1}
    assert mine.stays.seen["a"].running == {6: 1, 12: 1}
    assert mine.stays.seen[None].ended == {(0, "a"): 4}
    assert mine.standing == {"a": {6: 1}, "b": {8: 1, 5: 1}}


async def test_n5_stays_as_of_a_day_are_what_was_known_then(store: Store) -> None:
    """N4, N5: an undo of later changes nothing of it."""
    journey = life("one", 0, 4)
    journey.at(9).undo()
    await kept(store, [journey], 12)
    then = (await lives(store, Scope(AsOf(day(6), day(6)), ("flow",))))["flow"]
    assert then.stays.seen["a"].ended == {(4, "b"): 1}
    assert then.standing == {"b": {2: 1}}
    now = (await lives(store, Scope(await now_of(store, day(12)), ("flow",))))["flow"]
    assert now.standing == {"a": {12: 1}}


async def test_n4_both_lines_of_a_book_with_one_way_to_stay(store: Store) -> None:
    """N4: all stay ten days in `a`, and twenty in `b` by a timer: one line knows both, the other the timer."""
    past = [life(f"past{one}", one % 40, 10) for one in range(60)]
    there = [life(f"there{one}", 75) for one in range(8)]
    viewer = await kept(store, [*past, *there], 80)
    found = await told(viewer, lifecycle="flow", days=30, by=Step.MONTH)
    rows = {(row["kind"], row["stage"], str(row["from"])): row for row in found["rows"]}
    to_b = rows["move", "b", "2026-03-26"]
    assert (to_b["number"], to_b["expected"], to_b["low"], to_b["high"]) == (0, 8, 8, 8)
    to_c = rows["move", "c", "2026-04-01"]
    # Who has two moves to make is less sure to have made the second.
    assert (to_c["number"], to_c["expected"], to_c["low"], to_c["high"]) == (0, 8, 5, 12)
    assert any("Expected: 16 moves in all" in note for note in found["notes"])


async def test_n4_renewals_by_date_with_their_arr(store: Store) -> None:
    """N4: accounts and ARR by renewal date; of nobody cancelled; per CSM too."""
    ann = life("ann", 0, csm="Ann", renewal_date="2026-02-10", arr=12_000)
    bob = life("bob", 0, csm="Bob", renewal_date="2026-02-11", arr=5_000)
    late = life("late", 0, csm="Bob", renewal_date="2026-01-06", arr=7_000)
    gone = life("gone", 0, csm="Bob", renewal_date="2026-02-11", arr=9_000, status="cancelled")
    viewer = await kept(store, [ann, bob, late, gone], 10)
    [row] = [row for row in (await told(viewer, by=Step.WEEK))["rows"] if row["kind"] == "renewal"]
    assert (row["number"], row["arr"], str(row["from"])) == (2, 1_700_000, "2026-02-09")
    by_csm = await told(viewer, by=Step.WEEK, by_csm=True)
    renewed = {(row["csm"], row["arr"]) for row in by_csm["rows"] if row["kind"] == "renewal"}
    assert renewed == {("Ann", 1_200_000), ("Bob", 500_000)}
    then = await told(viewer, by=Step.WEEK, as_of="2026-01-10")
    assert [row["arr"] for row in then["rows"] if row["kind"] == "renewal"] == [1_700_000]


def steady(number: int) -> list[Journey]:
    """Four new accounts every third day, which stay 5, 10, 15 or 20 days in `a`."""
    return [life(f"one{n}", n // 4 * 3, 5 + n % 4 * 5) for n in range(number)]


async def test_n4_a_backtest_of_a_steady_book(store: Store) -> None:
    """N4: from what was known then, held against what came; armed alone misses the moves that hang on events."""
    viewer = await kept(store, steady(200), 160)
    found = await told(viewer, "backtest")
    assert {(case["as_of"] - START).days for case in found["cases"]} == {10, 40, 70}
    later = [case for case in found["cases"] if case["as_of"] > day(60) and case["stage"] == "b"]
    for case in later:
        assert case["low"] <= case["came"] <= case["high"]
        assert abs(case["expected"] - case["came"]) <= 2
        assert case["armed"] == 0
    [thirty, *_] = found["rows"]
    assert thirty["off_by"] < thirty["armed_off_by"]
    assert found["notes"][0].startswith("Made anew of 3 days from 15 Jan 2026 to 16 Mar 2026")


async def test_n4_without_a_past_there_is_nothing_to_try(store: Store) -> None:
    viewer = await kept(store, [life("one", 0)], 30)
    report = await KINDS["backtest"].ask(viewer, Asked())
    assert (list(report.rows), report.notes) == ([], [])
    assert report.empty.startswith("No account is older than 90 days")
