"""N10: what stands beside the journal is written anew from it; an edited journal is refused."""

from typing import Any

import pytest
from sqlalchemy import delete, select, update

from lifecycle.core.refusal import Refusal
from lifecycle.store.audit import WantedAudit, audit
from lifecycle.store.engine import Store
from lifecycle.store.shelf import shelf_of
from lifecycle.store.tables import EffectRow, EffectStatus, JournalRow, table_of
from lifecycle.telling.doors import said
from lifecycle.verifying.page import Verifying
from lifecycle.verifying.repairing import Repaired, put_right
from lifecycle.verifying.tables import TABLES
from tests.core.test_shadows import TWINS
from tests.store.lives import NOW
from tests.verifying.lived import busy, publish_book, verified
from tests.verifying.test_edited import ACCOUNT, edit, edits, rows_of

EFFECT = table_of(EffectRow)
JOURNAL = table_of(JournalRow)


async def repaired(store: Store) -> Repaired:
    verifying = Verifying(store, await shelf_of(store))
    try:
        return await put_right(verifying, "acme", "ann", NOW)
    finally:
        verifying.close()


async def picture(store: Store) -> dict[str, list[Any]]:
    found = {table.name: await rows_of(store, table_of(table.model)) for table in TABLES}
    return {**found, "account": await rows_of(store, ACCOUNT)}


async def test_n10_every_table_is_put_right(store: Store) -> None:
    await publish_book(store, TWINS)
    await busy(store)
    before = await picture(store)
    async with store.writing() as connection:
        for table in TABLES:
            place = table_of(table.model)
            if table.model is not EffectRow:
                await connection.execute(delete(place))
        await connection.execute(update(EFFECT).values(name="edited", revision=1))
        await connection.execute(update(ACCOUNT).values(name="edited", chain="", events=0))
        await connection.execute(update(ACCOUNT).values(next_deadline=NOW))
    assert len((await repaired(store)).differences) > 0
    assert await picture(store) == before
    assert (await verified(store)).count == 0
    [row] = await audit(store, WantedAudit())
    assert row.who == "ann"
    assert said(row).startswith("repaired the account acme: account, account_field, ahead")


async def test_n10_a_delivery_that_was_lost_is_not_sent_again_by_itself(store: Store) -> None:
    await publish_book(store, TWINS)
    await busy(store)
    sent = {"status": EffectStatus.SENT, "subject": "Hello", "finished_at": NOW}
    rows = await rows_of(store, EFFECT)
    await edit(store, EFFECT, rows[1], sent)
    async with store.writing() as connection:
        await connection.execute(delete(EFFECT).where(EFFECT.c.id == rows[0].id))
        await connection.execute(
            update(EFFECT).where(EFFECT.c.id == rows[1].id).values(name="edited")
        )
    await repaired(store)
    found = {row.id: row for row in await rows_of(store, EFFECT)}
    assert found[rows[0].id].status is EffectStatus.FAILED
    assert "not known" in found[rows[0].id].last_error
    again = found[rows[1].id]
    assert (again.status, again.subject, again.name) == (EffectStatus.SENT, "Hello", rows[1].name)
    assert (await verified(store)).count == 0


async def test_n10_nothing_is_repaired_from_an_edited_journal(store: Store) -> None:
    await publish_book(store, TWINS)
    await busy(store)
    row, column = next(edits(JOURNAL, await rows_of(store, JOURNAL), {"account", "revision"}))
    await edit(store, JOURNAL, row, {column.name: 99})
    async with store.writing() as connection:
        await connection.execute(update(ACCOUNT).values(name="edited"))
    with pytest.raises(Refusal, match="does not hold at entry 1"):
        await repaired(store)
    async with store.connected() as connection:
        assert (await connection.execute(select(ACCOUNT.c.name))).scalar_one() == "edited"
