"""What people see of accounts: `show`, `list`, `why`, `history`, `forecast`, on accounts that lived."""

import json
from typing import Any

import pytest

from tests.admin.conftest import Admin
from tests.admin.recorded import Golden

ACCOUNTS = ("acme", "globex", "hooli", "initech", "umbrella")
GOLDEN = {
    "show-acme": ("show", "acme"),
    "show-globex-on-hold": ("show", "globex"),
    "show-initech-cancelled": ("show", "initech"),
    "list": ("list",),
    "list-journey": ("list", "--lifecycle", "customer_journey"),
    "why-acme": ("why", "acme", "--limit", "40"),
    "why-hooli-sales": ("why", "hooli", "sales"),
    "history-globex": ("history", "globex"),
    "forecast-acme": ("forecast", "acme", "--days", "400"),
    "ctas": ("ctas",),
    "ctas-closed": ("ctas", "--closed"),
    "ctas-mine": ("ctas", "--mine", "--as", "ann lee", "--overdue"),
    "cta-show-globex": ("cta", "show", "globex", "plan_kickoff"),
    "task-list-globex": ("task", "list", "globex", "1"),
}


@pytest.mark.parametrize("width", ["80", "120"])
@pytest.mark.parametrize("name", GOLDEN)
def test_what_people_read(name: str, width: str, looking: Admin, golden: Golden) -> None:
    said = looking(*GOLDEN[name], COLUMNS=width)
    assert (said.status, said.err) == (0, "")
    assert max(len(line) for line in said.out.splitlines()) <= int(width)
    golden.check(f"{name}.{width}", said.out)


def data(admin: Admin, *words: str) -> Any:
    said = admin(*words, "--json")
    assert (said.status, said.err) == (0, "")
    return json.loads(said.out)


def standing(view: Any, lifecycle: str) -> Any:
    return next(one for one in view["standings"] if one["lifecycle"] == lifecycle)


# ── show


def test_t11_show_tells_days_of_every_stage_and_overall(looking: Admin) -> None:
    journey = standing(data(looking, "show", "acme"), "customer_journey")
    assert (journey["stage"], journey["days"], journey["overall"]) == ("launched", 40, 50)
    by_stage = {one["stage"]: one["days"] for one in journey["by_stage"]}
    assert (by_stage["onboarding"], by_stage["launched"], by_stage["renewal"]) == (10, 40, 0)


def test_g6_show_tells_days_against_what_is_expected(looking: Admin) -> None:
    view = data(looking, "show", "acme")
    journey, onboarding = standing(view, "customer_journey"), standing(view, "onboarding")
    assert (journey["expected"], journey["late"]) == ("45 days", False)
    assert journey["late_from"] == "2026-06-06T09:00:00+00:00"
    assert (onboarding["late"], onboarding["stuck"]) == (True, True)


def test_t28_a_cancelled_account_has_no_days(looking: Admin) -> None:
    view = data(looking, "show", "initech")
    assert view["fields"]["status"] == "cancelled"
    assert {one["days"] for one in view["standings"]} == {None}
    assert "churned" not in looking("show", "initech").out, "labels, not ids"


def test_n4_show_tells_what_happens_next_and_by_what(looking: Admin) -> None:
    found = data(looking, "show", "acme")["next"]
    assert [one["at"] for one in found] == sorted(one["at"] for one in found)
    assert found[-1]["automation"] == "renewal_near_launched"
    assert found[-1]["text"] == "moves to Renewal"


def test_r18_show_tells_of_a_hold(looking: Admin) -> None:
    out = looking("show", "globex").out
    assert (
        "On hold until 12 Jun 2026, 09:00 (in 11 days), by ann: “their sponsor is on leave”" in out
    )


def test_r7_show_tells_why_a_section_is_hidden(looking: Admin) -> None:
    sections = {one["title"]: one for one in data(looking, "show", "hooli")["sections"]}
    assert not sections["Customer Success"]["is_visible"]
    assert sections["Customer Success"]["hidden_by"][-1] == (
        "type is one of Customer, Churn (type = Prospect)"
    )
    assert sections["Escalation"]["is_visible"]


def test_l17_the_timestamps_are_the_latest_entries(looking: Admin) -> None:
    sections = {one["title"]: one for one in data(looking, "show", "acme")["sections"]}
    stamps = sections["Customer Lifecycle Stage Timestamps"]["timestamps"]
    assert stamps["implementation"] == "2026-05-27T09:00:00+00:00"
    assert stamps["mature_adoption"] is None


