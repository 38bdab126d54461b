"""`report …` as people and programs ask it: tables that fit, CSV, JSON, segments, days of the past, bad input."""

import csv
import json
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from tests.admin.conftest import Admin, Said
from tests.definitions.sources import book

REPORTS = {
    "distribution": (),
    "over-time": ("--by", "month"),
    "transitions": ("--from", "400d"),
    "time-in-stage": (),
    "funnel": ("--from", "400d"),
    "velocity": ("--by", "month"),
    "days": (),
}


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
    for lifecycle in book().lifecycles.values() if name != "days" else ():
        assert lifecycle.title in said.out
        assert name == "velocity" or lifecycle.stages[0].label.split()[0] in said.out


@pytest.mark.parametrize("name", REPORTS)
def test_csv_and_json_say_the_same(name: str, report: Admin, tmp_path: Path) -> None:
    """Money in whole cents; nothing is rounded or cut short for programs."""
    file = tmp_path / "report.csv"
    said = report(name, *REPORTS[name], "--csv", str(file), COLUMNS="300")
    assert said.status == 0
    assert said.out.endswith(f"rows written to {file}.\n")
    assert report(name, *REPORTS[name], "--csv", "-").out == file.read_text()
    written = list(csv.DictReader(StringIO(file.read_text())))
    asked = rows(report(name, *REPORTS[name], "--json"))
    if name == "days":
        assert {(one["account"], one["lifecycle"], one["cycle"]) for one in written} == {
            (one["account"], one["lifecycle"], str(one["cycle"])) for one in asked
        }
        return
    assert len(written) == len(asked)
    as_text = [
        {key: "" if value is None else str(value) for key, value in one.items()} for one in asked
    ]
    assert written == as_text


# ── what the numbers are of


def test_g10_stages_come_in_the_order_of_the_definition_with_none(report: Admin) -> None:
    """G10, T22: and the shares of a lifecycle add up."""
    found = rows(report("distribution", "--lifecycle", "customer_journey", "--json"))
    stages = [stage.id for stage in book().lifecycles["customer_journey"].stages]
    assert [one["stage"] for one in found] == [*stages, None]
    assert sum(one["share"] for one in found) == pytest.approx(1)
    by_title = report("distribution", "--lifecycle", "Customer Journey")
    assert by_title.out == report("distribution", "-l", "customer_journey").out


def test_t16_a_report_is_asked_of_a_segment_or_a_sentence(report: Admin) -> None:
    """T16, R17: the answer says of whom it is."""
    sentence = "customer_journey is one of launched, adopting"
    found = rows(report("distribution", "-l", "customer_journey", "--where", sentence, "--json"))
    assert {one["stage"] for one in found if one["accounts"]} == {"launched", "adopting"}
    everybody = rows(report("distribution", "-l", "customer_journey", "--json"))
    inside = {one["stage"]: one for one in everybody}
    assert all(
        one == inside[one["stage"]] | {"share": one["share"]} for one in found if one["accounts"]
    )
    said = report("distribution", "--where", sentence)
    assert "Launched" in said.out.splitlines()[1]
    segment = next(iter(book().segments.values()))
    told = report("time-in-stage", "--segment", segment.id)
    assert (told.status, segment.title in told.out) == (0, True)


@pytest.mark.parametrize("name", REPORTS)
def test_t16_every_report_is_asked_of_some_accounts(name: str, report: Admin) -> None:
    """A condition nobody fulfils leaves nobody; one that everybody does leaves all."""
    of_nobody = report(name, *REPORTS[name], "--where", "name is Nobody", "--json")
    numbers = {"accounts", "moves", "stays", "open", "reached", "began", "ended"}
    assert not [one for one in rows(of_nobody) for key in numbers & one.keys() if one[key]]
    of_all = report(name, *REPORTS[name], "--where", "name exists", "--json")
    assert rows(of_all) == rows(report(name, *REPORTS[name], "--json"))


def test_over_time_ends_where_distribution_begins(report: Admin) -> None:
    """G10: today's point is what is so now; and a point of the past what was so then."""
    points = rows(report("over-time", "--from", "2026-01-01", "--by", "month", "--json"))
    for day, moment in (
        ("2026-06-01", ()),
        ("2026-03-31", ("--as-of", "2026-03-31", "--known", "now")),
    ):
        now = rows(report("distribution", *moment, "--json"))
        meant = {(one["lifecycle"], one["stage"]): one["accounts"] for one in now}
        point = {
            (one["lifecycle"], one["stage"]): one["accounts"] for one in points if one["day"] == day
        }
        assert point == meant


