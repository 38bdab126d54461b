"""`report late`, `stuck`, `manual`, `mail`, `forecast`, `health`, and `scorecard`, as people and programs ask them."""

import csv
import json
import shutil
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lifecycle.contract import RecordRequest
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import Input, SetFields, SetStage, Undo
from lifecycle.core.state import AccountState
from lifecycle.settings import load
from lifecycle.store.accounts import stored_state
from lifecycle.store.definitions import book_for
from lifecycle.store.effects import WantedEffects, effects, failed, resend, skipped
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.record import record
from tests.admin.conftest import Admin, Said
from tests.definitions.sources import book
from tests.reports.scene import NOW

REPORTS = {
    "late": (),
    "stuck": (),
    "manual": ("--from", "400d"),
    "mail": ("--from", "400d"),
    "forecast": ("--days", "30"),
    "health": ("--by", "month", "--from", "200d"),
}
THEN = ("--as-of", "2026-05-20")


def data(said: Said) -> Any:
    assert (said.status, said.err) == (0, "")
    return json.loads(said.out)


def rows(said: Said) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = data(said)["rows"]
    return found


@pytest.mark.parametrize("width", ["80", "120"])
@pytest.mark.parametrize("name", REPORTS)
def test_tables_fit_the_terminal(name: str, width: str, report: Admin) -> None:
    said = report(name, *REPORTS[name], COLUMNS=width)
    assert (said.status, said.err) == (0, "")
    assert max(map(len, said.out.splitlines())) <= int(width)
    assert len(rows(report(name, *REPORTS[name], "--json"))) > 1


@pytest.mark.parametrize("name", REPORTS)
def test_csv_and_json_say_the_same(name: str, report: Admin, tmp_path: Path) -> None:
    file = tmp_path / "report.csv"
    assert report(name, *REPORTS[name], "--csv", str(file)).status == 0
    with file.open() as lines:
        written = list(csv.DictReader(lines))
    asked = rows(report(name, *REPORTS[name], "--json"))
    assert [{key: _cell(value) for key, value in one.items()} for one in asked] == written


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value)


# ── late and stuck


def test_g15_late_is_told_worst_first_with_what_should_have_moved_it(report: Admin) -> None:
    """G15, R19: days in the stage, days over, and the automations with what each waits for."""
    found = rows(report("late", "--lifecycle", "customer_journey", "--json"))
    assert [one["over"] for one in found] == sorted((one["over"] for one in found), reverse=True)
    launched = next(one for one in found if one["stage"] == "launched")
    first = launched["automations"][0]
    assert (first["automation"], first["why"]) == ("customer_journey.adopted", "condition")
    assert "” does not hold (" in first["waits_for"]
    timer = next(one for one in launched["automations"] if one["why"] == "timer")
    assert timer["at"] > NOW.isoformat()
    assert launched["days"] == launched["over"] + int(launched["limit"].split()[0])


def test_g15_the_longest_are_shown_and_the_rest_is_counted(report: Admin) -> None:
    everyone = rows(report("late", "--json"))
    some = rows(report("late", "--limit", "3", "--json"))
    accounts = len({one["account"] for one in everyone})
    assert (len(some), [one for one in some if one not in everyone]) == (3, [])
    said = " ".join(report("late", "--limit", "3").out.split())
    shown = f"Shown: 3 of {len(everyone)} rows ({accounts} accounts), those that are late"
    assert f"{shown} for the longest. --limit shows more." in said
    assert min(one["over"] for one in some) >= sorted(one["over"] for one in everyone)[-4]


def test_g15_late_is_what_show_tells(report: Admin, admin: Admin) -> None:
    """R10, R19: every account that `show` calls late or stuck, and no other."""
    flags: set[tuple[str, str, str]] = set()
    for one in json.loads(admin("list", "--limit", "500", "--json").out)["accounts"]:
        if one["status"] != "cancelled":
            for lifecycle, at in one["stages"].items():
                flags |= {
                    (kind, one["account"], lifecycle) for kind in ("late", "stuck") if at[kind]
                }
    told = {
        (kind, one["account"], one["lifecycle"])
        for kind in ("late", "stuck")
        for one in rows(report(kind, "--json"))
    }
    assert told == flags


def test_t16_late_is_asked_of_a_segment_and_a_day(report: Admin) -> None:
    """T16, N5: as of a day, with the days of that day."""
    csm = rows(report("late", "--json"))[0]["csm"]
    mine = rows(report("late", "--where", f"csm is {csm}", "--json"))
    assert {one["csm"] for one in mine} == {csm}
    then = data(report("late", *THEN, "--json"))
    assert then["as_of"].startswith("2026-05-20T23:59:59")
    now = {(one["account"], one["lifecycle"]): one for one in rows(report("late", "--json"))}
    both = [one for one in then["rows"] if (one["account"], one["lifecycle"]) in now]
    assert both
    for one in both:
        assert now[one["account"], one["lifecycle"]]["days"] - one["days"] in (11, 12)


# ── by hand


