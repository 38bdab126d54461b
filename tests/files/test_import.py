"""`admin import accounts` as people run it (T26, T27, R16)."""

import json
from pathlib import Path

from lifecycle.core.inputs import SetStage
from tests.admin.conftest import Doing
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
    assert "2 accounts were changed; 1 are as the file says." in said.out
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
