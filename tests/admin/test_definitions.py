"""The definitions from the command line: checked, read, drawn, published, handed over."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lifecycle.core.model import Book
from lifecycle.definition import describe, diagram
from lifecycle.definition.schema import PLACES, schema
from lifecycle.definition.scorecard_words import describe_scorecard, describe_scorecards
from lifecycle.definition.segment_words import describe_segment, describe_segments
from tests.admin.book import SHIPPED, shipped
from tests.admin.conftest import Admin, Doing
from tests.admin.recorded import Golden
from tests.workflows.town import Town

BAD = """\
lifecycle: sales
title: Sales
version: 1
stages:
  lead:
    labl: Lead
    stuck after: 60 dayz
    move:
      - {name: up, when: opportunity.creatd, to: prospct}
  prospect:
    label: Prospect
    colour: mauve
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped definitions, to be edited."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "definitions"))


def edit(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text()
    assert text.count(old) >= 1, f"{file} lacks {old!r}"
    (folder / file).write_text(text.replace(old, new, 1))


# ── without a server


def test_the_shipped_definitions_have_no_problems(admin: Admin) -> None:
    said = admin("definitions", "check", COLUMNS="300")
    assert (said.status, said.err) == (0, "")
    assert said.out.endswith(": 5 lifecycles, 13 segments, 1 scorecard, no problems.\n")


def test_check_shows_every_problem_at_once_and_ends_with_1(
    admin: Admin, folder: Path, golden: Golden
) -> None:
    (folder / "sales.yaml").write_text(BAD)
    said = admin("definitions", "check", str(folder))
    assert (said.status, said.err) == (1, "")
    golden.check("check", said.out.replace(str(folder), "FOLDER"))


def test_check_is_json_for_programs(admin: Admin, folder: Path) -> None:
    (folder / "sales.yaml").write_text(BAD)
    said = admin("definitions", "check", str(folder), "--json")
    problems = json.loads(said.out)["problems"]
    assert said.status == 1
    assert {"file", "line", "column", "code", "message", "help"} <= problems[0].keys()


def test_r14_check_tells_what_published_versions_forbid(looking: Admin, folder: Path) -> None:
    edit(folder, "sales.yaml", "stuck after: 60 days", "stuck after: 61 days")
    said = looking("definitions", "check", str(folder))
    assert said.status == 1
    assert "`stuck after` of the stage `lead` changed, and version 1 is published." in said.out
    assert "Write `version: 2`" in said.out


def test_check_of_a_folder_without_definitions(admin: Admin, tmp_path: Path) -> None:
    said = admin("definitions", "check", str(tmp_path), COLUMNS="300")
    assert (said.status, "there is no account.yaml in it" in said.err) == (1, True)


def test_g8_the_team_reads_a_lifecycle_in_plain_words(looking: Admin) -> None:
    book = shipped()
    for source in ((), ("--published",)):
        said = looking("definitions", "show", "Customer journey", *source, COLUMNS="500")
        assert said.out == describe(book.lifecycles["customer_journey"], book)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "renewals_at_risk",
            lambda book: describe_segment(book.segments["renewals_at_risk"], book),
        ),
        (
            "Renewals at risk",
            lambda book: describe_segment(book.segments["renewals_at_risk"], book),
        ),
        ("health", lambda book: describe_scorecard(book.scorecards["health"], book)),
        ("segments", describe_segments),
        ("scorecards", describe_scorecards),
    ],
)
def test_t16_the_team_reads_segments_and_scorecards_in_plain_words(
    looking: Admin, name: str, words: Callable[[Book], str]
) -> None:
    """T16, G8: from the folder, from what is published, and for programs."""
    wanted = words(shipped())
    assert looking("definitions", "show", name, COLUMNS="500").out == wanted
    assert looking("definitions", "show", name, "--published", COLUMNS="500").out == wanted
    assert json.loads(looking("definitions", "show", name, "--json").out)["words"] == wanted


def test_a_part_that_is_not_there_is_answered_with_the_nearest(admin: Admin) -> None:
    said = admin("definitions", "show", "renewal_at_risk")
    assert said.status == 1
    assert said.err == (
        "There is no lifecycle, segment or scorecard 'renewal_at_risk'.\n"
        "Did you mean renewals_at_risk?\n"
    )


def test_g8_and_as_a_drawing(admin: Admin) -> None:
    book = shipped()
    assert admin("definitions", "diagram", "escalation").out == diagram(
        book.lifecycles["escalation"], book
    )


