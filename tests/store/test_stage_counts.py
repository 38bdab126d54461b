"""Counts for the pages of lifecycles, and what a publication would set off, on both databases (R15, R18, R24)."""

from dataclasses import replace
from datetime import timedelta

from lifecycle.contract import RecordRequest
from lifecycle.core.durations import Duration, Unit
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import Event, Hold, Input, SetFields
from lifecycle.core.model import After
from lifecycle.core.state import AccountState
from lifecycle.store.definitions import parts_of, publish
from lifecycle.store.engine import Store
from lifecycle.store.record import record
from lifecycle.store.stage_counts import held_lines, stage_counts
from lifecycle.telling.adopting import at_once
from tests.store.test_ahead import BOOK, T0, WON

DAY = timedelta(days=1)


async def put(store: Store, account: str, *items: Input) -> None:
    """An account to which this happened, and all that fell due since."""
    fold = Fold(BOOK, AccountState(account))
    entries = fold.take_all(items)
    entries += fold.catch_up(entries[-1].at)
    state = fold.state
    await record(store, RecordRequest(account, entries, 0, None, state.versions, state.pending), T0)


async def test_accounts_in_each_stage_and_in_none(store: Store) -> None:
    await publish(store, parts_of(BOOK, {}), "ops", T0)
    await put(store, "acme", WON)
    await put(store, "beta", WON)
    await put(store, "lead", Event("x", "crm", "user.logged_in", T0, T0))
    counts, total = await stage_counts(store)
    assert total == sum(counts["customer_journey"].values())
    assert counts["customer_journey"] == {"onboarding": 2, None: total - 2}


async def test_lines_that_wait_for_the_end_of_a_hold(store: Store) -> None:
    """R18: by automation, in accounts on hold only."""
    live = Event("live", "product", "product.went_live", T0 + DAY, T0 + DAY)
    hold = Hold(at=T0 + 2 * DAY, actor="ann", reason="wait", until=T0 + 60 * DAY)
    near = SetFields(T0 + 3 * DAY, "ann", {"renewal_date": (T0 + 20 * DAY).date()})
    await put(store, "held", WON, live, hold, near)
    await put(store, "free", WON)
    assert await held_lines(store) == ({"customer_journey.renewal_near_launched": 1}, False)
    assert await held_lines(store, 0) == ({}, True)


async def test_what_a_publication_would_set_off(store: Store) -> None:
    """R24: a stage's time that is shortened moves who is past it, on a copy."""
    await publish(store, parts_of(BOOK, {}), "ops", T0)
    await put(store, "acme", WON)
    await put(store, "beta", WON)
    journey = BOOK.lifecycles["customer_journey"]
    lines = tuple(
        replace(line, trigger=After(Duration(1, Unit.DAYS)))
        if line.name == "two_weeks_passed"
        else line
        for line in journey.automations
    )
    newer = replace(journey, version=2, automations=lines)
    proposed = replace(BOOK, lifecycles={**BOOK.lifecycles, journey.id: newer})
    now = T0 + 3 * DAY
    found = await at_once(store, proposed, {journey.id: "at once"}, journey.id, now)
    assert (found.total, found.looked_at, found.accounts) == (2, 2, 2)
    assert found.moves == {"Customer journey, Onboarding → Launched": 2}
    never = await at_once(store, proposed, {journey.id: "never"}, journey.id, now)
    assert not list(never.lines())
    assert (await stage_counts(store))[0][journey.id]["onboarding"] == 2
