"""Taking a person out of the database (N12): every table, both databases; the numbers, the chain and the fold hold."""

import json
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import insert, select
from sqlmodel import SQLModel

from lifecycle.contract import RecordRequest
from lifecycle.core import inputs as i
from lifecycle.core.codec import to_data
from lifecycle.core.evolve import apply
from lifecycle.core.fold import Fold
from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal
from lifecycle.core.state import AccountState
from lifecycle.core.values import Value
from lifecycle.store import accounts, contact_mail, effects, erasures
from lifecycle.store.definitions import parts_of, publish
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.erasing_tables import ErasureRow
from lifecycle.store.erasures import Wanted
from lifecycle.store.hook_arrivals import Problem, Unmapped, keep
from lifecycle.store.hook_tables import HookArrivalRow, HookMapRow
from lifecycle.store.import_tables import ImportPartRow, ImportRow, ImportStatus, PartOf
from lifecycle.store.journal import broken_at
from lifecycle.store.keyed import keyed_with
from lifecycle.store.migrate import migrate_database
from lifecycle.store.personal import KEPT, OWN, TEXTS
from lifecycle.store.record import record
from lifecycle.store.stored import state_data
from lifecycle.store.suppression import is_suppressed, lift, suppress, unsubscribe
from lifecycle.store.tables import ContactMailRow, EffectKind, EffectRow, EffectStatus, table_of
from tests.core.journey import START, Journey, flow, shipped, small
from tests.core.test_erasing import ADDRESS, NAME, erase, spoken_of
from tests.erasing.looking import rows_with

SECRET = "s" * 32
NOW = START + timedelta(days=100)
PHONE = "+49 30 1234567"
ALL = (NAME, ADDRESS, "Max Bauer", "max@example.com")


