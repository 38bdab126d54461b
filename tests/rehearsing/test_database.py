"""Rehearsals over the database: known answers on both systems, nothing sent or moved, kept and found again (N2)."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import true

from lifecycle.contract import RecordRequest
from lifecycle.core.codec import from_data
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import Adopt, SetStage, Undo
from lifecycle.core.model import Book
from lifecycle.core.parting import Case, Compared
from lifecycle.core.refusal import Refusal
from lifecycle.core.state import AccountState
from lifecycle.core.trail import Sort
from lifecycle.rehearsing import living, running
from lifecycle.rehearsing.drafts import draft_at, usable
from lifecycle.rehearsing.keeping import Rehearsal, begun
from lifecycle.rehearsing.proposing import digest_of, parts_apart, proposal, with_parts
from lifecycle.rehearsing.totals import Sums, Totals
from lifecycle.settings import Settings
from lifecycle.store import rehearsals
from lifecycle.store.definitions import current_book, parts_of, publish
from lifecycle.store.engine import Store
from lifecycle.store.record import record
from lifecycle.store.rehearsal_tables import RehearsalStatus
from lifecycle.telling import rehearsal as r
from lifecycle.telling.rehearsal_asked import Wish, ordered
from lifecycle.telling.viewer import Viewer
from tests.rehearsing.lives import APART, JOURNEY, SAME, Life, fill, longer, rows

SHIPPED = Path(__file__).parents[2] / "definitions"
DAY = timedelta(days=1)
EVERYTHING = Wish()


async def rehearsed(
    store: Store, draft: Book, now: datetime, wish: Wish = EVERYTHING
) -> tuple[Totals, dict[str, Compared]]:
    """The totals, and how each account differs that does."""
    order = await ordered(Viewer(store, now, UTC), draft, wish, "ida", "test")
    rehearsal = await begun(store, order, lambda: now)
    totals = await rehearsal.run()
    page = await rehearsals.accounts(store, rehearsal.id, limit=500)
    return totals, {row.account: from_data(Compared, row.compared) for row in page.rows}


async def test_a_longer_timer_has_the_known_answer(store: Store, book: Book, now: datetime) -> None:
    """N2: 14 → 45 days. Four would still be in Onboarding, one came a month later, two are the same."""
    await fill(store, book, now)
    before = await rows(store)
    totals, found = await rehearsed(store, longer(book), now)
    assert await rows(store) == before, "a rehearsal sends and moves nothing"
    assert (totals.accounts, totals.same, totals.folded_twice) == (7, 2, 0)
    assert sorted(found) == sorted(APART)
    assert totals.ways == Counter({(JOURNEY, "launched", "onboarding"): 4})
    assert totals.differing == Counter({"dates": 5, "cta": 5, "stage": 4})
    assert (totals.dates, totals.dates_alone, totals.furthest) == (5, 4, 31 * 86_400.0)
    timed = found["timed-1"].parting
    assert timed is not None
    assert (timed.at, timed.case) == (now - 6 * DAY, Case.NOT_YET)
    assert timed.other_at == now + 25 * DAY
    held, old = found["held"].parting, found["old"].parting
    assert held is not None and old is not None  # noqa: PT018
    assert (held.case, held.held_until) == (Case.HELD, now + 10 * DAY)
    assert (old.case, old.other_at) == (Case.LATER, now - 15 * DAY)


async def test_ctas_are_counted_for_each_csm_and_week(
    store: Store, book: Book, now: datetime
) -> None:
    """N2: four check-ins of launches in the week before are Ann's no more; Cy has one more, of a stuck account."""
    await fill(store, book, now)
    totals, found = await rehearsed(store, longer(book), now)
    week = date(2031, 5, 26)
    live, draft = totals.load["Ann Lee", week]
    assert draft == live - 4
    apart = Counter[str]()
    for (owner, monday), pair in totals.load.items():
        apart[owner] += pair[1] - pair[0]
        assert monday.weekday() == 0
    assert apart == Counter({"Ann Lee": -4, "Cy Ode": 1})
    counted = {name: one.counts[Sort.CTA] for name, one in found.items()}
    assert {name: pair[1] - pair[0] for name, pair in counted.items()} == {
        **dict.fromkeys(("timed-1", "timed-2", "timed-3", "held"), -1),
        "old": 1,
    }


async def test_a_draft_like_the_live_book_differs_nowhere(
    store: Store, book: Book, now: datetime
) -> None:
    """N2: whether the record stands for the live life or is folded anew."""
    await fill(store, book, now)
    later = now + DAY
    accounts = [*SAME, *APART]
    for published_at in (now - DAY, later):
        plan = living.Plan(book, book, now, published_at)
        found = await living.live_through(store, plan, accounts)
        assert not found.differing
        assert found.totals.same == len(accounts)
        assert found.totals.folded_twice == (len(accounts) if published_at == later else 0)
        assert found.totals.elsewhere == 0


