"""What a row asks for, cell by cell, against the stored account (T27, R15, R16, R18, R24)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from lifecycle.core.deciding.adoption import NEXT_MOVE
from lifecycle.core.deciding.commands import check_set_stage
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import Adopt, CreateAccount, SetStage
from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal
from lifecycle.core.state import AccountState
from lifecycle.files.columns import account_columns
from lifecycle.files.commands import commands_of
from lifecycle.files.wanted import Asked, Change, Checker, Standing, Wrong
from tests.admin.book import NOW, ago, shipped

BOOK = shipped()


def standing(*stages: tuple[str, str], book: Book = BOOK) -> Standing:
    """An account of ten days, moved by hand five days ago."""
    fold = Fold(BOOK, AccountState("acme"))
    fold.take(CreateAccount(ago(10), {"name": "Acme", "plan": "Pro"}))
    for lifecycle, stage in stages:
        fold.take(SetStage(ago(5), "ann", "as agreed", lifecycle, stage))
    return Standing(fold.state, book, NOW)


def asked(at: Standing, **cells: str) -> Change | list[Wrong]:
    found = {name.replace("__", " "): cell for name, cell in cells.items()}
    return Checker(account_columns(BOOK), "ann", "why").change(Asked(2, "acme", found), at)


def changed(at: Standing, **cells: str) -> Change:
    found = asked(at, **cells)
    assert isinstance(found, Change), found
    return found


def refused(at: Standing, **cells: str) -> list[str]:
    found = asked(at, **cells)
    assert isinstance(found, list), found
    return [f"{one.column}={one.value}: {one.reason}" for one in found]


@pytest.mark.parametrize("cell", ["prospect", "Prospect", "PROSPECT"])
def test_a_stage_is_named_by_id_or_label(cell: str) -> None:
    assert changed(standing(), sales=cell).stages == {"sales": "prospect"}


def test_t27_a_value_that_is_no_stage_is_refused() -> None:
    assert refused(standing(), sales="Prospekt") == [
        "sales=Prospekt: Sales has no stage 'Prospekt'. Did you mean prospect?"
    ]
    assert "has no stage 'none'. Did you mean None?" in refused(standing(), sales="none")[0]


def without(lifecycle: str, stage: str) -> Book:
    found = BOOK.lifecycles[lifecycle]
    stages = tuple(replace(one, disabled=one.id == stage) for one in found.stages)
    return replace(BOOK, lifecycles={**BOOK.lifecycles, lifecycle: replace(found, stages=stages)})


def test_r15_a_disabled_stage_takes_nobody_in_and_lets_those_inside_be() -> None:
    book = without("sales", "prospect")
    (said,) = refused(standing(book=book), sales="prospect")
    assert "Prospect of Sales is disabled: nobody can newly enter it." in said
    assert changed(standing(("sales", "prospect"), book=book), sales="Prospect").is_empty


def test_r16_the_file_door_says_what_the_core_says() -> None:
    at = standing(book=without("sales", "prospect"))
    with pytest.raises(Refusal) as raised:
        check_set_stage(at.book, at.state, SetStage(NOW, "ann", "why", "sales", "prospect"))
    assert refused(at, sales="prospect") == [f"sales=prospect: {raised.value}"]


def test_what_already_is_so_is_no_change() -> None:
    at = standing(("customer_journey", "onboarding"))
    assert changed(at, name="Acme", plan="pro", customer_journey="Onboarding").is_empty
    assert changed(at, escalation="None", csm="None").is_empty


def test_a_text_that_is_the_word_none_is_told_from_clearing() -> None:
    assert changed(standing(), name="None").fields == {"name": None}
    assert changed(standing(), name="'None").fields == {"name": "None"}


def test_what_only_the_engine_writes_may_stand_there_unchanged() -> None:
    at = standing(("sales", "prospect"))
    told = {
        "since__sales": "2026-05-27T09:00:00Z",
        "days__in__stage__of__sales": "5",
        "days__in__sales": "10",
    }
    assert changed(at, **told).is_empty
    older = {"days__in__stage__of__sales": "2", "since__sales": "2026-05-27T09:00:00.400000"}
    assert changed(at, **older).is_empty
    said = refused(at, since__sales="2026-05-01", days__in__sales="11", days__in__escalation="0")
    assert len(said) == 3
    assert "and it is no value now" in said[0]
    assert "The engine counts this itself, and it is 10 now." in said[2]
    assert "'lately' is not a time." in refused(at, since__sales="lately")[0]


def test_everything_wrong_in_a_row_is_told_at_once() -> None:
    at = standing()
    said = refused(at, arr="much", seats="5.5", health="red", sales="gone", renewal_date="soon")
    assert [one.split("=")[0] for one in said] == [
        "arr",
        "seats",
        "renewal_date",
        "health",
        "sales",
    ]


def test_r18_a_stage_carries_the_revision_it_was_looked_at() -> None:
    at = standing()
    (command,) = commands_of(changed(at, sales="customer"))
    assert command["revision"] == at.state.revision
    assert (command["lifecycle"], command["stage"], command["anyway"]) == (
        "sales",
        "customer",
        False,
    )


def test_fields_come_first_and_what_they_move_is_no_change_of_others() -> None:
    """Entering Onboarding of the journey moves other lifecycles; the row's own next stage still applies."""
    at = standing()
    change = changed(at, name="New", customer_journey="onboarding", onboarding="configuration")
    sent = commands_of(change)
    assert [one["command"] for one in sent] == ["set_fields", "set_stage", "set_stage"]
    fold = Fold(BOOK, at.state)
    for one in sent[1:]:
        taken = fold.take(
            SetStage(NOW, "ann", "why", one["lifecycle"], one["stage"], one["revision"] + 1)
        )
        assert not taken[-1].refused
    assert fold.state.tracks["onboarding"].stage == "configuration"


def test_r24_stages_are_those_of_the_version_the_account_runs() -> None:
    """The published version renamed a stage; the account waits for its next move with the older one."""
    found = BOOK.lifecycles["sales"]
    stages = tuple(
        replace(one, id="lead_in", label="Lead in") if one.id == "lead" else one
        for one in found.stages
    )
    newer = replace(found, version=found.version + 1, stages=stages, migration={"lead": "lead_in"})
    published = replace(BOOK, lifecycles={**BOOK.lifecycles, "sales": newer})
    fold = Fold(BOOK, standing(("sales", "prospect")).state)
    fold.take(Adopt(NOW, "ann", "b2", {"sales": NEXT_MOVE}), published)
    at = Standing(fold.state, fold.book, NOW + timedelta(seconds=1))
    assert changed(at, sales="Prospect").is_empty
    assert changed(at, sales="Lead in").stages == {"sales": "lead_in"}
    assert changed(at, sales="lead").stages == {"sales": "lead"}
