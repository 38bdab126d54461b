"""A CSM's day on running accounts: CTAs, playbooks and their tasks (G7, G11, G12, T16)."""

import json
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from lifecycle.core.changes import CtaBecameOverdue, CtaOpened, StageEntered
from lifecycle.core.durations import shift_business_days
from tests.admin.book import SHIPPED, shipped
from tests.admin.conftest import Doing, Said
from tests.clock import until
from tests.workflows.town import Town

PLAYS = """
lifecycle: plays
title: Plays
version: 1
owner: cs_ops
start:
  - {name: begin, when: account.created, to: first}
stages:
  first:
    label: First
    by hand: true
    do:
      - {name: kick, cta: Get them going, kind: start, due: 3 days, playbook: kickoff, on leaving: close}
      - {name: ask, when: usage.reported, cta: Ask what they use}
      - name: chase
        when: {event: cta.overdue, if: event.kind is start}
        cta: Nobody got them going
        kind: risk
        owner: cs_managers
        priority: high
    move:
      - name: call_held
        when: {event: task.done, if: event.task is hold_call}
        to: second
  second:
    label: Second
    by hand: true
    move:
      - name: book_finished
        when: {event: playbook.finished, if: event.playbook is at_risk_rescue}
        to: third
  third: {label: Third, by hand: true}
"""