def test_an_account_is_found_by_its_name_in_any_case(looking: Admin) -> None:
    assert data(looking, "show", "acme GMBH")["account"] == "acme"


def test_times_are_shown_in_the_viewers_zone(looking: Admin) -> None:
    assert "12 Apr 2026, 11:00" in looking("show", "acme", LIFECYCLE_ZONE="Europe/Berlin").out
    assert (
        "12 Apr 2026, 09:00" in looking("show", "acme", "--utc", LIFECYCLE_ZONE="Europe/Berlin").out
    )


def test_piped_output_is_plain(looking: Admin) -> None:
    for words in GOLDEN.values():
        assert "\x1b" not in looking(*words).out


# ── list


def listed(admin: Admin, *words: str) -> list[str]:
    return [one["account"] for one in data(admin, "list", *words)["accounts"]]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ((), ACCOUNTS),
        (("--lifecycle", "customer_journey", "--stage", "launched"), ("acme", "globex")),
        (("--lifecycle", "Customer journey", "--stage", "Launched"), ("acme", "globex")),
        (("--lifecycle", "customer_journey", "--stage", "None"), ("hooli", "umbrella")),
        (("--csm", "ANN LEE"), ("acme", "globex")),
        (("--type", "churn"), ("initech",)),
        (("--lifecycle", "escalation", "--stuck"), ("hooli",)),
        (("--lifecycle", "onboarding", "--late"), ("acme", "globex")),
        (("--on-hold",), ("globex",)),
        (("--search", "corp"), ("umbrella",)),
    ],
)
def test_t22_lists_by_what_matters(
    looking: Admin, words: tuple[str, ...], found: tuple[str, ...]
) -> None:
    assert listed(looking, *words) == list(found)


def test_a_list_has_pages_and_says_how_many_there_are(looking: Admin) -> None:
    first = data(looking, "list", "--limit", "2")
    assert (first["total"], first["after"]) == (5, "globex")
    assert listed(looking, "--limit", "2", "--after", "globex") == ["hooli", "initech"]


def test_g10_a_list_of_a_lifecycle_counts_its_stages(looking: Admin) -> None:
    found = data(looking, "list", "--lifecycle", "customer_journey")
    assert found["by_stage"] == {"launched": 2, "churned": 1, "None": 2}


# ── why, history, forecast


def test_n3_a_change_names_event_automation_version_and_what_decided(looking: Admin) -> None:
    out = looking("why", "acme", "customer_stages", COLUMNS="200").out
    assert "The stage of an opportunity changes  opportunity.stage_changed · crm" in out
    assert "Customer stages: None → Pre-Onboarding (pre_onboarding_notification, version 1)" in out
    assert (
        "event.stage is Negotiations Completed: yes (event.stage = Negotiations Completed)" in out
    )


def test_n3_a_lifecycle_limits_the_answer_to_what_concerns_it(looking: Admin) -> None:
    entries = data(looking, "why", "hooli", "sales")["entries"]
    assert [one["entry"]["input"]["is"] for one in entries] == [
        "Undo",
        "SetStage",
        "Deadline",
        "CreateAccount",
    ]


def test_why_has_pages(looking: Admin) -> None:
    first = data(looking, "why", "acme", "--limit", "3")
    second = data(looking, "why", "acme", "--limit", "3", "--before", str(first["before"]))
    revisions = [one["entry"]["revision"] for one in first["entries"] + second["entries"]]
    assert revisions == sorted(revisions, reverse=True)
    assert len(set(revisions)) == 6


def test_n4_a_forecast_follows_one_deadline_to_the_next(looking: Admin) -> None:
    happens = data(looking, "forecast", "acme", "--days", "400")["forecast"]
    said = [said["text"] for one in happens for said in one["said"]["changes"]]
    move = "Customer journey: Launched → Renewal (renewal_near_launched, version 1)"
    assert move in said
    assert said.index(move) < said.index("E-mail “renewal_notice” to the contact")


def test_n4_a_forecast_ends_where_it_was_told_to(looking: Admin) -> None:
    assert (
        data(looking, "forecast", "acme", "--days", "1")["forecast"][-1]["at"]
        <= "2026-06-02T09:00:00+00:00"
    )
    assert "Nothing: no deadline falls into this time." in looking("forecast", "umbrella").out
