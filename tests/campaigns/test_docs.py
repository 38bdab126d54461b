"""docs/campaigns.md says what is: its commands are run, its words compared with the product's."""

import re
import shlex
from pathlib import Path

import typer
from temporalio import workflow

from activities import campaign as activity
from lifecycle.console.campaign import app
from lifecycle.mail.campaigns import LACKING
from lifecycle.store.campaigns import ACCOUNTS_A_PAGE
from lifecycle.store.tables import EffectStatus
from tests.campaigns.conftest import Commands
from tests.campaigns.stand import Stand
from workflows.campaign import Campaign
from workflows.mails import AT_ONCE

DOCS = (Path(__file__).parents[2] / "docs" / "campaigns.md").read_text()


async def test_its_commands_work_as_they_stand(stand: Stand, commands: Commands) -> None:
    await stand.people(["ada", "bob"])
    await stand.prospect("ada")
    typed = re.findall(r"^\$ lifecycle admin (.*)$", DOCS, re.MULTILINE)
    assert len(typed) == 2
    for line in typed:
        words = shlex.split(line)
        said = await commands(*words, *(["--yes"] if "send" in words else []))
        assert said.status == 0, said.err
        assert (
            "“prospect_invitation” to the contact of the segment prospects\nSales is in Prospect"
            in said.out
        )
    stand.name = "june-invitation"
    await stand.end()
    assert stand.reached() == ["ada@example.com"]


def test_its_commands_are_all_there_are() -> None:
    known = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
    assert set(re.findall(r"campaign ([a-z]+)", DOCS)) & known == known


def test_its_outcomes_are_all_there_are() -> None:
    table = DOCS.partition("| outcome |")[2].partition("\n\n")[0]
    told = set(re.findall(r"^\| `(\w+)`", table, re.MULTILINE))
    assert told | {"sending"} == {status.value for status in EffectStatus}


def test_its_messages_are_the_workflow_s() -> None:
    definition = workflow._Definition.must_from_class(Campaign)
    for name in (*definition.queries, *(name for name in definition.updates if name != "begin")):
        assert f"`{name}`" in DOCS


def test_its_numbers_are_the_product_s() -> None:
    assert f"({ACCOUNTS_A_PAGE} at a time)" in DOCS
    assert f"At most {AT_ONCE} mails" in DOCS
    waits = [activity._next_wait(tries).total_seconds() / 60 for tries in (1, 2, 3, 20)]
    assert waits == [1, 2, 4, 60]
    assert all(f"`{name}`" in DOCS for name in LACKING)