def test_g15_moves_by_hand_by_person_and_by_reason(report: Admin) -> None:
    """G15, V9, R13: grouped, and each with account and date; undos beside."""
    groups = rows(report("manual", "--from", "2023-01-01", "--json"))
    each = rows(report("manual", "--from", "2023-01-01", "--list", "--json"))
    assert sum(one["number"] for one in groups) == len(each)
    assert {one["verb"] for one in each} == {"move", "undo"}
    undone = [one for one in each if one["undone"]]
    undos = [one for one in each if one["verb"] == "undo"]
    assert [one["account"] for one in undone] == [one["account"] for one in undos]
    assert [(one["from"], one["to"]) for one in undos] == [
        (one["to"], one["from"]) for one in undone
    ]
    out = report("manual", "--from", "2023-01-01", COLUMNS="200").out
    assert "By person: " in out
    assert "By reason: " in out
    assert "took back: Mature Adoption → Early Adoption" in out


def test_g15_a_period_and_a_lifecycle_limit_the_moves(report: Admin) -> None:
    each = rows(report("manual", "--from", "2023-01-01", "--list", "--json"))
    day = each[len(each) // 2]["at"][:10]
    of_day = rows(report("manual", "--from", day, "--to", day, "--list", "--json"))
    assert of_day == [one for one in each if one["at"][:10] == day]
    sales = rows(report("manual", "--from", "2023-01-01", "-l", "sales", "--list", "--json"))
    assert sales == [one for one in each if one["lifecycle"] == "sales"]


# ── forecast


def test_g13_the_forecast_of_all_is_the_sum_of_every_accounts(report: Admin, admin: Admin) -> None:
    """N4, G13: `forecast ACCOUNT`, added up."""
    found = rows(report("forecast", "--days", "30", "--json"))
    kinds = {"StageEntered": "move", "BecameLate": "late", "BecameStuck": "stuck"}
    kinds |= {"CtaBecameOverdue": "cta", "MailDue": "mail"}
    expected: dict[str, int] = dict.fromkeys(kinds.values(), 0)
    for one in json.loads(admin("list", "--limit", "500", "--json").out)["accounts"]:
        told = json.loads(admin("forecast", one["account"], "--days", "30", "--json").out)
        for step in told["forecast"]:
            for change in step["entry"]["changes"]:
                if change["is"] in kinds:
                    expected[kinds[change["is"]]] += 1
    counted = dict.fromkeys(expected, 0)
    for one in found:
        if one["kind"] in counted:
            counted[one["kind"]] += one["number"]
    assert counted == expected


def test_g13_a_forecast_tells_owners_csms_and_steps(report: Admin) -> None:
    days = data(report("forecast", "--days", "30", "--json"))
    weeks = rows(report("forecast", "--days", "30", "--by", "week", "--json"))
    assert {date.fromisoformat(one["from"]).weekday() for one in weeks[1:]} <= {0}
    assert sum(one["number"] for one in days["rows"]) == sum(one["number"] for one in weeks)
    owners = {one["owner"] for one in days["rows"] if one["kind"] == "cta"}
    assert owners > {"csm"}
    assert "" not in owners
    by_csm = rows(report("forecast", "--days", "30", "--by-csm", "--json"))
    assert {one["csm"] for one in by_csm} > {None}
    said = report("forecast", "--days", "30").out
    assert f"Of {days['accounts']} accounts, nothing falls into this time for" in said
    assert days["nothing_ahead"] > 0


def test_n5_a_forecast_as_of_now_is_the_forecast(report: Admin) -> None:
    """N4, N5: foretold anew from the journal, or read as it was kept."""
    kept = data(report("forecast", "--days", "30", "--json"))
    anew = data(report("forecast", "--days", "30", "--as-of", "2026-06-01 09:00", "--json"))
    assert (kept["rows"], kept["nothing_ahead"]) == (anew["rows"], anew["nothing_ahead"])


# ── health


def test_t16_why_an_account_is_in_its_band(report: Admin, admin: Admin) -> None:
    """T16, N3: every measure with its points, the line that decided and its value; they add up to the score."""
    bands = {one["band"]: one for one in rows(admin("scorecard", "--json"))}
    assert bands["yellow"]["accounts"] > 0
    listed = json.loads(admin("list", "--limit", "500", "--json").out)["accounts"]
    account = next(
        one["account"]
        for one in listed
        if data(admin("health", one["account"], "--json"))["score"]["band"] == "yellow"
    )
    view = data(admin("scorecard", "health", "--account", account, "--json"))
    score = view["score"]
    assert score == data(admin("health", account, "--json"))["score"]
    assert sum(part["adds"] or 0 for part in score["parts"]) == pytest.approx(
        score["score"], abs=0.5
    )
    assert all(part["because"] for part in score["parts"])
    assert score["is_written"]
    assert score["written"] == [score["score"], score["band"]]
    latest = view["history"][0]
    assert (latest["score"], latest["band"]) == (score["score"], score["band"])
    assert latest["because"]
    out = admin("health", account).out
    assert f"{score['score']}: yellow until it falls below 40; green from 75" in out
    assert "Most is lost by" in out


def test_t16_an_account_the_scorecard_is_not_for(admin: Admin, report: Admin) -> None:
    listed = json.loads(admin("list", "--type", "prospect", "--json").out)["accounts"]
    view = data(admin("health", listed[0]["account"], "--json"))["score"]
    assert (view["score"], view["parts"]) == (None, [])
    assert view["outside"] == ["type is Customer (type = Prospect)"]
    assert "Not for this account" in admin("health", listed[0]["account"]).out


def test_n5_a_score_as_of_a_day(admin: Admin, report: Admin) -> None:
    """N5: with the history up to that day."""
    account = rows(report("late", "-l", "customer_journey", "--json"))[0]["account"]
    now, then = (
        data(admin("health", account, "--json")),
        data(admin("health", account, *THEN, "--json")),
    )
    assert then["at"].startswith("2026-05-20")
    assert then["history"] == [one for one in now["history"] if one["at"] <= then["at"]]
    early = admin("health", account, "--as-of", "2020-01-01")
    assert (early.status, "did not exist" in early.err) == (1, True)


def test_g10_health_over_time_ends_where_the_scorecard_is(admin: Admin, report: Admin) -> None:
    points = rows(report("health", "--json"))
    today = [one for one in points if one["day"] == "2026-06-01"]
    assert {one["band"]: (one["accounts"], one["arr_cents"]) for one in today} == {
        one["band"]: (one["accounts"], one["arr_cents"])
        for one in rows(admin("scorecard", "--json"))
    }


# ── run again


async def test_n5_last_quarters_reports_run_again_give_last_quarters_numbers(
    admin: Admin,
    report: Admin,
    demo: Path,
    surroundings: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """N5: whatever is undone, moved, renamed, sent or failed since, the answer stays byte for byte."""
    shutil.copytree(demo, surroundings, dirs_exist_ok=True)
    monkeypatch.setenv("LIFECYCLE_STATE_DIR", str(surroundings))
    asked = [
        ("report", name, *REPORTS[name], *more, "--as-of", at, "--json")
        for name in REPORTS
        for at in ("2026-03-31", "2026-06-01 09:00")
        for more in ([("--list",), ()] if name == "manual" else [()])
    ]
    asked += [("scorecard", "--as-of", "2026-03-31", "--json")]
    accounts = [one["account"] for one in rows(report("late", "--json"))]
    asked += [("health", one, "--as-of", "2026-06-01 09:00", "--json") for one in accounts]
    before = {words: admin(*words) for words in asked}
    assert {said.status for said in before.values()} == {0}
    await live_on(NOW + timedelta(days=9))
    monkeypatch.setattr("lifecycle.console.desk.wall_clock", lambda: NOW + timedelta(days=30))
    assert (
        report("late", "--json").out
        != before["report", "late", "--as-of", "2026-06-01 09:00", "--json"].out
    )
    for words, said in before.items():
        assert admin(*words) == said, words


async def live_on(now: datetime) -> None:
    """Every account goes on: what can be undone is undone, stages, names and CSMs change, mails end somehow."""
    store = Store(make_engine(load().database))
    async with store.engine.connect() as connection:
        found = await connection.exec_driver_sql("SELECT id FROM account ORDER BY id")
        accounts = [row[0] for row in found]
    for account in accounts:
        state = await stored_state(store, account)
        assert state is not None
        await _go_on(store, state, now)
    for number, row in enumerate(await effects(store, WantedEffects(limit=500))):
        end = (failed, skipped)[number % 2]
        if row.status == "due":
            await end(store, row.id, "no such mailbox", now)
            await resend(store, row.id, "ann", now + timedelta(hours=1))
    await store.close()


async def _go_on(store: Store, state: AccountState, now: datetime) -> None:
    ran, _ = await book_for(store, state.versions, state.pending)
    fold = Fold(ran, state)
    items: list[Input] = [Undo(now, "bo", "a slip")] * min(len(state.units), 3)
    items.append(
        SetFields(now, "bo", {"name": f"{state.account} Ltd", "csm": "Cy Ode", "arr": "77"})
    )
    items += [
        SetStage(now, "bo", "all change", one.id, one.stages[1].id)
        for one in book().lifecycles.values()
    ]
    entries = [*fold.catch_up(now), *fold.take_all(items)]
    await record(store, RecordRequest(state.account, entries, versions=state.versions), now)


# ── what is wrong


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("report", "late", "-l", "custmer_journey"), 1, "customer_journey"),
        (("report", "late", "--limit", "0"), 2, "--limit"),
        (("report", "forecast", "--days", "0"), 2, "--days"),
        (("report", "health", "--scorecard", "helth"), 1, "Did you mean health?"),
        (("scorecard", "helth"), 1, "Did you mean health?"),
        (("scorecard", "--account", "no such one"), 1, "There is no account"),
        (("scorecard", "--account", "x", "--where", "type is Customer"), 2, "--where"),
        (("health", "no such one"), 1, "There is no account"),
    ],
)
def test_bad_input_is_answered_with_what_to_do(
    words: tuple[str, ...], status: int, said: str, admin: Admin, report: Admin
) -> None:
    answer = admin(*words)
    assert (answer.status, answer.out) == (status, "")
    assert said in answer.err
