"""`admin export` as people run it, over the book, on both databases (T11, T21, T26, T28, R5)."""

import asyncio
import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from lifecycle.core.clock import days_in, days_overall, whole_days
from lifecycle.telling.exporting import What
from tests.admin.book import NOW, fill, lives, shipped
from tests.admin.conftest import Admin

ROOT = Path(__file__).parents[2]
Rows = list[dict[str, str]]
Export = Callable[..., Rows]


@pytest.fixture
def export(looking: Admin) -> Export:
    """The rows of an export to the standard output."""

    def run(*words: str) -> Rows:
        said = looking("export", *words)
        assert said.status == 0, said.err
        return list(csv.DictReader(io.StringIO(said.out, newline="")))

    return run


def of(rows: Rows, account: str, **more: str) -> Rows:
    return [row for row in rows if {"account": account, **more}.items() <= row.items()]


def test_t26_accounts_have_fields_stages_and_days(export: Export) -> None:
    rows = export("accounts")
    assert [row["account"] for row in rows] == ["acme", "globex", "hooli", "initech", "umbrella"]
    (acme,) = of(rows, "acme")
    assert (acme["arr"], acme["seats"], acme["renewal_date"]) == ("48000.00", "40", "2027-04-12")
    assert acme["customer_stages"] == "implementation"
    assert acme["since customer_stages"] == "2026-05-27T09:00:00Z"
    assert acme["days in stage of customer_stages"] == "5"
    assert acme["days in customer_stages"] == "58"
    assert (acme["escalation"], acme["since escalation"]) == ("None", "")
    assert of(rows, "globex")[0]["arr"] == "9000.50"


def test_t28_cancelled_accounts_have_no_days(export: Export) -> None:
    (initech,) = of(export("accounts"), "initech")
    assert initech["customer_journey"] == "churned"
    told = [initech[name] for name in initech if name.startswith("days in ")]
    assert set(told) == {""}
    sales = of(export("days"), "initech", lifecycle="sales")
    assert sales
    assert {row["days"] for row in sales} == {""}
    ended = of(export("days"), "initech", lifecycle="customer_journey", stage="onboarding")
    assert [row["days"] for row in ended] != [""]
    assert ended[0]["end_stage"] == "churned"


def test_t11_t21_days_are_the_cores_cycle_by_cycle(export: Export) -> None:
    rows = export("days")
    for life in lives(shipped()):
        life.request()
        state = life.fold.state
        for lifecycle, track in state.tracks.items():
            if track.stage is None or track.ended_at is not None:
                continue
            found = of(rows, state.account, lifecycle=lifecycle, cycle=str(track.cycle))
            days = {row["stage"]: row["days"] for row in found}
            wanted = {"": days_overall(state, track, NOW)}
            for stage in shipped().lifecycles[lifecycle].stages:
                wanted[stage.id] = days_in(state, track, stage.id, NOW)
            whole = {name: whole_days(count) for name, count in wanted.items()}
            assert days == {name: "" if n is None else str(n) for name, n in whole.items()}


def test_t22_stages_tell_every_lifecycle_of_every_account(export: Export) -> None:
    rows = export("stages")
    assert len(rows) == 5 * len(shipped().lifecycles)
    (open_,) = of(rows, "hooli", lifecycle="escalation")
    assert (open_["stage"], open_["days_in_stage"], open_["cycle"]) == ("open", "10", "1")
    (none,) = of(rows, "umbrella", lifecycle="escalation")
    assert (none["stage"], none["since"], none["days_in_stage"]) == ("None", "", "")
    (churned,) = of(rows, "initech", lifecycle="onboarding")
    assert (churned["stage"], churned["days_since_end"]) == ("called_off", "")


def test_r5_visits_tell_every_stay_also_an_undone_one(export: Export) -> None:
    rows = of(export("visits"), "hooli", lifecycle="sales")
    told = [(row["stage"], row["from_stage"], bool(row["withdrawn_at"])) for row in rows]
    assert told == [("lead", "None", False), ("customer", "lead", True)]
    assert (rows[1]["cause"], rows[1]["actor"], rows[1]["reason"]) == (
        "person",
        "ann",
        "signed on paper",
    )


def test_n3_the_journal_tells_input_changes_and_reason(export: Export) -> None:
    rows = of(export("journal"), "acme", kind="SetStage")
    (moved,) = rows
    assert moved["reason"] == "kick-off went well"
    assert "Implementation" in moved["happened"]
    assert "Implementation" in moved["changes"]
    assert json.loads(moved["input"])["stage"] == "implementation"


