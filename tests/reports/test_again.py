"""Last quarter's report run again gives last quarter's numbers, whatever was done since (N5)."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from lifecycle.core.fold import Fold
from lifecycle.core.inputs import (
    CreateAccount,
    EndHistory,
    Event,
    SetFields,
    SetLead,
    SetStage,
    Undo,
)
from lifecycle.core.state import AccountState
from lifecycle.core.values import Value
from lifecycle.store.definitions import parts_of, publish
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.migrate import migrate_database
from tests.admin.conftest import Admin
from tests.reports.lives import BOOK, STAGES, START, Lived, write

DAY = timedelta(days=1)
QUARTER = datetime(2026, 4, 1, tzinfo=UTC) - timedelta(microseconds=1)
LATER = datetime(2026, 7, 15, 8, tzinfo=UTC)
SPAN = ("--from", "2026-01-01", "--to", "2026-03-31")
REPORTS = {
    "distribution": (),
    "over-time": SPAN,
    "transitions": SPAN,
    "time-in-stage": (),
    "funnel": (*SPAN, "--lifecycle", "flow"),
    "velocity": SPAN,
    "days": (),
}
WHOM = ("--where", "arr > 100", "--where", "flow is not one of done")


def quarter(number: int) -> Lived:
    """A life up to the end of the quarter; the same for the same number."""
    dice, account = Random(number), f"account-{number}"
    lived = Lived(account, Fold(BOOK, AccountState(account)))
    now = START + dice.randrange(30) * DAY
    lived.take(CreateAccount(now, {"name": f"=Account {number}", "arr": number * 10_000}), now)
    while (now := now + dice.choice([0.3, 2, 8.5, 15]) * DAY) < QUARTER:
        lifecycle, stage = dice.choice(STAGES)
        lived.take(SetStage(now, "ann", "agreed", lifecycle, stage, id=str(now)), now)
    lived.pass_time(QUARTER)
    return lived


def life_goes_on(lived: Lived) -> None:
    """Moves of the quarter are taken back, events come late, fields change, the account moves on."""
    for number in range(5):
        at = QUARTER + (number + 1) * DAY
        lived.take(Undo(at, "bob", "a slip", id=f"undo-{number}"), at)
    late = QUARTER - 20 * DAY
    received = QUARTER + 9 * DAY
    lived.take(Event("late", "crm", "product.went_live", late, received), received)
    changes: list[dict[str, Value]] = [
        {"name": "Another", "arr": 77},
        {"status": "cancelled"},
        {"status": "active"},
    ]
    for number, fields in enumerate(changes):
        at = QUARTER + (12 + number) * DAY
        lived.take(SetFields(at, "bob", fields, id=f"fields-{number}"), at)
    for number, (lifecycle, stage) in enumerate(STAGES):
        at = QUARTER + (20 + number) * DAY
        lived.take(SetStage(at, "bob", "on", lifecycle, stage, id=f"on-{number}"), at)


@pytest.fixture
async def kept(
    database_url: str, surroundings: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Store]:
    """A database with the definitions these lives run under."""
    monkeypatch.setenv("LIFECYCLE_DATABASE_URL", database_url)
    await migrate_database(database_url)
    store = Store(make_engine(database_url))
    await publish(store, parts_of(BOOK, {}), "ann", START - DAY)
    yield store
    await store.close()


@pytest.fixture
def at(admin: Admin, monkeypatch: pytest.MonkeyPatch) -> Any:
    """All reports as they are at an instant, by name."""

    async def ask(now: datetime, *words: str) -> dict[str, str]:
        monkeypatch.setattr("lifecycle.console.desk.wall_clock", lambda: now)
        found = {}
        for name, more in REPORTS.items():
            said = await asyncio.to_thread(admin, "report", name, *more, *words)
            assert (said.status, said.err) == (0, ""), name
            found[name] = said.out
        return found

    return ask


async def test_n5_last_quarters_report_run_again_gives_last_quarters_numbers(
    kept: Store, at: Any
) -> None:
    """N5, R13, R20: byte by byte, and the numbers are those that were told on the day itself."""
    lives = [quarter(number) for number in range(8)]
    for lived in lives:
        await write(kept, lived)
    then = ("--as-of", "2026-03-31")
    on_the_day = {
        name: json.loads(said)["rows"] for name, said in (await at(QUARTER, "--json")).items()
    }
    asked = [then, (*then, "--json"), (*then, *WHOM)]
    first = [await at(QUARTER, *words) for words in asked]
    for lived in lives:
        told = len(lived.entries)
        life_goes_on(lived)
        await write(kept, lived, told)
    await _newcomer(kept)
    for words, told_then in zip(asked, first, strict=True):
        for name, said in (await at(LATER, *words)).items():
            assert said == told_then[name]
    again = await at(LATER, *then, "--json")
    assert {name: json.loads(said)["rows"] for name, said in again.items()} == on_the_day
    now = await at(LATER, "--json")
    for name in ("distribution", "transitions", "days"):
        assert json.loads(now[name])["rows"] != on_the_day[name], "the undone counts no more"


async def _newcomer(store: Store) -> None:
    """An account that came later is none of last quarter's."""
    lived, now = Lived("newcomer", Fold(BOOK, AccountState("newcomer"))), QUARTER + 5 * DAY
    lived.take(CreateAccount(now, {"arr": 1}), now)
    lived.take(SetStage(now, "ann", "new", "flow", "one"), now)
    await write(store, lived)


