"""`import` end to end, the door of a CRM: real server, worker and database (R16, R20, R21, T26)."""

import csv
from datetime import UTC, datetime
from pathlib import Path

from lifecycle.importing.report import HEADER
from lifecycle.store import accounts
from lifecycle.store.ctas import WantedCtas, list_ctas
from lifecycle.store.moment import Now
from tests.importing.books import EXPORT, HERE
from tests.starter.conftest import Run
from tests.workflows.town import Town

CRM = HERE.parents[1] / "imports" / "maven_crm.yaml"


async def test_r21_a_history_comes_in_and_tells_nobody(
    starter: Run, town: Town, tmp_path: Path
) -> None:
    """R20: and again nothing is doubled. R16: bad rows come back, and the status is 1."""
    ran = await starter("import", EXPORT / "deals.yaml", "--json")
    assert ran.status == 1, ran.err
    assert (ran.data["accounts"], ran.data["events"], ran.data["applied"]) == (3, 6, 6)
    assert (ran.data["rows"]["refused"], ran.data["rows"]["nothing_to_apply"]) == (9, 1)
    assert ran.data["stages"]["customer_stages"] == {"onboarding": 2}
    assert town.outbox() == []
    now, every = Now(datetime.now(UTC)), (WantedCtas(), WantedCtas(closed=True))
    pages = [await list_ctas(town.store, wanted, now, ()) for wanted in every]
    opened = [one.cta.opened_at for page in pages for one in page.ctas]
    assert all(at > datetime(2026, 6, 1, tzinfo=UTC) for at in opened), "from then on it is live"
    with (tmp_path / "deals-report.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert (tuple(rows[0]), len(rows)) == (HEADER, 10)
    before = await town.state("Acme")
    again = await starter("import", EXPORT / "deals.yaml", "--json")
    assert (again.data["applied"], again.data["known_before"]) == (0, 6)
    after = await town.state("Acme")
    assert after.tracks == before.tracks
    assert after.fields == before.fields


async def test_a_dry_run_sends_nothing(starter: Run, town: Town) -> None:
    ran = await starter("import", EXPORT / "deals.yaml", "--dry-run", without_temporal=True)
    assert ran.status == 1
    assert "3 accounts and 6 events would be sent. Nothing was." in ran.out
    assert (await town.state("Acme")).created_at is None


async def test_a_bad_mapping_is_told_with_every_problem(starter: Run, tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text("import: x\nrows: [{file: none.csv, account: a}]\nrow: 1\n")
    ran = await starter("import", tmp_path / "m.yaml")
    assert ran.status == 1
    for said in (
        "m.yaml:2:15: error[no_file]",
        "error[unknown_key]",
        "`events` is missing.",
        "3 problems.",
    ):
        assert said in ran.out
    ran = await starter("import", tmp_path / "m.yaml", "--json")
    assert {one["code"] for one in ran.data["problems"]} >= {"no_file", "unknown_key"}


async def test_without_a_worker_it_says_what_is_pending(
    starter: Run, town: Town, tmp_path: Path
) -> None:
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "a.csv").write_text("a\nPending\n")
    (folder / "m.yaml").write_text("import: x\naccounts: {file: a.csv, account: a}\n")
    queue = f"{town.settings.task_queue}-nobody"
    ran = await starter("import", folder / "m.yaml", "--patience", "1", task_queue=queue)
    assert ran.status == 3
    assert "1 account is not recorded yet: Pending" in ran.err


async def test_the_crm_export_comes_in_whole(starter: Run, town: Town, shared_data: Path) -> None:
    """R21: 8,800 opportunities of 85 accounts; 1,425 rows name no account. R1: no deal throws anybody back."""
    ran = await starter("import", CRM, "--folder", shared_data / "maven_crm", "--json")
    assert ran.status == 1, ran.err
    assert ran.data["rows"]["reasons"] == {"account: The row names no account.": 1_425}
    assert (ran.data["accounts"], ran.data["applied"]) == (85, 13_923)
    assert ran.data["refused_by_accounts"] == {}
    assert ran.data["stages"]["customer_stages"] == {"onboarding": 85}
    assert town.outbox() == []
    visits = await accounts.visits(town.store, "Cancity", "customer_stages")
    assert [visit.stage for visit in visits] == ["onboarding"]
