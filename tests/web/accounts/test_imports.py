"""Sheets brought in by the page, carried out by a real worker: looked at first, interrupted, begun again."""

import asyncio
import csv
import html
import io
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from openpyxl import Workbook

from lifecycle.core.inputs import SetStage
from lifecycle.roles import Role
from lifecycle.store import sheet_imports as kept
from lifecycle.store.accounts import history
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.import_tables import ImportRow, ImportStatus, PartOf
from lifecycle.store.migrate import migrate_database
from lifecycle.web.door import Door
from lifecycle.web.pages.imports.uploading import name_of
from lifecycle.web.pages.imports.working import Workshop
from tests.clock import until
from tests.web.people.house import House

TEXT = re.compile(r"<[^>]+>")
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def sheet(*rows: dict[str, Any]) -> bytes:
    """A CSV file."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def words(page: httpx2.Response, part: str = "main") -> str:
    """What a page says, without its frame; or what is said above it."""
    begin, end = {"main": ("<main", "</main"), "notices": ('id="notices"', "<main")}[part]
    main = page.text.partition(begin)[2].partition(end)[0]
    return " ".join(html.unescape(TEXT.sub(" ", main)).split())


async def upload(
    person: httpx2.AsyncClient, content: bytes, name: str = "sheet.csv", **typed: str
) -> str:
    """An upload; the address of its page."""
    answer = await person.post("/imports", files={"file": (name, content)}, data=typed)
    assert answer.status_code == 303, words(answer)
    return str(answer.headers["location"])


async def through(house: House, path: str) -> ImportRow:
    """Wait until nobody is at it."""
    name = path.rpartition("/")[2]

    async def look() -> ImportRow:
        return await kept.import_row(house.door.store, name)

    return await until(look, lambda row: row.status not in kept.AT_WORK)


async def test_t26_a_sheet_is_looked_at_then_applied(house: House) -> None:
    """T26, T27: what would change, then it is done by whoever pressed the button, and told."""
    good, same = [await house.customer(name) for name in ("good", "same")]
    rows = [
        {"account": good, "seats": "75", "customer_journey": "Adopting"},
        {"account": same, "seats": "", "customer_journey": ""},
    ]
    async with house.person() as ann:
        path = await upload(ann, sheet(*rows), reason="from finance")
        await through(house, path)
        assert "1 account would be changed; 1 is as the file says." in words(await ann.get(path))
        assert (await house.state(good)).fields.get("seats") is None
        done = await ann.post(f"{path}/apply")
        assert (done.status_code, done.headers["location"]) == (303, path)
        row = await through(house, path)
        page = words(await ann.get(path))
        assert "sheet.csv" in words(await ann.get("/imports"))
    assert "1 account was changed; 1 is as the file says." in page
    assert "Apply to" not in page
    assert not row.kept
    state = await house.state(good)
    assert (state.fields["seats"], state.tracks["customer_journey"].stage) == (75, "adopting")
    entries = await history(house.door.store, good, limit=9)
    moves = [one.input for one in entries if isinstance(one.input, SetStage)]
    assert [(one.actor, one.reason) for one in moves] == [("Ann Lee", "from finance")]


async def test_r16_refused_rows_are_told_with_line_column_value_and_reason(house: House) -> None:
    account = await house.customer("refused")
    rows = [{"account": account, "seats": "many"}, {"account": "nobody-at-all", "seats": "1"}]
    async with house.person() as ann:
        path = await upload(ann, sheet(*rows))
        await through(house, path)
        look = words(await ann.get(path))
        errors = await ann.get(f"{path}/errors.csv")
    assert "2 many" not in look
    assert "2 seats many 'many' is not a whole number" in look
    assert "3 account nobody-at-all There is no account 'nobody-at-all'." in look
    assert "--create" not in look
    assert "2 rows are refused" in look
    assert "Apply to" not in look
    found = list(csv.reader(io.StringIO(errors.text)))
    assert found[0] == ["file", "line", "column", "value", "reason", "outcome"]
    told = [["2", "seats", "many"], ["3", "account", "nobody-at-all"]]
    assert [one[1:4] for one in found[1:]] == told


async def test_all_or_none(house: House) -> None:
    good = await house.customer("allornone")
    rows = [{"account": good, "seats": "9"}, {"account": "nobody-at-all", "seats": "1"}]
    async with house.person() as ann:
        path = await upload(ann, sheet(*rows))
        await through(house, path)
        await ann.post(f"{path}/apply", data={"atomic": "true"})
        await through(house, path)
        stopped = words(await ann.get(path))
        assert (
            "Nothing was changed You asked for all rows or none, and 1 row is refused." in stopped
        )
        assert (await house.state(good)).fields.get("seats") is None
        await ann.post(f"{path}/apply")
        row = await through(house, path)
    assert row.status is ImportStatus.DONE
    assert (await house.state(good)).fields["seats"] == 9


async def test_a_workbook_starts_accounts(house: House) -> None:
    account = house.town.account("fromexcel")
    book = Workbook()
    assert book.active is not None
    for line in (["account", "Account name", "ARR"], [account, "From Excel", 1200.5]):
        book.active.append(line)
    out = io.BytesIO()
    book.save(out)
    async with house.person() as ann:
        path = await upload(ann, out.getvalue(), "accounts.xlsx", create="true")
        await through(house, path)
        assert "1 account would be changed, 1 of them started." in words(await ann.get(path))
        await ann.post(f"{path}/apply")
        await through(house, path)
    assert (await house.state(account)).fields["arr"] == 120050


async def test_the_same_again_changes_nothing(house: House) -> None:
    """0017: a sheet is compared, not repeated."""
    account = await house.customer("again")
    content = sheet({"account": account, "seats": "33"})
    async with house.person() as ann:
        for expected in (
            "1 account would be changed.",
            "Nothing changes: 1 account is as the file says.",
        ):
            path = await upload(ann, content)
            await through(house, path)
            page = await ann.get(path)
            assert expected in words(page)
            assert ("Apply to" in words(page)) is expected.startswith("1")
            await ann.post(f"{path}/apply")
            await through(house, path)
    revision = (await house.state(account)).revision
    assert (await house.state(account)).revision == revision


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("notes.pdf", b"%PDF", "notes.pdf is neither a CSV file nor an Excel workbook."),
        ("", b"x", "No file was chosen."),
        (".csv", b"account\n", "is neither a CSV file"),
    ],
)
async def test_wrong_files_are_refused_in_words(
    house: House, name: str, content: bytes, said: str
) -> None:
    async with house.person() as ann:
        files = {"file": (name, content)} if name else None
        answer = await ann.post("/imports", files=files, data={"reason": "kept words"})
    assert answer.status_code == 422
    assert said in words(answer)
    assert "kept words" in answer.text


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.csv", b"", "empty.csv is empty"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n\x00\x00", "line 1 is not written in utf-8"),
        ("broken.xlsx", b"no zip", "broken.xlsx is no Excel workbook"),
        ("strange.csv", b"account,colour\nacme,red\n", "Unknown column 'colour'."),
        ("nobody.csv", b"name\nacme\n", "There is no column 'account'."),
        ("../../etc/passwd.csv", b"name\nacme\n", "passwd.csv: line 1 cannot be used."),
    ],
)
async def test_what_is_no_sheet_says_why_without_our_folders(
    house: House, name: str, content: bytes, said: str
) -> None:
    async with house.person() as ann:
        path = await upload(ann, content, name)
        row = await through(house, path)
        page = words(await ann.get(path))
    assert said in page
    assert "sheet-" not in page
    assert "--encoding" not in page
    assert (row.status, row.kept) == (ImportStatus.FAILED, False)
    assert "Upload again" in page


async def test_an_upload_over_the_limit_is_refused(house: House) -> None:
    async with house.person() as ann:
        headers = {"content-length": str(200 * 1_024 * 1_024)}
        answer = await ann.post("/imports", content=b"x", headers=headers)
    assert answer.status_code == 413


async def test_only_who_may_command_brings_sheets_in(house: House) -> None:
    account = await house.customer("guarded")
    async with house.person() as ann:
        path = await upload(ann, sheet({"account": account, "seats": "5"}))
        await through(house, path)
    async with house.person(Role.VIEWER, "Vera") as vera:
        page = await vera.get(path)
        assert page.status_code == 200
        assert "Apply to" not in page.text
        for step in ("check", "apply", "forget"):
            assert (await vera.post(f"{path}/{step}")).status_code == 403
        assert (await vera.get("/imports/nothing-of-the-kind")).status_code == 404


async def test_an_import_that_was_interrupted_is_begun_again(house: House) -> None:
    """R20: the process ended while it was sent; again, nothing is done twice."""
    account = await house.customer("broken-off")
    store = house.door.store
    async with house.person() as ann:
        path = await upload(ann, sheet({"account": account, "seats": "44"}))
        row = await through(house, path)
        await kept.claim(store, row.id, ImportStatus.SENDING, house.door.now())
        busy = await ann.get(path)
        assert 'hx-trigger="every 1s"' in busy.text
        refused = await ann.post(f"{path}/apply")
        assert refused.status_code == 409
        await kept.let_go(store, [row.id], LONG_AGO)
        lost = words(await ann.get(path))
        assert "It was interrupted" in lost
        assert "is not done twice" in lost
        await ann.post(f"{path}/apply")
        await through(house, path)
        assert "1 account was changed." in words(await ann.get(path))
    assert (await house.state(account)).fields["seats"] == 44


async def test_a_door_that_closes_lets_go_of_what_it_works_on(house: House) -> None:
    """Graceful or not: the next process sees at once that nobody is at it."""
    store, name, now = house.door.store, uuid4().hex, house.door.now()
    content = b"account\n" + b"".join(b"a%d\n" % number for number in range(50_000))
    row = ImportRow(
        id=name, at=now, actor="Ann", file="slow.csv", size=len(content),
        status=ImportStatus.CHECKING, seen_at=now,
    )  # fmt: skip
    await kept.keep_import(store, row, pieces(content))
    door = Door(house.door.settings, store, house.door.client)
    task = Workshop(door).check(name)
    await until(lambda: kept.import_row(store, name), lambda found: found.step == "checked")
    await door.background.close()
    assert task.cancelled()
    assert kept.is_lost(await kept.import_row(store, name), now)


async def test_a_file_and_its_report_can_be_taken_away(house: House) -> None:
    account = await house.customer("forgotten")
    async with house.person() as ann:
        path = await upload(ann, sheet({"account": account, "seats": "x"}), "private.csv")
        await through(house, path)
        answer = await ann.post(f"{path}/forget")
        assert answer.headers["location"] == "/imports"
        assert (await ann.get(path)).status_code == 404
        errors = [one async for one in kept.pieces_of(house.door.store, path[9:], PartOf.ERRORS)]
    assert errors == []


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("C:\\Users\\Ann\\My sheet.CSV", "My sheet.CSV"),
        ("a/b/c.xlsx", "c.xlsx"),
        ("we\nird\x00.csv", "weird.csv"),
        ("x" * 300 + ".csv", "x" * 120 + ".csv"),
        ("..csv", ""),
    ],
)
def test_names_of_files_are_made_safe(given: str, name: str) -> None:
    if name:
        assert name_of(given) == name
    else:
        with pytest.raises(Exception, match="neither a CSV file"):
            name_of(given)


# ── the store, on both databases


async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def test_an_import_is_kept_claimed_by_one_and_tidied(
    database_url: str, tmp_path: Path
) -> None:
    await migrate_database(database_url)
    store, now = Store(make_engine(database_url)), datetime.now(UTC)
    row = ImportRow(
        id="one", at=now, actor="Ann", file="a.csv", size=6,
        status=ImportStatus.CHECKING, seen_at=now,
    )  # fmt: skip
    await kept.keep_import(store, row, pieces(b"abc", b"\x00\xff1"))
    assert [one async for one in kept.pieces_of(store, "one", PartOf.FILE)] == [
        b"abc",
        b"\x00\xff1",
    ]
    assert not await kept.claim(store, "one", ImportStatus.CHECKING, now)
    await kept.beat(store, "one", now, "checked", 3, 9)
    await kept.end_step(store, "one", ImportStatus.CHECKED, now, tally={"changed": 2})
    found = await kept.import_row(store, "one")
    assert (found.done, found.total, found.tally) == (3, 9, {"changed": 2})
    claims = [kept.claim(store, "one", ImportStatus.SENDING, now) for _ in range(5)]
    assert sum(await asyncio.gather(*claims)) == 1
    assert not await kept.forget(store, "one", now)
    later = now + kept.LOST_AFTER + timedelta(seconds=1)
    assert await kept.claim(store, "one", ImportStatus.SENDING, later)
    await kept.put_errors(store, "one", [b"line\n"])
    await kept.put_errors(store, "one", [b"other\n"])
    assert [one async for one in kept.pieces_of(store, "one", PartOf.ERRORS)] == [b"other\n"]
    await kept.tidy(store, later + kept.KEPT_FOR)
    assert (await kept.import_row(store, "one")).kept
    await kept.tidy(store, later + kept.KEPT_FOR + timedelta(seconds=1))
    assert not (await kept.import_row(store, "one")).kept
    assert not await kept.claim(store, "one", ImportStatus.SENDING, later + timedelta(days=9))
    assert [one.id for one in await kept.list_imports(store)] == ["one"]
    assert await kept.forget(store, "one", later + timedelta(days=9))
    assert await kept.list_imports(store) == []
    await store.close()