async def test_n5_todays_knowledge_of_last_quarter(kept: Store, at: Any) -> None:
    """N5, R21: with `--known now` what was undone since is gone; what an import tells of the past is always there."""
    lived = quarter(4)
    await write(kept, lived)
    moved = ("--as-of", "2026-03-31", "--json")
    before = json.loads((await at(QUARTER, *moved))["transitions"])["rows"]
    told = len(lived.entries)
    lived.take(Undo(QUARTER + DAY, "bob", "a slip"), QUARTER + DAY)
    await write(kept, lived, told)
    assert json.loads((await at(LATER, *moved))["transitions"])["rows"] == before
    known = json.loads((await at(LATER, *moved, "--known", "now"))["transitions"])
    assert sum(one["moves"] for one in known["rows"]) == sum(one["moves"] for one in before) - 1
    assert known["known"].startswith("2026-07-15")
    await _imported(kept)
    found = json.loads((await at(LATER, *moved))["transitions"])["rows"]
    assert [one for one in found if one not in before] == [
        {
            "lifecycle": "side",
            "from": None,
            "to": "begun",
            "by": "person",
            "automation": "",
            "moves": 1,
            "accounts": 1,
        }
    ]


async def _imported(store: Store) -> None:
    """In July somebody imports what happened in February."""
    lived, february = Lived("past", Fold(BOOK, AccountState("past"))), START + 30 * DAY
    lived.take(CreateAccount(february, {}, historic=True), LATER)
    told: dict[str, Any] = {"lifecycle": "side", "stage": "begun"}
    lived.take(Event("past", "crm", "stage.set", february, LATER, told, True), LATER)
    lived.take(EndHistory(LATER, LATER), LATER)
    await write(store, lived)


async def test_no_name_is_taken_for_a_formula(kept: Store, at: Any) -> None:
    """A spreadsheet would run it."""
    await write(kept, quarter(1))
    written = (await at(QUARTER, "--csv", "-"))["days"]
    assert ",'=Account 1," in written


async def test_each_account_is_counted_at_its_own_clock(kept: Store, at: Any) -> None:
    """An account that was moved ahead has the days of its own present."""
    for account, lead in (("ahead", 10), ("present", 0)):
        lived, now = Lived(account, Fold(BOOK, AccountState(account))), QUARTER - 7 * DAY
        lived.take(CreateAccount(now, {}), now)
        lived.take(SetStage(now, "ann", "new", "side", "begun"), now)
        lived.take(SetLead(now, lead * 86_400), now)
        await write(kept, lived)
    found = json.loads((await at(QUARTER, "--json"))["days"])["rows"]
    assert [(one["account"], one["days"]) for one in found] == [("ahead", 17), ("present", 7)]
    begun = json.loads((await at(QUARTER, "--json"))["distribution"])["rows"]
    assert [one["median_days"] for one in begun if one["stage"] == "begun"] == [12.0]