@pytest.fixture(scope="module")
async def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which the shipped definitions are published; each test copies it."""
    file = tmp_path_factory.mktemp("published") / "lifecycle.db"
    await prepare(f"sqlite+aiosqlite:///{file}")
    return file


async def prepare(url: str) -> None:
    await migrate_database(url)
    store = Store(make_engine(url))
    await publish(store, parts_of(shipped(), {}), "ops", START)
    await store.close()


@pytest.fixture
async def store(published: Path, tmp_path: Path) -> AsyncIterator[Store]:
    """SQLite."""
    shutil.copy(published, tmp_path / "lifecycle.db")
    store = Store(make_engine(f"sqlite+aiosqlite:///{tmp_path / 'lifecycle.db'}"), SECRET)
    yield store
    await store.close()


@pytest.fixture
async def postgres(postgres_url: str) -> AsyncIterator[Store]:
    """PostgreSQL."""
    await prepare(postgres_url)
    store = Store(make_engine(postgres_url), SECRET)
    yield store
    await store.close()


async def put(store: Store, journey: Journey, book: Book | None = None) -> None:
    if book is not None:
        await publish(store, parts_of(book, {}), "ops", START)
    state = journey.fold.state
    entries = list(journey.entries)
    await record(store, RecordRequest(state.account, entries, 0, None, state.versions), NOW)


async def begun(store: Store, account: str, wanted: Wanted, book: Book) -> ErasureRow:
    """What every door does first."""
    found = await erasures.foresee(store, book, account, wanted, keyed_with(SECRET))
    row = ErasureRow(id=uuid4().hex, at=NOW, actor="dpo", account=account, accounts=found.accounts)
    await erasures.begin(store, row, wanted)
    return await erasures.erasure_row(store, row.id)


async def swept(store: Store, account: str, wanted: Wanted, book: Book | None = None) -> ErasureRow:
    """The steps over the database, as the workflow does them."""
    book = book or shipped()
    row = await begun(store, account, wanted, book)
    for one in row.accounts:
        await erasures.sweep(store, book, row, str(one))
    await erasures.sweep_beside(store, book, row, SECRET, NOW)
    await erasures.end(store, row, NOW)
    return await erasures.erasure_row(store, row.id)


async def assert_whole(store: Store, account: str = "acme") -> AccountState:
    """The chain holds, and what is stored is what the journal says."""
    assert broken_at(await accounts.journal_rows(store, account)) is None
    state = AccountState(account)
    for entry in reversed(await accounts.history(store, account, limit=500)):
        apply(state, entry)
    row = await accounts.account_row(store, account)
    assert row is not None
    assert row.state == json.loads(json.dumps(state_data(state)))
    return state


def test_n12_every_column_with_text_is_said_to_speak_of_people_or_not() -> None:
    """N12: a new table or column has to say so in `lifecycle.store.personal`."""
    plain = ("Instant", "Integer", "BigInteger", "Boolean", "Date", "Float", "ExactNumber")
    told = {
        (table, column)
        for part in (TEXTS, OWN, KEPT)
        for table, columns in part.items()
        for column in columns
    }
    there = {
        (table.name, column.name)
        for table in SQLModel.metadata.tables.values()
        for column in table.c
        if type(column.type).__name__ not in plain
    }
    assert there - told == set(), "say it in lifecycle/store/personal.py"
    assert told - there == set()


async def test_n12_an_account_s_rows_speak_of_nobody_any_more(store: Store) -> None:
    """N12: journal, state, fields, former values, reasons, CTAs, refusals; chain and fold hold."""
    journey = spoken_of()
    erase(journey, "contact_name", "contact_email")
    await put(store, journey)
    before = await dumped(store)
    assert await rows_with(store, *ALL)

    row = await swept(store, "acme", Wanted())

    assert await rows_with(store, *ALL) == []
    await assert_whole(store)
    after = await dumped(store)
    assert {name for name in after if after[name] != before[name]} <= {"state"}
    assert row.tally["journal"] >= 6
    assert row.wanted is None


async def dumped(store: Store) -> dict[str, Any]:
    row = await accounts.account_row(store, "acme")
    assert row is not None
    return row.model_dump()


async def test_n12_it_may_be_done_again_and_finds_nothing(store: Store) -> None:
    """N12: a step that was killed after its commit is done once more."""
    journey = spoken_of()
    erase(journey, "contact_name", "contact_email")
    await put(store, journey)
    row = await begun(store, "acme", Wanted(), shipped())
    first = await erasures.sweep(store, shipped(), row, "acme")
    again = await erasures.sweep(store, shipped(), row, "acme")
    assert first["journal"] > 0
    assert again == Counter()
    foreseen = await erasures.foresee(store, shipped(), "acme", Wanted(), keyed_with(SECRET))
    assert foreseen.tally == Counter()


async def test_n12_what_is_foreseen_is_what_is_done(store: Store) -> None:
    """N12: a preview changes nothing."""
    journey = spoken_of()
    erase(journey, "contact_name", "contact_email")
    await put(store, journey)
    before = await rows_with(store, *ALL)
    foreseen = await erasures.foresee(store, shipped(), "acme", Wanted(), keyed_with(SECRET))
    assert await rows_with(store, *ALL) == before
    row = await swept(store, "acme", Wanted())
    assert row.tally == dict(foreseen.tally)


async def test_n12_a_batch_that_comes_again_is_known_though_its_salt_is_gone(store: Store) -> None:
    """N12, R20: the worker's answer was lost, the erasure came in between."""
    journey = spoken_of()
    erase(journey, "contact_name", "contact_email")
    await put(store, journey)
    await swept(store, "acme", Wanted())
    await put(store, journey)
    assert await rows_with(store, *ALL) == []
    await assert_whole(store)


async def test_n12_an_event_after_it_is_recorded_on_what_is_left(store: Store) -> None:
    """N12: the chain goes on from the row that lost its salt."""
    journey = spoken_of()
    erase(journey, "contact_name", "contact_email")
    await put(store, journey)
    await swept(store, "acme", Wanted())
    state = await accounts.stored_state(store, "acme")
    assert state is not None
    fold = Fold(shipped(), state)
    at = NOW + timedelta(days=1)
    entries = fold.take(i.Event("later", "crm", "kickoff.held", at, at))
    await record(store, RecordRequest("acme", entries, 0, None, state.versions), at)
    await assert_whole(store)


