"""What the page of one account reads, on both databases: the same as the slower readers tell, and of one moment."""

from datetime import UTC, datetime

from sqlmodel import col, select

from lifecycle.core import changes as c
from lifecycle.store.accounts import account_row, history, visits
from lifecycle.store.effects import WantedEffects, effects
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.one_account import (
    coming_moves,
    kept_state,
    mail_lines,
    stays,
    undone_units,
)
from lifecycle.store.record import record
from lifecycle.store.tables import AheadRow, EffectKind
from tests.admin.book import fill
from tests.store.lives import NOW, Life, mail

BOOK = ("acme", "globex", "initech", "hooli", "umbrella")


async def test_it_is_what_the_rows_say(database_url: str) -> None:
    """R5, N4, R22: stays, moves that are foretold, mails."""
    await fill(database_url)
    store = Store(make_engine(database_url))
    for account in BOOK:
        kept = [row for row in await visits(store, account) if row.stage is not None]
        assert [
            (one.lifecycle, one.stage, one.entered, one.left) for one in await stays(store, account)
        ] == [(row.lifecycle, row.stage, row.entered_at, row.left_at) for row in kept]
        async with store.reading() as session:
            ahead = select(AheadRow).where(
                col(AheadRow.account) == account, col(AheadRow.kind) == "move"
            )
            moves = list(await session.exec(ahead.order_by(col(AheadRow.position))))
        assert [
            (one.lifecycle, one.stage, one.at) for one in await coming_moves(store, account)
        ] == [(row.lifecycle, row.stage, row.at) for row in moves]
        mails = await effects(store, WantedEffects(account, kind=EffectKind.MAIL, limit=3))
        assert [one.id for one in await mail_lines(store, account, 3)] == [row.id for row in mails]
        row, state = await account_row(store, account), await kept_state(store, account)
        assert row is not None
        assert state is not None
        assert (state.state, state.lead) == (row.state, row.lead)
    assert await kept_state(store, "nobody") is None
    await store.close()


async def test_r13_undone_inputs_are_named_by_their_revision(store: Store) -> None:
    life = Life().create()
    life.move(1, "journey", "onboarding", restart=True)
    moved = life.move(2, "journey", "launched", mail("m1", "csm"))
    undone = life.undo(3)
    await record(store, life.batch(), NOW)
    assert await undone_units(store, "acme") == {moved.revision: undone.at}


async def test_one_picture_is_of_one_moment(store: Store) -> None:
    """What is recorded meanwhile is seen afterwards, not in the middle."""
    life = Life().create(name="Acme")
    await record(store, life.batch(), NOW)
    async with store.one_picture():
        before = await kept_state(store, "acme")
        life.fields(1, name="Acme & Co")
        await record(store, life.batch(), datetime.now(UTC))
        assert await kept_state(store, "acme") == before
        assert len(await history(store, "acme")) == 1
    after = await kept_state(store, "acme")
    assert after is not None
    assert after.state["fields"]["name"] == "Acme & Co"
    (entry, _) = await history(store, "acme")
    assert any(isinstance(change, c.FieldSet) for change in entry.changes)