def test_steps_are_days_weeks_from_monday_and_months(report: Admin) -> None:
    span = ("--from", "2026-04-15", "--to", "2026-05-12", "-l", "sales", "--json")
    for by, days in {
        "month": ["2026-04-30", "2026-05-12"],
        "week": ["2026-04-19", "2026-04-26", "2026-05-03", "2026-05-10", "2026-05-12"],
    }.items():
        found = rows(report("over-time", "--by", by, *span))
        assert list(dict.fromkeys(one["day"] for one in found)) == days
    found = rows(report("over-time", "--by", "day", *span))
    assert len({one["day"] for one in found}) == (date(2026, 5, 12) - date(2026, 4, 15)).days + 1


def test_g5_transitions_name_what_moved_the_accounts(report: Admin) -> None:
    """G10, R21: automations by name, and people; in imported history, too."""
    found = rows(report("transitions", "--from", "2023-01-01", "--json"))
    assert {one["by"] for one in found} == {"automation", "person"}
    keys = {line.key for one in book().lifecycles.values() for line in one.automations}
    assert {one["automation"] for one in found if one["by"] == "automation"} <= keys
    assert {one["automation"] for one in found if one["by"] == "person"} == {""}
    assert all(one["accounts"] <= one["moves"] for one in found)
    out = report("transitions", "--from", "2023-01-01").out
    assert f"{sum(one['moves'] for one in found):,} moves: " in out


def test_the_funnel_begins_where_it_is_told(report: Admin) -> None:
    found = rows(
        report(
            "funnel",
            "-l",
            "customer_journey",
            "--start",
            "Launched",
            "--from",
            "2023-01-01",
            "--json",
        )
    )
    assert found[0]["stage"] == "launched"
    assert (found[0]["share"], found[0]["median_days"]) == (1.0, 0)
    assert all(one["share"] <= 1 for one in found)


def test_t28_days_are_those_that_show_tells(report: Admin, admin: Admin) -> None:
    """T11, T28, R9: cancelled: no value for the cycle that runs, archived ones readable."""
    found = rows(report("days", "--json"))
    cancelled = {one["account"] for one in found if one["days"] is None}
    assert cancelled
    for account in (*sorted(cancelled), found[0]["account"]):
        view = json.loads(admin("show", account, "--json").out)
        mine = {
            one["lifecycle"]: one
            for one in found
            if one["account"] == account and not one["ended_at"]
        }
        for standing in view["standings"]:
            running = mine.get(standing["lifecycle"])
            if running is not None:
                assert running["days"] == standing["overall"]
                by_stage = {one["stage"]: one["days"] for one in standing["by_stage"]}
                assert running["days_in"] == by_stage
        ended = [one for one in found if one["account"] == account and one["ended_at"]]
        assert all(isinstance(one["days"], int) for one in ended)


def test_days_of_one_account_and_page_by_page(report: Admin) -> None:
    everything = rows(report("days", "--json"))
    accounts = list(dict.fromkeys(one["account"] for one in everything))
    assert accounts == sorted(accounts)
    assert rows(report("days", "--account", accounts[3], "--json")) == [
        one for one in everything if one["account"] == accounts[3]
    ]
    first = data(report("days", "--limit", "5", "--json"))
    assert first["after"] == accounts[4]
    shown = report("days", "--limit", "5").out
    assert f"There is more: --after {accounts[4]}" in shown
    second = rows(report("days", "--after", accounts[4], "--json"))
    assert first["rows"] + second == everything


# ── what is wrong


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("distribution", "-l", "custmer_journey"), "customer_journey"),
        (("distribution", "--segment", "stuck_in_onbording"), "stuck"),
        (("distribution", "--where", "custmer_journey is launched"), "customer_journey"),
        (("distribution", "--as-of", "2031-01-01"), "yet to come"),
        (("distribution", "--as-of", "tomorrow"), "Write it like"),
        (("transitions", "--from", "last week"), "Write it like 2026-07-01, or like 90d"),
        (
            ("transitions", "--from", "2026-05-01", "--to", "2026-04-01"),
            "--from is the earlier day",
        ),
        (("transitions", "--from", "2027-05-01"), "--from is the earlier day"),
        (("funnel", "-l", "sales", "--start", "prospekt"), "prospect"),
        (("funnel", "-l", "sales", "--start", "None"), "no stage to begin at"),
        (("days", "--account", "no such one"), "no account"),
        (("distribution", "--csv", "/no/such/folder/x.csv"), "cannot be written"),
    ],
)
def test_bad_input_is_answered_with_what_to_do(
    words: tuple[str, ...], said: str, report: Admin
) -> None:
    answer = report(*words)
    assert (answer.status, answer.out) == (1, "")
    assert said in answer.err
    assert "Traceback" not in answer.err


def test_options_that_belong_together(report: Admin) -> None:
    assert report("funnel", "--start", "lead").status == 2
    assert report("distribution", "--known", "now").status == 2
    assert report("over-time", "--by", "fortnight").status == 2
