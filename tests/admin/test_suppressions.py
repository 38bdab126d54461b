"""`suppressions`: who is kept out and by whom; a list as a file, with an answer for every bad row (R16)."""

import json
from pathlib import Path

import pytest

from lifecycle.store.migrate import migrate_database
from tests.admin.conftest import Admin

ANN = ("--reason", "asked by phone")


@pytest.fixture
async def admin(admin: Admin, surroundings: Path) -> Admin:
    """Commands over an empty database."""
    await migrate_database(f"sqlite:///{surroundings / 'lifecycle.db'}")
    return admin


def test_nobody_is_suppressed_at_first(admin: Admin) -> None:
    assert admin("suppressions").out == "None.\n"


def test_add_list_and_remove_keep_who_did_it(admin: Admin) -> None:
    said = admin("suppressions", "add", "Maria@Example.com", "ben@example.com", *ANN)
    assert (said.status, said.out) == (0, "2 addresses kept out from now on.\n")
    listed = admin("suppressions", "list").out
    assert "maria@example.com" in listed
    assert "asked by phone" in listed
    assert "ann" in listed
    removed = admin(
        "suppressions", "remove", "MARIA@example.com", "--reason", "wrote to us", "--as", "bo"
    )
    assert removed.out == "MARIA@example.com may be mailed again.\n"
    assert "maria@example.com" not in admin("suppressions", "list").out
    assert "by bo: wrote to us" in " ".join(admin("suppressions", "list", "--lifted").out.split())


def test_answers_for_programs(admin: Admin) -> None:
    added = json.loads(admin("suppressions", "add", "a@x.example", *ANN, "--json").out)
    assert added == {"added": ["a@x.example"], "there_already": 0}
    again = json.loads(admin("suppressions", "add", "A@x.example", *ANN, "--json").out)
    assert again == {"added": [], "there_already": 1}
    [row] = json.loads(admin("suppressions", "list", "--json").out)["suppressions"]
    assert (row["address"], row["why"], row["actor"]) == ("a@x.example", "asked by phone", "ann")
    gone = admin("suppressions", "remove", "a@x.example", "--reason", "x", "--json")
    assert json.loads(gone.out) == {"address": "a@x.example", "lifted": 1}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "a@x.example"), "Why are they kept out?\nSay it with --reason TEXT."),
        (("add", *ANN), "Which addresses?\nName them, or a list with --from FILE."),
        (
            ("add", "a@x.example", "nobody", *ANN),
            (
                "'nobody' is not an address mail can be sent to: there is no @ in it.\n"
                "Nothing was added: correct it and give the command again."
            ),
        ),
        (("remove", "a@x.example"), "Why may it be mailed again?\nSay it with --reason TEXT."),
        (
            ("remove", "a@x.example", *ANN),
            "'a@x.example' is not suppressed.\nlifecycle admin suppressions shows who is.",
        ),
    ],
)
def test_wrong_words_are_answered(admin: Admin, words: tuple[str, ...], said: str) -> None:
    answer = admin("suppressions", *words)
    assert (answer.status, answer.err.strip()) == (1, said)
    assert admin("suppressions").out == "None.\n"


def test_a_near_miss_is_named(admin: Admin) -> None:
    admin("suppressions", "add", "maria@example.com", *ANN)
    assert "Did you mean maria@example.com?" in admin(
        "suppressions", "remove", "mario@example.com", *ANN
    ).err  # fmt: skip


def test_somebody_else_of_the_same_company_is_no_near_miss(admin: Admin) -> None:
    """Or a colleague's wish would be lifted by a slip."""
    admin("suppressions", "add", "ada@customer-success.example.com", *ANN)
    said = admin("suppressions", "remove", "zoe@customer-success.example.com", *ANN).err
    assert said.endswith("lifecycle admin suppressions shows who is.\n")


def test_a_list_is_taken_row_by_row(admin: Admin, surroundings: Path) -> None:
    """R16: good rows are taken, bad ones told with line, column, value and reason; status 1."""
    file = surroundings / "left.csv"
    file.write_text(
        "E-mail,reason\n"
        "maria@example.com,\n"
        "not an address,\n"
        "ben@example.com,bounced\n"
        ",\n"
        "eve@exa mple.com,x\n"
        "too,many,cells\n",
        encoding="utf-8",
    )
    report = surroundings / "report.csv"
    said = admin("suppressions", "add", "--from", str(file), *ANN, "--report", str(report))
    assert said.status == 1
    assert "2 addresses kept out from now on." in said.out
    assert "3 rows were refused." in said.out
    told = report.read_text()
    assert 'left.csv,3,E-mail,not an address,"' in told
    assert "left.csv,6,E-mail,eve@exa mple.com," in told
    assert "left.csv,7,," in told
    rows = json.loads(admin("suppressions", "list", "--json").out)["suppressions"]
    assert {row["address"]: row["why"] for row in rows} == {
        "maria@example.com": "asked by phone",
        "ben@example.com": "bounced",
    }


def test_a_clean_list_is_taken_and_taken_again(admin: Admin, surroundings: Path) -> None:
    file = surroundings / "left.csv"
    file.write_text("\ufeffaddress;note\nmaria@example.com;x\nben@example.com;y\n")
    first = admin("suppressions", "add", "--from", str(file), *ANN)
    assert (first.status, first.out) == (0, "2 addresses kept out from now on.\n")
    again = admin("suppressions", "add", "--from", str(file), *ANN)
    assert again.out == "0 addresses kept out from now on. 2 were already.\n"


def test_a_list_without_addresses_is_refused(admin: Admin, surroundings: Path) -> None:
    file = surroundings / "left.csv"
    file.write_text("name,adress\nMaria,maria@example.com\n")
    said = admin("suppressions", "add", "--from", str(file), *ANN, COLUMNS="300")
    assert said.status == 1
    assert "has no column `address`." in said.err
    assert "Did you mean adress?" in said.err
    nowhere = str(surroundings / "none.csv")
    missing = admin("suppressions", "add", "--from", nowhere, *ANN, COLUMNS="300")
    assert missing.status == 1
    assert "cannot be read" in missing.err


def test_pages(admin: Admin) -> None:
    admin("suppressions", "add", *(f"p{number}@x.example" for number in range(5)), *ANN)
    first = admin("suppressions", "list", "--limit", "3").out
    assert "p4@x.example" in first
    assert "There is more: --before 3" in first
    assert "p1@x.example" in admin("suppressions", "list", "--before", "3").out
    assert "1 row." in admin("suppressions", "list", "--search", "P2@").out
