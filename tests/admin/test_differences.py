"""What a version changes, in the words a team reads (R14, G8)."""

from dataclasses import replace

import pytest

from lifecycle.core.durations import Duration, Unit
from lifecycle.core.model import Lifecycle, Stage
from lifecycle.telling.lifecycle_differences import lifecycle_differences
from tests.admin.book import shipped

BOOK = shipped()
SALES = BOOK.lifecycles["sales"]
LEAD, PROSPECT, CUSTOMER = SALES.stages
FIRST = SALES.automations[0]
WORDS = "When the account is created, move to Lead (from no stage)."


def with_line(**changes: object) -> Lifecycle:
    """Sales with its first automation changed."""
    line = replace(FIRST, **changes)  # type: ignore[arg-type]
    return replace(SALES, automations=(line, *SALES.automations[1:]))


def with_stages(*stages: Stage) -> Lifecycle:
    return replace(SALES, stages=stages)


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (SALES, []),
        (replace(SALES, title="Selling"), ["Title: Sales → Selling"]),
        (
            replace(SALES, version=2, migration={"lead": None}),
            ["Version: 1 → 2", "Accounts of stages that are gone: changed: Lead → None"],
        ),
        (with_line(published=False), ["new_account_is_lead: switched off"]),
        (with_line(shadow=True), ["new_account_is_lead: done → only recorded (shadow)"]),
        (
            with_line(to="prospect"),
            [f"new_account_is_lead: {WORDS} → {WORDS.replace('Lead', 'Prospect')}"],
        ),
        (
            with_line(name="other"),
            [
                f"other: new: {WORDS}",
                f"new_account_is_lead: gone: {WORDS}",
            ],
        ),
        (
            with_stages(replace(LEAD, disabled=True), PROSPECT, CUSTOMER),
            ["Stage Lead: switched off"],
        ),
        (
            with_stages(LEAD, replace(PROSPECT, expected=Duration(5, Unit.DAYS)), CUSTOMER),
            ["Prospect, expected: 90 days → 5 days"],
        ),
        (
            with_stages(PROSPECT, LEAD, CUSTOMER),
            ["Order of the stages: Lead, Prospect, Customer → Prospect, Lead, Customer"],
        ),
        (
            with_stages(LEAD, PROSPECT, CUSTOMER, Stage("gone", "Lost")),
            ["Stage Lost: new"],
        ),
        (
            replace(SALES, automations=SALES.automations[1::-1] + SALES.automations[2:]),
            ["Order of the automations: changed: the first that applies wins"],
        ),
    ],
)
def test_each_kind_of_change_is_told(after: Lifecycle, said: list[str]) -> None:
    assert [str(one) for one in lifecycle_differences(SALES, after, BOOK)] == said
