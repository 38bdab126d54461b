"""`admin import accounts` as people run it (T26, T27, R16)."""

import csv
import json
from datetime import datetime
from pathlib import Path

import pytest

from lifecycle.client import Lifecycles
from lifecycle.core.inputs import SetFields, SetStage
from lifecycle.files import sending
from lifecycle.files.wanted import Change
from tests.admin.conftest import Admin, Doing
from tests.workflows.town import Town


def sheet(folder: Path, town: Town, text: str) -> str:
    """Writes accounts.csv; `@` stands for the test's own suffix of account ids."""
    path = folder / "accounts.csv"
    path.write_text(text.replace("@", f"-{town.prefix}"), encoding="utf-8")
    return str(path)


async def started(town: Town, *names: str) -> None:
    for name in names:
        await town.update_with_start(town.account(name), {"name": name.title()})


GOOD = """account,ARR,plan,Customer journey,sales,renewal_date
a@,1200.50,pro,Onboarding,,2027-01-31
b@,,,launched,None,
c@,,,,,
"""


async def test_t26_a_sheet_sets_fields_and_stages(doing: Doing, town: Town, tmp_path: Path) -> None:
    await started(town, "a", "b", "c")
    path = sheet(tmp_path, town, GOOD)
    said = await doing("import", "accounts", path)
    assert said.status == 0, said.err + said.out
    assert "2 accounts were changed; 1 is as the file says." in said.out
    a, b = await town.state(town.account("a")), await town.state(town.account("b"))
    assert (a.fields["arr"], a.fields["plan"]) == (120_050, "Pro")
    assert a.tracks["customer_journey"].stage == "onboarding"
    assert b.tracks["customer_journey"].stage == "launched"
    assert b.tracks["sales"].stage is None
    entry = (await town.journal(town.account("b")))[-1]
    assert isinstance(entry.input, SetStage)
    assert (entry.input.actor, entry.input.reason) == ("ann", "From accounts.csv")
    again = await doing("import", "accounts", path, "--json")
    assert again.status == 0
    assert (json.loads(again.out)["changed"], json.loads(again.out)["unchanged"]) == (0, 3)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("", "Nothing changes: the file has no rows.\n"),
        ("a@,lots\n", "Nothing changes.\n1 row was refused."),
    ],
)
async def test_a_file_without_a_good_row_says_what_it_is(
    doing: Doing, town: Town, tmp_path: Path, rows: str, said: str
) -> None:
    """Not that none of its accounts are as it says."""
    await started(town, "a")
    path = sheet(tmp_path, town, f"account,arr\n{rows}")
    answer = await doing("import", "accounts", path)
    assert answer.out.startswith(said)
    assert answer.status == bool(rows)


BAD = """account,arr,plan,sales,csm_email,health,onboarding,since sales,days in sales
a@,lots,Gold,Leed,none@,red,None,2001-01-01,9
b@,5,,customer,,,,,
zz@,5,,,,,,,
b@,6,,,,,,,
c@,"1,5",,prospect,,,,,
"""


async def test_r16_good_rows_are_applied_and_bad_ones_come_back(
    doing: Doing, town: Town, tmp_path: Path
) -> None:
    await started(town, "a", "b", "c")
    path, errors = sheet(tmp_path, town, BAD), tmp_path / "errors.csv"
    said = await doing("import", "accounts", path, "--errors", str(errors))
    assert said.status == 1
    assert "1 account was changed" in said.out
    assert "4 rows were refused." in said.out
    assert (await town.state(town.account("b"))).fields["arr"] == 500
    assert "arr" not in (await town.state(town.account("a"))).fields
    rows = list(csv.reader(errors.read_text("utf-8").splitlines()))
    place = {(int(line), column): (value, reason) for _, line, column, value, reason, _ in rows[1:]}
    assert place[2, "arr"] == ("lots", "'lots' is not an amount of money.")
    assert "not one of the choices" in place[2, "plan"][1]
    assert place[2, "sales"] == ("Leed", "Sales has no stage 'Leed'. Did you mean lead?")
    assert "is not an e-mail address" in place[2, "csm_email"][1]
    assert place[2, "health"] == ("red", "only the scorecard writes it.")
    assert "The engine counts this itself" in place[2, "since sales"][1]
    assert "and it is 0 now" in place[2, "days in sales"][1]
    assert place[4, "account"][1].startswith(f"There is no account '{town.account('zz')}'.")
    assert place[5, "account"][1] == "The account stands in line 3 already."
    assert place[6, "arr"] == ("1,5", "'1,5' is not an amount of money like 1234.50.")
    assert (2, "onboarding") not in place


async def test_t27_a_stage_that_is_none_or_disabled_is_refused(
    doing: Doing, town: Town, tmp_path: Path
) -> None:
    await started(town, "a")
    path = sheet(tmp_path, town, "account,sales\na@,Custmer\n")
    said = await doing("import", "accounts", path, "--json")
    assert said.status == 1
    rows = json.loads(said.out)["rows"]
    assert rows["refused"] == 1
    (first,) = rows["first"]
    assert (first["line"], first["column"], first["value"]) == (2, "sales", "Custmer")
    assert first["reason"] == "Sales has no stage 'Custmer'. Did you mean customer?"


async def test_r16_atomic_is_all_or_none(doing: Doing, town: Town, tmp_path: Path) -> None:
    await started(town, "a", "b", "c")
    said = await doing("import", "accounts", sheet(tmp_path, town, BAD), "--atomic")
    assert said.status == 1
    assert "Nothing was changed: with --atomic it is all or none." in said.out
    assert "arr" not in (await town.state(town.account("b"))).fields
    good = sheet(tmp_path, town, "account,arr\na@,1\nb@,2\n")
    said = await doing("import", "accounts", good, "--atomic", "--reason", "agreed prices")
    assert said.status == 0, said.out
    entry = (await town.journal(town.account("a")))[-1]
    assert isinstance(entry.input, SetFields)
    assert entry.input.reason == "agreed prices"