async def test_the_record_and_the_fold_of_it_give_the_same_answer(
    store: Store, book: Book, now: datetime
) -> None:
    """N2: folding once is only faster."""
    await fill(store, book, now)
    accounts = [*SAME, *APART]
    plan = living.Plan(book, longer(book), now, now - DAY)
    once = await living.live_through(store, plan, accounts)
    twice = await living.live_through(store, replace(plan, published_at=now + DAY), accounts)
    assert once.totals.folded_twice == 0
    assert twice.totals.folded_twice == len(accounts)
    assert [one.compared for one in once.differing] == [one.compared for one in twice.differing]
    twice.totals.folded_twice = 0
    assert once.totals == twice.totals


async def test_who_ran_an_older_version_is_said_to_stand_elsewhere(
    store: Store, book: Book, now: datetime
) -> None:
    """R24: published at 45 days, never taken over: what is live alone would have launched nobody at 20 days."""
    await fill(store, book, now)
    await publish(store, parts_of(longer(book), {}), "ida", now + DAY / 24)
    live, _ = await current_book(store)
    again = longer(live, 14)
    totals, found = await rehearsed(store, again, now + DAY / 12)
    assert totals.folded_twice == 7
    assert totals.elsewhere == 4
    assert found["timed-1"].stages == {JOURNEY: ("onboarding", "launched")}


async def test_since_a_day_everybody_begins_where_they_stood(
    store: Store, book: Book, now: datetime
) -> None:
    """N2: since three days ago time has moved nobody, so that the longer timer changes nobody's stage."""
    for life in (Life("early", now).won(16), Life("late", now).won(20)):
        fold = Fold(book, AccountState(life.account))
        for item in life.inputs:
            at = getattr(item, "at", None) or item.time  # type: ignore[union-attr]
            entries = fold.take(item)
            await record(store, RecordRequest(life.account, entries, 0, None), at)
        for days in (10, 5, 1.5, 0):
            at = now - days * DAY
            if entries := fold.catch_up(at):
                await record(store, RecordRequest(life.account, entries, 0, None), at)
    live = Viewer(store, now, UTC)
    whole, found = await rehearsed(store, longer(book), now)
    assert set(found) == {"early", "late"}
    since = (now - 3 * DAY).isoformat()
    totals, found = await rehearsed(store, longer(book), now, Wish(since=since))
    assert set(found) == {"early"}
    assert totals.inputs < whole.inputs
    assert found["early"].stages == {JOURNEY: ("launched", "onboarding")}
    with pytest.raises(Refusal, match="yet to come"):
        await ordered(live, longer(book), Wish(since=(now + DAY).isoformat()), "ida", "test")


async def test_only_a_segment_or_those_sentences_hold_of(
    store: Store, book: Book, now: datetime
) -> None:
    """N2: `--where`, and a segment there is not."""
    await fill(store, book, now)
    totals, found = await rehearsed(store, longer(book), now, Wish(where=["csm is Cy Ode"]))
    assert (totals.accounts, set(found)) == (1, {"old"})
    with pytest.raises(Refusal, match="no segment"):
        await rehearsed(store, longer(book), now, Wish(segment="nobody"))


async def test_undone_moves_and_versions_taken_over_in_the_record(
    store: Store, book: Book, now: datetime
) -> None:
    """R13, R24: the record holds an undo by revision, and a publication that is no input of the rehearsal."""
    life = Life("undone", now).won(12)
    life.take(SetStage(life.ago(8), "ann", "they asked", JOURNEY, "adopting"))
    life.take(Undo(life.ago(7), "ann", "a slip"))
    await life.record(store, book)
    other = Life("adopted", now).won(12)
    fold = Fold(book, AccountState("adopted"))
    entries = fold.take_all(other.inputs)
    draft = longer(book)
    entries += fold.take(Adopt(now - DAY, "ida", "b2", {JOURNEY: "at once"}), draft)
    await record(store, RecordRequest("adopted", entries, 0, None), now)
    totals, found = await rehearsed(store, draft, now)
    assert not found
    assert totals.folded_twice == 1


