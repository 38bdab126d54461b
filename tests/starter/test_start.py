"""`start` and `start-many` as people run them: the doors of hand and CSV (R2, R16, T26, V6)."""

from pathlib import Path

from lifecycle.core.inputs import CreateAccount
from tests.starter.conftest import Run
from tests.workflows.town import Town


async def test_v6_an_account_is_started_by_hand_and_says_who(starter: Run, town: Town) -> None:
    account = town.account()
    ran = await starter("start", account, "name=Acme", "arr=12000", "--as", "Ann")
    assert ran.status == 0, ran.err
    assert "Lead" in ran.out
    state = await town.state(account)
    assert (state.fields["name"], state.fields["arr"]) == ("Acme", 1_200_000)
    assert state.tracks["sales"].stage == "lead"
    (entry, *_) = await town.journal(account)
    assert isinstance(entry.input, CreateAccount)
    assert entry.input.actor == "Ann"


async def test_r2_starting_again_attaches(starter: Run, town: Town) -> None:
    account = town.account()
    await starter("start", account, "name=Acme")
    ran = await starter("start", account, "seats=5", "--json")
    assert ran.status == 0, ran.err
    assert ran.data["account"] == account
    state = await town.state(account)
    assert (state.fields["name"], state.fields["seats"]) == ("Acme", 5)


async def test_r16_every_wrong_field_is_named_and_nothing_started(starter: Run, town: Town) -> None:
    account = town.account()
    ran = await starter("start", account, "arr=lots", "nme=Acme", "--json")
    assert ran.status == 1
    said = ran.err + ran.out
    assert "'lots' is not an amount of money." in said
    assert "Did you mean name?" in said
    assert (await town.state(account)).created_at is None
    ran = await starter("start", "a\tb")
    assert (ran.status, "is no account id" in ran.err) == (1, True)


async def test_no_server_is_told_within_seconds(starter: Run) -> None:
    ran = await starter("start", "acme", without_temporal=True)
    assert ran.status == 3
    assert "No Temporal server at 127.0.0.1:9" in ran.err


def accounts_csv(folder: Path, town: Town, *rows: str) -> Path:
    file = folder / "accounts.csv"
    text = "\n".join(["account,name,arr", *rows]).replace("@", f"-{town.prefix}")
    file.write_text(text, encoding="utf-8")
    return file


ROWS = ("a@,Alpha,100", "b@,Beta,many", ",Nobody,5", "c@,,", "a@,Again,7")


async def test_r16_good_rows_are_started_and_bad_ones_come_back(
    starter: Run, town: Town, tmp_path: Path
) -> None:
    ran = await starter("start-many", accounts_csv(tmp_path, town, *ROWS))
    assert ran.status == 1
    assert "2 accounts started" in ran.out
    assert "3 rows were refused." in ran.out
    assert (await town.state(town.account("a"))).fields["arr"] == 10_000
    assert (await town.state(town.account("c"))).created_at is not None
    assert (await town.state(town.account("b"))).created_at is None
    report = (tmp_path / "accounts-report.csv").read_text().splitlines()
    assert report[1] == "accounts.csv,3,arr,many,'many' is not an amount of money.,refused"
    places = [line.split(",")[1:3] for line in report[1:]]
    assert places == [["3", "arr"], ["4", "account"], ["6", "account"]]


async def test_r16_atomic_starts_all_or_none(starter: Run, town: Town, tmp_path: Path) -> None:
    file = accounts_csv(tmp_path, town, *ROWS)
    ran = await starter("start-many", file, "--atomic")
    assert ran.status == 1
    assert "Nothing was started" in ran.out
    assert (await town.state(town.account("a"))).created_at is None
    accounts_csv(tmp_path, town, ROWS[0], ROWS[3])
    ran = await starter("start-many", file, "--atomic", "--json")
    assert ran.status == 0, ran.err
    assert sorted(ran.data["accounts"]["started"]) == [town.account("a"), town.account("c")]
    assert not (tmp_path / "accounts-report.csv").exists()


async def test_r16_an_empty_cell_changes_nothing(starter: Run, town: Town, tmp_path: Path) -> None:
    await starter("start-many", accounts_csv(tmp_path, town, "a@,Alpha,100"))
    ran = await starter("start-many", accounts_csv(tmp_path, town, "a@,,200"), "--json")
    assert ran.data["accounts"]["changed"] == [town.account("a")]
    state = await town.state(town.account("a"))
    assert (state.fields["name"], state.fields["arr"]) == ("Alpha", 20_000)
    ran = await starter("start-many", accounts_csv(tmp_path, town, "a@,,200"), "--json")
    assert ran.data["accounts"]["unchanged"] == [town.account("a")]


async def test_r16_a_wrong_header_is_told_whole(starter: Run, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("acount,nme,health\n1,2,3\n")
    ran = await starter("start-many", tmp_path / "x.csv")
    assert ran.status == 1
    for said in (
        "There is no column 'account'.",
        "Unknown field 'nme'. Did you mean name?",
        "scorecard",
    ):
        assert said in ran.err
    ran = await starter("start-many", tmp_path / "none.csv")
    assert (ran.status, "none.csv cannot be read" in ran.err) == (1, True)