async def test_n12_fields_that_are_no_texts_go_too(store: Store) -> None:
    """N12: a phone however it is grouped, a birthday, a number; marked data of events."""
    account = (
        "fields:\n"
        "  name: {label: Name, is: text}\n"
        "  time_zone: {label: Zone, is: time zone, default: UTC}\n"
        "  phone: {label: Phone, is: text, personal: true}\n"
        "  born_on: {label: Born, is: date, personal: true}\n"
        "  badge: {label: Badge, is: whole number, personal: true}\n"
    )
    events = (
        "events:\n  door.opened: {data: {badge_no: whole number, at: text}, personal: [badge_no]}\n"
    )
    body = "stages:\n  a: {label: A}\n"
    empty = {
        "directory": "teams:\n  cs_ops: {label: Ops, email: ops@us.example}\n",
        "playbooks": "playbooks: {}\n",
    }
    book = small(flow(body), account=account, events=events, **empty)
    journey = Journey(book)
    journey.create(name="Acme", phone=PHONE, born_on="1990-04-01", badge=778899)
    journey.event("door.opened", badge_no=778899, at="the gate")
    journey.cta(i.OpenCta, title="Ring +49 (30) 123-4567, born 1990-04-01", owner="someone")
    erase(journey, "phone", "born_on", "badge")
    await put(store, journey, book)
    assert await rows_with(store, PHONE, "1990-04-01", "778899")
    await swept(store, "acme", Wanted(), book)
    assert await rows_with(store, PHONE, "123-4567", "1990-04-01", "778899") == []
    await assert_whole(store)


# ── mail


async def a_mail(store: Store, account: str, number: int, to: str, text: str) -> None:
    """A mail that was sent, as a row says it."""
    row = EffectRow(
        id=f"{account}/{number}", account=account, kind=EffectKind.MAIL, status=EffectStatus.SENT, revision=1,
        position=number, automation="flow.x", lifecycle="flow", visit=1, name="welcome",
        roles=["contact" if to == ADDRESS else "csm"], data={}, due_at=NOW, recorded_at=NOW,
        recipients=[to], reached=[to], subject=f"Welcome, {text}", text=text, html=f"<p>{text}",
        message_id="<x@y>", finished_at=NOW,
        earlier=[{"recipients": [to], "subject": text, "text": text, "html": text, "status": "sent"}],
    )  # fmt: skip
    async with store.writing() as connection:
        await connection.execute(insert(table_of(EffectRow)).values(**row.model_dump()))
        mail = {"address": to, "effect": row.id, "number": 0, "sent_at": NOW}
        await connection.execute(insert(table_of(ContactMailRow)).values(**mail))


async def test_n12_mail_to_them_is_emptied_and_mail_about_them_names_nobody(store: Store) -> None:
    """N12: status, times and the number of readers stay; so do links and limits, under a code."""
    journey = spoken_of()
    erase(journey, "contact_name", "contact_email")
    await put(store, journey)
    await a_mail(store, "acme", 901, ADDRESS, "how are you, dear Maria?")
    await a_mail(store, "acme", 902, "ann@us.example", f"{NAME} &lt;{ADDRESS}&gt; wrote: a lot")
    await swept(store, "acme", Wanted())
    assert await rows_with(store, NAME, ADDRESS, "dear Maria") == []
    theirs = await effects.effect_row(store, "acme/901")
    assert (theirs.status.value, theirs.recipients, theirs.html) == ("sent", ["[erased]"], None)
    about = await effects.effect_row(store, "acme/902")
    assert about.text == "[erased] &lt;[erased]&gt; wrote: a lot"
    assert about.recipients == ["ann@us.example"]
    found = await contact_mail.contact_of(store, "acme/901", 0)
    assert found is not None
    assert found.address == keyed_with(SECRET)(ADDRESS)


