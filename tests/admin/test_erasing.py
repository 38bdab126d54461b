"""`admin erase`: what would go, the name typed, and what went (N12)."""

import json

import pytest

from lifecycle.signing import make_secret
from tests.admin.conftest import Admin, Doing
from tests.erasing.looking import histories_with, of_ours, rows_with
from tests.workflows.town import Town

NAME, ADDRESS = "Vera Lind", "vera.lind@example.com"


@pytest.fixture
async def vera(town: Town) -> str:
    """An account whose contact she is."""
    make_secret(town.settings)
    account = town.account("lind")
    fields = {"name": "Lind Works", "contact_name": NAME, "contact_email": ADDRESS}
    await town.update_with_start(account, fields)
    await town.win(account)
    await town.mails(1)
    return account


async def test_n12_looked_at_first_then_done_then_told(town: Town, vera: str, doing: Doing) -> None:
    """N12: --dry-run changes nothing, --yes does it, again there is nothing left; --list says who did and when."""
    seen = await doing("erase", "Lind Works", "--dry-run")
    assert seen.status == 0, seen.err
    assert "Erase everybody known of Lind Works" in seen.out
    assert "Lind Works: Contact, Contact e-mail" in seen.out
    assert await rows_with(town.store, ADDRESS)

    unsure = await doing("erase", vera)
    assert unsure.status == 1
    assert "Give --yes to do it" in unsure.err

    done = await doing("erase", vera, "--yes", "--reason", f"{NAME} wrote", "--json")
    assert done.status == 0, done.err
    told = json.loads(done.out)
    assert (told["status"], told["reason"]) == ("done", "[erased] wrote")
    assert of_ours(told["left"]) == []
    assert {"journal", "effect", "runs"} <= {one["what"] for one in told["going"]}
    assert await rows_with(town.store, ADDRESS, NAME) == []
    assert await histories_with(town.client, ADDRESS, NAME) == []

    again = await doing("erase", vera, "--yes")
    assert (again.status, again.out.strip()) == (
        0,
        "There is nothing to erase: everybody known of Lind Works.",
    )
    listed = await doing("erase", "Lind Works", "--list", "--json")
    assert [one["actor"] for one in json.loads(listed.out)["erasures"]] == ["ann"]
    past = await doing("history", vera, COLUMNS="300")
    assert "ann erases personal data: “[erased] wrote”" in past.out
    audited = await doing("audit")
    assert f"erased a person: {vera}" in audited.out


async def test_n12_by_address_in_every_account(town: Town, vera: str, doing: Doing) -> None:
    """N12: both accounts; whoever else is contact stays."""
    other = town.account("other")
    await town.update_with_start(other, {"name": "Other", "contact_name": "Bo Sand"})
    await town.update_with_start(
        town.account("third"), {"sector": f"see {ADDRESS}", "contact_email": "bo@example.com"}
    )
    done = await doing("erase", "--person", ADDRESS.upper(), "--yes", "--json")
    assert done.status == 0, done.err
    assert json.loads(done.out)["accounts"] == sorted([vera, town.account("third")])
    assert await rows_with(town.store, ADDRESS, NAME) == []
    assert await rows_with(town.store, "Bo Sand")
    assert (await town.state(town.account("third"))).fields["contact_email"] == "bo@example.com"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "It is not said whose data are to go. Name an account, or a person by address."),
        (["--person", "contact"], "It is not said whose data are to go."),
        (["acme", "--person", "contct"], "neither an address nor a role"),
        (["acme", "--also", "x"], "'x' is too short to be looked for."),
        (["acmee"], "acme"),
    ],
)
def test_n12_what_makes_no_sense_is_refused(
    looking: Admin, words: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIFECYCLE_SECRET", "s" * 32)
    answer = looking("erase", *words)
    assert answer.status == 1
    assert said in " ".join(answer.err.split())


def test_n12_without_a_secret_nothing_is_begun(looking: Admin) -> None:
    """An erased address stays out of mail by a code that the secret makes."""
    answer = looking("erase", "acme")
    assert answer.status == 1
    assert "LIFECYCLE_SECRET" in answer.err