def test_what_fields_were(export: Export) -> None:
    rows = of(export("fields"), "acme", field="type")
    assert [(row["at"][:10], row["value"]) for row in rows] == [
        ("2026-04-02", "Prospect"),
        ("2026-04-12", "Customer"),
    ]


def test_g11_ctas_are_told(export: Export) -> None:
    rows = export("ctas")
    (stuck,) = of(rows, "umbrella")
    assert (stuck["status"], stuck["title"]) == ("open", "Stuck in Lead")
    assert (stuck["lifecycle"], stuck["closed_at"]) == ("sales", "")


def test_t16_only_the_accounts_asked_for(export: Export) -> None:
    rows = export("accounts", "--where", "type is Customer", "--where", "arr > 10000")
    assert [row["account"] for row in rows] == ["acme"]
    rows = export("accounts", "--segment", "leads")
    assert [row["account"] for row in rows] == [
        row["account"] for row in export("accounts") if row["sales"] == "lead"
    ]
    rows = export("visits", "--where", "escalation is one of open")
    assert {row["account"] for row in rows} == {"hooli"}


def test_n5_as_of_a_day_from_what_is_known_now(export: Export) -> None:
    then = export("accounts", "--as-of", "2026-05-20", "--known", "now")
    (acme,) = of(then, "acme")
    assert (acme["customer_stages"], acme["days in customer_stages"]) == ("onboarding", "46")
    assert acme["since customer_stages"] == "2026-04-12T09:00:00Z"
    assert acme["active_users"] == ""
    assert of(then, "hooli")[0]["escalation"] == "None"
    visits = of(export("visits", "--as-of", "2026-05-20", "--known", "now"), "acme")
    standing = {row["lifecycle"]: row["left_at"] for row in visits}
    assert standing["customer_stages"] == ""


def test_of_a_moment_that_is_now_the_past_says_what_the_present_says(export: Export) -> None:
    now = export("accounts")
    assert export("accounts", "--as-of", NOW.isoformat(), "--known", "now") == now
    assert export("days", "--as-of", NOW.isoformat(), "--known", "now") == export("days")


def test_n5_before_anything_was_recorded_nothing_was_known(export: Export) -> None:
    assert export("accounts", "--as-of", "2026-05-20") == []


def test_json_lines_have_numbers_and_nulls(looking: Admin, tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    said = looking("export", "accounts", str(path), "--json")
    told = json.loads(said.out)
    assert told == {"export": "accounts", "file": str(path), "format": "jsonl", "rows": 5}
    acme = json.loads(path.read_text("utf-8").splitlines()[0])
    assert (acme["arr"], acme["seats"], acme["escalation"]) == (48000.0, 40, None)
    assert looking("export", "accounts", "--json").out == path.read_text("utf-8")
    assert looking("export", "accounts", "-", "--format", "jsonl").out == path.read_text("utf-8")


def test_who_has_read_enough_may_leave(filled: Path, looking: Admin) -> None:
    command = [sys.executable, str(ROOT / "admin.py"), "export", "journal"]
    environment = {**os.environ, "LIFECYCLE_STATE_DIR": str(filled)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_a_file_that_cannot_be_is_told(looking: Admin, tmp_path: Path) -> None:
    said = looking("export", "accounts", str(tmp_path / "out.doc"), COLUMNS="300")
    assert (said.status, "Say which it is: --format csv." in said.err) == (2, True)
    said = looking("export", "accounts", str(tmp_path / "none" / "out.csv"), COLUMNS="300")
    assert (said.status, "cannot be written" in said.err) == (2, True)
    said = looking("export", "accounts", str(tmp_path / "out.csv"), "--segment", "nobodys")
    assert said.status == 1
    assert not (tmp_path / "out.csv").exists()


async def test_every_export_is_the_same_on_both_databases(
    database_url: str, admin: Admin, looking: Admin, at_now: datetime
) -> None:
    await fill(database_url)

    def both(what: What) -> tuple[Any, Any]:
        moment = ("--as-of", "2026-05-20", "--known", "now")
        here = [
            admin("export", what, *words, LIFECYCLE_DATABASE_URL=database_url).out
            for words in ((), moment)
        ]
        return here, [looking("export", what, *words).out for words in ((), moment)]

    for what in What:
        here, there = await asyncio.to_thread(both, what)
        assert here == there, what
        assert here[0].count("\n") > 1 or what is What.CTAS
