"""What lies ahead of an account is kept with what was recorded, and no further than it is known (N4, G13)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select

from lifecycle.contract import RecordRequest
from lifecycle.core.changes import Entry
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import Adopt, CreateAccount, EndHistory, Event, Input, SetFields
from lifecycle.core.model import Book, Lifecycle
from lifecycle.core.state import AccountState
from lifecycle.store.ahead import FAR, MOST
from lifecycle.store.definitions import parts_of, publish
from lifecycle.store.engine import Store
from lifecycle.store.record import record
from lifecycle.store.tables import AheadRow
from tests.core.journey import shipped

BOOK = shipped()
T0 = datetime(2026, 1, 5, 10, tzinfo=UTC)
WON = Event("won", "crm", "opportunity.closed_won", T0, T0, {"opportunity_id": "o"})


async def published(store: Store, book: Book = BOOK) -> Store:
    await publish(store, parts_of(book, {}), "ops", T0)
    return store


async def ahead(store: Store, account: str = "acme") -> list[AheadRow]:
    query = select(AheadRow).where(col(AheadRow.account) == account)
    async with store.reading() as session:
        return list((await session.exec(query.order_by(col(AheadRow.position)))).all())


async def put(store: Store, fold: Fold, *items: Input) -> None:
    entries = fold.take_all(items)
    await put_entries(store, fold, entries)


async def put_entries(store: Store, fold: Fold, entries: list[Entry]) -> None:
    state = fold.state
    request = RecordRequest(state.account, entries, 0, None, state.versions, state.pending)
    await record(store, request, T0)


async def test_a_sold_account_is_foretold(store: Store) -> None:
    """N4: moves with where from and where to, late and stuck, mails, CTAs with whose they are."""
    fold = Fold(BOOK, AccountState("acme"))
    await put(await published(store), fold, WON)
    found = await ahead(store)
    assert [row.at for row in found] == sorted(row.at for row in found)
    moves = {(row.lifecycle, row.from_stage, row.stage) for row in found if row.kind == "move"}
    assert ("customer_journey", "onboarding", "launched") in moves
    [kickoff] = [row for row in found if row.what == "Hold the kickoff call"]
    assert (kickoff.kind, kickoff.owner) == ("cta", "csm")
    assert {"late", "stuck", "mail"} <= {row.kind for row in found}


async def test_what_changes_is_foretold_anew(store: Store) -> None:
    fold = Fold(BOOK, AccountState("acme"))
    await put(await published(store), fold, WON)
    before = [row.model_dump() for row in await ahead(store)]
    held = Event("k", "crm", "kickoff.held", T0 + timedelta(days=1), T0 + timedelta(days=1))
    await put(store, fold, held)
    after = await ahead(store)
    assert "Hold the kickoff call" not in {row.what for row in after}
    assert [row.model_dump() for row in after] != before


async def test_where_it_is_cut_off_stands_there(store: Store) -> None:
    """The next thing is always there, however far; what is left out is told."""
    fold = Fold(BOOK, AccountState("acme"))
    far = (T0 + 3 * FAR).date().isoformat()
    renewal = SetFields(T0, "ann", {"renewal_date": far})
    await put(await published(store), fold, WON, renewal)
    found = await ahead(store)
    assert [row.kind for row in found].count("more") == 1
    assert found[-1].kind == "more"
    assert len({row.at for row in found[:-1]}) <= MOST
    assert found[-1].at >= found[-2].at


async def test_an_import_is_foretold_when_it_ends(store: Store) -> None:
    """R21: while the past is told nothing is known of what comes."""
    fold = Fold(BOOK, AccountState("acme"))
    await put(await published(store), fold, replace(WON, historic=True))
    assert await ahead(store) == []
    await put(store, fold, EndHistory(T0, T0 + timedelta(days=2)))
    assert all(row.at > T0 + timedelta(days=2) for row in await ahead(store))
    assert await ahead(store)


async def test_another_version_foretells_otherwise(store: Store) -> None:
    """R24: an edition taken over under the same version counts from then on."""
    fold = Fold(BOOK, AccountState("acme"))
    await put(await published(store), fold, WON)
    assert any(row.kind == "move" for row in await ahead(store))
    quiet = replace(
        BOOK, lifecycles={key: _without_lines(one) for key, one in BOOK.lifecycles.items()}
    )
    await published(store, quiet)
    await put_entries(store, fold, fold.take(Adopt(T0, "ops", "book-2"), quiet))
    assert not any(row.kind == "move" for row in await ahead(store))


def _without_lines(lifecycle: Lifecycle) -> Lifecycle:
    lines = tuple(replace(line, published=False) for line in lifecycle.automations)
    return replace(lifecycle, automations=lines)


async def test_nothing_published_is_no_reason_to_record_nothing(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    await put(store, Fold(BOOK, AccountState("acme")), CreateAccount(T0))
    assert await ahead(store) == []
    assert "Nothing is foretold of acme" in caplog.text
