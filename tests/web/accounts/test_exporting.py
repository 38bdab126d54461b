"""Files of what a list shows: the same rows as admin export, streamed."""

import csv
import io
import json
from uuid import uuid4

import pytest

from lifecycle.files.scope import Scope
from lifecycle.files.writing import PART, Format, streamed, write
from lifecycle.store.definitions import current_book
from lifecycle.store.moment import now_of
from lifecycle.telling.exporting import What, export_of
from tests.web.people.house import House


async def rows(house: House, what: str, kind: str = "csv", **asked: str) -> list[dict[str, str]]:
    async with house.person() as ann:
        answer = await ann.get(f"/export/{what}.{kind}", params=asked)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"].startswith(f'attachment; filename="{what}-20')
    if kind == "csv":
        assert answer.headers["content-type"].startswith("text/csv")
        return list(csv.DictReader(io.StringIO(answer.text, newline="")))
    return [json.loads(line) for line in answer.text.splitlines()]


@pytest.mark.parametrize("what", list(What))
async def test_every_export_is_what_admin_writes(house: House, what: What) -> None:
    """T11, T21, T26: one answer at every door, in both forms."""
    await house.customer(f"exported-{what}")
    store = house.door.store
    book, _ = await current_book(store)
    scope = Scope(store, book, await now_of(store, house.door.now()))
    for kind in Format:
        expected = io.StringIO(newline="")
        await write(export_of(what, scope), expected, kind, lambda _: None)
        async with house.person() as ann:
            answer = await ann.get(f"/export/{what}.{kind}")
        assert answer.text.count("\n") == expected.getvalue().count("\n")
        assert answer.text.splitlines()[:1] == expected.getvalue().splitlines()[:1]


async def test_only_the_accounts_that_are_shown(house: House) -> None:
    own = uuid4().hex[:8]
    account = await house.customer("shown", sector=own)
    await house.customer("other")
    by_sentence = await rows(house, "accounts", where=f"sector is {own}")
    by_search = await rows(house, "accounts", search=account)
    assert [row["account"] for row in by_sentence] == [account] == [by_search[0]["account"]]
    visits = await rows(house, "visits", "jsonl", where=f"sector is {own}")
    assert {row["account"] for row in visits} == {account}
    assert await rows(house, "accounts", where=f"sector is {own}", as_of="2020-01-01") == []


async def test_what_cannot_be_asked_is_refused_before_the_file_begins(house: House) -> None:
    async with house.person() as ann:
        wrong = await ann.get("/export/accounts.csv", params={"where": "helth is red"})
        unknown = await ann.get("/export/everything.csv")
        kind = await ann.get("/export/accounts.pdf")
    assert wrong.status_code == 422
    assert "Did you mean health?" in wrong.text
    assert unknown.status_code == kind.status_code == 422


async def test_a_large_export_comes_in_parts(house: House) -> None:
    """Memory stays small: nothing waits for the last row."""
    store = house.door.store
    account = await house.customer("large")
    for number in range(60):
        fields = {"sector": f"{number} " + "x" * 1_900}
        await house.lifecycles.set_fields(account, fields, actor="ann")
    book, _ = await current_book(store)
    scope = Scope(store, book, await now_of(store, house.door.now()))
    parts = [part async for part in streamed(export_of(What.FIELDS, scope), Format.CSV)]
    assert len(parts) > 2
    assert max(map(len, parts)) < 2 * PART
