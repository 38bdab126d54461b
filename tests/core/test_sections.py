"""Sections of the account page: shown, or hidden for a reason (L15–L17, R7)."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from lifecycle.core.conditions import Compare, Const, Field, Not, Op
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import Event
from lifecycle.core.model import AccountModel, Book, Directory, Section
from lifecycle.core.sections import SectionView, visible_sections
from lifecycle.core.state import AccountState
from lifecycle.definition import read_folder

SHIPPED = Path(__file__).parents[2] / "definitions"
START = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def book() -> Book:
    found = read_folder(SHIPPED, None).book
    assert found is not None
    return found


def views(book: Book, *events: Event) -> dict[str, SectionView]:
    fold = Fold(book, AccountState("acme"))
    fold.take_all(events)
    return {view.section.title: view for view in visible_sections(book, fold.state, START)}


def event(kind: str, **data: str) -> Event:
    return Event(kind, "crm", kind, START, START, dict(data))


NEGOTIATED = event("opportunity.stage_changed", stage="Negotiations Completed")


def test_l16_a_customer_with_a_stage_is_shown_both_sections(book: Book) -> None:
    found = views(book, event("opportunity.closed_won"))
    assert found["Customer Success"].is_visible
    assert found["Customer Lifecycle Stage Timestamps"].is_visible


def test_l16_without_a_stage_both_reasons_are_given(book: Book) -> None:
    hidden = views(book, event("opportunity.created"))["Customer Success"]
    assert not hidden.is_visible
    assert hidden.hidden_by == [
        "customer_stages exists (customer_stages = None)",
        "type is one of Customer, Churn (type = Prospect)",
    ]


def test_r7_at_pre_onboarding_the_type_is_not_yet_customer(book: Book) -> None:
    found = views(book, NEGOTIATED)
    for title in ("Customer Success", "Customer Lifecycle Stage Timestamps"):
        assert found[title].hidden_by == ["type is one of Customer, Churn (type = Prospect)"]


def test_l15_a_section_without_a_rule_is_always_shown(book: Book) -> None:
    assert views(book)["Company"].is_visible


@pytest.mark.parametrize("depth", [1, 3])
def test_r7_a_negation_names_the_sentence_it_denies(depth: int) -> None:
    condition = Not(Compare(Field("plan"), Op.IS_NOT, Const("Pro"), "plan is not Pro"))
    for _ in range(depth // 2):
        condition = Not(Not(condition))
    page = (Section("Pro", condition),)
    book = Book(AccountModel(page=page), {}, Directory(), {}, {})
    [view] = visible_sections(book, AccountState("acme"), START)
    assert view == SectionView(page[0], False, ["not: plan is not Pro (plan = None)"])