async def test_a_dry_run_tells_and_changes_nothing(
    doing: Doing, town: Town, tmp_path: Path
) -> None:
    await started(town, "a", "b")
    text = "account,arr,sales\na@,10,customer\nb@,,\nnew@,5,\n"
    path = sheet(tmp_path, town, text)
    said = await doing("import", "accounts", path, "--dry-run", "--create")
    assert said.status == 0, said.out
    assert "2 accounts would be changed, 1 of them started" in said.out
    assert "Nothing was." in said.out
    for word in ("not there", "started", "lead", "customer", "10"):
        assert word in said.out
    assert "arr" not in (await town.state(town.account("a"))).fields
    assert (await town.state(town.account("new"))).created_at is None


async def test_r2_create_starts_accounts_and_puts_them_where_the_file_says(
    doing: Doing, town: Town, tmp_path: Path
) -> None:
    text = "account,name,sales,customer_journey\nn1@,New,prospect,\nn2@,Newer,None,onboarding\nn3@,,,\n"
    path = sheet(tmp_path, town, text)
    said = await doing("import", "accounts", path)
    assert said.status == 1
    assert "Say --create to start it." in said.out
    said = await doing("import", "accounts", path, "--create")
    assert said.status == 0, said.out
    assert "3 accounts were changed, 3 of them started" in said.out
    one, two, three = [await town.state(town.account(name)) for name in ("n1", "n2", "n3")]
    assert (one.fields["name"], one.tracks["sales"].stage) == ("New", "prospect")
    assert two.tracks["sales"].stage is None
    assert two.tracks["customer_journey"].stage == "onboarding"
    assert three.created_at is not None
    again = await doing("import", "accounts", path, "--create", "--json")
    assert json.loads(again.out)["unchanged"] == 3


async def test_none_clears_and_an_empty_cell_changes_nothing(
    doing: Doing, town: Town, tmp_path: Path
) -> None:
    await started(town, "a", "b")
    path = sheet(tmp_path, town, "account,plan,arr\na@,Pro,5\nb@,Pro,5\n")
    await doing("import", "accounts", path)
    path = sheet(tmp_path, town, "account,plan,arr,sales\na@,None,,None\nb@,,,\n")
    said = await doing("import", "accounts", path)
    assert said.status == 0, said.out
    a, b = await town.state(town.account("a")), await town.state(town.account("b"))
    assert (a.fields.get("plan"), a.fields["arr"], a.tracks["sales"].stage) == (None, 500, None)
    assert (b.fields["plan"], b.tracks["sales"].stage) == ("Pro", "lead")


async def test_r18_an_account_that_went_on_since_the_export_comes_back_unless_anyway(
    doing: Doing, town: Town, tmp_path: Path
) -> None:
    await started(town, "a")
    account = town.account("a")
    path = tmp_path / "export.csv"
    assert (await doing("export", "accounts", str(path))).status == 0
    await town.forward(account, hours=1)
    await doing("set", account, "sales", "prospect", "--reason", "they called")
    said = await doing("import", "accounts", str(path))
    assert said.status == 1
    assert "The engine counts this itself" in said.out
    assert (await town.state(account)).tracks["sales"].stage == "prospect"
    said = await doing("import", "accounts", str(path), "--anyway")
    assert said.status == 0, said.out
    assert (await town.state(account)).tracks["sales"].stage == "lead"


async def test_what_an_account_refuses_after_all_comes_back(
    doing: Doing, town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the check and the account somebody else moved it."""
    await started(town, "a", "b")
    account = town.account("a")
    path = sheet(tmp_path, town, "account,sales,arr\na@,customer,5\nb@,customer,\n")
    send = sending.Sender.send

    async def too_late(self: sending.Sender, changes: list[Change], now: datetime) -> None:
        accounts = Lifecycles(self.changes.client, self.changes.task_queue)
        await accounts.set_stage(account, "sales", "prospect", actor="bo", reason="called")
        await send(self, changes, now)

    monkeypatch.setattr(sending.Sender, "send", too_late)
    said = await doing("import", "accounts", path, "--json")
    assert said.status == 1
    data = json.loads(said.out)
    (first,) = data["rows"]["first"]
    assert (first["line"], first["column"], first["value"]) == (2, "sales", "customer")
    assert "Sales has changed since you looked: Prospect" in first["reason"]
    assert data["changed"] == 1
    assert (await town.state(account)).tracks["sales"].stage == "prospect"
    assert (await town.state(town.account("b"))).tracks["sales"].stage == "customer"


async def test_the_sheet_itself_is_not_written_over(admin: Admin, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("account\n")
    said = admin("import", "accounts", str(path), "--errors", str(tmp_path / "." / "x.csv"))
    assert (said.status, path.exists()) == (2, True)


async def test_a_wrong_header_or_file_is_told_whole(doing: Doing, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("acount,nme,ARR,arr\n1,2,3,4\n")
    said = await doing("import", "accounts", str(path))
    assert said.status == 1
    for part in ("no column 'account'", "Did you mean name?", "'ARR' and 'arr' mean the same"):
        assert part in " ".join(said.err.split())
    said = await doing("import", "accounts", str(tmp_path / "none.csv"))
    assert (said.status, "none.csv cannot be read" in " ".join(said.err.split())) == (1, True)