@pytest.mark.parametrize("place", PLACES)
def test_schemas_for_editors(admin: Admin, place: str) -> None:
    assert json.loads(admin("definitions", "schema", place).out) == schema(place)


def test_g9_the_list_of_published_versions_counts_accounts(looking: Admin, golden: Golden) -> None:
    golden.check("definitions-list", looking("definitions", "list").out)


# ── publishing without accounts


def publish(admin: Admin, folder: Path, *words: str) -> Any:
    said = admin("definitions", "publish", str(folder), *words, "--json")
    assert (said.status, said.err) == (0, "")
    return json.loads(said.out)


def test_publishing_is_done_once(admin: Admin, folder: Path) -> None:
    admin("migrate")
    assert len(publish(admin, folder)["published"]) == 11
    assert publish(admin, folder)["published"] == []
    assert "Nothing new" in admin("definitions", "publish", str(folder)).out


def test_a_folder_with_problems_is_not_published(admin: Admin, folder: Path) -> None:
    admin("migrate")
    (folder / "sales.yaml").write_text(BAD)
    said = admin("definitions", "publish", str(folder))
    assert (said.status, said.out) == (1, "Nothing was published.\n")
    assert "sales.yaml:6:5: error[unknown_key]" in said.err
    assert "Nothing is published yet" in admin("definitions", "list").out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "There is a new version of Sales, and accounts run the one before."),
        (("--policy", "soon"), "'soon' is no policy."),
        (("--for", "sals=never"), "Unknown lifecycle 'sals'."),
        (("--for", "sales"), "'sales' is not LIFECYCLE=POLICY."),
    ],
)
def test_r24_a_new_version_needs_a_policy(
    admin: Admin, folder: Path, words: tuple[str, ...], told: str
) -> None:
    admin("migrate")
    publish(admin, folder)
    edit(folder, "sales.yaml", "version: 1", "version: 2")
    said = admin("definitions", "publish", str(folder), *words)
    assert said.status == 1
    assert said.err.startswith(told)
    assert len(json.loads(admin("definitions", "list", "--json").out)["published"]) == 11


def test_t16_a_change_of_segments_alone_is_told_before_and_after_publishing(
    admin: Admin, folder: Path
) -> None:
    """T16, G8: by name, and in plain words."""
    admin("migrate")
    publish(admin, folder)
    edit(
        folder, "segments.yaml", "launched for more than 30 days", "launched for more than 20 days"
    )
    edit(folder, "segments.yaml", "  leads:  ", "  cold_leads:  ")
    edit(folder, "scorecards.yaml", "{from: 75, falls below: 70}", "{from: 80, falls below: 72}")
    checked = admin("definitions", "check", str(folder))
    told = "stuck_before_adopting changed; cold_leads new; leads gone."
    assert f"Not published yet: segments: {told}\n" in checked.out
    assert "Not published yet: scorecards: health changed.\n" in checked.out
    said = admin("definitions", "publish", str(folder), COLUMNS="300")
    assert f"Published segments (number 2): {told}\n" in said.out
    assert "Customer journey is in Onboarding or Launched for more than 20 days\n" in said.out
    assert "Published scorecards (number 2): health changed.\n" in said.out
    assert "   - green from 80, until the score falls below 72\n" in said.out
    assert "Prospects" not in said.out
    assert "Not published yet" not in admin("definitions", "check", str(folder)).out


# ── handing over


async def versions(town: Town, account: str, version: int) -> None:
    await town.recorded(account, lambda state: state.versions.get("sales") == version)


async def test_r24_running_accounts_take_a_version_over_at_once(
    doing: Doing, town: Town, folder: Path
) -> None:
    accounts = [town.account(name) for name in ("a", "b", "c")]
    for account in accounts:
        await town.win(account)
    edit(folder, "sales.yaml", "version: 1", "version: 2")
    said = await doing(
        *("definitions", "publish", str(folder), "--policy", "at once", "--as", "Bea"),
        *("--say", "Sales, as agreed"),
    )
    assert (said.status, said.err) == (0, "")
    assert "Published Sales, version 2." in said.out
    assert "5 checks pass." in said.out
    assert "Sales, as agreed" in said.out
    assert "Of 3 accounts: 3 done." in said.out
    for account in accounts:
        await versions(town, account, 2)
    again = await doing("definitions", "publish", str(folder))
    assert again.out == "Nothing new: everything in the folder is published already.\n"


