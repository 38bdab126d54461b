"""Versions tried with a share, followed and brought back from the command line (N7, R24)."""

import json
import shutil
from pathlib import Path

import pytest

from tests.admin.book import SHIPPED
from tests.admin.conftest import Doing
from tests.admin.test_definitions import edit
from tests.workflows.town import Town

WIDE = {"COLUMNS": "300"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped definitions, with another version of the journey."""
    found = Path(shutil.copytree(SHIPPED, tmp_path / "definitions"))
    edit(found, "customer_journey.yaml", "version: 1", "version: 2")
    edit(found, "customer_journey.yaml", "        after: 14 days", "        after: 45 days")
    return found


async def test_n7_tried_looked_at_and_brought_back(doing: Doing, town: Town, folder: Path) -> None:
    """N7: what changes, how it goes, and what going back does, in words and as JSON."""
    accounts = [town.account(name) for name in ("a", "b", "c")]
    for account in accounts:
        await town.win(account)
    told = await doing("definitions", "diff", "customer_journey", "--folder", str(folder), **WIDE)
    assert "Customer journey: version 1 → the folder" in told.out
    assert "two_weeks_passed: 14 days after entering Onboarding" in told.out
    words = ("--policy", "at once", "--share", "99", "--watch", "3d", "--say", "More time.")
    said = await doing("definitions", "publish", str(folder), *words, **WIDE)
    assert (said.status, said.err) == (0, "")
    assert "5 checks pass." in said.out
    assert "It is watched until" in said.out
    listed = json.loads((await doing("definitions", "publications", "--json")).out)
    [one] = [row for row in listed["publications"] if row["lifecycle"] == "customer_journey"]
    name = one["name"]
    looked = await doing("definitions", "publication", name, "--look", "--json")
    seen = json.loads(looked.out)
    assert (seen["status"], seen["said"], seen["before"]) == ("watching", "More time.", 1)
    assert set(seen["verdicts"]) == {"as promised"}
    assert "as promised." in (await doing("definitions", "publication", name, **WIDE)).out
    unsure = await doing("definitions", "roll-on", name, **WIDE)
    assert unsure.status == 1
    assert "more are told." in unsure.out or "was told already." in unsure.out
    assert "New accounts begin with version 2." in unsure.out
    assert "would be rolled on to all accounts. Give --yes" in unsure.err.replace("\n", " ")
    await brought_back(doing, name)
    for command in (("publish", str(folder), *words), ("check", str(folder))):
        again = await doing("definitions", *command)
        assert again.status == 1
        assert "Version 2 of Customer journey was brought back" in again.err
    assert "Write `version: 3`" in again.err.replace("\n", " ")
    for account in accounts:
        assert (await town.state(account)).versions["customer_journey"] == 1


async def brought_back(doing: Doing, name: str) -> None:
    """What it does comes first, and it asks."""
    unsure = await doing("definitions", "roll-back", name, "--reason", "too slow")
    assert unsure.status == 1
    assert "Version 1 would be brought back. Give --yes to do it." in unsure.err.replace("\n", " ")
    back = await doing("definitions", "roll-back", name, "--reason", "x", "--yes", **WIDE)
    assert back.status == 0
    assert "run version 1 again." in back.out
    assert "Version 1 was brought back" in back.out


async def test_what_makes_no_sense_is_refused_with_what_to_do(doing: Doing, folder: Path) -> None:
    bad = {
        ("--share", "5", "--watch", "soon"): "'soon' is no length of time.",
        ("--share", "5", "--watch", "1s"): "is no length of time.",
    }
    for words, told in bad.items():
        said = await doing("definitions", "publish", str(folder), "--policy", "never", *words)
        assert (said.status, told in said.err) == (1, True), said.err
    unknown = await doing("definitions", "publication", "sales-7")
    assert "There is no publication 'sales-7'." in unknown.err