async def test_n12_who_unsubscribed_stays_so(store: Store) -> None:
    """N12: the address is gone and still known; lifted by who knows it, or by the link of an old mail."""
    journey = spoken_of()
    erase(journey, "contact_name", "contact_email")
    await put(store, journey)
    await unsubscribe(store, ADDRESS, "acme/1", NOW)
    await suppress(store, ["max@example.com"], f"{NAME} asked", "ann", NOW)
    await swept(store, "acme", Wanted())
    assert await rows_with(store, *ALL) == []
    assert await is_suppressed(store, ADDRESS.upper())
    assert await is_suppressed(store, "max@example.com")
    assert not await is_suppressed(store, "other@example.com")
    assert await lift(store, "max@example.com", "came back", "ann", NOW) == 1
    assert not await is_suppressed(store, "max@example.com")
    stranger = Store(store.engine, "another secret " * 3)
    assert not await is_suppressed(stranger, ADDRESS)


async def test_n12_another_account_keeps_what_it_knows(store: Store) -> None:
    """N12: a person of two accounts is erased from one; from both, and all else, by address."""
    await put(store, spoken_of())
    other = Journey(account="globex")
    other.create(contact_name=NAME, contact_email=ADDRESS)
    await put(store, other)
    await suppress(store, [ADDRESS], "no mail", "ann", NOW)
    await swept(store, "acme", Wanted())
    kept = {line.partition(".")[0] for line in await rows_with(store, ADDRESS)}
    assert {"journal", "account_field", "suppressed"} <= kept
    row = await swept(store, "", Wanted(address=ADDRESS))
    assert "globex" in row.accounts
    assert await rows_with(store, ADDRESS) == []
    assert await is_suppressed(store, ADDRESS)
    await assert_whole(store, "globex")


async def test_n12_by_address_the_one_who_came_after_keeps_all(store: Store) -> None:
    """N12: Maria goes, Max who took her place stays."""
    await by_address(store, "acme")


async def by_address(store: Store, account: str) -> None:
    journey = Journey(account=account)
    journey.create(contact_name=NAME, contact_email=ADDRESS)
    journey.fields(contact_name="Max Bauer", contact_email="max@example.com")
    await put(store, journey)
    row = await swept(store, account, Wanted(address=ADDRESS))
    assert await rows_with(store, NAME, ADDRESS) == []
    assert len(await rows_with(store, "Max Bauer")) > 3
    assert (await assert_whole(store, account)).fields["contact_name"] == "Max Bauer"
    assert row.tally["journal"] == 2


# ── what belongs to no account


async def test_n12_webhooks_sheets_and_learnt_ids(store: Store) -> None:
    """N12: a kept message is dropped, a file goes whole, an id that is an address is forgotten."""
    await put(store, spoken_of())
    await beside(store, "acme", Wanted())


async def beside(store: Store, account: str, wanted: Wanted) -> None:
    body = json.dumps({"customer": {"email": ADDRESS, "name": "Ren\u00e9e"}})
    unknown = Problem("unknown_account", f"nobody knows {ADDRESS}", waits_for=f"person/{ADDRESS}")
    told = [Unmapped(f"in_{ADDRESS}", "invoice.paid", body, unknown)]
    told += [Unmapped("in_2", "invoice.paid", "{}", Problem("unknown_account", "who?"))]
    await keep(store, "stripe", told, NOW, NOW)
    sheet = ImportRow(
        id="s1", at=NOW, actor="ann", file=f"{NAME}.csv", size=9, status=ImportStatus.CHECKED,
        seen_at=NOW, wrong=[{"line": 2, "value": ADDRESS}], changes=[{"account": "acme"}],
    )  # fmt: skip
    pieces = [f"id,contact_email\nacme,{ADDRESS[:9]}".encode(), f"{ADDRESS[9:]}\n".encode()]
    async with store.writing() as connection:
        known = {"source": "stripe", "kind": "person", "account": "acme", "at": NOW, "actor": ""}
        await connection.execute(
            insert(table_of(HookMapRow)),
            [{**known, "their_id": ADDRESS}, {**known, "their_id": "7"}],
        )
        await connection.execute(insert(table_of(ImportRow)).values(**sheet.model_dump()))
        parts = [
            {"id": "s1", "of": PartOf.FILE, "number": number, "data": piece}
            for number, piece in enumerate(pieces)
        ]
        await connection.execute(insert(table_of(ImportPartRow)), parts)

    row = await swept(store, account, wanted)

    assert await rows_with(store, *ALL) == []
    arrival, learnt = table_of(HookArrivalRow), table_of(HookMapRow)
    async with store.engine.connect() as connection:
        query = select(arrival.c.status).order_by(arrival.c.id)
        statuses = (await connection.execute(query)).scalars().all()
        left = (await connection.execute(select(learnt.c.their_id))).scalars().all()
    assert [one.value for one in statuses] == ["dropped", "kept"]
    assert left == ["7"]
    assert (row.tally["sheet_part"], row.tally["sheet_import"]) == (1, 1)