async def test_over_processes_the_answer_is_the_same(
    store: Store, book: Book, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """N2: over all cores."""
    await fill(store, book, now)
    proposed = await proposal(store, longer(book))
    plan = living.Plan(book, proposed.draft, now, proposed.published_at)
    here, there = Totals(), Totals()
    async for found in running.rehearsed(store, plan, true(), 7):
        here.add(found.totals)
    monkeypatch.setattr(running, "FEW", 0)
    monkeypatch.setattr(running, "AT_ONCE", 2)
    monkeypatch.setattr(running, "cores", lambda: 2)
    async for found in running.rehearsed(store, plan, true(), 7):
        there.add(found.totals)
    assert here == there


# ── kept


async def ordered_rehearsal(store: Store, draft: Book, now: datetime) -> Rehearsal:
    order = await ordered(Viewer(store, now, UTC), draft, Wish(), "ida", "test")
    return await begun(store, order, lambda: now)


async def test_a_rehearsal_is_found_by_what_the_draft_says(
    store: Store, book: Book, now: datetime
) -> None:
    """N2: by its digest, whatever its version number; the oldest go, the accounts with them."""
    await fill(store, book, now)
    draft = longer(book)
    first = await ordered_rehearsal(store, draft, now)
    await first.run()
    journey = draft.lifecycles[JOURNEY]
    renumbered = {**draft.lifecycles, JOURNEY: replace(journey, version=9)}
    digest = digest_of(parts_apart(book, replace(draft, lifecycles=renumbered)))
    row = await rehearsals.latest(store, digest=digest)
    assert row is not None
    assert (row.id, row.status, row.part) == (first.id, RehearsalStatus.DONE, JOURNEY)
    assert from_data(Sums, row.totals).accounts == 7
    live, _ = await current_book(store)
    books = r.books_of(row, live)
    assert books.draft.lifecycles == with_parts(live, first.order.proposal.parts).lifecycles
    assert books.draft.lifecycles[JOURNEY] == journey
    for number in range(rehearsals.KEPT):
        later = now + timedelta(minutes=number + 1)
        await (await ordered_rehearsal(store, longer(book, 30), later)).run()
    assert await rehearsals.rehearsal(store, first.id) is None
    assert await rehearsals.how_many(store, first.id) == 0


async def test_accounts_come_page_by_page_by_what_differs(
    store: Store, book: Book, now: datetime
) -> None:
    """N2."""
    await fill(store, book, now)
    rehearsal = await ordered_rehearsal(store, longer(book), now)
    await rehearsal.run()
    names, after = list[str](), None
    while True:
        page = await rehearsals.accounts(store, rehearsal.id, None, 2, after)
        names += [row.account for row in page.rows]
        after = page.after
        if after is None:
            break
    stage = await rehearsals.accounts(store, rehearsal.id, "stage")
    moved = [row.account for row in stage.rows]
    assert names == [*moved, *sorted(set(APART) - set(moved))]
    assert moved
    assert "old" not in [row.account for row in stage.rows]
    assert not (await rehearsals.accounts(store, rehearsal.id, "mail")).rows
    one = await rehearsals.one_account(store, rehearsal.id, "old")
    assert one is not None
    assert one.csm == "Cy Ode"
    assert await rehearsals.one_account(store, rehearsal.id, "early") is None


async def test_who_ended_in_the_middle_was_interrupted(
    store: Store, book: Book, now: datetime
) -> None:
    """N2: nobody says so, but it is not seen any more."""
    await fill(store, book, now)
    rehearsal = await ordered_rehearsal(store, longer(book), now)
    row = await rehearsals.rehearsal(store, rehearsal.id)
    assert row is not None
    assert r.standing_of(row, now) is r.Standing.RUNNING
    assert r.standing_of(row, now + rehearsals.SILENCE * 2) is r.Standing.INTERRUPTED


async def test_what_goes_wrong_is_kept_with_it(
    store: Store, book: Book, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """N2."""
    await fill(store, book, now)
    rehearsal = await ordered_rehearsal(store, longer(book), now)
    monkeypatch.setattr(rehearsal, "total", None)
    with pytest.raises(TypeError):
        await rehearsal.run()
    row = await rehearsals.rehearsal(store, rehearsal.id)
    assert row is not None
    assert row.status is RehearsalStatus.FAILED
    assert row.said


# ── the draft


async def test_a_file_is_held_against_what_is_published(
    store: Store, book: Book, now: datetime, tmp_path: Path
) -> None:
    """R14: it need not have another number to be rehearsed, and is told what stands in the way of publishing."""
    await fill(store, book, now)
    text = (SHIPPED / f"{JOURNEY}.yaml").read_text().replace("after: 14 days", "after: 45 days")
    file = tmp_path / "mine.yaml"
    await asyncio.to_thread(file.write_text, text)
    checked = await draft_at(store, Settings(state_dir=tmp_path), file)
    draft, hindrances = usable(checked)
    assert [one.code for one in hindrances] == ["automation_changed"]
    totals, _ = await rehearsed(store, draft, now)
    assert totals.ways == Counter({(JOURNEY, "launched", "onboarding"): 4})
    with pytest.raises(Refusal) as refused:
        await rehearsed(store, book, now)
    assert refused.value.code == "no_difference"