async def test_t16_segments_and_scorecards_alone_reach_running_accounts(
    doing: Doing, town: Town, folder: Path
) -> None:
    """T16, R24: an account that is in the segment as published now enters it then."""
    account = town.account()
    await town.win(account)
    edit(folder, "segments.yaml", "- renewal_date is in the next 120 days", "- type is Customer")
    edit(folder, "segments.yaml", "        - health is red\n", "        - health is green\n")
    said = await doing("definitions", "publish", str(folder))
    assert "Published segments (number 2): renewals_at_risk changed." in said.out
    assert "Of 1 account: 1 done." in said.out
    state = await town.recorded(account, lambda state: len(state.ctas) > 1)
    assert "Save the renewal" in {cta.title for cta in state.ctas.values()}
    assert (state.fields["health"], state.fields["health_score"]) == ("green", 100)
    edit(folder, "scorecards.yaml", "{from: 75, falls below: 70}", "{from: 100, falls below: 99}")
    edit(
        folder,
        "scorecards.yaml",
        "customer_journey exists, give: 100",
        "customer_journey exists, give: 90",
    )
    assert (await doing("definitions", "publish", str(folder))).status == 0
    await town.recorded(account, lambda state: state.fields["health"] == "yellow")


async def test_r24_each_lifecycle_may_have_its_own_policy(
    doing: Doing, town: Town, folder: Path
) -> None:
    account = town.account()
    await town.win(account)
    for file in ("sales.yaml", "escalation.yaml", "onboarding.yaml"):
        edit(folder, file, "version: 1", "version: 2")
    words = (
        "--policy",
        "at-the-next-move",
        "--for",
        "escalation=at once",
        "--for",
        "onboarding=never",
    )
    assert (await doing("definitions", "publish", str(folder), *words)).status == 0
    state = await town.recorded(account, lambda state: state.versions["escalation"] == 2)
    assert state.pending == {"sales": 2}
    assert state.versions["onboarding"] == state.versions["sales"] == 1
    assert "Sales takes version 2 over at its next move." in (await doing("show", account)).out
    assert (await doing("set", account, "sales", "customer", "--reason", "signed")).status == 0
    await versions(town, account, 2)


async def test_publishing_goes_on_where_it_was_broken_off(
    doing: Doing, town: Town, folder: Path
) -> None:
    first, second = town.account("a"), town.account("b")
    await town.win(first)
    await town.win(second)
    edit(folder, "sales.yaml", "version: 1", "version: 2")
    await town.handle(second).terminate()
    said = await doing("definitions", "publish", str(folder), "--policy", "at once")
    assert said.status == 1
    assert "Of 2 accounts: 1 done, 1 failed." in said.out
    assert "lifecycle admin changes show publish-sales-2-and-1-more" in said.out
    await versions(town, first, 2)
    await town.report(second, "user.logged_in")
    assert (await doing("changes", "retry", "publish-sales-2-and-1-more")).status == 0
    await versions(town, second, 2)


async def test_t25_a_disabled_stage_takes_nobody_in(doing: Doing, town: Town, folder: Path) -> None:
    account = town.account()
    await town.win(account)
    stage = "  mature_adoption:                    # the last stage may be a place to stay: no exit, and no end\n"
    edit(folder, "customer_stages.yaml", stage, stage + "    disabled: true\n")
    assert (await doing("definitions", "publish", str(folder))).status == 0
    await town.recorded(account, lambda state: state.revision > 1)
    said = await doing(
        "set", account, "customer_stages", "mature_adoption", "--reason", "x", COLUMNS="200"
    )
    assert said.status == 1
    assert "Mature Adoption of Customer stages is disabled: nobody can newly enter it." in said.err


def test_g8_lifecycles_that_are_new_or_raised_are_told_before_publishing(
    admin: Admin, folder: Path
) -> None:
    """R14: a team sees at check what publishing would bring, lifecycles included."""
    admin("migrate")
    publish(admin, folder)
    edit(folder, "sales.yaml", "version: 1", "version: 2")
    watch = "lifecycle: watch\ntitle: Watch\nversion: 1\nstages:\n  a: {label: A, by hand: true}\n"
    (folder / "watch.yaml").write_text(watch)
    out = admin("definitions", "check", str(folder)).out
    assert "Not published yet: lifecycles: sales (version 2); watch (version 1).\n" in out
