"""Verifying beside people who were erased: what is left is still what the journal says (N9, N12)."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lifecycle.core.inputs import Erase, OpenCta
from lifecycle.core.model import Book
from lifecycle.store import erasures
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.erasing_tables import ErasureRow
from lifecycle.store.erasures import Wanted
from lifecycle.store.keyed import keyed_with
from lifecycle.store.migrate import migrate_database
from tests.core.journey import flow, small
from tests.core.test_shadows import TWINS
from tests.erasing.looking import rows_with
from tests.verifying.lived import PUBLISHED, Lived, busy, publish_book, verified

SECRET = "s" * 32
NAME, ADDRESS = "Maria Weber", "cleo@acme.example"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    url = f"sqlite+aiosqlite:///{tmp_path / 'lifecycle.db'}"
    await migrate_database(url)
    store = Store(make_engine(url), SECRET)
    yield store
    await store.close()


async def spoken_of(store: Store) -> Lived:
    """A busy life in which she has her part, until she is erased."""
    life = await busy(store)
    life.at(61).fields(contact_name=NAME)
    life.at(62).event("user.logged_in", id=f"of-{ADDRESS}", user=ADDRESS)
    life.set("customer_stages", "implementation", reason=f"{NAME} wished so")
    life.cta(OpenCta, title=f"Call {NAME}", owner="csm")
    await life.record()
    life.at(63)
    life.take(Erase(life.now, "dpo", ["contact_email", "contact_name"]), life.now)
    life.event("training.completed", course="Basics")
    await life.record()
    return life


async def sweep(store: Store, book: Book = TWINS) -> None:
    wanted = Wanted()
    found = await erasures.foresee(store, book, "acme", wanted, keyed_with(SECRET))
    row = ErasureRow(id="e", at=PUBLISHED, actor="dpo", account="acme", accounts=found.accounts)
    await erasures.begin(store, row, wanted)
    row = await erasures.erasure_row(store, "e")
    await erasures.sweep(store, book, row, "acme")
    await erasures.sweep_beside(store, book, row, SECRET, PUBLISHED)
    await erasures.end(store, row, PUBLISHED)


async def test_n12_nothing_differs_after_somebody_was_erased(store: Store) -> None:
    """N9, N12: states, all projections and the chain are as before; the rest is decided again as ever."""
    await publish_book(store, TWINS)
    await spoken_of(store)
    before = await verified(store)
    assert before.count == 0, before.differences
    assert await rows_with(store, NAME, ADDRESS)
    await sweep(store)
    assert await rows_with(store, NAME, ADDRESS) == []
    found = await verified(store)
    assert found.count == 0, found.differences


async def test_n12_what_was_decided_by_a_name_is_not_decided_again_without_it(store: Store) -> None:
    """N12: up to the erasure entries are folded; from there on everything is decided again."""
    body = """
    stages:
      a: {label: A}
    also:
      - name: hers
        when: kickoff.held
        if: contact_name is Maria Weber
        set: {sector: Steel}
    """
    book = small(flow(body))
    await publish_book(store, book)
    life = Lived(store, "acme", book)
    life.create(name="Acme", contact_name=NAME)
    life.at(1).event("kickoff.held")
    life.at(2)
    life.take(Erase(life.now, "dpo", ["contact_email", "contact_name"]), life.now)
    life.event("kickoff.held")
    await life.record()
    assert life.fold.state.fields["sector"] == "Steel"
    await sweep(store, book)
    spoken = [line for line in await rows_with(store, NAME) if not line.startswith("definition.")]
    assert spoken == []
    found = await verified(store)
    assert found.count == 0, found.differences
