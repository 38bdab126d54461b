"""N9: all accounts, here or over processes, and the chain."""

from typing import Any

import pytest
from sqlalchemy import delete, select, update

from lifecycle.store.engine import Store
from lifecycle.store.journal import chain_of, digest_of
from lifecycle.store.tables import AccountRow, JournalRow, table_of
from lifecycle.verifying.difference import Kind
from lifecycle.verifying.whole import verify_all
from tests.core.test_shadows import TWINS
from tests.verifying.lived import busy, publish_book, verified

ACCOUNT = table_of(AccountRow)
JOURNAL = table_of(JournalRow)
NOTED = [{"code": "x", "text": "y"}]


async def journal(store: Store, account: str = "acme") -> list[dict[str, Any]]:
    query = select(JOURNAL).where(JOURNAL.c.account == account).order_by(JOURNAL.c.revision)
    async with store.connected() as connection:
        return [dict(row) for row in (await connection.execute(query)).mappings()]


def entry(revision: int) -> Any:
    return (JOURNAL.c.account == "acme") & (JOURNAL.c.revision == revision)


@pytest.mark.parametrize("processes", [1, 2])
async def test_n9_one_account_among_many_is_named(store: Store, processes: int) -> None:
    await publish_book(store, TWINS)
    for number in range(40):
        await busy(store, f"account-{number:02}")
    steps: list[int] = []
    whole = await verify_all(store, None, steps.append, processes)
    assert (whole.accounts, whole.count, sum(steps)) == (40, 0, 40)
    assert whole.entries == 40 * len(await journal(store, "account-00"))
    async with store.writing() as connection:
        mine = JOURNAL.c.account == "account-31"
        await connection.execute(
            update(JOURNAL).where(mine, JOURNAL.c.revision == 3).values(notes=NOTED)
        )
    found = await verify_all(store, None, processes=processes)
    assert found.wrong == ["account-31"]
    assert {one.revision for one in found.differences} == {3}
    assert (await verify_all(store, ["account-30"])).count == 0


async def test_n9_an_entry_that_is_gone_is_found(store: Store) -> None:
    await publish_book(store, TWINS)
    await busy(store)
    rows = await journal(store)
    async with store.writing() as connection:
        await connection.execute(delete(JOURNAL).where(entry(rows[-1]["revision"])))
    found = (await verified(store)).differences
    columns = {one.column for one in found if one.table == "account"}
    assert {"revision", "chain"} <= columns
    async with store.writing() as connection:
        await connection.execute(delete(JOURNAL).where(entry(4)))
    first = (await verified(store)).differences
    assert {("journal", 4, "(no entry)")} == {
        (one.table, one.revision, one.stored) for one in first
    }


async def test_n9_entries_that_changed_places_are_found(store: Store) -> None:
    await publish_book(store, TWINS)
    await busy(store)
    async with store.writing() as connection:
        for old, new in ((4, 900), (5, 4), (900, 5)):
            await connection.execute(update(JOURNAL).where(entry(old)).values(revision=new))
    found = (await verified(store)).differences
    assert {4, 5} <= {one.revision for one in found if one.column == "chain"}


async def test_n9_an_edit_that_counts_the_chain_anew_is_found_by_what_is_decided(
    store: Store,
) -> None:
    """The account's head is counted anew as well: only the decision itself tells."""
    await publish_book(store, TWINS)
    await busy(store)
    await forge(store, 3)
    found = (await verified(store)).differences
    assert [one.kind for one in found] == [Kind.DECISION]
    assert (found[0].revision, found[0].column) == (3, "notes[0]")


async def forge(store: Store, revision: int) -> None:
    """An entry edited, with digests and chain as they would be."""
    rows, chain = await journal(store), ""
    async with store.writing() as connection:
        for row in rows:
            if row["revision"] == revision:
                assert row["notes"] == []
                row["notes"] = NOTED
            row["digest"] = digest_of(row["salt"], row)
            chain = chain_of(chain, row["digest"], row["revision"], row["at"], row["recorded_at"])
            row["chain"] = chain
            await connection.execute(update(JOURNAL).where(entry(row["revision"])).values(**row))
        await connection.execute(update(ACCOUNT).values(chain=chain))
