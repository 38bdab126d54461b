"""N9: lives whose definitions change under way, that were imported, whose clock leads, that are older, or erased."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from lifecycle.core.deciding.adoption import POLICIES
from lifecycle.core.durations import Duration
from lifecycle.core.inputs import Adopt, EndHistory, Event, GoBack, SetLead
from lifecycle.core.model import RULES, After, Automation, Book
from lifecycle.store.engine import Store
from lifecycle.store.journal import chain_of, digest_of
from lifecycle.store.tables import AccountRow, JournalRow, table_of
from lifecycle.verifying.difference import Kind
from tests.core.journey import START, day
from tests.core.test_properties import BOOK, STEPS, Step, placed
from tests.core.test_shadows import TWINS
from tests.verifying.lived import Lived, busy, publish_book, verified

NUMBERS = count()
ACCOUNT = table_of(AccountRow)
JOURNAL = table_of(JournalRow)
GONE = "(erased)"


def later_version(book: Book, days: int = 45) -> Book:
    """The customer journey again, one version on: time moves an account on later."""

    def line(one: Automation) -> Automation:
        timed = one.name == "two_weeks_passed"
        return replace(one, trigger=After(Duration(days))) if timed else one

    journey = book.lifecycles["customer_journey"]
    lines = tuple(line(one) for one in journey.automations)
    new = replace(journey, version=journey.version + 1, automations=lines)
    return replace(book, lifecycles={**book.lifecycles, journey.id: new})


LATER = later_version(BOOK)


async def test_n9_versions_taken_over_and_brought_back_verify(store: Store) -> None:
    """R24: by every policy, at any point of any life."""
    await publish_book(store)
    await publish_book(store, LATER, day(20))
    loop = asyncio.get_running_loop()
    journey = BOOK.lifecycles["customer_journey"]

    async def lives(before: list[Step], after: list[Step], policy: str, back: bool) -> None:
        life = Lived(store, f"account-{next(NUMBERS)}")
        await life.live(placed(before), [2, 5])
        now = max(life.state.clock or START, day(20)) + timedelta(hours=1)
        policies = {journey.id: policy}
        life.take(Adopt(now, "ops", "b2", policies), now, LATER)
        steps = [(at + (now - START), item) for at, item in placed(after)[1:]]
        await life.live([(at, replace(item, **_moved(item, now))) for at, item in steps], [3])
        if back:
            end = (life.state.clock or now) + timedelta(hours=1)
            left = {journey.id: journey.version + 1}
            life.take(GoBack(end, "ops", "b1", left=left), end, BOOK)
            await life.record()
        assert (await verified(store, life.state.account)).differences == []

    @settings(
        max_examples=30,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(STEPS, STEPS, st.sampled_from(POLICIES), st.booleans())
    def lived(before: list[Step], after: list[Step], policy: str, back: bool) -> None:
        work = lives(before, after, policy, back)
        asyncio.run_coroutine_threadsafe(work, loop).result()

    await asyncio.to_thread(lived)


def _moved(item: Any, by: Any) -> dict[str, Any]:
    """The same input so much later."""
    names = ("at", "time", "received", "until")
    found = {name: getattr(item, name, None) for name in names}
    return {name: at + (by - START) for name, at in found.items() if at is not None}


async def test_n9_an_imported_past_and_a_clock_that_leads_verify(store: Store) -> None:
    """R21; the fold shifts what comes from outside by the lead."""
    await publish_book(store)
    life = Lived(store)
    for number, kind in enumerate(("opportunity.closed_won", "training.completed")):
        at = day(-300 + 10 * number)
        life.take(Event(f"e{number}", "crm", kind, at, at, historic=True), at)
        await life.record()
    life.take(EndHistory(day(0), day(0)), day(0))
    await life.record()
    life.take(SetLead(day(1), 86_400), day(2))
    await life.record()
    event = Event("late", "crm", "usage.reported", day(1.5), day(2.6), {"active_users": 3})
    life.take(event, day(2.6))
    await life.record()
    assert (await verified(store)).differences == []


async def test_n9_what_no_published_definition_decides_is_found(store: Store) -> None:
    """Whichever of the published books explains an entry ran; this one was published nowhere."""
    await publish_book(store)
    await publish_book(store, LATER, day(4))
    forged = later_version(BOOK, 60).lifecycles["customer_journey"]
    same = replace(forged, version=1)
    life = Lived(store, book=replace(BOOK, lifecycles={**BOOK.lifecycles, same.id: same}))
    life.won()
    life.at(70)
    await life.record()
    found = (await verified(store)).differences
    first = found[0]
    assert (first.kind, first.table, first.column) == (Kind.DECISION, "journal", "input")
    assert first.recomputed.startswith('{"is": "Deadline", "at": ')
    assert "two_weeks_passed" in first.recomputed


@pytest.mark.parametrize("rules", [RULES, RULES - 1])
async def test_n9_entries_of_older_rules_are_only_folded(store: Store, rules: int) -> None:
    await publish_book(store, TWINS)
    await busy(store)
    await written_anew(store, lambda row: row | {"rules": rules, "notes": []})
    found = (await verified(store)).differences
    assert {one.kind for one in found} == (set() if rules < RULES else {Kind.DECISION})


async def test_n12_erased_entries_keep_the_chain_and_are_folded(store: Store) -> None:
    await publish_book(store, TWINS)
    await busy(store)
    async with store.writing() as connection:
        erased = (JOURNAL.c.revision == 2) & (JOURNAL.c.account == "acme")
        row = (await connection.execute(select(JOURNAL.c.notes).where(erased))).one()
        noted = [*row.notes, {"code": "x", "text": GONE}]
        await connection.execute(update(JOURNAL).where(erased).values(salt="", notes=noted))
    assert (await verified(store)).differences == []
    async with store.writing() as connection:
        await connection.execute(update(JOURNAL).where(erased).values(digest="0" * 64))
    [found] = (await verified(store)).differences
    assert (found.revision, found.column) == (2, "chain")


async def written_anew(store: Store, change: Any) -> None:
    """Every entry changed, and the whole chain counted anew."""
    chain = ""
    async with store.writing() as connection:
        rows = (await connection.execute(select(JOURNAL).order_by(JOURNAL.c.revision))).mappings()
        for found in [dict(one) for one in rows]:
            row = change(found)
            row["digest"] = digest_of(row["salt"], row)
            chain = chain_of(chain, row["digest"], row["revision"], row["at"], row["recorded_at"])
            row["chain"] = chain
            mine = JOURNAL.c.revision == row["revision"]
            await connection.execute(update(JOURNAL).where(mine).values(**row))
        await connection.execute(update(ACCOUNT).values(chain=chain))
