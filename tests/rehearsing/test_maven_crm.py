"""A real CRM export: 14 → 45 days agrees, account by account, with folding the same deals under the draft (N2)."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lifecycle.contract import RecordRequest
from lifecycle.core import changes as c
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import CreateAccount, EndHistory, Input
from lifecycle.core.model import Book
from lifecycle.core.state import AccountState
from lifecycle.core.trail import Sort, Trail
from lifecycle.rehearsing.living import Plan, live_through
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.migrate import migrate_database
from lifecycle.store.record import record
from tests.importing.books import BOOK, HERE, Gathered
from tests.rehearsing.lives import JOURNEY, longer

MAPPING = HERE.parents[1] / "imports" / "maven_crm.yaml"
LIVE_FROM = datetime(2017, 3, 15, tzinfo=UTC)
CUT = datetime(2017, 4, 25, tzinfo=UTC)
"""Until the first day deals are history; from then on they are reported as they happen, up to the second."""


def inputs(crm: Gathered, account: str) -> Iterator[Input]:
    """What the CRM tells of an account by the second day: its past imported, the rest live."""
    history = crm.histories[account]
    past = [event for event in history.events if event.time <= LIVE_FROM]
    begin = min((event.time for event in past), default=LIVE_FROM)
    yield CreateAccount(begin, history.fields, historic=True)
    yield from past
    yield EndHistory(LIVE_FROM, LIVE_FROM)
    for event in history.events:
        if LIVE_FROM < event.time <= CUT:
            yield replace(event, historic=False, received=event.time)


def folded(book: Book, crm: Gathered, account: str) -> tuple[Fold, list[c.Entry]]:
    """The account under a book, from the CRM's own rows."""
    fold = Fold(book, AccountState(account))
    return fold, fold.take_all(inputs(crm, account)) + fold.catch_up(CUT)


@pytest.fixture(scope="module")
def crm(shared_data: Path) -> Gathered:
    return Gathered(MAPPING, shared_data / "maven_crm")


async def test_every_account_is_as_the_draft_alone_would_have_it(
    crm: Gathered, tmp_path: Path
) -> None:
    """N2: stages, dates, e-mails and CTAs of each; those that differ are those whose two folds do."""
    url, draft = f"sqlite:///{tmp_path / 'crm.db'}", longer(BOOK)
    await migrate_database(url)
    store = Store(make_engine(url))
    expected: dict[str, tuple[str | None, str | None]] = {}
    trails: dict[str, tuple[Trail, Trail]] = {}
    accounts = sorted(crm.histories)[::2]
    for account in accounts:
        (live, entries), (other, others) = (folded(book, crm, account) for book in (BOOK, draft))
        await record(store, RecordRequest(account, entries, 0, live.wakes_at()), CUT)
        stages = [fold.state.tracks.get(JOURNEY) for fold in (live, other)]
        was, now = (track.stage if track else None for track in stages)
        if was != now:
            expected[account] = was, now
        trails[account] = Trail(), Trail()
        for trail, some in zip(trails[account], (entries, others), strict=True):
            trail.take(some)
    plan = Plan(BOOK, draft, CUT, CUT - timedelta(days=1))
    found = await live_through(store, plan, accounts)
    await store.close()
    apart = {one.compared.account: one.compared for one in found.differing}
    assert {name: one.stages[JOURNEY] for name, one in apart.items() if one.stages} == expected
    assert found.totals.ways == Counter((JOURNEY, *pair) for pair in expected.values())
    for account, (ours, theirs) in trails.items():
        keys = [[mark.key for mark in trail.standing()] for trail in (ours, theirs)]
        assert (account in apart) == (keys[0] != keys[1])
        if account in apart:
            for sort in (Sort.STAGE, Sort.MAIL, Sort.CTA):
                counted = tuple(
                    sum(mark.sort is sort for mark in trail.standing()) for trail in (ours, theirs)
                )
                assert apart[account].counts.get(sort, (0, 0)) == counted
    assert len(expected) > 5, "the timer decides about many of them"
