"""The shipped mapping over the CRM export it was made for, through the core alone (R1, R3, R20, R21)."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from lifecycle.core import changes as c
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import CreateAccount, EndHistory, Event
from lifecycle.core.state import AccountState
from lifecycle.importing.gathering import History
from lifecycle.importing.report import Outcome
from tests.importing.books import BOOK, HERE, NOW, Gathered

MAPPING = HERE.parents[1] / "imports" / "maven_crm.yaml"
EFFECTS = (c.MailDue, c.WebhookDue, c.CtaOpened)


@pytest.fixture(scope="module")
def crm(shared_data: Path) -> Gathered:
    return Gathered(MAPPING, shared_data / "maven_crm")


def live(history: History) -> Iterator[c.Entry]:
    """An account's history through the core, as the import door sends it."""
    fold = Fold(BOOK, AccountState(history.account))
    begin = min((event.time for event in history.events), default=NOW)
    yield from fold.take(CreateAccount(begin, history.fields, historic=True))
    yield from fold.take_all(history.events)
    yield from fold.take(EndHistory(NOW, NOW))


@pytest.fixture(scope="module")
def lives(crm: Gathered) -> dict[str, list[c.Entry]]:
    return {account: list(live(history)) for account, history in crm.histories.items()}


def entries_into(entries: list[c.Entry], lifecycle: str) -> Iterator[c.StageEntered]:
    for entry in entries:
        for change in entry.changes:
            if isinstance(change, c.StageEntered) and change.lifecycle == lifecycle:
                yield change


def test_r16_rows_without_an_account_are_refused_with_that_reason(crm: Gathered) -> None:
    assert crm.report.rows == {Outcome.REFUSED: 1_425, Outcome.NOTHING: 163}
    assert crm.report.reasons[Outcome.REFUSED] == {"account: The row names no account.": 1_425}
    assert {(one.file, one.column, one.value) for one in crm.remarks} == {
        ("sales_pipeline.csv", "account", "")
    }


def test_r21_every_opportunity_and_account_is_accounted_for(crm: Gathered) -> None:
    told = {event.data["opportunity_id"] for one in crm.histories.values() for event in one.events}
    assert len(told) + sum(crm.report.rows.values()) == 8_800
    assert len(crm.histories) == 85
    kinds = Counter(event.type for one in crm.histories.values() for event in one.events)
    assert kinds == {
        "opportunity.created": 7_212,
        "opportunity.closed_won": 4_238,
        "opportunity.closed_lost": 2_473,
    }


def test_r21_no_event_is_refused_and_nobody_is_told(lives: dict[str, list[c.Entry]]) -> None:
    for entries in lives.values():
        assert [entry.refused for entry in entries if entry.refused] == []
        assert not any(isinstance(change, EFFECTS) for entry in entries for change in entry.changes)


def test_r1_no_account_is_thrown_back_by_a_lost_deal(lives: dict[str, list[c.Entry]]) -> None:
    lost = 0
    for entries in lives.values():
        for entry in entries:
            if isinstance(entry.input, Event) and entry.input.type == "opportunity.closed_lost":
                lost += 1
                assert not any(isinstance(change, c.StageEntered) for change in entry.changes)
    assert lost == 2_473


def test_r3_no_account_ever_goes_back(lives: dict[str, list[c.Entry]]) -> None:
    for entries in lives.values():
        for lifecycle in BOOK.lifecycles.values():
            order = [lifecycle.position(one.entered) for one in entries_into(entries, lifecycle.id)]
            assert order == sorted(order)
            assert len(order) == len(set(order))


def test_days_with_several_wins_give_one_entry_each(
    crm: Gathered, lives: dict[str, list[c.Entry]]
) -> None:
    """R23: on such a day the account enters a stage of a lifecycle at most once, the first of them on its day."""
    wins = Counter(
        (account, event.time.date())
        for account, history in crm.histories.items()
        for event in history.events
        if event.type == "opportunity.closed_won"
    )
    several = {key for key, count in wins.items() if count > 1}
    assert len(several) == 356
    for account, entries in lives.items():
        first = min(day for who, day in wins if who == account)
        entered = [one.at.date() for one in entries_into(entries, "customer_stages")]
        assert entered == [first]
    assert any((account, min(d for w, d in wins if w == account)) in several for account in lives)


def test_r20_the_same_export_again_changes_nothing(crm: Gathered) -> None:
    for history in crm.histories.values():
        fold = Fold(BOOK, AccountState(history.account))
        fold.take(CreateAccount(history.events[0].time, history.fields, historic=True))
        fold.take_all(history.events)
        again = fold.take_all(history.events)
        assert {type(one) for entry in again for one in entry.changes} <= {c.DuplicateSeen}
