"""What a published version forbids, and what may change in place (R14, R24, T23–T25)."""

import re

import pytest

from lifecycle.core.editions import content_hash
from lifecycle.core.model import Lifecycle
from lifecycle.definition import Reading, compare, render
from lifecycle.definition.problems import Severity
from lifecycle.definition.reading import read_sources
from tests.definitions.sources import SHIPPED, TEMPLATES, read

PUBLISHED = SHIPPED["escalation.yaml"]
V2 = PUBLISHED.replace("version: 1", "version: 2")
ASKING = {
    name: SHIPPED[name].replace("investigating, ", "")
    for name in ("segments.yaml", "scorecards.yaml")
}
"""What asks the shipped escalation, without the stage that some tests take away."""


def lifecycle_of(source: str) -> tuple[Lifecycle, Reading]:
    reading = read({"escalation.yaml": source, **ASKING})
    assert reading.book is not None, render(reading.problems)
    return reading.book.lifecycles["escalation"], reading


BEFORE, _ = lifecycle_of(PUBLISHED)


def found(source: str) -> list[str]:
    after, reading = lifecycle_of(source)
    return [problem.code for problem in compare(BEFORE, after, reading)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("label: Open", "label: Opened"),
        ("colour: red", "colour: pink"),
        ("label: Open", "label: Open\n    description: Somebody is angry"),
        ("label: Withdrawn", "label: Withdrawn\n    disabled: no"),
        ("name: plan_agreed,", "name: plan_agreed, published: no,"),
        ("name: plan_agreed,", "name: plan_agreed, shadow: yes,"),
        ("title: Escalation", "title: Escalations"),
        ("arr >= 100000", 'arr  >=  "100000.00"'),
    ],
)
def test_what_may_change_in_place(old: str, new: str) -> None:
    """R14, T24: labels, colours, descriptions, switches; and how a condition is worded."""
    changed = PUBLISHED.replace(old, new)
    assert changed != PUBLISHED
    assert found(changed) == []
    assert content_hash(lifecycle_of(changed)[0]) == content_hash(BEFORE)


AGREED = re.search(r"^( +)- \{name: plan_agreed.*$", PUBLISHED, re.MULTILINE)
assert AGREED is not None


def with_line(line: str) -> str:
    """The published text with a line more, before `plan_agreed`."""
    return PUBLISHED.replace(AGREED[0], f"{AGREED[1]}- {line}\n{AGREED[0]}")  # type: ignore[index]


TRIED = "{name: tried, after: 9 days, to: monitoring, shadow: yes}"


@pytest.mark.parametrize(
    ("before", "after", "codes"),
    [
        (PUBLISHED, with_line(TRIED), []),
        (with_line(TRIED), PUBLISHED, []),
        (with_line(TRIED), with_line(TRIED.replace("9 days", "5 days")), []),
        (with_line(TRIED), with_line(TRIED.replace("shadow: yes", "shadow: no")), []),
        (with_line(TRIED.replace("yes", "no")), with_line(TRIED), []),
        (PUBLISHED, with_line(TRIED.replace("yes", "no")), ["automation_added"]),
        (with_line(TRIED.replace("yes", "no")), PUBLISHED, ["automation_removed"]),
        (
            with_line(TRIED),
            with_line(TRIED.replace("9 days", "5 days").replace("yes", "no")),
            ["automation_changed"],
        ),
    ],
    ids=["new", "gone", "changed", "made live", "put in shadow", "live", "live gone", "both"],
)
def test_n11_lines_in_shadow_come_change_and_go_in_place(
    before: str, after: str, codes: list[str]
) -> None:
    """R14, N11: they do nothing; made live, a line is what was tried."""
    published, _ = lifecycle_of(before)
    proposed, reading = lifecycle_of(after)
    assert [problem.code for problem in compare(published, proposed, reading)] == codes


STAGE = "  extra:\n    label: Extra\n    by hand: true\n  resolved:\n"
INVESTIGATING = PUBLISHED[PUBLISHED.index("  investigating:") : PUBLISHED.index("  action_plan:")]


@pytest.mark.parametrize(
    ("source", "codes"),
    [
        (PUBLISHED.replace("  resolved:\n", STAGE), ["stage_added"]),
        (PUBLISHED.replace("    end: true\n", "", 1), ["end_changed"]),
        (PUBLISHED.replace("expected: 14 days", "expected: 15 days"), ["stage_changed"]),
        (PUBLISHED.replace("after: 14 days", "after: 15 days"), ["automation_changed"]),
        (
            PUBLISHED.replace("name: flared_up", "name: flares_up"),
            ["automation_removed", "automation_added"],
        ),
        (PUBLISHED.replace("owner: cs_ops", "owner: sales_ops"), ["published_version"]),
    ],
)
def test_other_behaviour_needs_a_new_version_number(source: str, codes: list[str]) -> None:
    """R14: under version 1 it is refused, under version 2 it is not."""
    assert found(source) == codes
    assert found(source.replace("version: 1", "version: 2")) == []
    assert content_hash(lifecycle_of(source)[0]) != content_hash(BEFORE)


def test_the_order_of_stages_is_fixed_once_published() -> None:
    """T23."""
    without = PUBLISHED.replace(INVESTIGATING, "")
    moved = without.replace("  monitoring:\n", f"{INVESTIGATING}  monitoring:\n")
    assert "order_changed" in found(moved)


def test_a_version_may_not_go_back() -> None:
    after, _ = lifecycle_of(V2)
    assert [problem.code for problem in compare(after, BEFORE)] == ["old_version"]


def test_a_removed_stage_needs_a_migration() -> None:
    """R24: the new version says where the accounts in it go."""
    gone = V2.replace(INVESTIGATING, "").replace("to: investigating", "to: action_plan")
    assert found(gone) == ["no_migration"]
    assert (
        found(gone.replace("version: 2", "version: 2\nmigration: {investigating: action_plan}"))
        == []
    )
    assert found(gone.replace("version: 2", "version: 2\nmigration: {investigating: None}")) == []
    wrong = gone.replace(
        "version: 2", "version: 2\nmigration: {investigating: None, investigted: open}"
    )
    assert found(wrong) == ["bad_migration"]


def test_problems_point_at_the_line() -> None:
    after, reading = lifecycle_of(PUBLISHED.replace("after: 14 days", "after: 15 days"))
    (problem,) = compare(BEFORE, after, reading)
    assert problem.line_text.strip().startswith("- {name: calm_again, after: 15 days")
    assert problem.help == "Write `version: 2`, or take the change back."


def test_a_stage_disabled_in_place_parks_its_lines_and_a_new_one_does_not_pass() -> None:
    """R15, T25: the same version in force makes it a warning, else it is an error."""
    disabled = SHIPPED | {
        "escalation.yaml": PUBLISHED.replace(
            "    label: Withdrawn", "    label: Withdrawn\n    disabled: true"
        )
    }
    fresh = read_sources(disabled, TEMPLATES)
    assert (fresh.book, [one.severity for one in fresh.problems]) == (None, [Severity.ERROR])
    in_force = read_sources(disabled, TEMPLATES, published={"escalation": BEFORE})
    assert [(one.code, one.severity) for one in in_force.problems] == [
        ("disabled_stage", Severity.WARNING)
    ]
    assert in_force.book is not None
    assert compare(BEFORE, in_force.book.lifecycles["escalation"], in_force) == []