@pytest.fixture
def surroundings(surroundings: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shipped definitions and a small lifecycle of plays."""
    folder = shutil.copytree(SHIPPED, surroundings / "definitions")
    (folder / "plays.yaml").write_text(PLAYS)
    monkeypatch.setenv("LIFECYCLE_DEFINITIONS_DIR", str(folder))
    return surroundings


@pytest.fixture
async def acme(town: Town) -> str:
    """An account with a CSM, whose CTA 1 was opened by the lifecycle of plays."""
    account = town.account()
    people = {"name": account, "csm": "Ann Lee", "csm_email": "ann@cs.example", "owner": "Bo Diaz"}
    await town.update_with_start(account, people)
    await town.in_stage(account, "plays", "first")
    return account


def data(said: Said) -> Any:
    assert (said.status, said.err) == (0, "")
    return json.loads(said.out)


async def listed(doing: Doing, account: str, *words: str) -> list[dict[str, Any]]:
    found = data(await doing("ctas", "--account", account, "--json", *words))
    ctas: list[dict[str, Any]] = found["ctas"]
    return ctas


async def titles(doing: Doing, account: str, *words: str) -> list[str]:
    return [one["title"] for one in await listed(doing, account, *words)]


async def shown(doing: Doing, account: str, cta: str) -> dict[str, Any]:
    page: dict[str, Any] = data(await doing("cta", "show", account, cta, "--json"))
    return page


# ── G11, T16: CTAs per stage, and whose they are


async def test_g11_entering_a_stage_opens_its_cta(doing: Doing, acme: str) -> None:
    [cta] = await listed(doing, acme)
    assert (cta["number"], cta["title"], cta["owner_name"]) == (1, "Get them going", "Ann Lee")
    page = await shown(doing, acme, "1")
    assert page["why"].startswith("On entering First, open the CTA “Get them going”")
    assert (page["stage"], page["close_on_leaving"]) == ("first", True)
    assert [one["said"].partition(":")[0] for one in page["history"]] == ["CTA opened"]


async def test_g11_leaving_the_stage_closes_those_that_say_so(doing: Doing, acme: str) -> None:
    await doing("event", acme, "usage.reported", "--data", "active_users=1")
    assert await titles(doing, acme) == ["Get them going", "Ask what they use"]
    await doing("set", acme, "plays", "second", "--reason", "agreed")
    assert await titles(doing, acme) == ["Ask what they use"]
    [closed] = await listed(doing, acme, "--closed")
    assert (closed["title"], closed["outcome"]) == ("Get them going", "stage left")


async def test_g11_no_cta_twice_in_one_visit(doing: Doing, acme: str) -> None:
    """Not even after the first one was closed."""
    report = ("event", acme, "usage.reported", "--data", "active_users=1")
    await doing(*report)
    await doing("cta", "close", acme, "ask")
    said = await doing(*report)
    assert "ask has done this once in this visit." in said.out
    assert "Ask what they use" not in await titles(doing, acme)
    await doing("set", acme, "plays", "None", "--reason", "from the beginning")
    await doing("set", acme, "plays", "first", "--reason", "from the beginning")
    await doing(*report)
    assert "Ask what they use" in await titles(doing, acme)


async def test_t16_mine_are_those_in_my_name_and_in_my_roles(doing: Doing, acme: str) -> None:
    """By name, by address, by `Name <address>`, in any case."""
    for me in ("ann lee", "ANN@cs.example", "Ann Lee <ann@cs.example>"):
        assert await titles(doing, acme, "--mine", "--as", me) == ["Get them going"]
    assert await titles(doing, acme, "--mine", "--as", "Bo Diaz") == []
    await doing("cta", "assign", acme, "1", "--to", "owner")
    assert await titles(doing, acme, "--mine", "--as", "Bo Diaz") == ["Get them going"]
    said = await doing("cta", "assign", acme, "1", "--to", "Éva Nagy")
    assert "→ CTA given to Éva Nagy: Get them going (was for the owner)" in said.out
    assert await titles(doing, acme, "--mine", "--as", "éVA nagy") == ["Get them going"]
    assert await titles(doing, acme, "--owner", "eva@x.example") == []
    nobody = await doing("ctas", "--mine", "--as", "Cleo", COLUMNS="200")
    assert "0 open CTAs." in nobody.out
    assert "Say who you are with --as or LIFECYCLE_ACTOR." in nobody.out


async def test_an_owner_may_be_named_as_people_see_it(doing: Doing, acme: str) -> None:
    """A team by its label, a role in any case: kept by its id, so that it goes on meaning the same."""
    await doing("cta", "assign", acme, "1", "--to", "cs Managers")
    assert [one["owner"] for one in await listed(doing, acme)] == ["cs_managers"]
    await doing("cta", "open", acme, "Call", "--owner", "CSM")
    assert await titles(doing, acme, "--owner", "csm") == ["Call"]
    assert await titles(doing, acme, "--owner", "CS managers") == ["Get them going"]


async def test_t16_a_team_has_what_no_person_is_named_for(doing: Doing, town: Town) -> None:
    orphan = town.account("orphan")
    await town.update_with_start(orphan, {"name": orphan})
    await town.in_stage(orphan, "plays", "first")
    [cta] = await listed(doing, orphan, "--owner", "Customer Success")
    assert cta["owner_name"] == "Customer Success"
    await doing("fields", orphan, "csm=Ann Lee")
    assert await listed(doing, orphan, "--owner", "customer_success") == []


async def test_t16_the_list_of_a_segment(doing: Doing, acme: str) -> None:
    """Saved, or as a sentence; a wrong one is told as everywhere."""
    assert await titles(doing, acme, "--where", "plays is one of first") == ["Get them going"]
    assert await titles(doing, acme, "--where", "plays is one of second, third") == []
    assert await titles(doing, acme, "--where", "has open cta of start") == ["Get them going"]
    assert await titles(doing, acme, "--segment", "renewals_at_risk") == []
    wrong = await doing("ctas", "--where", "plays is one of frist")
    assert (wrong.status, "Did you mean first?" in wrong.err) == (1, True)
    unknown = await doing("ctas", "--segment", "renewals_at_rist")
    assert (unknown.status, "Did you mean renewals_at_risk?" in unknown.err) == (1, True)


# ── CTAs by hand


def in_business_days(start: datetime, days: int) -> datetime:
    """The same hour on the business day so many days later."""
    day = shift_business_days(start.date(), days, shipped().directory.calendar)
    return datetime.combine(day, start.timetz())


async def test_g11_a_person_opens_one(doing: Doing, acme: str, town: Town) -> None:
    said = await doing(
        "cta", "open", acme, "Call the sponsor", "--kind", "risk", "--owner", "Bo Diaz",
        "--priority", "high", "--due", "5 business days", "--playbook", "at_risk_rescue",
    )  # fmt: skip
    assert (said.status, said.err) == (0, "")
    assert "ann opens a CTA: Call the sponsor" in said.out
    assert "→ CTA opened: Call the sponsor (for Bo Diaz, due " in said.out
    page = await shown(doing, acme, "2")
    cta = page["cta"]
    assert (cta["opened_by"], cta["playbook"], len(cta["tasks"])) == ("ann", "at_risk_rescue", 5)
    assert page["why"] == "ann opened it by hand."
    opened, due = (datetime.fromisoformat(cta[name]) for name in ("opened_at", "due"))
    assert due == in_business_days(opened, 5)


async def test_a_due_date_means_its_end(doing: Doing, acme: str) -> None:
    await doing("cta", "open", acme, "Write", "--due", "2031-03-31", LIFECYCLE_ZONE="Asia/Tokyo")
    await doing("cta", "open", acme, "Ring", "--due", "2031-03-31 09:00")
    await doing("cta", "open", acme, "Some day")
    dues = {one["title"]: one["due"] for one in await listed(doing, acme)}
    assert dues["Write"] == "2031-03-31T14:59:00+00:00"
    assert dues["Ring"] == "2031-03-31T09:00:00+00:00"
    assert dues["Some day"] is None
    assert (await titles(doing, acme))[-1] == "Some day"


async def test_one_that_belongs_to_a_stay_closes_with_it(doing: Doing, acme: str) -> None:
    words = ("cta", "open", acme, "Before they go", "--lifecycle", "Plays", "--close-on-leaving")
    assert (await doing(*words)).status == 0
    assert (await shown(doing, acme, "2"))["stage"] == "first"
    await doing("set", acme, "plays", "second", "--reason", "agreed")
    assert await titles(doing, acme) == []


REFUSED = [
    (("open", "X", "--playbook", "kickof"), "Unknown playbook 'kickof'.", "Did you mean kickoff?"),
    (("open", "X", "--owner", "csmm"), "'csmm' is no role and no team.", "Did you mean csm?"),
    (("open", "X", "--priority", "hig"), "Unknown priority 'hig'.", "Did you mean high?"),
    (("open", " "), "A CTA needs a title.", "Say what is to be done."),
    (("assign", "1", "--to", " "), "A CTA needs an owner.", "Name a role, a team or a person."),
    (("open", "X", "--due", "tomorrow"), "`tomorrow` is no duration.", "`3 business days`"),
    (("open", "X", "--due", "1 month"), "'1 month' is no date.", "14d"),
    (("open", "X", "--due", "2020-01-01"), "A CTA falls due in the future;", "later date"),
    (("open", "X", "-l", "playz"), "Unknown lifecycle 'playz'.", "Did you mean plays?"),
    (("open", "X", "-l", "escalation"), "The account is in no stage of Escalation.", "out"),
    (("open", "X", "--close-on-leaving"), "which stage's leaving", "Name the lifecycle."),
    (("close", "7"), "The account has no CTA '7'.", "Open: 1 (Get them going)."),
    (("close", "kik"), "The account has no CTA 'kik'.", "Did you mean kick?"),
    (("snooze", "1", "--until", "2020-01-01"), "A snooze ends in the future;", "later date"),
    (("snooze", "1", "--until", "soon"), "'soon' is no date.", "14d"),
    (("wake", "1"), "The CTA 'Get them going' is not snoozed.", ""),
    (("assign", "1", "--to", "ownr"), "'ownr' is no role and no team.", "Did you mean owner?"),
]


async def test_what_is_refused_says_what_to_do(doing: Doing, acme: str) -> None:
    """One account for all of them: none leaves anything behind."""
    for (verb, *words), what, remedy in REFUSED:
        said = await doing("cta", verb, acme, *words)
        assert (said.status, said.out) == (1, ""), words
        assert what in said.err, words
        assert remedy in said.err, words
    assert await titles(doing, acme) == ["Get them going"]
    unknown = await doing("ctas", "--owner", "custmer_success")
    assert (unknown.status, "Did you mean customer_success?" in unknown.err) == (1, True)


async def test_a_cta_is_named_in_four_ways(doing: Doing, acme: str) -> None:
    [cta] = await listed(doing, acme)
    for name in ("1", "#1", "kick", "plays.kick", "get them going", cta["cta"]):
        assert (await shown(doing, acme, name))["cta"]["cta"] == cta["cta"]
    for _ in range(2):
        await doing("cta", "open", acme, "Call")
    said = await doing("cta", "close", acme, "Call")
    assert said.status == 1
    assert "'Call' may be 2 (Call, of " in said.err
    assert said.err.endswith("Name one by its number.\n")
    await doing("cta", "close", acme, "2")
    assert (await doing("cta", "close", acme, "call", "--outcome", "no answer")).status == 0
    again = await doing("cta", "close", acme, "3")
    assert "The CTA 'Call' is closed: no answer, by ann, " in again.err
    assert (await shown(doing, acme, "3"))["cta"]["outcome"] == "no answer"


# ── snooze and overdue


async def test_t16_overdue_is_an_event_that_automations_use(
    doing: Doing, acme: str, town: Town
) -> None:
    await doing("fast-forward", acme, "4d")
    found = await listed(doing, acme)
    assert [one["title"] for one in found] == ["Get them going", "Nobody got them going"]
    assert (found[0]["overdue"], found[1]["owner_name"]) == (True, "CS managers")
    assert await titles(doing, acme, "--overdue") == ["Get them going"]
    assert await titles(doing, acme, "--kind", "risk") == ["Nobody got them going"]
    assert "overdue" in (await doing("ctas", "--account", acme)).out


async def test_a_snoozed_cta_is_not_overdue_before_its_snooze_ends_and_is_right_after(
    doing: Doing, acme: str, town: Town
) -> None:
    said = await doing("cta", "snooze", acme, "1", "--until", "10d")
    assert "→ CTA snoozed until " in said.out
    assert await titles(doing, acme) == []
    assert "1 snoozed one is not shown: --snoozed." in (await doing("ctas", "--account", acme)).out
    [cta] = await listed(doing, acme, "--snoozed")
    snoozed = datetime.fromisoformat(cta["snoozed_until"])
    await doing("fast-forward", acme, "9d")
    assert await overdue(town, acme) == []
    await doing("fast-forward", acme, "2d")
    [at] = await until(lambda: overdue(town, acme))
    assert at == snoozed
    assert await titles(doing, acme, "--overdue") == ["Get them going"]
    assert "Nobody got them going" in await titles(doing, acme)


async def test_a_woken_cta_is_there_again(doing: Doing, acme: str, town: Town) -> None:
    await doing("cta", "snooze", acme, "1", "--until", "10d")
    await doing("fast-forward", acme, "5d")
    assert "→ CTA awake again: Get them going" in (await doing("cta", "wake", acme, "1")).out
    assert await until(lambda: overdue(town, acme))
    assert "Get them going" in await titles(doing, acme, "--overdue")


async def overdue(town: Town, account: str) -> list[datetime]:
    entries = await town.journal(account)
    return [
        one.at for one in entries for change in one.changes if isinstance(change, CtaBecameOverdue)
    ]


# ── G12, G7: playbooks


async def test_g12_tasks_are_ticked_off_and_told(doing: Doing, acme: str) -> None:
    said = await doing("task", "done", acme, "1", "invite", "--as", "Ann Lee")
    assert "Ann Lee ticks a task off: invite" in said.out
    assert "→ Task done: Invite sponsor, project lead" in said.out
    [_, task, *_] = tasks = data(await doing("task", "list", acme, "1", "--json"))["tasks"]
    assert (task["done"], task["done_by"], task["number"]) == (True, "Ann Lee", 2)
    assert [one["optional"] for one in tasks] == [False, False, False, False, True]
    assert "1/5" in (await doing("ctas", "--account", acme)).out
    again = await doing("task", "done", acme, "1", "2")
    assert (again.status, "The task invite is done already." in again.out) == (0, True)
    wrong = await doing("task", "done", acme, "1", "invit")
    assert (wrong.status, "Did you mean invite?" in wrong.err) == (1, True)


async def test_g12_a_task_is_due_by_its_offset_in_business_days(doing: Doing, acme: str) -> None:
    tasks = data(await doing("task", "list", acme, "1", "--json"))["tasks"]
    page = await shown(doing, acme, "1")
    opened = datetime.fromisoformat(page["cta"]["opened_at"])
    dues = [datetime.fromisoformat(task["due"]) for task in tasks]
    assert dues == [in_business_days(opened, days) for days in (1, 2, 5, 6, 8)]


async def test_g7_a_required_task_moves_the_stage(doing: Doing, acme: str) -> None:
    """And leaving the stage closes the CTA the task belongs to."""
    said = await doing("task", "done", acme, "1", "hold_call")
    assert "→ Plays: First → Second (call_held, version 1)" in said.out
    assert "→ CTA closed: Get them going (stage left)" in said.out
    other = await doing("task", "done", acme, "1", "invite")
    assert (other.status, "is closed: stage left" in other.err) == (1, True)


async def test_g7_a_finished_playbook_moves_the_stage(doing: Doing, acme: str, town: Town) -> None:
    """With its last required task; optional ones do not matter."""
    await doing("set", acme, "plays", "second", "--reason", "agreed")
    await doing("cta", "open", acme, "Save them", "--playbook", "at_risk_rescue")
    tasks = data(await doing("task", "list", acme, "save them", "--json"))["tasks"]
    required = [task["task"] for task in tasks if not task["optional"]]
    for task in required[:-1]:
        assert "Plays:" not in (await doing("task", "done", acme, "save them", task)).out
    said = await doing("task", "done", acme, "save them", required[-1])
    assert "→ Plays: Second → Third (book_finished, version 1)" in said.out
    entries = await town.journal(acme)
    moves = [
        change.automation
        for one in entries
        for change in one.changes
        if isinstance(change, StageEntered) and change.lifecycle == "plays"
    ]
    assert moves[-1] == "plays.book_finished"


# ── looking back


async def test_n3_what_people_did_with_a_cta_is_told_by_its_title(doing: Doing, acme: str) -> None:
    await doing("cta", "open", acme, "Call the sponsor")
    await doing("cta", "assign", acme, "2", "--to", "cs_managers")
    await doing("cta", "snooze", acme, "2", "--until", "2031-01-01")
    await doing("cta", "wake", acme, "2")
    await doing("cta", "close", acme, "2", "--outcome", "reached")
    told = (await doing("history", acme, COLUMNS="200")).out
    for sentence in (
        "CTA opened: Call the sponsor (for the CSM)",
        "CTA given to CS managers: Call the sponsor (was for the CSM)",
        "CTA snoozed until 1 Jan 2031, 00:00: Call the sponsor",
        "CTA awake again: Call the sponsor",
        "CTA closed: Call the sponsor (reached)",
    ):
        assert sentence in told
    page = (await doing("cta", "show", acme, "2", COLUMNS="200")).out
    assert "closed: reached" in page
    assert page.index("CTA given to CS managers") < page.index("CTA closed:")


async def test_r13_undo_withdraws_what_it_opened(doing: Doing, acme: str, town: Town) -> None:
    await doing("cta", "open", acme, "By mistake")
    await doing("undo", acme, "--reason", "wrong account")
    assert await titles(doing, acme) == ["Get them going"]
    said = await doing("cta", "close", acme, "2")
    assert "was withdrawn: what opened it was undone." in said.err
    assert (await shown(doing, acme, "2"))["cta"]["status"] == "withdrawn"
    opened = [
        change.cta.title
        for one in await town.journal(acme)
        for change in one.changes
        if isinstance(change, CtaOpened)
    ]
    assert "By mistake" in opened


async def test_show_tells_of_a_snoozed_and_an_assigned_cta(doing: Doing, acme: str) -> None:
    await doing("cta", "assign", acme, "1", "--to", "Bea")
    await doing("cta", "snooze", acme, "1", "--until", "2031-01-01")
    said = (await doing("show", acme, COLUMNS="140")).out
    line = next(one for one in said.splitlines() if "Get them going" in one and "0/5" in one)
    assert line.split()[0] == "1"
    assert "Bea" in line
    assert "snoozed until 1 Jan 2031, 00:00" in line