async def test_n12_the_numbers_are_the_same(store: Store) -> None:
    """N12: what reports count, in every table: as many rows, the same stages, times and states."""
    journey = spoken_of()
    erase(journey, "contact_name", "contact_email")
    await put(store, journey)
    await a_mail(store, "acme", 901, ADDRESS, "dear Maria")
    before = await counted(store)
    await swept(store, "acme", Wanted())
    assert await counted(store) == before


async def counted(store: Store) -> dict[str, Any]:
    """Every column that reports and segments reckon with, of every table of accounts."""
    found: dict[str, Any] = {}
    spoken = {(table, column) for part in (TEXTS, OWN) for table in part for column in part[table]}
    async with store.engine.connect() as connection:
        for table in SQLModel.metadata.sorted_tables:
            columns = [one for one in table.c if (table.name, one.name) not in spoken]
            if table.name not in ("erasure", "audit"):
                rows = (await connection.execute(select(*columns))).all()
                found[table.name] = sorted(map(str, rows))
    return found


async def test_n12_sqlite_s_file_holds_no_trace(store: Store, tmp_path: Path) -> None:
    """N12: what was overwritten is not left between the pages, nor in the write-ahead log."""
    await put(store, spoken_of())
    await swept(store, "acme", Wanted())
    await erasures.compact(store)
    said = b"".join(file.read_bytes() for file in sorted(tmp_path.iterdir()))
    assert [word for word in ALL if word.encode() in said] == []
    assert b"implementation" in said


async def test_n12_the_same_on_postgresql(postgres: Store) -> None:
    """N12: an account, mail, webhooks and sheets, and a person of two accounts."""
    await test_n12_mail_to_them_is_emptied_and_mail_about_them_names_nobody(postgres)
    await beside(postgres, "", Wanted(address=ADDRESS, words=[NAME]))
    await by_address(postgres, "globex")


def test_n12_what_stands_for_an_address_tells_nothing() -> None:
    """N12: the same for the same, another with another secret, and not the address."""
    one, other = keyed_with(SECRET), keyed_with("t" * 32)
    assert one(ADDRESS) == one(ADDRESS) != other(ADDRESS)
    assert ADDRESS not in one(ADDRESS)


def values() -> list[Value]:
    return [NAME, date(1990, 4, 1), datetime(2026, 1, 1, tzinfo=UTC)]


def test_n12_what_is_looked_for_is_kept_as_it_is() -> None:
    """The words wait in the database, dates among them, while an erasure goes on."""
    wanted = Wanted("contact", "", values(), {"acme": ["contact_name"]})
    row = ErasureRow(id="e", at=NOW, actor="dpo", wanted=json.loads(json.dumps(to_data(wanted))))
    assert erasures.wanted_of(row) == wanted


async def test_n12_an_unknown_erasure_is_refused(store: Store) -> None:
    with pytest.raises(Refusal, match="no erasure 'e9'"):
        await erasures.erasure_row(store, "e9")
