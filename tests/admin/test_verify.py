"""N9, N10: `verify` and `drift` as people type them, on running accounts."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from lifecycle.client import Lifecycles
from lifecycle.store.tables import AccountRow, FieldRow, JournalRow, TrackRow, table_of
from lifecycle.store.verifications import open_differences
from tests.admin.conftest import Doing, Said
from tests.workflows.town import Town

ACCOUNT = table_of(AccountRow)
FIELD = table_of(FieldRow)
JOURNAL = table_of(JournalRow)
TRACK = table_of(TrackRow)


@pytest.fixture
async def acme(town: Town) -> str:
    """A customer in Onboarding, told of by its CRM."""
    account = town.account()
    await town.update_with_start(account, {"name": "Acme", "sector": "Steel"})
    await town.win(account, arr=48000)
    return account


async def change(
    town: Town, table: Any, account: str, row: dict[str, str] | None = None, **values: Any
) -> None:
    key = {"id" if table is ACCOUNT else "account": account, **(row or {})}
    mine = [table.c[name] == value for name, value in key.items()]
    async with town.store.writing() as connection:
        await connection.execute(update(table).where(*mine).values(**values))


def data(said: Said, status: int = 0) -> Any:
    assert (said.status, said.err) == (status, "")
    return json.loads(said.out)


async def test_n9_a_difference_is_told_with_its_place_and_repaired(
    town: Town, doing: Doing, acme: str
) -> None:
    said = await doing("verify")
    assert (said.status, said.out) == (0, "1 account, 0 differences.\n")
    await change(town, TRACK, acme, cycle=7)
    said = await doing("verify", acme)
    assert said.status == 1
    assert "1 account, " in said.out
    assert "track customer_journey: cycle" in said.out
    first = data(await doing("verify", acme, "--json"), 1)["first"]
    assert (first["account"], first["table"], first["column"]) == (acme, "track", "cycle")
    assert (first["stored"], first["recomputed"]) == ("7", "1")
    said = await doing("verify", acme, "--repair", "--as", "Bea")
    assert (said.status, said.err) == (0, "")
    assert "1 account was repaired:" in said.out
    [line] = [one for one in said.out.splitlines() if "track customer_journey: cycle" in one]
    assert line.split()[-2:] == ["7", "1"]
    assert data(await doing("verify", "--json"))["count"] == 0
    assert "Bea" in (await doing("audit", "--what", "repaired")).out
    rows = data(await doing("verify", "last", "--json"))["verifications"]
    assert [row["count"] for row in rows[:2]] == [0, 0]
    assert rows[1]["repaired"][0]["column"] == "cycle"


async def test_n9_an_edited_journal_is_not_repaired_from(
    town: Town, doing: Doing, acme: str
) -> None:
    await change(town, JOURNAL, acme, rules=99)
    await change(town, ACCOUNT, acme, name="edited")
    said = await doing("verify", "--repair")
    assert said.status == 1
    assert "does not hold at entry 1" in said.out
    assert "back from a backup" in said.out


async def test_n9_heads_noted_outside_find_a_chain_that_was_counted_anew(
    town: Town, doing: Doing, acme: str, tmp_path: Path
) -> None:
    heads = tmp_path / "heads.csv"
    assert "1 head noted" in (await doing("verify", "--heads", str(heads))).out
    await doing("fields", acme, "sector=Wood", "--reason", "asked")
    assert (await doing("verify", "--heads", str(heads))).status == 0
    noted = heads.read_text()
    heads.write_text(noted[:-10] + "012345678\n")
    said = await doing("verify", "--heads", str(heads), "--json")
    [found] = data(said, 1)["differences"]
    assert (found["kind"], found["account"], found["column"]) == ("head", acme, "chain")
    heads.write_text("something else\n")
    said = await doing("verify", "--heads", str(heads))
    assert (said.status, "holds no heads" in said.err) == (1, True)


async def test_n10_what_does_not_run_is_started_again(town: Town, doing: Doing, acme: str) -> None:
    assert (await doing("verify", "--workflows")).status == 0
    assert (await doing("drift", acme)).status == 0
    await town.handle(acme).terminate()
    said = await doing("drift", acme)
    assert (said.status, f"{acme} is not running" in said.out) == (1, True)
    assert data(await doing("verify", "--workflows", "--json"), 1)["first"]["column"] == "running"
    assert (await doing("verify", "--workflows", "--repair")).status == 0
    await Lifecycles(town.client, town.settings.task_queue).state(acme)
    assert (await doing("verify", "--workflows")).status == 0


# ── the CRM


async def test_n10_three_sides_of_an_account(town: Town, doing: Doing, acme: str) -> None:
    seen = data(await doing("drift", acme, "--all", "--json"))
    sides = {one["name"]: one for one in seen["sides"]}
    arr = sides["arr"]
    assert (arr["crm"], arr["source"], arr["database"]) == ("4800000", "test", "4800000")
    assert sides["customer_journey"]["workflow"] == "onboarding"
    await doing("fields", acme, "arr=50000", "--reason", "a new contract")
    seen = data(await doing("drift", acme, "--all", "--json"))
    arr = next(one for one in seen["sides"] if one["name"] == "arr")
    assert (arr["database"], arr["changed_here"], arr["differs"]) == ("5000000", True, False)


async def test_n10_what_an_event_says_of_something_else_is_no_difference(
    town: Town, doing: Doing, acme: str
) -> None:
    before = (await town.state(acme)).revision
    await town.report(acme, "opportunity.created", name="Enterprise plan", amount=10)
    await town.recorded(acme, lambda state: state.revision > before)
    seen = data(await doing("drift", acme, "--all", "--json"))
    name = next(one for one in seen["sides"] if one["name"] == "name")
    assert (name["crm"], name["database"], name["differs"]) == (None, "Acme", False)


@pytest.mark.parametrize(
    ("table", "mine", "edited", "name", "sides"),
    [
        (
            TRACK,
            {"lifecycle": "customer_journey"},
            {"stage": "launched"},
            "customer_journey",
            ("launched", "onboarding"),
        ),
        (FIELD, {"name": "sector"}, {"text": "Wood"}, "sector", ("Wood", "Steel")),
        (ACCOUNT, {}, {"name": "Globex"}, "name", ("Globex", "Acme")),
    ],
    ids=["track", "field", "account"],
)
async def test_n10_a_table_that_somebody_edited_is_a_difference(
    town: Town, doing: Doing, acme: str, table: Any, mine: Any, edited: Any, name: str, sides: Any
) -> None:
    await change(town, table, acme, mine, **edited)
    [found] = data(await doing("drift", acme, "--json"), 1)["sides"]
    assert (found["name"], found["database"], found["workflow"]) == (name, *sides)
    await doing("verify", acme, "--workflows", "--repair")
    assert (await doing("drift", acme)).status == 0


async def test_n10_a_sheet_of_the_crm_is_compared_and_either_side_put_right(
    town: Town, doing: Doing, acme: str, tmp_path: Path
) -> None:
    sheet = tmp_path / "crm.csv"
    sheet.write_text(f"account,sector,customer_journey\n{acme},Wood,launched\nnobody,Oil,\n")
    asked = ("verify", "--against", str(sheet), "--workflows")
    seen = data(await doing(*asked, "--json"), 1)
    values = {one["column"]: one for one in seen["crm"]["values"]}
    sector = values["sector"]
    assert (sector["crm"], sector["database"], sector["workflow"]) == ("Wood", "Steel", "Steel")
    assert values["customer_journey"]["workflow"] == "onboarding"
    assert [one["kind"] for one in seen["differences"]] == ["crm"] * 3
    said = await doing(*asked, "--repair")
    assert (said.status, "Who is right?" in said.err) == (2, True)
    said = await doing(*asked, "--repair", "--trust", "us")
    assert "Say who is right" not in said.out
    told = (tmp_path / "crm.ours.csv").read_text()
    assert told == f"account,sector,customer_journey\n{acme},Steel,onboarding\n"
    said = await doing(*asked, "--repair", "--trust", "crm", "--yes", "--as", "Bea")
    assert "Say who is right" not in said.out
    assert "import accounts FILE --create" in said.out
    assert (said.status, "The CRM's values are ours now" in said.out) == (1, True)
    state = await town.state(acme)
    assert (state.fields["sector"], state.tracks["customer_journey"].stage) == ("Wood", "launched")
    again = data(await doing(*asked, acme, "--json"))
    assert (again["count"], again["crm"]["values"]) == (0, [])
    newest = data(await doing("why", acme, "--json"))["entries"][0]["entry"]["input"]
    assert newest["reason"] == "The CRM's value: crm.csv"


async def test_n10_the_crms_values_are_shown_and_nothing_is_written_without_yes(
    town: Town, doing: Doing, acme: str, tmp_path: Path
) -> None:
    sheet = tmp_path / "crm.csv"
    sheet.write_text(f"account,sector\n{acme},Wood\n")
    before = (await town.state(acme)).revision
    asked = ("verify", "--against", str(sheet), "--repair", "--trust", "crm")
    said = await doing(*asked)
    assert (said.status, "Wood" in said.out) == (1, True)
    assert "1 value of 1 account would be set" in said.err
    assert "Give --yes" in said.err
    assert data(await doing("verify", "last", "--json"))["verifications"] == []
    assert json.loads((await doing(*asked, "--json")).err)["error"]["code"] == "not_confirmed"
    assert (await town.state(acme)).revision == before
    said = await doing("verify", "--against", str(sheet), "--yes")
    assert (said.status, "It is of use with --repair" in said.err) == (2, True)


async def test_n9_each_verification_says_what_it_was(
    town: Town, doing: Doing, acme: str, tmp_path: Path
) -> None:
    sheet = tmp_path / "crm.csv"
    sheet.write_text(f"account,sector\n{acme},Wood\n")
    await doing("verify", "--workflows")
    await change(town, TRACK, acme, cycle=7)
    await doing("verify", "--repair")
    said = await doing("verify", "--against", str(sheet))
    assert "1 account against crm.csv, 1 difference." in said.out
    rows = data(await doing("verify", "last", "--json"))["verifications"]
    assert [row["what"] for row in rows] == [
        "All accounts against crm.csv",
        f"Repair of {acme}",
        "Repair of all accounts",
        "All accounts, and what runs",
    ]
    assert "Repair of all accounts" in (await doing("verify", "last")).out
    assert await open_differences(town.store) == 0


async def test_n9_what_was_only_refused_is_no_account(town: Town, doing: Doing, acme: str) -> None:
    """Its journal is looked at all the same."""
    nobody = town.account("nobody")
    await town.report(nobody, "training.completed")
    await town.recorded(nobody, lambda state: state.refused)
    said = await doing("verify")
    assert (said.status, "1 account, 0 differences." in said.out) == (0, True)
    assert "1 id was only refused" in said.out
    await change(town, JOURNAL, nobody, rules=99)
    assert data(await doing("verify", "--json"), 1)["first"]["account"] == nobody


# ── the schedule


async def test_a_schedule_that_is_not_set_is_told(doing: Doing) -> None:
    said = await doing("verify", "schedule", "off")
    assert said.status == 1
    assert 'every = "1 day"' in said.err
